/** Averages in small operators: softmax, and the mean of what a mask leaves. */
import { sumError } from '../../../ops/foreign/facts/normalisation.ts';
import { mostTerms, errorOf } from '../../../ops/foreign/facts/fact-rule.ts';
import { itemOf, lengthOf, reachOf, type Ball } from '../../../ops/foreign/facts/value-facts.ts';
import { between } from '../../../ops/foreign/ranges/interval.ts';
import { constantOf, equalDims } from '../../../types/dim.ts';
import type { Node } from '../../graph.ts';
import { foldedAxis, isSame, keepsAxes, unrepeated, valueOf, type GraphView, type Pattern } from './view.ts';

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
  if (sum === undefined || product?.op !== 'Mul' || axis === undefined) return undefined;
  const count = countOf(below, graph);
  if (count === undefined || foldedAxis(count, graph) !== axis || keepsAxes(count) !== keepsAxes(sum)) return undefined;
  const of = count.inputs[0]!;
  const at = product.inputs.findIndex((input) => isSame(unrepeated(input, graph), unrepeated(of, graph), graph));
  if (at === -1 || !isAsLong(of, sum.inputs[0]!, axis, graph)) return undefined;
  // Of fractions that are hardly more than 0 a product loses its digits.
  const mask = graph.factsOf(product.inputs[at]!);
  if (mask.range.low < 0 || !mask.integer) return undefined;
  const x = product.inputs[1 - at]!;
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
function averaged(ball: Ball, axis: number, dtype: Parameters<typeof errorOf>[1], terms: number): Ball | undefined {
  if (axis >= 0) return undefined;
  const n = lengthOf(ball);
  const slack = (i: number): number => itemOf(ball.slack, i) + errorOf(reachOf(ball, i), dtype, terms) + Math.abs(itemOf(ball.centre, i));
  return { ...ball, axis, slack: n === undefined ? slack(0) : Float64Array.from({ length: n }, (_, i) => slack(i)) };
}
