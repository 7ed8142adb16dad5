/** What exporters write in small operators, recognised at the node that makes the result. */
import type { Node } from '../../graph.ts';
import { activation } from './activations.ts';
import { blend, maskedMean, shares, softmax } from './averages.ts';
import { layerNorm } from './layer-norm.ts';
import { unitVector } from './unit-vector.ts';
import type { GraphView, Pattern, Recognised } from './view.ts';

export type { GraphView, Recognised } from './view.ts';

const quotients: readonly Pattern[] = [unitVector, layerNorm, softmax, maskedMean, shares, activation];
/** By the operator that makes the result. */
const patterns: Readonly<Record<string, readonly Pattern[]>> = { Div: quotients, Mul: quotients, Add: [blend] };

export function recognise(node: Node, graph: GraphView): Recognised | undefined {
  if (node.domain !== '' || !Object.hasOwn(patterns, node.op)) return undefined;
  for (const pattern of patterns[node.op]!) {
    const found = pattern(node, graph);
    if (found !== undefined) return found;
  }
  return undefined;
}
