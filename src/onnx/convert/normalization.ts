/** BatchNormalization, GroupNormalization and Dropout, as they are after training. */
import type { Node } from '../../ir/graph.ts';
import { attributeOf, change, draftFor, inputAt, int, intOf, Refusal, type Rule, type Surroundings } from './rule.ts';

/** BatchNormalization 9: statistics are always by channel. */
export const statisticsByChannel: Rule = (node) => {
  if (intOf(node, 'spatial', 1) !== 1)
    throw new Refusal('it normalises each position by itself (`spatial` is 0), which later versions cannot');
  return node.attributes.has('spatial') ? [change(node, { attributes: { spatial: undefined } })] : [node];
};

/** BatchNormalization 14 trains when told to; before, when statistics were asked of it. */
export const refuseTraining: Rule = (node, graph) => {
  const used = node.outputs.slice(1).find((output) => output !== '' && graph.isUsed(output));
  if (used !== undefined) throw new Refusal(`its output \`${used}\` exists only in training`);
  return node.outputs.length > 1 ? [change(node, { outputs: node.outputs.slice(0, 1) })] : [node];
};

/**
 * GroupNormalization 21 scales by channel; before, by group: every group's number is repeated for its channels. The
 * nodes are those of opset 21.
 */
export const scaleByChannel: Rule = (node, graph) => {
  const draft = draftFor(node, graph);
  const groups = attributeOf(node, 'num_groups', 'int')?.value;
  if (groups === undefined || groups <= 0n) throw new Refusal('it does not say its number of groups');
  const channels = draft.add('Shape', [inputAt(node, 0)], { start: int(1), end: int(2) });
  const perGroup = draft.add('Div', [channels, draft.ints('groups', [groups])]);
  const repeats = draft.add('Concat', [draft.ints('one', [1n]), perGroup], { axis: int(0) });
  const flat = draft.ints('flat', [-1n]);
  const last = draft.ints('last', [1n]);
  const spread = (index: number): string => {
    const column = draft.add('Unsqueeze', [inputAt(node, index), last]);
    return draft.add('Reshape', [draft.add('Tile', [column, repeats]), flat]);
  };
  draft.push(change(node, { inputs: [inputAt(node, 0), spread(1), spread(2)] }));
  return draft.nodes;
};

/** Dropout 10: the mask became boolean. */
export const dropMask: Rule = (node, graph) =>
  node.outputs.length > 1 ? [change(node, { outputs: [unmasked(node, graph)] })] : [node];

/** Dropout 12: the ratio became an input, which only training reads. */
export const dropRatio: Rule = (node, graph) => [
  change(node, { outputs: [unmasked(node, graph)], attributes: { ratio: undefined } }),
];

function unmasked(node: Node, graph: Surroundings): string {
  const [data = '', mask = ''] = node.outputs;
  if (mask !== '' && graph.isUsed(mask)) throw new Refusal(`its mask \`${mask}\` is used, and had another meaning then`);
  return data;
}
