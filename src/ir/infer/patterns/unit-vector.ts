/**
 * Division of a vector by its own length, as exporters spell it: `x / max(||x||, eps)`, the length from ReduceL2 or from
 * the root of a sum of squares, the smallest length by Clip, Max or Add, and the quotient also as a product with `1 / r`.
 */
import { unitVectors } from '../../../ops/foreign/facts/normalisation.ts';
import type { Interval } from '../../../ops/foreign/ranges/interval.ts';
import { constantOf } from '../../../types/dim.ts';
import type { Node } from '../../graph.ts';
import { foldedAxis, isSame, keepsAxes, quotientOf, squareOf, unrepeated, valueOf, type GraphView, type Pattern } from './view.ts';

/** Below these, squares of single precision vanish, and a sum of them is no length any more. */
const leastLength = 1e-18;
const leastSquare = 1e-36;

/** Of longer vectors nobody means that they are too short to be divided by their length. */
const mostExempt = 1e-3;

/** Of the vectors along one axis, or of whole matrices and more. */
type Folded = number | 'several';

interface Length {
  readonly axis: Folded;
  /** The least that it is taken for. */
  readonly floor: number;
  /** Whether the floor is added to it, so that it changes longer ones, too. */
  readonly isAdded: boolean;
  /** Whether a length past the largest number is cut down to that: ONNX Runtime's Clip does so where it has no `max`. */
  readonly isCut: boolean;
}

/** Of elements up to this the length of no vector is past the largest number. */
const mostElement = 2 ** 50;

export const unitVector: Pattern = (node, graph) => {
  const output = node.outputs[0]!;
  const dtype = graph.dtype(output);
  // In half precision squares vanish that are not small.
  if (dtype !== 'f32' && dtype !== 'f64') return undefined;
  for (const { over, by } of quotientOf(node, graph)) {
    const length = lengthOf(by, over, graph);
    if (length === undefined || (length.isCut && !isBelow(graph.factsOf(over).range, mostElement))) continue;
    const dim = length.axis === 'several' ? undefined : graph.dims(over)?.at(length.axis);
    // What is added matters no more than rounding does for vectors that are this much longer.
    const exempt = length.isAdded ? length.floor * 2 ** 20 : length.floor;
    const { lines, ball, range } = unitVectors(length.axis === 'several' ? -1 : length.axis, dim && constantOf(dim), exempt, dtype);
    const along = length.axis === 'several' ? {} : { ...(ball && { ball }), ...(lines && exempt <= mostExempt && { lines }) };
    return { facts: { ...(range && { range }), ...along }, rule: 'divided by its own length', uses: length.isCut ? [over] : [] };
  }
  return undefined;
};

function lengthOf(tensor: string, x: string, graph: GraphView): Length | undefined {
  const name = unrepeated(tensor, graph);
  return floored(name, graph, (length) => rootAxis(length, x, graph), leastLength, (floor) => floor) ?? flooredRoot(name, x, graph);
}

/** At least what `axisOf` recognises, and at least a small number. */
function floored(tensor: string, graph: GraphView, axisOf: (tensor: string) => Folded | undefined, least: number, toLength: (floor: number) => number): Length | undefined {
  const node = graph.maker(tensor);
  if (node === undefined || node.domain !== '') return undefined;
  const [first = '', second = '', third = ''] = node.inputs;
  const of = (length: string, floor: number | undefined, isAdded: boolean, isCut = false): Length | undefined => {
    const axis = floor === undefined || !(floor >= least) ? undefined : axisOf(length);
    return axis === undefined ? undefined : { axis, floor: toLength(floor!), isAdded, isCut };
  };
  if (node.op === 'Clip') {
    const attribute = node.attributes.get('min');
    const hasMost = third !== '' || node.attributes.has('max');
    return hasMost ? undefined : of(first, attribute?.type === 'float' ? attribute.value : valueOf(second, graph), false, true);
  }
  if ((node.op !== 'Max' && node.op !== 'Add') || node.inputs.length !== 2) return undefined;
  return of(first, valueOf(second, graph), node.op === 'Add') ?? of(second, valueOf(first, graph), node.op === 'Add');
}

const isBelow = ({ low, high }: Interval, most: number): boolean => low >= -most && high <= most;

/** Where the folded axis does not stay, lengths stand beside other vectors than their own. */
const folded = (node: Node, graph: GraphView): Folded | undefined => (keepsAxes(node) ? (foldedAxis(node, graph) ?? 'several') : undefined);

function rootAxis(tensor: string, x: string, graph: GraphView): Folded | undefined {
  const node = graph.maker(unrepeated(tensor, graph));
  if (node?.op === 'ReduceL2') return isSame(node.inputs[0]!, x, graph) ? folded(node, graph) : undefined;
  return node?.op === 'Sqrt' ? squaresAxis(node.inputs[0]!, x, graph) : undefined;
}

/** The smallest length may be taken before the root. */
function flooredRoot(tensor: string, x: string, graph: GraphView): Length | undefined {
  const node = graph.maker(tensor);
  return node?.op === 'Sqrt' ? floored(node.inputs[0]!, graph, (name) => squaresAxis(name, x, graph), leastSquare, Math.sqrt) : undefined;
}

function squaresAxis(tensor: string, x: string, graph: GraphView): Folded | undefined {
  const sum = graph.maker(tensor);
  if (sum === undefined) return undefined;
  if (sum.op === 'ReduceSumSquare') return isSame(sum.inputs[0]!, x, graph) ? folded(sum, graph) : undefined;
  const squared = sum.op === 'ReduceSum' ? squareOf(sum.inputs[0]!, graph) : undefined;
  return squared !== undefined && isSame(squared, x, graph) ? folded(sum, graph) : undefined;
}
