/** From the app's inputs to a session's feeds: every name, dtype, shape and promise checked before the session sees any. */
import type { ManifestPort, ManifestTensor } from '../bundle/manifest.ts';
import { isRecord, printable } from '../data/json.ts';
import type { TokenBatch } from '../data/tokenizer.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { describeInput } from './describe.ts';
import { isCarried } from './elements.ts';
import { MdlRuntimeError, raise } from './errors.ts';
import { checkFacts } from './facts.ts';
import type { RawTensor } from './ort.ts';
import { checkSizes, showType } from './sizes.ts';
import { didYouMean } from './suggest.ts';
import { readTensorInput, type Target } from './tensor-input.ts';
import type { TextEncoders } from './text.ts';

interface Given {
  readonly target: Target;
  readonly tensor: RawTensor;
}

/** An input as read: tensors whose promises are to be tested, or texts to be tokenized. */
type Read =
  | { readonly port: ManifestPort; readonly tensors: readonly Given[] }
  | { readonly port: ManifestPort; readonly texts: readonly string[]; readonly tokenizer: string };

/** The feeds by ONNX name. Raises a finding that names the field, what it takes and what was found. */
export async function readInputs(
  ports: readonly ManifestPort[],
  inputs: unknown,
  encoders: TextEncoders,
): Promise<ReadonlyMap<string, RawTensor>> {
  const given: Given[] = [];
  const toTest: (Given & { readonly port: ManifestPort })[] = [];
  for (const read of readGuarded(ports, inputs)) {
    if ('texts' in read) {
      given.push(...tokenizedFields(read.port, await encoders.encode(read.tokenizer, read.port.name, read.texts)));
    } else {
      given.push(...read.tensors);
      toTest.push(...read.tensors.map((tensor) => ({ ...tensor, port: read.port })));
    }
  }
  checkSizes(given.map(({ target, tensor }) => ({ ...target, dims: tensor.dims })));
  for (const { port, target, tensor } of toTest) checkFacts(tensor, target, vocabularyOf(port, target, encoders));
  return new Map(given.map(({ target, tensor }) => [target.spec.onnx, tensor]));
}

const hasFact = (spec: ManifestTensor, kind: string): boolean => spec.facts.some((fact) => fact.kind === kind);

/** The number of ids that a tensor of ids may hold; undefined for other tensors. */
const vocabularyOf = (port: ManifestPort, target: Target, encoders: TextEncoders): number | undefined =>
  port.tokenizer !== undefined && hasFact(target.spec, 'tokenizer')
    ? encoders.vocabularySize(port.tokenizer)
    : undefined;

function readGuarded(ports: readonly ManifestPort[], inputs: unknown): readonly Read[] {
  try {
    const known = ports.map((port) => port.name);
    const record = recordOf(inputs, known, { field: 'inputs', of: 'The model' });
    return ports.map((port) => readPort(port, ownMember(record, port.name)));
  } catch (error) {
    if (error instanceof MdlRuntimeError) throw error;
    // A getter or a proxy of the app's may throw anything.
    const found = `one that throws when it is read (${printable(error instanceof Error ? error.message : String(error))})`;
    raise(runtimeCodes.finding('input-kind', { field: 'inputs', expected: 'plain data', found }));
  }
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
  if (tokenizer !== undefined && isText(value)) {
    return { port, tokenizer, texts: typeof value === 'string' ? [value] : value };
  }
  if (port.tensor) return { port, tensors: [readTensor(port, name, port.tensor, value)] };
  const fields = port.fields ?? {};
  const record = recordOf(value, Object.keys(fields), { field: name, of: `\`${name}\``, expected });
  const tensors = Object.entries(fields).map(([key, spec]) =>
    readTensor(port, `${name}.${key}`, spec, ownMember(record, key)),
  );
  return { port, tensors };
}

function readTensor(port: ManifestPort, field: string, spec: ManifestTensor, value: unknown): Given {
  const { contract } = port;
  if (value === undefined) raise(runtimeCodes.finding('input-missing', { field, contract, expected: showType(spec) }));
  const target = targetOf(field, contract, spec);
  return { target, tensor: readTensorInput(value, target) };
}

function targetOf(field: string, contract: string | undefined, spec: ManifestTensor): Target {
  const { dtype } = spec;
  if (isCarried(dtype)) return { field, contract, spec, dtype };
  const found = `that ONNX Runtime's JavaScript interface does not carry it`;
  raise(runtimeCodes.finding('input-dtype', { field, contract, expected: dtype, found }));
}

const isText = (value: unknown): value is string | readonly string[] =>
  typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));

function expectedOf(port: ManifestPort): string {
  const fields = Object.entries(port.fields ?? {}).map(([key, spec]) => `${key}: ${showType(spec)}`);
  const tensors = port.tensor ? showType(port.tensor) : `a record { ${fields.join(', ')} }`;
  return port.tokenizer === undefined ? tensors : `a text, a list of texts, or ${tensors}`;
}

/** The tokenizer's arrays as the port's fields: ids where the contract says `tokenizer`, the mask where it says `mask`. */
function tokenizedFields(port: ManifestPort, batch: TokenBatch): readonly Given[] {
  const fields = port.tensor
    ? [[port.name, port.tensor] as const]
    : Object.entries(port.fields ?? {}).map(([key, spec]) => [`${port.name}.${key}`, spec] as const);
  return fields.map(([field, spec]) => {
    const target = targetOf(field, port.contract, spec);
    const data = hasFact(spec, 'tokenizer') ? batch.ids : hasFact(spec, 'mask') ? batch.mask : undefined;
    if (data === undefined || (target.dtype !== 'i64' && target.dtype !== 'i32')) {
      const found =
        data === undefined ? 'a tokenizer makes ids and a mask only' : 'a tokenizer makes whole numbers of i64 or i32';
      raise(runtimeCodes.finding('input-text', { field, contract: port.contract, expected: showType(spec), found }));
    }
    const typed = target.dtype === 'i32' ? Int32Array.from(data, Number) : data;
    return { target, tensor: { dtype: target.dtype, data: typed, dims: batch.dims } };
  });
}
