/** Lists of whole numbers that became inputs: axes of reductions and of (un)squeezing, the parts of a split, the k of TopK. */
import { attributeOf, change, draftFor, inputAt, int, intOf, stringOf, trimInputs, type Rule } from './rule.ts';

/** The attribute as the input at `index`. An empty list always meant the same as none. */
const listToInput =
  (attribute: string, index: number): Rule =>
  (node, graph) => {
    const list = attributeOf(node, attribute, 'ints');
    if (list === undefined) return [node];
    const removed = { attributes: { [attribute]: undefined } };
    if (list.value.length === 0) return [change(node, removed)];
    const draft = draftFor(node, graph);
    const inputs = [...node.inputs];
    while (inputs.length < index) inputs.push('');
    inputs[index] = draft.ints(attribute, list.value);
    draft.push(change(node, { ...removed, inputs }));
    return draft.nodes;
  };

/** Squeeze and Unsqueeze 13, ReduceSum 13, the other reductions 18. */
export const axesToInput = listToInput('axes', 1);

/** Split 13. */
export const splitToInput = listToInput('split', 1);

/** Split 18 wants the number of equal parts said. */
export const countSplits: Rule = (node) =>
  inputAt(node, 1) === '' ? [change(node, { attributes: { num_outputs: int(node.outputs.length) } })] : [node];

/** TopK 10. */
export const kToInput: Rule = (node, graph) => {
  const draft = draftFor(node, graph);
  const k = draft.ints('k', [attributeOf(node, 'k', 'int')?.value ?? 0n]);
  draft.push(change(node, { inputs: [inputAt(node, 0), k], attributes: { k: undefined } }));
  return draft.nodes;
};

/** Slice 10: three attributes become inputs. */
export const rangesToInputs: Rule = (node, graph) => {
  const draft = draftFor(node, graph);
  const list = (name: string): string => {
    const attribute = attributeOf(node, name, 'ints');
    return attribute === undefined ? '' : draft.ints(name, attribute.value);
  };
  const inputs = trimInputs([inputAt(node, 0), list('starts'), list('ends'), list('axes')]);
  draft.push(change(node, { inputs, attributes: { starts: undefined, ends: undefined, axes: undefined } }));
  return draft.nodes;
};

/** DFT 20: the axis became an input, and its default the last axis but one. */
export const dftAxisToInput: Rule = (node, graph) => {
  const draft = draftFor(node, graph);
  const axis = draft.ints('axis', [BigInt(intOf(node, 'axis', 1))], []);
  const inputs = [inputAt(node, 0), inputAt(node, 1), axis];
  draft.push(change(node, { inputs, attributes: { axis: undefined } }));
  return draft.nodes;
};

/** GridSample 20 calls two of its modes otherwise. */
export const renameGridModes: Rule = (node) => {
  const renamed = { bilinear: 'linear', bicubic: 'cubic' }[stringOf(node, 'mode', '')];
  return renamed === undefined ? [node] : [change(node, { attributes: { mode: { type: 'string', value: renamed } } })];
};
