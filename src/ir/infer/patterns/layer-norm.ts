/**
 * Normalisation in small operators: `d / sqrt(mean(d * d) + eps)`, where d is x less its mean (LayerNorm) or x itself
 * (RMSNorm). Scale and shift come behind it, and are arithmetic with constants.
 */
import { leastEpsilon, normalisedBall } from '../../../ops/foreign/facts/normalisation.ts';
import { constantOf } from '../../../types/dim.ts';
import { foldedAxis, isSame, keepsAxes, quotientOf, squareOf, unrepeated, valueOf, type GraphView, type Pattern } from './view.ts';

export const layerNorm: Pattern = (node, graph) => {
  const dtype = graph.dtype(node.outputs[0]!);
  // In half precision squares overflow and vanish that are neither large nor small.
  if (dtype !== 'f32' && dtype !== 'f64') return undefined;
  for (const { over, by } of quotientOf(node, graph)) {
    const axis = deviationAxis(unrepeated(by, graph), over, graph);
    const dim = axis === undefined ? undefined : graph.dims(over)?.at(axis);
    const n = dim && constantOf(dim);
    if (axis === undefined || n === undefined) continue;
    const isCentred = graph.maker(over)?.op === 'Sub';
    const rule = `divided by ${isCentred ? 'its deviation' : 'the root of its mean square'}: no element is beyond √${n}`;
    return { facts: { ball: normalisedBall(axis, n, dtype) }, rule, uses: [] };
  }
  return undefined;
};

/** The axis of `sqrt(mean(d * d) + eps)`. */
function deviationAxis(tensor: string, d: string, graph: GraphView): number | undefined {
  const root = graph.maker(tensor);
  const sum = root?.op === 'Sqrt' ? graph.maker(root.inputs[0]!) : undefined;
  if (sum?.op !== 'Add') return undefined;
  const [a = '', b = ''] = sum.inputs;
  return meanAxis(a, b, d, graph) ?? meanAxis(b, a, d, graph);
}

function meanAxis(mean: string, epsilon: string, d: string, graph: GraphView): number | undefined {
  const value = valueOf(epsilon, graph);
  const node = graph.maker(mean);
  if (value === undefined || value < leastEpsilon || node?.op !== 'ReduceMean' || !keepsAxes(node)) return undefined;
  const squared = squareOf(node.inputs[0]!, graph);
  return squared !== undefined && isSame(squared, d, graph) ? foldedAxis(node, graph) : undefined;
}
