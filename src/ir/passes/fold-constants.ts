/**
 * Operators of ours whose inputs are all constants become constants, as far as their results are settled to the last bit; so
 * does the Shape of a tensor whose sizes are numbers. Identity nodes go. What would make the file larger stays as it is. In
 * linked graphs, what this composition made constant is replaced.
 */
import { constantOf, intDim } from '../../types/dim.ts';
import { evaluate, type Constant } from '../evaluate.ts';
import type { TensorBytes, TensorInfo } from '../graph.ts';
import { neededBy } from '../needs.ts';
import type { Initializer, Link, Operation, Program } from '../program.ts';
import { dropUnused } from './drop-unused.ts';
import { foldLink } from './fold-link.ts';

/** All bytes of a tensor; undefined where they cannot be read. */
export type ReadConstant = (bytes: TensorBytes) => Uint8Array | undefined;

/** Larger tensors are weights: moving their elements is left to whoever opens the file. */
const mostBytes = 256 * 1024;
/** What a result may always take; beyond, no more than what it is made of. */
const freeBytes = 1024;

export function foldConstants(program: Program, read: ReadConstant): Program {
  const folding = startFolding(program, read);
  const steps = program.steps.flatMap((step): readonly (Operation | Link)[] => {
    const meant = withInputs(step, folding);
    return meant.kind === 'link' ? foldLinked(meant, folding) : foldOperation(meant, folding);
  });
  if (steps.length === program.steps.length && steps.every((step, i) => step === program.steps[i])) return program;
  const outputs = program.outputs.map((port) => ({ ...port, value: folding.meant(port.value) }));
  return dropUnused({ ...program, outputs, steps, types: folding.types, initializers: [...folding.constants.values()], same: folding.same });
}

interface Folding {
  /** By their names. */
  readonly constants: Map<string, Initializer>;
  readonly types: Map<string, TensorInfo>;
  /** What an Identity handed on, by what it was called then. */
  readonly same: Map<string, string>;
  /** Taken from around them by branches and bodies of ours, which name them. */
  readonly captured: ReadonlySet<string>;
  /** The value that one stands for. */
  readonly meant: (value: string) => string;
  /** A constant at hand; undefined for what is none, or is large. */
  readonly at: (value: string) => Constant | undefined;
  /** The value of a constant that no source names: equal ones are one. */
  readonly valueOf: (constant: Constant) => string;
}

function startFolding(program: Program, read: ReadConstant): Folding {
  const constants = new Map(program.initializers.map((tensor) => [tensor.name, tensor]));
  const types = new Map(program.types);
  const same = new Map<string, string>();
  const known = new Map<string, Constant | undefined>();
  const made = new Map<string, string>();
  return {
    constants,
    types,
    same,
    captured: new Set(program.steps.flatMap((step) => (step.kind === 'link' ? [] : [...neededBy(step)].filter((value) => !step.inputs.includes(value))))),
    meant: (value) => same.get(value) ?? value,
    at: (value) => {
      const tensor = constants.get(value);
      if (tensor !== undefined && !known.has(value)) known.set(value, readConstant(tensor, read));
      return known.get(value);
    },
    valueOf: ({ dtype, dims, bytes }) => {
      const content = `${dtype}[${dims.join(', ')}] of ${bytes.join(' ')}`;
      const value = made.get(content) ?? freeName(`constant/${dtype}/folded`, types);
      if (!made.has(content)) define(value, { dtype, dims, bytes }, { constants, types });
      made.set(content, value);
      return value;
    },
  };
}

function readConstant({ dtype, dims, bytes }: Initializer, read: ReadConstant): Constant | undefined {
  const found = bytes === undefined || bytes.length > mostBytes ? undefined : read(bytes);
  return found && { dtype, dims, bytes: found };
}

function freeName(wanted: string, taken: { has(name: string): boolean }): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}#${count}`;
  return name;
}

function define(value: string, constant: Constant, { constants, types }: Pick<Folding, 'constants' | 'types'>, weights?: string): void {
  constants.set(value, { ...constant, name: value, ...(weights === undefined ? {} : { weights }) });
  types.set(value, { dtype: constant.dtype, dims: constant.dims.map(intDim) });
}

function withInputs<S extends Operation | Link>(step: S, { same, meant }: Folding): S {
  const inputs = step.kind === 'link' ? [...step.inputs.values()] : step.inputs;
  if (!inputs.some((value) => same.has(value))) return step;
  return step.kind === 'link'
    ? { ...step, inputs: new Map([...step.inputs].map(([name, value]) => [name, meant(value)])) }
    : { ...step, inputs: step.inputs.map(meant) };
}

function foldLinked(step: Link, folding: Folding): readonly Link[] {
  const { at, valueOf, types } = folding;
  const { link, constants } = foldLink(step, { constantAt: at, typeOf: (value) => types.get(value), valueOf });
  for (const [value, constant] of constants) define(value, constant, folding);
  return link.outputs.size === 0 ? [] : [link];
}

/**
 * What these make of weights are numbers that no file has: they are not stored with less precision, for the square of a small weight
 * would become 0, and that of a large one infinite.
 */
const arithmetic: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul']);

/** The step; nothing where what it makes is known. */
function foldOperation(step: Operation, folding: Folding): readonly Operation[] {
  const [output = ''] = step.outputs;
  if (step.domain !== '') return [step];
  if (step.op === 'Identity' && !folding.captured.has(output)) {
    folding.same.set(output, step.inputs[0]!);
    return [];
  }
  const made = step.op === 'Shape' ? shapeOf(step, folding) : evaluated(step, folding);
  if (made === undefined) return [step];
  const from = step.inputs.map((value) => folding.constants.get(value)?.weights).find((file) => file !== undefined);
  const weights = arithmetic.has(step.op) ? undefined : from;
  define(output, made, folding, weights);
  return [];
}

function evaluated(step: Operation, { constants, at }: Folding): Constant | undefined {
  if (step.inputs.some((value) => value !== '' && !constants.has(value))) return undefined;
  const inputs = step.inputs.map((value) => (value === '' ? undefined : at(value)));
  if (step.inputs.some((value, i) => value !== '' && inputs[i] === undefined)) return undefined;
  const made = evaluate(step, inputs);
  const given = inputs.reduce((sum, input) => sum + (input?.bytes.length ?? 0), 0);
  return made !== undefined && made.bytes.length <= Math.max(freeBytes, given) ? made : undefined;
}

/** Of a tensor all of whose sizes are numbers. */
function shapeOf(step: Operation, { types }: Folding): Constant | undefined {
  const sizes = types.get(step.inputs[0]!)?.dims?.map(constantOf);
  if (sizes === undefined || !sizes.every((size) => size !== undefined) || step.attributes.size > 0) return undefined;
  return { dtype: 'i64', dims: [sizes.length], bytes: new Uint8Array(BigInt64Array.from(sizes, BigInt).buffer) };
}
