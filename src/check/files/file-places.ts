/** What an ONNX file that keeps a space, or the order of colours, does to the places of features: as of a body, each stays where it is. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { movedFeatures, type FeatureInput } from '../../ir/feature-places.ts';
import { startReading, type ReadTensor } from '../../ir/infer/constants.ts';
import { constantOf } from '../../types/dim.ts';
import type { TensorType } from '../../types/type.ts';
import { colourAxis } from '../joints/readings.ts';
import { keptColour, keptColoursNote, keptPlacesNote } from '../parts/kept-body.ts';
import { promisedPlace } from '../parts/kept-space.ts';
import type { FilePart, Given } from './file-claims.ts';

/** Features along an axis that are said to be kept. */
interface Kept {
  /** As it stands behind `keeps`. */
  readonly name: string;
  readonly word: string;
  readonly note: string;
  /** The axis along which they lie, counted from the end; undefined of what has none. */
  readonly axisOf: (type: TensorType) => number | undefined;
}

const vectors: Kept = { name: 'space', word: 'feature', note: keptPlacesNote, axisOf: ({ shape }) => (shape.axes.length === 0 ? undefined : -1) };
const isInSpace = ({ facts }: TensorType): boolean => facts.some(({ kind }) => kind === 'space');

/** Reports vectors of a space that is kept whose features the file gives in other places than it takes them. */
export function checkKeptFeatures(given: Given, part: FilePart, read: ReadTensor): void {
  const all = [...part.inputs.values()];
  const said = all.filter(isInSpace);
  const are = new Set(said.length === 0 ? all.slice(0, 1) : said);
  checkKept({ ...vectors, axisOf: (type) => (are.has(type) || type === given.type ? vectors.axisOf(type) : undefined) }, given, part, read);
}

/** The same of the channels of pictures. */
export function checkKeptColours(given: Given, part: FilePart, read: ReadTensor): void {
  const colour = keptColour(part.symbol.declaration, part.symbol.module);
  if (colour !== undefined) checkKept({ name: colour.text, word: 'channel', note: keptColoursNote, axisOf: ({ shape }) => colourAxis(shape) }, given, part, read);
}

function checkKept({ name: kept, word, note, axisOf }: Kept, given: Given, { symbol: { declaration, module }, model, file, source, inputs, checker }: FilePart, read: ReadTensor): void {
  const axis = axisOf(given.type);
  if (axis === undefined) return;
  const seeds = new Map([...inputs].map(([name, type]): [string, FeatureInput] => [name, { dims: type.shape.axes.map(({ size }) => constantOf(size)), axis: axisOf(type) }]));
  const moved = movedFeatures(model, { output: given.onnx, axis, word }, seeds, startReading(read));
  if (moved === undefined) return;
  const { node, how } = moved;
  const label = `${node.op}${node.name === '' ? '' : ` "${node.name}"`} of ${file}`;
  checker.diagnostics.push(jointCodes.report('features-moved', { part: given.name, kept, how }, source, { label, ...promisedPlace(declaration, kept, note, module) }));
}
