/** The elements of a tensor that are stored not as raw bytes but in a field of their own type. */
import type { TensorBytes } from '../../ir/graph.ts';
import { dtypes, type DType } from '../../types/dtype.ts';
import type { Fault } from './fault.ts';
import { tensorField } from '../schema.ts';
import { floatsOf, int64sOf, wireType, type Field, type Wire } from './wire.ts';

/** The field that holds elements of each dtype; sub-byte ones lie packed in the low byte of an int32. */
const storageOf = {
  f32: tensorField.floatData,
  c64: tensorField.floatData,
  f64: tensorField.doubleData,
  c128: tensorField.doubleData,
  i64: tensorField.int64Data,
  u32: tensorField.uint64Data,
  u64: tensorField.uint64Data,
  string: tensorField.stringData,
} as const satisfies Partial<Record<DType, number>>;

const storage: ReadonlyMap<DType, number> = new Map(Object.entries(storageOf) as [DType, number][]);

/** Numbers of the fields that hold elements. */
export const typedStorage: ReadonlySet<number> = new Set([...storage.values(), tensorField.int32Data]);

/** Larger tensors are not decoded, only their sizes are checked. */
const decodedBytes = 4096;
const maxVarintBytes = 10;

export interface Declared {
  readonly dtype: DType;
  /** Elements. */
  readonly count: number;
  /** Bytes of all elements. */
  readonly length: number;
  readonly shape: string;
  readonly disagree: (reason: string) => Fault;
}

/** Bytes of the unit that one entry of the field holds. */
function unitBytes(dtype: DType): number {
  if (dtype === 'c64' || dtype === 'c128') return dtypes[dtype].bits / 16;
  return Math.max(8, dtypes[dtype].bits) / 8;
}

/**
 * The elements' bytes, little endian: a range of the file where they lie packed as such, decoded where they are few,
 * undefined for strings and for many varints. Throws `disagree` where their number is not the declared one.
 */
export function readTyped(wire: Wire, fields: readonly Field[], declared: Declared): TensorBytes | undefined {
  const { dtype, length, count, shape, disagree } = declared;
  const number = storage.get(dtype) ?? tensorField.int32Data;
  const own = fields.filter((field) => field.number === number);
  const entries = dtype === 'string' ? count : length / unitBytes(dtype);
  const [least, most] = countEntries(own, dtype);
  if (entries < least || entries > most) {
    const found = least === most ? `${least}` : `between ${least} and ${most}`;
    throw disagree(`${shape} takes ${entries} entries of field ${number}, and ${found} are stored`);
  }
  if (dtype === 'string') return undefined;
  const [first] = own;
  const isFloat = number === tensorField.floatData || number === tensorField.doubleData;
  if (isFloat && own.length === 1 && length > decodedBytes)
    return { uri: wire.source.uri, offset: first!.body, length };
  if (length > decodedBytes) return undefined;
  return isFloat ? decodeFloats(wire, own, declared) : decodeIntegers(wire, own, declared);
}

/** The least and greatest number of entries that the fields can hold, without reading them. */
function countEntries(fields: readonly Field[], dtype: DType): readonly [number, number] {
  const isFloat = ['f32', 'c64', 'f64', 'c128'].includes(dtype);
  let least = 0;
  let most = 0;
  for (const field of fields) {
    const bytes = field.end - field.body;
    const isPacked = field.type === wireType.bytes && dtype !== 'string';
    const shortest = isFloat ? unitBytes(dtype) : 1;
    const longest = isFloat ? unitBytes(dtype) : maxVarintBytes;
    least += isPacked ? Math.ceil(bytes / longest) : 1;
    most += isPacked ? Math.floor(bytes / shortest) : 1;
  }
  return [least, most];
}

function decodeFloats(wire: Wire, fields: readonly Field[], { dtype, length, shape, disagree }: Declared): Uint8Array {
  const unit = unitBytes(dtype) === 4 ? 4 : 8;
  const view = new DataView(new ArrayBuffer(length));
  let at = 0;
  for (const field of fields)
    for (const value of floatsOf(wire, field, unit)) {
      if (at === length) throw disagree(`${shape} takes ${length / unit} entries, and more are stored`);
      if (unit === 4) view.setFloat32(at, value, true);
      else view.setFloat64(at, value, true);
      at += unit;
    }
  if (at < length) throw disagree(`${shape} takes ${length / unit} entries, and ${at / unit} are stored`);
  return new Uint8Array(view.buffer);
}

function decodeIntegers(wire: Wire, fields: readonly Field[], declared: Declared): Uint8Array {
  const { dtype, length, shape, disagree } = declared;
  const unit = unitBytes(dtype);
  const view = new DataView(new ArrayBuffer(length));
  let at = 0;
  for (const field of fields)
    for (const value of int64sOf(wire, field)) {
      if (at === length) throw disagree(`${shape} takes ${length / unit} entries, and more are stored`);
      // Two's complement cut to the unit: negative numbers and bit patterns of small floats alike.
      for (let i = 0; i < unit; i++) view.setUint8(at + i, Number(BigInt.asUintN(8, value >> BigInt(8 * i))));
      at += unit;
    }
  if (at < length) throw disagree(`${shape} takes ${length / unit} entries, and ${at / unit} are stored`);
  return new Uint8Array(view.buffer);
}
