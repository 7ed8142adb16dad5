/** From the app's inputs to a session's feeds: every name, dtype, shape and promise checked before the session sees any. */
import type { ManifestPort, ManifestSize, ManifestTensor } from '../../bundle/manifest.ts';
import { layoutOf, type PixelLayout } from '../../bundle/pixels.ts';
import { isRecord, printable } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { nestFields, type FieldTree } from '../../types/fields.ts';
import { describeInput } from './describe.ts';
import { raise } from '../errors.ts';
import { checkFacts } from './facts.ts';
import { guarded } from '../serving/guarded.ts';
import { picturesOf, readPictures, type PictureInput } from './pictures.ts';
import type { RawTensor } from '../session.ts';
import { checkRows, checkSizes, showType } from './sizes.ts';
import { didYouMean } from '../suggest.ts';
import { hasFact, targetOf, type Given, type Target } from './target.ts';
import { readTensorInput } from './tensor-input.ts';
import type { TextEncoders } from './text.ts';
import { readTokenized, type Tokenized } from './tokenized.ts';

/** An input as read: tensors whose promises are to be tested, texts to be tokenized, or pictures to be decoded. */
type Read =
  | { readonly port: ManifestPort; readonly tensors: readonly Given[] }
  | { readonly port: ManifestPort; readonly texts: readonly string[]; readonly tokenizer: string }
  | { readonly port: ManifestPort; readonly pictures: readonly PictureInput[]; readonly target: Target; readonly layout: PixelLayout };

/** The feeds by ONNX name. Raises a finding that names the field, what it takes and what was found. */
export async function readInputs(
  ports: readonly ManifestPort[],
  inputs: unknown,
  encoders: TextEncoders,
  sizes: readonly ManifestSize[] = [],
): Promise<ReadonlyMap<string, RawTensor>> {
  const tensors: (Given & { readonly port: ManifestPort })[] = [];
  const tokenized: Tokenized[] = [];
  for (const read of guarded('inputs', () => readPorts(ports, inputs))) {
    const { port } = read;
    if ('texts' in read) tokenized.push({ port, batch: await encoders.encode(read.tokenizer, port.name, read.texts) });
    else if ('pictures' in read) tensors.push({ ...(await readPictures(read.pictures, read.target, read.layout)), port });
    else tensors.push(...read.tensors.map((tensor) => ({ ...tensor, port })));
  }
  const given = [...readTokenized(tokenized, tensors), ...tensors];
  const shapes = given.map(({ target, tensor }) => ({ ...target, dims: tensor.dims }));
  checkSizes(shapes, sizes);
  checkRows(shapes);
  for (const { port, target, tensor } of tensors) checkFacts(tensor, target, vocabularyOf(port, target, encoders));
  return new Map(given.map(({ target, tensor }) => [target.spec.onnx, tensor]));
}

/** The number of ids that a tensor of ids may hold; undefined for other tensors. */
const vocabularyOf = (port: ManifestPort, target: Target, encoders: TextEncoders): number | undefined =>
  port.tokenizer !== undefined && hasFact(target.spec, 'tokenizer')
    ? encoders.vocabularySize(port.tokenizer)
    : undefined;

function readPorts(ports: readonly ManifestPort[], inputs: unknown): readonly Read[] {
  const known = ports.map((port) => port.name);
  const record = recordOf(inputs, known, { field: 'inputs', of: 'The model' });
  return ports.map((port) => readPort(port, ownMember(record, port.name)));
}

const ownMember = (record: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** A record whose members are all known; `of` begins the sentence about one that is not. */
function recordOf(
  value: unknown,
  known: readonly string[],
  names: { readonly field: string; readonly of: string; readonly expected?: string },
): Readonly<Record<string, unknown>> {
  if (!isRecord(value) || ArrayBuffer.isView(value)) {
    const expected = names.expected ?? `a record { ${known.join(', ')} }`;
    raise(runtimeCodes.finding('input-kind', { field: names.field, expected, found: describeInput(value) }));
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return value;
  const finding = { of: names.of, field: printable(unknown, 40), known };
  raise(runtimeCodes.finding('input-unknown', finding, didYouMean(unknown, known)));
}

function readPort(port: ManifestPort, value: unknown): Read {
  const { name, contract, tokenizer } = port;
  const expected = expectedOf(port);
  if (value === undefined) raise(runtimeCodes.finding('input-missing', { field: name, contract, expected }));
  const texts = tokenizer === undefined ? undefined : textsOf(value);
  if (tokenizer !== undefined && texts !== undefined) return { port, tokenizer, texts };
  const layout = port.tensor && layoutOf(port.tensor);
  const pictures = layout && picturesOf(value);
  if (layout !== undefined && pictures !== undefined) return { port, pictures, layout, target: targetOf(name, contract, port.tensor!) };
  if (port.tensor) return { port, tensors: [readTensor(port, name, port.tensor, value)] };
  return { port, tensors: readFields(port, name, nestFields(Object.entries(port.fields ?? {})), value, expected) };
}

function readFields(port: ManifestPort, name: string, fields: FieldTree<ManifestTensor>, value: unknown, expected: string): Given[] {
  const record = recordOf(value, [...fields.keys()], { field: name, of: `\`${name}\``, expected });
  return [...fields].flatMap(([key, field]) => {
    const inner = `${name}.${key}`;
    const found = ownMember(record, key);
    if ('leaf' in field) return [readTensor(port, inner, field.leaf, found)];
    const wanted = showFields(field.fields);
    if (found === undefined) raise(runtimeCodes.finding('input-missing', { field: inner, contract: port.contract, expected: wanted }));
    return readFields(port, inner, field.fields, found, wanted);
  });
}

/** `a record { score: f32[n], box: a record { … } }` */
const showFields = (fields: FieldTree<ManifestTensor>): string =>
  `a record { ${[...fields].map(([key, field]) => `${key}: ${'leaf' in field ? showType(field.leaf) : showFields(field.fields)}`).join(', ')} }`;

function readTensor(port: ManifestPort, field: string, spec: ManifestTensor, value: unknown): Given {
  const { contract } = port;
  if (value === undefined) raise(runtimeCodes.finding('input-missing', { field, contract, expected: showType(spec) }));
  const target = targetOf(field, contract, spec);
  return { target, tensor: readTensorInput(value, target) };
}

/** The texts, read once: what the app gave may be a proxy, or changed while a tokenizer is made. */
function textsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return undefined;
  const texts: string[] = [];
  for (const item of value) {
    if (typeof item !== 'string') return undefined;
    texts.push(item);
  }
  return texts;
}

function expectedOf(port: ManifestPort): string {
  const tensors = port.tensor ? showType(port.tensor) : showFields(nestFields(Object.entries(port.fields ?? {})));
  if (port.tensor && layoutOf(port.tensor) !== undefined) return `the bytes or the path of a picture, a list of these, or ${tensors}`;
  return port.tokenizer === undefined ? tensors : `a text, a list of texts, or ${tensors}`;
}
