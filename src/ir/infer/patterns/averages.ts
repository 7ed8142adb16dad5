/** Averages in small operators: softmax, and the mean of what a mask leaves. */
import { sumError } from '../../../ops/foreign/facts/normalisation.ts';
import { mostTerms, errorOf } from '../../../ops/foreign/facts/fact-rule.ts';
import { absoluteSum, isPrecise } from '../../../ops/foreign/facts/lines.ts';
import { isMask, itemOf, lengthOf, reachOf, type Ball, type Line } from '../../../ops/foreign/facts/value-facts.ts';
import { between, join, type Interval } from '../../../ops/foreign/ranges/interval.ts';
import { axisIn } from '../../../ops/foreign/rule.ts';
import { constantOf, equalDims } from '../../../types/dim.ts';
import type { DType } from '../../../types/dtype.ts';
import type { Node } from '../../graph.ts';
import { foldedAxis, isSame, keepsAxes, unrepeated, valueOf, type GraphView, type Pattern } from './view.ts';

/** Of elements up to this no sum is past the largest number. */
const mostElement = 2 ** 64;

/** `e / sum(e)`, where e is an exponential: a sum of none of them is 0. */
export const softmax: Pattern = (node, graph) => {
  if (node.op !== 'Div') return undefined;
  const [e = '', by = ''] = node.inputs;
  const sum = graph.maker(unrepeated(by, graph));
  if (graph.maker(e)?.op !== 'Exp' || sum?.op !== 'ReduceSum' || !keepsAxes(sum) || !isSame(sum.inputs[0]!, e, graph)) return undefined;
  const axis = foldedAxis(sum, graph);
  const dtype = graph.dtype(node.outputs[0]!);
  if (axis === undefined) return undefined;
  const dim = graph.dims(e)?.at(axis);
  const error = sumError(dim && constantOf(dim), dtype);
  const lines = error < 0.5 ? [{ kind: 'sum' as const, axis, low: 1 - error, high: 1 + error }] : [];
  return { facts: { range: between(0, 1 + errorOf(1, dtype, 2)), lines }, rule: 'exponentials divided by their sum (Softmax)', uses: [] };
};

/**
 * `x / sum(x)`, also with something added to the sum, where none of x is negative: rounding never makes a sum of such smaller than
 * one of them, so no share is beyond 1. What is 0 over 0 is no number.
 */
export const shares: Pattern = (node, graph) => {
  if (node.op !== 'Div') return undefined;
  const [x = '', by = ''] = node.inputs;
  const sum = countOf(by, graph);
  const axis = sum && foldedAxis(sum, graph);
  if (sum === undefined || axis === undefined || !keepsAxes(sum) || !isSame(sum.inputs[0]!, x, graph) || graph.factsOf(x).range.low < 0) return undefined;
  const dim = graph.dims(x)?.at(axis);
  const error = sumError(dim && constantOf(dim), graph.dtype(node.outputs[0]!));
  const divisor = graph.maker(unrepeated(by, graph));
  const isWhole = divisor === sum;
  // A Clip without `max` cuts an infinite sum down to the largest number, of which an infinite element is no share.
  if (divisor?.op === 'Clip' && !(graph.factsOf(x).range.high <= mostElement)) return undefined;
  return { facts: { range: between(0, 1), lines: error < 0.5 ? [{ kind: 'sum', axis, low: isWhole ? 1 - error : 0, high: 1 + error }] : [] }, rule: 'shares of a sum', uses: [x] };
};

/** `g * x + (1 - g) * y`, where g lies between 0 and 1: between x and y, but for rounding. */
export const blend: Pattern = (node, graph) => {
  if (node.op !== 'Add') return undefined;
  const products = node.inputs.map((input) => graph.maker(input));
  if (products.length !== 2 || !products.every((product) => product?.op === 'Mul' && product.inputs.length === 2)) return undefined;
  const [first, second] = products.map((product) => product!.inputs) as [readonly string[], readonly string[]];
  const pairs = [[first, second], [second, first]] as const;
  const found = pairs.flatMap(([one, other]) => [0, 1].flatMap((i) => [0, 1].flatMap((j) => (isRest(other[j]!, one[i]!, graph) ? [{ gate: one[i]!, x: one[1 - i]!, y: other[1 - j]! }] : []))))[0];
  if (found === undefined) return undefined;
  const [gate, x, y] = [found.gate, found.x, found.y].map((tensor) => graph.factsOf(tensor).range) as [Interval, Interval, Interval];
  const output = node.outputs[0]!;
  const dtype = graph.dtype(output);
  const digits = errorOf(1, dtype, 8);
  if (gate.low < -digits || gate.high > 1 + digits) return undefined;
  const all = join([x, y]);
  const error = blendError(gate, all, Math.max(Math.abs(all.low), Math.abs(all.high)), dtype);
  const lines = isPrecise(dtype) ? blendedSums(found, gate, output, graph) : [];
  return { facts: { range: between(all.low - error, all.high + error), ...(lines.length > 0 && { lines }) }, rule: 'two values, blended by a share of each', uses: [found.gate, found.x, found.y] };
};

