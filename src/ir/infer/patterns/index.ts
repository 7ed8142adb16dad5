/** What exporters write in small operators, recognised at the node that makes the result. */
import type { Node } from '../../graph.ts';
import { activation } from './activations.ts';
import { maskedMean, softmax } from './averages.ts';
import { layerNorm } from './layer-norm.ts';
import { unitVector } from './unit-vector.ts';
import type { GraphView, Pattern, Recognised } from './view.ts';

export type { GraphView, Recognised } from './view.ts';

const patterns: readonly Pattern[] = [unitVector, layerNorm, softmax, maskedMean, activation];

export function recognise(node: Node, graph: GraphView): Recognised | undefined {
  if (node.domain !== '' || (node.op !== 'Div' && node.op !== 'Mul')) return undefined;
  for (const pattern of patterns) {
    const found = pattern(node, graph);
    if (found !== undefined) return found;
  }
  return undefined;
}
