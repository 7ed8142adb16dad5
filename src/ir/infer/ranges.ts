/**
 * Bounds of a tensor's elements, asked backwards from it: through the nodes that make it as far as their rules ask, which
 * is to the last operator that bounds its result whatever comes in. Nodes of subgraphs and functions bound nothing.
 */
import { numberOf } from '../../ops/foreign/scalar.ts';
import { between, everything, join, rounded, type Interval } from '../../ops/foreign/ranges/interval.ts';
import { rangeRules } from '../../ops/foreign/ranges/rules.ts';
import { nothing } from '../../ops/foreign/known.ts';
import { dtypes } from '../../types/dtype.ts';
import type { ForeignModel, Node } from '../graph.ts';
import type { InferredTensor } from './index.ts';
import { isUnitVector } from './unit-vector.ts';

export type { Interval } from '../../ops/foreign/ranges/interval.ts';
export type RangeOf = (tensor: string) => Interval;

/** Nodes in a row before the question is given up. */
const deepest = 400;

/**
 * In units: however many squares are summed, and in whatever order, no rounded sum of them is less than one of them; what
 * is left are the roundings of the square, the root, the inverse and the product.
 */
const unitVectorError = 8;

/** `given` are the bounds of inputs, as the caller vouches for them. */
export function tensorRanges(model: ForeignModel, inferred: ReadonlyMap<string, InferredTensor>, given: ReadonlyMap<string, Interval>): RangeOf {
  const makers = new Map<string, { readonly node: Node; readonly output: number }>();
  for (const node of model.graph.nodes) for (const [output, name] of node.outputs.entries()) makers.set(name, { node, output });
  const known = new Map<string, Interval>(given);
  const ask = (name: string, depth: number): Interval => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const tensor = inferred.get(name);
    const computed = constantRange(tensor) ?? (depth > deepest ? undefined : fromNode(name, depth)) ?? everything;
    const range = within(computed, tensor);
    known.set(name, range);
    return range;
  };
  const fromNode = (name: string, depth: number): Interval | undefined => {
    const maker = makers.get(name);
    // Of several outputs only the first one's bounds are known; the parts of a split are alike.
    if (maker === undefined || maker.node.domain !== '' || (maker.output > 0 && maker.node.op !== 'Split')) return undefined;
    const { node } = maker;
    const graph = { maker: (tensor: string) => makers.get(tensor)?.node, rangeOf: (tensor: string) => known.get(tensor) ?? constantRange(inferred.get(tensor)) ?? everything };
    const dtype = inferred.get(name)?.dtype;
    // In half precision squares vanish that are not small.
    if ((dtype === 'f32' || dtype === 'f64') && isUnitVector(node, graph)) return rounded(between(-1, 1), dtype, unitVectorError);
    const rule = Object.hasOwn(rangeRules, node.op) ? rangeRules[node.op] : undefined;
    const inputs = node.inputs.map((input) => (input === '' ? undefined : (inferred.get(input) ?? nothing)));
    const call = { node, opset: model.opsets.get('') ?? 1, inputs, size: () => ({ terms: [] }) };
    return rule?.({ call, output: inferred.get(name) ?? nothing, at: (i) => (node.inputs[i] ? ask(node.inputs[i], depth + 1) : everything) });
  };
  return (name) => ask(name, 0);
}

/** Of a small constant: its least and greatest element. */
function constantRange(tensor: InferredTensor | undefined): Interval | undefined {
  const numbers = tensor?.values?.map(numberOf);
  if (numbers === undefined || numbers.length === 0 || !numbers.every((n) => n !== undefined && !Number.isNaN(n))) return undefined;
  return join((numbers as readonly number[]).map((n) => between(n, n)));
}

/** Unsigned integers and booleans have bounds of their own. */
function within({ low, high }: Interval, tensor: InferredTensor | undefined): Interval {
  const row = tensor?.dtype && dtypes[tensor.dtype];
  if (row?.class === 'bool') return between(Math.max(0, low), Math.min(1, high));
  if (row?.class === 'uint' && row.bits <= 32) return between(Math.max(0, low), Math.min(2 ** row.bits - 1, high));
  return between(low, high);
}