/**
 * How far `g * x + (1 - g) * y` may lie outside of the interval of both: a gate that kernels take beyond [0, 1] goes on along the line from the one to
 * the other, and 1 - g, both products and their sum are rounded, four times in all, each relative to at most the greatest of both.
 */
function blendError(gate: Interval, { low, high }: Interval, most: number, dtype: DType | undefined): number {
  const beyond = Math.max(0, -gate.low, gate.high - 1);
  return (beyond === 0 ? 0 : beyond * (high - low)) + errorOf(most, dtype, 4);
}

/** Sums of both along an axis along which the gate is one number: theirs are blended as the elements are. */
function blendedSums(of: { readonly gate: string; readonly x: string; readonly y: string }, gate: Interval, output: string, graph: GraphView): readonly Line[] {
  const [x, y] = [graph.factsOf(of.x), graph.factsOf(of.y)];
  return x.lines.flatMap((line): readonly Line[] => {
    const other = y.lines.find(({ kind, axis }) => kind === 'sum' && axis === line.axis);
    const isWhole = [of.x, of.y].every((tensor) => isAsLong(tensor, output, line.axis, graph));
    if (line.kind !== 'sum' || other === undefined || !isWhole || !isOneAlong(of.gate, line.axis, graph)) return [];
    const n = sizeAlong(output, line.axis, graph);
    const both = join([line, other]);
    const absolute = Math.max(absoluteSum(x, line.axis, n), absoluteSum(y, line.axis, n));
    const error = blendError(gate, both, absolute, graph.dtype(output));
    return Number.isFinite(error) ? [{ kind: 'sum', axis: line.axis, low: both.low - error, high: both.high + error }] : [];
  });
}

/** Whether a tensor has one element along an axis, before it is repeated. */
function isOneAlong(tensor: string, axis: number, graph: GraphView): boolean {
  const dims = graph.dims(unrepeated(tensor, graph));
  const dim = dims?.at(axis);
  return dims !== undefined && (dim === undefined || constantOf(dim) === 1);
}

/** Whether a tensor is what another one leaves of 1. */
function isRest(tensor: string, of: string, graph: GraphView): boolean {
  const node = graph.maker(unrepeated(tensor, graph));
  return node?.op === 'Sub' && node.inputs.length === 2 && valueOf(node.inputs[0]!, graph) === 1 && isSame(unrepeated(node.inputs[1]!, graph), unrepeated(of, graph), graph);
}

/**
 * `sum(x * m) / max(sum(m), eps)`, where m are whole numbers and none is negative: between the least and the greatest x that
 * is let through, or 0 where none is.
 */
export const maskedMean: Pattern = (node, graph) => {
  if (node.op !== 'Div') return undefined;
  const output = node.outputs[0]!;
  const [above = '', below = ''] = node.inputs;
  const sum = graph.maker(above);
  const product = sum?.op === 'ReduceSum' ? graph.maker(sum.inputs[0]!) : undefined;
  const axis = sum && foldedAxis(sum, graph);
  if (sum === undefined || product === undefined || axis === undefined) return undefined;
  const count = countOf(below, graph);
  if (count === undefined) return undefined;
  const x = product.op === 'Mul' ? multiplied(product, sum, count, axis, graph) : product.op === 'Where' ? chosen(product, sum, count, axis, graph) : undefined;
  if (x === undefined) return undefined;
  const dtype = graph.dtype(output);
  const { range, ball } = graph.factsOf(x);
  const terms = 2 * (sizeAlong(x, axis, graph) ?? mostTerms) + 4;
  const most = Math.max(Math.abs(range.low), Math.abs(range.high));
  const error = errorOf(most, dtype, terms);
  const moved = ball && ball.axis !== axis ? averaged(ball, keepsAxes(sum) || ball.axis > axis ? ball.axis : ball.axis + 1, dtype, terms) : undefined;
  return {
    // A sum of numbers of one sign has that sign.
    facts: { range: between(range.low >= 0 ? 0 : range.low - error, range.high <= 0 ? 0 : range.high + error), ...(moved ? { ball: moved } : {}) },
    rule: 'the mean of what a mask leaves, or 0',
    uses: [x],
  };
};

