/** Upsample and Resize. */
import { attributeOf, change, draftFor, inputAt, Refusal, string, stringOf, type Rule } from './rule.ts';

/** Upsample 9: the scales became an input. */
export const scalesToInput: Rule = (node, graph) => {
  const draft = draftFor(node, graph);
  const scales = draft.floats('scales', attributeOf(node, 'scales', 'floats')?.value ?? []);
  draft.push(change(node, { inputs: [inputAt(node, 0), scales], attributes: { scales: undefined } }));
  return draft.nodes;
};

/** Upsample ended at 10; Resize 10 does the same. */
export const upsampleToResize: Rule = (node) => [change(node, { op: 'Resize' })];

/**
 * Resize 11 maps coordinates by half pixels unless told otherwise; before, they were multiplied by the scale alone.
 * The nearest one was below where the axis grew, and above where it shrank: each of the two gets a node of its own
 * where it is not known which of them happens.
 */
export const resizeByScaleAlone: Rule = (node, graph) => {
  const draft = draftFor(node, graph);
  const [x, scales] = [inputAt(node, 0), inputAt(node, 1)];
  const region = draft.floats('roi', []);
  const asymmetric = { coordinate_transformation_mode: string('asymmetric') };
  if (stringOf(node, 'mode', 'nearest') !== 'nearest') {
    draft.push(change(node, { inputs: [x, region, scales], attributes: asymmetric }));
    return draft.nodes;
  }
  const nearest = (rounding: 'floor' | 'ceil') => ({ ...asymmetric, nearest_mode: string(rounding) });
  const known = graph.numbersOf(scales);
  const grows = known?.every((scale) => scale >= 1);
  if (grows === true || known?.every((scale) => scale <= 1) === true) {
    draft.push(change(node, { inputs: [x, region, scales], attributes: nearest(grows === true ? 'floor' : 'ceil') }));
    return draft.nodes;
  }
  const one = draft.floats('one', [1]);
  const grown = graph.fresh(inputAt({ ...node, inputs: node.outputs }, 0), 'grown');
  const up = draft.add('Max', [scales, one]);
  const down = draft.add('Min', [scales, one]);
  draft.push(change({ ...node, name: '' }, { inputs: [x, region, up], outputs: [grown], attributes: nearest('floor') }));
  draft.push(change(node, { inputs: [grown, region, down], attributes: nearest('ceil') }));
  return draft.nodes;
};

/** Resize 13 lost a mode, and wants either scales or sizes: before, scales had to be there, empty where sizes were meant. */
export const eitherScalesOrSizes: Rule = (node) => {
  const mode = stringOf(node, 'coordinate_transformation_mode', 'half_pixel');
  if (mode === 'tf_half_pixel_for_nn') throw new Refusal(`its coordinate_transformation_mode \`${mode}\` exists no longer`);
  const isBoth = inputAt(node, 2) !== '' && inputAt(node, 3) !== '';
  return isBoth ? [change(node, { inputs: node.inputs.map((name, index) => (index === 2 ? '' : name)) })] : [node];
};
