/** A program that is added to: nodes behind those that it has, equal ones made once. */
import type { Emitter } from '../../ops/operator.ts';
import type { Location } from '../../text/source.ts';
import { intDim } from '../../types/dim.ts';
import type { Attribute, TensorInfo } from '../graph.ts';
import type { Initializer, Link, Operation, Port, Program } from '../program.ts';
import { numberBytes } from '../scalar.ts';

export interface ProgramBuilder {
  /** All steps so far. */
  readonly steps: readonly (Operation | Link)[];
  /** Writes nodes that are shown as made at this place of the source. */
  emitter(origin: Location): Emitter;
  /** The program so far, with these values for its inputs and outputs. */
  program(ports?: { readonly inputs?: readonly TypedPort[]; readonly outputs?: readonly TypedPort[] }): Program;
}

/** A port with the type that is known of it; without one it keeps what the program says. */
export interface TypedPort extends Port {
  readonly type?: TensorInfo;
}

/** Begins with a program, which stays as it is; `prefix` stands before the names of all that is added. */
export function extendProgram(base: Program, prefix: string): ProgramBuilder {
  const steps = [...base.steps];
  const initializers: Initializer[] = [...base.initializers];
  const types = new Map(base.types);
  const made = new Map<string, string>();
  const opset = base.opsets.get('')!;

  const once = (key: readonly unknown[], make: (name: string) => void, words: string): string => {
    const text = JSON.stringify(key, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    const known = made.get(text);
    if (known !== undefined) return known;
    const name = `${prefix}/${words}/${made.size}`;
    made.set(text, name);
    make(name);
    return name;
  };

  const constant: Emitter['constant'] = (dtype, values, dims) =>
    once(['constant', dtype, values.map(String), dims], (name) => {
      initializers.push({ name, dtype, dims, bytes: numberBytes(dtype, values) });
      types.set(name, { dtype, dims: dims.map(intDim) });
    }, 'constant');

  const nodes = (origin: Location): Emitter['nodes'] => (op, inputs, attributes, count) => {
    const namesOf = (name: string): readonly string[] => [name, ...Array.from({ length: count - 1 }, (_, i) => `${name}/${i + 1}`)];
    const first = once(['node', op, inputs, Object.entries(attributes), count], (name) => {
      const outputs = namesOf(name);
      steps.push({ kind: 'operation', name, op, domain: '', inputs, outputs, attributes: new Map<string, Attribute>(Object.entries(attributes)), origin });
      for (const output of outputs) types.set(output, { dtype: undefined, dims: undefined });
    }, op);
    return namesOf(first);
  };

  return {
    steps,
    emitter: (origin) => ({
      opset,
      nodes: nodes(origin),
      node: (op, inputs, attributes = {}) => nodes(origin)(op, inputs, attributes, 1)[0]!,
      constant,
      scalar: (dtype, value) => constant(dtype, [value], []),
      ints: (values) => constant('i64', values, [values.length]),
    }),
    program: ({ inputs = base.inputs, outputs = base.outputs } = {}) => ({
      ...base,
      inputs: inputs.map(portOf),
      outputs: outputs.map(portOf),
      steps: [...steps],
      initializers: [...initializers],
      types: new Map([...types, ...[...inputs, ...outputs].flatMap(({ value, type }: TypedPort) => (type === undefined ? [] : [[value, type] as const]))]),
    }),
  };
}

const portOf = ({ name, value, doc, labels, hidden }: TypedPort): Port => ({ name, value, ...(doc === undefined ? {} : { doc }), ...(labels === undefined ? {} : { labels }), ...(hidden === undefined ? {} : { hidden }) });