/** The operand beside the mask that is counted. */
function multiplied(product: Node, sum: Node, count: Node, axis: number, graph: GraphView): string | undefined {
  if (foldedAxis(count, graph) !== axis || keepsAxes(count) !== keepsAxes(sum)) return undefined;
  const of = count.inputs[0]!;
  const at = product.inputs.findIndex((input) => isSame(unrepeated(input, graph), unrepeated(of, graph), graph));
  if (at === -1 || !isAsLong(of, sum.inputs[0]!, axis, graph)) return undefined;
  // Of fractions that are hardly more than 0 a product loses its digits.
  const mask = graph.factsOf(product.inputs[at]!);
  return mask.range.low < 0 || !mask.integer ? undefined : product.inputs[1 - at]!;
}

/** `where(m == 1, x, 0)`, where the mask has an axis less: what is let through. */
function chosen({ inputs: [condition = '', x = '', otherwise = ''] }: Node, sum: Node, count: Node, axis: number, graph: GraphView): string | undefined {
  const unsqueezed = graph.maker(unrepeated(condition, graph));
  const equal = unsqueezed?.op === 'Unsqueeze' ? graph.maker(unsqueezed.inputs[0]!) : undefined;
  const cast = graph.maker(count.inputs[0]!);
  const of = cast?.op === 'Cast' || cast?.op === 'CastLike' ? cast.inputs[0]! : count.inputs[0]!;
  const mask = equal?.inputs[0] ?? '';
  const isCounted = equal?.op === 'Equal' && valueOf(equal.inputs[1]!, graph) === 1 && valueOf(otherwise, graph) === 0 && isSame(mask, of, graph) && isMask(graph.factsOf(mask));
  // [batch, seq] becomes [batch, seq, 1], of which the second last axis is folded; [batch, 1] stands below [batch, d].
  const isBelow = keepsAxes(count) && !keepsAxes(sum);
  const added = unsqueezed && addedAxis(unsqueezed, graph);
  return isCounted && isBelow && added === -1 && axis === -2 && foldedAxis(count, graph) === -1 && isAsLong(unsqueezed!.outputs[0]!, x, axis, graph) ? x : undefined;
}

function addedAxis(node: Node, graph: GraphView): number | undefined {
  const rank = graph.dims(node.outputs[0]!)?.length;
  const attribute = node.attributes.get('axes');
  const axes = node.inputs[1] ? graph.numbers(node.inputs[1])?.data : attribute?.type === 'ints' ? attribute.value.map(Number) : undefined;
  const axis = rank === undefined || axes?.length !== 1 ? undefined : axisIn(Number(axes[0]), rank);
  return axis === undefined ? undefined : axis - rank!;
}

/** The sum in `max(sum(m), eps)`, also without the floor: 0 / 0 is NaN. */
function countOf(tensor: string, graph: GraphView, steps = 2): Node | undefined {
  const node = graph.maker(unrepeated(tensor, graph));
  if (node === undefined || node.op === 'ReduceSum' || steps === 0) return node?.op === 'ReduceSum' ? node : undefined;
  const attribute = node.attributes.get('min');
  const [first = '', second = ''] = node.inputs;
  const clipped = node.op === 'Clip' && !node.inputs[2] && !node.attributes.has('max') ? (attribute?.type === 'float' ? attribute.value : valueOf(second, graph)) : undefined;
  const floored = (node.op === 'Max' || node.op === 'Add') && node.inputs.length === 2 ? valueOf(second, graph) : undefined;
  return (clipped ?? floored ?? -1) >= 0 ? countOf(first, graph, steps - 1) : undefined;
}

/** Whether a mask that is counted along an axis is not repeated along it in the product. */
function isAsLong(mask: string, product: string, axis: number, graph: GraphView): boolean {
  const [a, b] = [graph.dims(mask)?.at(axis), graph.dims(product)?.at(axis)];
  return a !== undefined && b !== undefined && equalDims(a, b);
}

const sizeAlong = (tensor: string, axis: number, graph: GraphView): number | undefined => {
  const dim = graph.dims(tensor)?.at(axis);
  return dim && constantOf(dim);
};

/** Vectors of a ball, averaged with weights, or 0: it lies between the centre and 0, too. */
function averaged(ball: Ball, axis: number, dtype: DType | undefined, terms: number): Ball | undefined {
  if (axis >= 0) return undefined;
  const n = lengthOf(ball);
  const slack = (i: number): number => itemOf(ball.slack, i) + errorOf(reachOf(ball, i), dtype, terms) + Math.abs(itemOf(ball.centre, i));
  return { ...ball, axis, slack: n === undefined ? slack(0) : Float64Array.from({ length: n }, (_, i) => slack(i)) };
}
