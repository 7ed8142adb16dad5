/** ONNX's words for what an axis and a tensor stand for (TypeDenotation.md, DimensionDenotation.md of onnx), from labels of axes. */

const ofLabel: ReadonlyMap<string, string> = new Map([
  ['N', 'DATA_BATCH'],
  ['C', 'DATA_CHANNEL'],
  ['T', 'DATA_TIME'],
  ['D', 'DATA_FEATURE'],
  ['H', 'DATA_FEATURE'],
  ['W', 'DATA_FEATURE'],
]);

export type Labels = readonly (string | undefined)[];

/** The denotation of each axis; "" where it has none. */
export const axisDenotations = (labels: Labels): readonly string[] =>
  labels.map((label) => (label === undefined ? '' : (ofLabel.get(label) ?? '')));

/** IMAGE where there are rows, columns and channels; undefined where the labels do not tell. */
export const typeDenotation = (labels: Labels): string | undefined =>
  ['H', 'W', 'C'].every((label) => labels.includes(label)) ? 'IMAGE' : undefined;
