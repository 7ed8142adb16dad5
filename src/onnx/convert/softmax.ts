/** Softmax, LogSoftmax and Hardmax. */
import { change, draftFor, int, intOf, type Rule } from './rule.ts';

/**
 * Until 13, the axes from `axis` on were taken as one (by default all but the first); since then `axis` alone counts.
 * Both are one where it is the last. Elsewhere the tensor is flattened to a matrix and brought back to its shape.
 */
export const softmaxAlongOneAxis: Rule = (node, graph) => {
  const axis = intOf(node, 'axis', 1);
  const [x = ''] = node.inputs;
  const [y = ''] = node.outputs;
  if (axis === -1 || graph.rankOf(x) === axis + 1) return [change(node, { attributes: { axis: int(axis) } })];
  const draft = draftFor(node, graph);
  const shape = draft.add('Shape', [x]);
  const matrix = draft.add('Flatten', [x], { axis: int(axis) });
  const rows = graph.fresh(y, 'rows');
  draft.push(change(node, { inputs: [matrix], outputs: [rows], attributes: { axis: int(-1) } }));
  draft.add('Reshape', [rows, shape], {}, y);
  return draft.nodes;
};
