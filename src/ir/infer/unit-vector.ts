/**
 * Division of a vector by its own length, as exporters spell it: `x / max(||x||, eps)`, the length from ReduceL2 or from
 * the root of a sum of squares, the smallest length by Clip, Max or Add, and the quotient also as a product with `1 / r`.
 */
import type { Interval } from '../../ops/foreign/ranges/interval.ts';
import type { Node } from '../graph.ts';

export interface Graph {
  readonly maker: (tensor: string) => Node | undefined;
  /** Bounds of a tensor that are known already or cheap to know. */
  readonly rangeOf: (tensor: string) => Interval;
}

/** Below these, squares of single precision vanish, and a sum of them is no length any more. */
const leastLength = 1e-18;
const leastSquare = 1e-36;

/** Whether no element of the node's result is larger than 1, but for rounding. */
export function isUnitVector(node: Node, graph: Graph): boolean {
  const [a = '', b = ''] = node.inputs;
  if (node.op === 'Div') return isLength(b, a, graph);
  return node.op === 'Mul' && (isInverse(b, a, graph) || isInverse(a, b, graph));
}

/** `1 / length of x` */
function isInverse(tensor: string, x: string, graph: Graph): boolean {
  const node = graph.maker(tensor);
  if (node?.op === 'Reciprocal') return isLength(node.inputs[0]!, x, graph);
  if (node?.op !== 'Div') return false;
  const { low, high } = graph.rangeOf(node.inputs[0]!);
  return low === 1 && high === 1 && isLength(node.inputs[1]!, x, graph);
}

const isLength = (tensor: string, x: string, graph: Graph): boolean => reaches(tensor, leastLength, graph, (name) => isRoot(name, x, graph)) || isFlooredRoot(tensor, x, graph);

/** At least what `isIt` recognises, and at least a small number. */
function reaches(tensor: string, least: number, graph: Graph, isIt: (name: string) => boolean): boolean {
  const node = graph.maker(tensor);
  if (node === undefined) return false;
  const [first = '', second = '', third = ''] = node.inputs;
  if (node.op === 'Expand') return reaches(first, least, graph, isIt);
  if (node.op === 'Clip') return third === '' && !node.attributes.has('max') && second !== '' && graph.rangeOf(second).low >= least && isIt(first);
  const isBoth = (x: string, floor: string): boolean => isIt(x) && graph.rangeOf(floor).low >= least;
  return (node.op === 'Max' || node.op === 'Add') && node.inputs.length === 2 && (isBoth(first, second) || isBoth(second, first));
}

function isRoot(tensor: string, x: string, graph: Graph): boolean {
  const node = graph.maker(tensor);
  if (node?.op === 'ReduceL2') return node.inputs[0] === x;
  return node?.op === 'Sqrt' && isSumOfSquares(node.inputs[0]!, x, graph);
}

/** The smallest length may be taken before the root. */
function isFlooredRoot(tensor: string, x: string, graph: Graph): boolean {
  const node = graph.maker(tensor);
  if (node?.op === 'Expand') return isFlooredRoot(node.inputs[0]!, x, graph);
  return node?.op === 'Sqrt' && reaches(node.inputs[0]!, leastSquare, graph, (name) => isSumOfSquares(name, x, graph));
}

function isSumOfSquares(tensor: string, x: string, { maker, rangeOf }: Graph): boolean {
  const sum = maker(tensor);
  if (sum?.op === 'ReduceSumSquare') return sum.inputs[0] === x;
  const square = sum?.op === 'ReduceSum' ? maker(sum.inputs[0]!) : undefined;
  if (square?.op === 'Mul') return square.inputs[0] === x && square.inputs[1] === x;
  if (square?.op !== 'Pow' || square.inputs[0] !== x) return false;
  const { low, high } = rangeOf(square.inputs[1]!);
  return low === 2 && high === 2;
}
