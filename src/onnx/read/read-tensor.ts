/** Reads TensorProto and SparseTensorProto: what they declare, and where their elements lie. */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import type { Tensor, TensorBytes } from '../../ir/graph.ts';
import { bytesOf, dtypeOfOnnx, type DType } from '../../types/dtype.ts';
import { readExternal } from './external.ts';
import { Fault, shownName } from './fault.ts';
import type { Reading } from './reading.ts';
import { externalLocation, sparseTensorField, tensorField } from '../schema.ts';
import { readTyped, typedStorage } from './typed-data.ts';
import { bytesAt, fieldsIn, int64sOf, malformed, numberOf, recordBytes, spend, textOf, wireType, type Field } from './wire.ts';

export interface StoredTensor {
  readonly tensor: Tensor;
  /** Its elements lie in another file. */
  readonly external: boolean;
}

/** Far above any tensor there is. */
const maxRank = 64;
/** Constants up to this many bytes (shapes, axes, scalars) are at hand, larger ones stay in their file. */
const smallBytes = 256;

/** The fields of one TensorProto, not yet compared with each other. */
interface Parts {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly raw: Field | undefined;
  readonly typed: readonly Field[];
  readonly entries: readonly Field[];
  readonly external: boolean;
}

/** A TensorProto; a Fault where its data cannot be what it declares. */
export function readTensor(reading: Reading, field: Field): StoredTensor {
  const parts = readParts(reading, field);
  const dtype = dtypeOfOnnx(parts.dataType);
  const { source } = reading.wire;
  if (dtype === undefined)
    throw new Fault(
      onnxCodes.finding('onnx-unknown-dtype', { file: shownName(source), tensor: parts.name, number: parts.dataType }, [
        `The tensor lies at byte ${field.start}.`,
      ]),
    );
  const disagree = (reason: string): Fault =>
    new Fault(
      onnxCodes.finding('onnx-tensor-size', { file: shownName(source), tensor: parts.name, reason }, [
        `The tensor lies at byte ${field.start}.`,
      ]),
    );
  const bytes = locateBytes(reading, parts, dtype, disagree);
  const kept = bytes instanceof Uint8Array ? bytes.length : 0;
  spend(reading.wire, field.start, 300 + 8 * parts.dims.length + kept);
  return { tensor: { name: parts.name, dtype, dims: parts.dims, bytes }, external: parts.external };
}

function readParts(reading: Reading, field: Field): Parts {
  const { wire } = reading;
  const dims: number[] = [];
  const typed: Field[] = [];
  const entries: Field[] = [];
  let name = '';
  let dataType = 0;
  let raw: Field | undefined;
  let external = false;
  for (const part of fieldsIn(wire, field)) {
    if (part.number === tensorField.dims) readDims(reading, part, dims);
    else if (part.number === tensorField.dataType) dataType = numberOf(wire, part);
    else if (part.number === tensorField.name) name = textOf(wire, part);
    else if (part.number === tensorField.rawData) raw = part;
    else if (part.number === tensorField.externalData) entries.push(part);
    else if (part.number === tensorField.dataLocation) external = numberOf(wire, part) === externalLocation;
    else if (typedStorage.has(part.number)) typed.push(part);
    else continue;
    spend(wire, part.start, recordBytes);
  }
  return { name, dims, dataType, raw, typed, entries, external };
}

function readDims(reading: Reading, field: Field, dims: number[]): void {
  for (const value of int64sOf(reading.wire, field)) {
    const dim = Number(value);
    if (dim < 0 || !Number.isSafeInteger(dim))
      throw malformed(reading.wire, field.start, `a stored tensor has the size ${value} along an axis`);
    if (dims.length === maxRank)
      throw malformed(reading.wire, field.start, `a stored tensor has more than ${maxRank} axes`);
    dims.push(dim);
  }
}

function locateBytes(
  reading: Reading,
  parts: Parts,
  dtype: DType,
  disagree: (reason: string) => Fault,
): TensorBytes | undefined {
  const count = parts.dims.reduce((product, dim) => product * dim, 1);
  const shape = `${dtype}[${parts.dims.join(', ')}]`;
  if (!Number.isSafeInteger(count * 16)) throw disagree(`${shape} is larger than any file`);
  const length = bytesOf(dtype, count);
  if (dtype === 'string' && (parts.external || parts.raw !== undefined))
    throw disagree('its elements are strings, which neither raw_data nor another file can hold');
  if (parts.external) return readExternal(reading.wire, parts, length);
  const { raw } = parts;
  if (raw === undefined) return readTyped(reading.wire, parts.typed, { dtype, count, length, shape, disagree });
  if (raw.type !== wireType.bytes) throw malformed(reading.wire, raw.start, 'raw_data should be bytes');
  const found = raw.end - raw.body;
  if (found !== length) throw disagree(`${shape} takes ${length} bytes, and ${found} are stored`);
  if (length <= smallBytes) return bytesAt(reading.wire, raw.body, raw.end).slice();
  return { uri: reading.wire.source.uri, offset: raw.body, length };
}

/** A SparseTensorProto: the name and dtype of its values, its own dims, and no bytes in the dense sense. */
export function readSparseTensor(reading: Reading, field: Field): StoredTensor {
  const dims: number[] = [];
  let values: StoredTensor | undefined;
  let indices: StoredTensor | undefined;
  for (const part of fieldsIn(reading.wire, field)) {
    if (part.number === sparseTensorField.values) values = readTensor(reading, part);
    else if (part.number === sparseTensorField.indices) indices = readTensor(reading, part);
    else if (part.number === sparseTensorField.dims) readDims(reading, part, dims);
  }
  if (values === undefined) throw malformed(reading.wire, field.start, 'a sparse tensor has no values');
  const { name, dtype } = values.tensor;
  return { tensor: { name, dtype, dims, bytes: undefined }, external: values.external || indices?.external === true };
}
