/** From the app's inputs to a session's feeds: every name, dtype, shape and promise checked before the session sees any. */
import type { ManifestPort, ManifestTensor } from '../bundle/manifest.ts';
import { isRecord, printable } from '../data/json.ts';
import type { TokenBatch } from '../data/tokenizer.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { describeInput } from './describe.ts';
import { isCarried } from './elements.ts';
import { raise } from './errors.ts';
import { checkFacts } from './facts.ts';
import type { RawTensor } from './ort.ts';
import { checkSizes, showType } from './sizes.ts';
import { didYouMean } from './suggest.ts';
import { readTensorInput, type Target } from './tensor-input.ts';
import type { TextEncoders } from './text.ts';

interface Given {
  readonly target: Target;
  readonly tensor: RawTensor;
  /** Made by our own tokenizer: its promises need no test. */
  readonly tokenized: boolean;
  /** The port's tokenizer, whose vocabulary bounds the ids. */
  readonly tokenizer: string | undefined;
}

/** The feeds by ONNX name. Raises a finding that names the field, what it takes and what was found. */
export async function readInputs(
  ports: readonly ManifestPort[],
  inputs: unknown,
  texts: TextEncoders,
): Promise<ReadonlyMap<string, RawTensor>> {
  const record = recordOf(
    inputs,
    'The model',
    'inputs',
    ports.map((port) => port.name),
  );
  const given: Given[] = [];
  for (const port of ports) given.push(...(await readPort(port, record[port.name], texts)));
  checkSizes(given.map(({ target, tensor }) => ({ ...target, dims: tensor.dims })));
  for (const { target, tensor, tokenized, tokenizer } of given) {
    if (!tokenized) checkFacts(tensor, target, boundOf(target, tokenizer, texts));
  }
  return new Map(given.map(({ target, tensor }) => [target.spec.onnx, tensor]));
}

const hasFact = (spec: ManifestTensor, kind: string): boolean => spec.facts.some((fact) => fact.kind === kind);

const boundOf = (target: Target, tokenizer: string | undefined, texts: TextEncoders): number | undefined =>
  tokenizer !== undefined && hasFact(target.spec, 'tokenizer') ? texts.vocabularySize(tokenizer) : undefined;

/** A record whose members are all known; `of` and `what` name it in the message. */
function recordOf(
  value: unknown,
  of: string,
  what: string,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) {
    raise(
      runtimeCodes.finding('input-kind', {
        field: what,
        expected: `a record { ${known.join(', ')} }`,
        found: describeInput(value),
      }),
    );
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    raise(
      runtimeCodes.finding('input-unknown', { of, field: printable(unknown, 40), known }, didYouMean(unknown, known)),
    );
  }
  return value;
}

function targetOf(field: string, contract: string | undefined, spec: ManifestTensor): Target {
  const { dtype } = spec;
  if (!isCarried(dtype)) {
    const reason = `ONNX Runtime's JavaScript interface carries no ${dtype}`;
    raise(runtimeCodes.finding('input-dtype', { field, contract, expected: dtype, found: reason }));
  }
  return { field, contract, spec, dtype };
}

async function readPort(port: ManifestPort, value: unknown, texts: TextEncoders): Promise<readonly Given[]> {
  const { name, contract, tokenizer } = port;
  if (value === undefined)
    raise(runtimeCodes.finding('input-missing', { field: name, contract, expected: expectedOf(port) }));
  if (tokenizer !== undefined && isText(value)) {
    const batch = await texts.encode(tokenizer, name, typeof value === 'string' ? [value] : value);
    return tokenizedFields(port, batch).map((field) => ({ ...field, tokenized: true, tokenizer }));
  }
  const read = (field: string, spec: ManifestTensor, given: unknown): Given => {
    const target = targetOf(field, contract, spec);
    return { target, tensor: readTensorInput(given, target), tokenized: false, tokenizer };
  };
  if (port.tensor) return [read(name, port.tensor, value)];
  const fields = port.fields ?? {};
  const record = recordOf(value, `\`${name}\``, name, Object.keys(fields));
  return Object.entries(fields).map(([key, spec]) => {
    const field = `${name}.${key}`;
    const given = Object.hasOwn(record, key) ? record[key] : undefined;
    if (given === undefined)
      raise(runtimeCodes.finding('input-missing', { field, contract, expected: showType(spec) }));
    return read(field, spec, given);
  });
}

const isText = (value: unknown): value is string | readonly string[] =>
  typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));

function expectedOf(port: ManifestPort): string {
  const tensors = port.tensor
    ? showType(port.tensor)
    : `{ ${Object.entries(port.fields ?? {})
        .map(([key, spec]) => `${key}: ${showType(spec)}`)
        .join(', ')} }`;
  return port.tokenizer === undefined ? tensors : `a text, a list of texts, or ${tensors}`;
}

/** The tokenizer's arrays as the port's fields: ids where the contract says `tokenizer`, the mask where it says `mask`. */
function tokenizedFields(port: ManifestPort, batch: TokenBatch): readonly { target: Target; tensor: RawTensor }[] {
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
