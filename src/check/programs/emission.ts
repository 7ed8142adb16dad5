/** Calls of operators to ONNX nodes at the model's opset. */
import type { Attribute } from '../../ir/graph.ts';
import type { Link, Operation } from '../../ir/program.ts';
import { emitAsWritten, type Emitter } from '../../ops/operator.ts';
import { addConstant, infoOf, once, sourcePosition, unique, type Draft, type PendingCall } from './draft.ts';

export interface Emitted {
  readonly steps: readonly (Operation | Link)[];
  /** The program's name of a value of the draft. */
  readonly nameOf: (value: string) => string;
}

/** Writes all calls out, in their order; equal nodes are made once. */
export function emitCalls(draft: Draft, opset: number): Emitted {
  const steps: (Operation | Link)[] = [];
  const results = new Map<string, string>();
  const nameOf = (value: string): string => results.get(value) ?? value;
  for (const step of draft.steps) {
    if (step.kind === 'guard') {
      results.set(step.value, nameOf(step.of));
      continue;
    }
    if (step.kind === 'link') {
      emitLink({ ...step, inputs: new Map([...step.inputs].map(([port, value]) => [port, nameOf(value)])) }, steps, results);
      continue;
    }
    const call = { ...step.call, inputs: step.call.inputs.map(nameOf) };
    const to = emitterFor(step, steps, draft, opset);
    const result = step.operator.emit?.(call, to) ?? emitAsWritten(step.operator, call, to);
    draft.types.set(result, infoOf(call.output));
    results.set(step.value, result);
  }
  return { steps, nameOf };
}

/** A link that differs from another one in nothing but the guards before it is that one. */
function emitLink(link: Link, steps: (Operation | Link)[], results: Map<string, string>): void {
  const same = steps.find((step): step is Link => step.kind === 'link' && isSameLink(step, link));
  if (same === undefined) steps.push(link);
  else for (const [port, value] of link.outputs) results.set(value, same.outputs.get(port)!);
}

const isSameLink = (a: Link, b: Link): boolean =>
  a.model === b.model && a.inputs.size === b.inputs.size && a.outputs.size === b.outputs.size && [...a.inputs].every(([port, value]) => b.inputs.get(port) === value) && [...b.outputs.keys()].every((port) => a.outputs.has(port));

function emitterFor({ site }: PendingCall, steps: (Operation | Link)[], draft: Draft, opset: number): Emitter {
  let position: string | undefined;
  const nodes: Emitter['nodes'] = (op, inputs, attributes, count) => {
    const named = (name: string): readonly string[] => [name, ...Array.from({ length: count - 1 }, (_, i) => `${name}/${i + 1}`)];
    const first = once(JSON.stringify(['node', op, inputs, Object.entries(attributes).map(printAttribute)]), draft, () => {
      const name = unique(`${(position ??= sourcePosition(site, draft))}/${op}`, draft);
      const outputs = named(name);
      steps.push({ kind: 'operation', name, op, domain: '', inputs, outputs, attributes: new Map(Object.entries(attributes)), origin: site });
      // Inside a form of several nodes, nobody asks for the types between them.
      for (const output of outputs) draft.types.set(output, { dtype: undefined, dims: undefined });
      return name;
    });
    return named(first);
  };
  return {
    opset,
    scalar: (dtype, value) => addConstant(draft, [value], dtype, []),
    ints: (values) => addConstant(draft, values, 'i64', [values.length]),
    constant: (dtype, values, dims) => addConstant(draft, values, dtype, dims),
    node: (op, inputs, attributes = {}) => nodes(op, inputs, attributes, 1)[0]!,
    nodes,
  };
}

/** JSON has no big integers. */
const printAttribute = ([name, attribute]: [string, Attribute]): string =>
  JSON.stringify([name, attribute], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
