/** From the app's inputs to a session's feeds: every name, dtype, shape and promise checked before the session sees any. */
import type { ManifestPort, ManifestSize, ManifestTensor } from '../../bundle/manifest.ts';
import { layoutOf, type PixelLayout } from '../../bundle/pixels.ts';
import { isRecord, printable } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { nestFields, type FieldTree } from '../../types/fields.ts';
import { describeInput } from './describe.ts';
import { raise } from '../errors.ts';
import { createFactCheck, type FactCheck } from './facts.ts';
import { guarded } from '../serving/guarded.ts';
import { picturesOf, readPictures, type PictureInput } from './pictures.ts';
import type { RawTensor } from '../session.ts';
import { checkRows, checkSizes, showType } from './sizes.ts';
import { didYouMean } from '../suggest.ts';
import { hasFact, targetOf, type Target } from './target.ts';
import { readTensorInput } from './tensor-input.ts';
import type { TextEncoders } from './text.ts';
import { readTokenized, tokenFields, type Tested, type TokenFields, type Tokenized } from './tokenized.ts';

/** An input as read: tensors whose promises are to be tested, texts to be tokenized, or pictures to be decoded. */
type Read =
  | { readonly tensors: readonly Tested[] }
  | { readonly texts: readonly string[]; readonly tokenizer: string; readonly port: ManifestPort; readonly fields: TokenFields }
  | { readonly pictures: readonly PictureInput[]; readonly layout: PixelLayout; readonly field: Field };

/** The feeds by ONNX name. Raises a finding that names the field, what it takes and what was found. */
export type InputReader = (inputs: unknown) => Promise<ReadonlyMap<string, RawTensor>>;

/** What the ports alone say is worked out here, once: a run may take microseconds. */
export function createInputReader(ports: readonly ManifestPort[], encoders: TextEncoders, sizes: readonly ManifestSize[] = []): InputReader {
  const known = ports.map((port) => port.name);
  const readers = ports.map((port) => [port.name, createPortReader(port, encoders)] as const);
  const readPorts = (inputs: unknown): readonly Read[] => {
    const record = recordOf(inputs, known, { field: 'inputs', of: 'The model' });
    return readers.map(([name, read]) => read(ownMember(record, name)));
  };
  return async (inputs) => {
    const tensors: Tested[] = [];
    const tokenized: Tokenized[] = [];
    for (const read of guarded('inputs', () => readPorts(inputs))) {
      if ('tensors' in read) tensors.push(...read.tensors);
      else if ('texts' in read) tokenized.push({ port: read.port, fields: read.fields, batch: await encoders.encode(read.tokenizer, read.port.name, read.texts) });
      else tensors.push({ ...(await readPictures(read.pictures, read.field.target, read.layout)), check: read.field.check });
    }
    const given = tokenized.length === 0 ? tensors : [...readTokenized(tokenized, tensors), ...tensors];
    checkSizes(given, sizes);
    checkRows(given);
    const feeds = new Map<string, RawTensor>();
    for (const { check, tensor } of given) check(tensor);
    for (const { target, tensor } of given) feeds.set(target.spec.onnx, tensor);
    return feeds;
  };
}

const ownMember = (record: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** A record whose members are all known; `of` begins the sentence about one that is not. */
function recordOf(
  value: unknown,
  known: readonly string[],
  names: { readonly field: string; readonly of: string; readonly expected?: () => string },
): Readonly<Record<string, unknown>> {
  if (!isRecord(value) || ArrayBuffer.isView(value)) {
    const expected = names.expected?.() ?? `a record { ${known.join(', ')} }`;
    raise(runtimeCodes.finding('input-kind', { field: names.field, expected, found: describeInput(value) }));
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return value;
  const finding = { of: names.of, field: printable(unknown, 40), known };
  raise(runtimeCodes.finding('input-unknown', finding, didYouMean(unknown, known)));
}

/** Reads what is given for a port. */
function createPortReader(port: ManifestPort, encoders: TextEncoders): (value: unknown) => Read {
  const { name, contract, tokenizer } = port;
  const layout = port.tensor && layoutOf(port.tensor);
  const fields = tokenizer === undefined ? undefined : tokenFields(port);
  const own = port.tensor && createField(port, name, port.tensor, encoders);
  const tree = port.tensor ? undefined : createFields(port, name, nestFields(Object.entries(port.fields ?? {})), encoders);
  return (value) => {
    if (value === undefined) raise(runtimeCodes.finding('input-missing', { field: name, contract, expected: expectedOf(port) }));
    const texts = tokenizer === undefined ? undefined : textsOf(value);
    if (tokenizer !== undefined && texts !== undefined) return { port, tokenizer, texts, fields: fields! };
    const pictures = layout && picturesOf(value);
    if (layout !== undefined && pictures !== undefined) return { pictures, layout, field: own! };
    return { tensors: own ? [own.read(value)] : tree!(value, () => expectedOf(port)) };
  };
}

type FieldsReader = (value: unknown, expected: () => string) => readonly Tested[];

function createFields(port: ManifestPort, name: string, fields: FieldTree<ManifestTensor>, encoders: TextEncoders): FieldsReader {
  const known = [...fields.keys()];
  const readers = [...fields].map(([key, field]): readonly [key: string, read: (found: unknown) => readonly Tested[]] => {
    const inner = `${name}.${key}`;
    if ('leaf' in field) {
      const { read } = createField(port, inner, field.leaf, encoders);
      return [key, (found) => [read(found)]];
    }
    const wanted = () => showFields(field.fields);
    const below = createFields(port, inner, field.fields, encoders);
    return [key, (found) => {
      if (found === undefined) raise(runtimeCodes.finding('input-missing', { field: inner, contract: port.contract, expected: wanted() }));
      return below(found, wanted);
    }];
  });
  return (value, expected) => {
    const record = recordOf(value, known, { field: name, of: `\`${name}\``, expected });
    return readers.flatMap(([key, read]) => read(ownMember(record, key)));
  };
}

/** `a record { score: f32[n], box: a record { … } }` */
const showFields = (fields: FieldTree<ManifestTensor>): string =>
  `a record { ${[...fields].map(([key, field]) => `${key}: ${'leaf' in field ? showType(field.leaf) : showFields(field.fields)}`).join(', ')} }`;

/** One tensor of a port. */
interface Field {
  readonly target: Target;
  readonly check: FactCheck;
  read(value: unknown): Tested;
}

function createField({ contract, tokenizer }: ManifestPort, name: string, spec: ManifestTensor, encoders: TextEncoders): Field {
  const target = targetOf(name, contract, spec);
  const isIds = tokenizer !== undefined && hasFact(spec, 'tokenizer');
  const check = createFactCheck(target, isIds ? () => encoders.vocabularySize(tokenizer) : undefined);
  return {
    target,
    check,
    read(value) {
      if (value === undefined) raise(runtimeCodes.finding('input-missing', { field: name, contract, expected: showType(spec) }));
      return { target, check, tensor: readTensorInput(value, target) };
    },
  };
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
