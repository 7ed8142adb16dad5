/** Clip and Pad: bounds and the padding's value became inputs, which have the dtype of the data. */
import type { Node } from '../../ir/graph.ts';
import { holds, type DType } from '../../types/dtype.ts';
import { attributeOf, change, draftFor, inputAt, Refusal, stringOf, trimInputs, type Rule, type Surroundings } from './rule.ts';

/** The largest f32: both bounds had one by default, whatever the dtype of the data. */
const largest = 3.4028234663852886e38;

/** Clip 11. The default bounds are written out: without them, infinities would no longer be cut. */
export const boundsToInputs: Rule = (node, graph) => {
  const draft = draftFor(node, graph);
  const dtype = dataType(node, graph);
  const bound = (name: 'min' | 'max', otherwise: number): string => {
    const value = attributeOf(node, name, 'float')?.value ?? otherwise;
    // What the dtype cannot hold cuts nothing.
    return holds(dtype, value) ? draft.scalar(name, dtype, value) : '';
  };
  const inputs = trimInputs([inputAt(node, 0), bound('min', -largest), bound('max', largest)]);
  draft.push(change(node, { inputs, attributes: { min: undefined, max: undefined } }));
  return draft.nodes;
};

/** Pad 11. */
export const padsToInputs: Rule = (node, graph) => {
  const draft = draftFor(node, graph);
  const pads = draft.ints('pads', attributeOf(node, 'pads', 'ints')?.value ?? []);
  const value = attributeOf(node, 'value', 'float')?.value ?? 0;
  const isRead = stringOf(node, 'mode', 'constant') === 'constant' && value !== 0;
  const inputs = [inputAt(node, 0), pads, ...(isRead ? [draft.scalar('value', dataType(node, graph), value)] : [])];
  draft.push(change(node, { inputs, attributes: { pads: undefined, value: undefined } }));
  return draft.nodes;
};

function dataType(node: Node, graph: Surroundings): DType {
  const dtype = graph.floatOf(inputAt(node, 0));
  if (dtype === undefined)
    throw new Refusal(`the file has several floating-point types, and does not say which \`${inputAt(node, 0)}\` has`);
  return dtype;
}
