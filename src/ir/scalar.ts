/** Constants of ours as ONNX's raw bytes. */
import { dtypes, holds, type DType } from '../types/dtype.ts';
import { toHalf } from '../types/half.ts';

const writers: Partial<Record<DType, (view: DataView, value: number) => void>> = {
  f32: (view, value) => view.setFloat32(0, value, true),
  f64: (view, value) => view.setFloat64(0, value, true),
  f16: (view, value) => view.setUint16(0, toHalf(value), true),
  bf16: (view, value) => view.setUint16(0, bfloatBits(value), true),
  i8: (view, value) => view.setInt8(0, value),
  u8: (view, value) => view.setUint8(0, value),
  i16: (view, value) => view.setInt16(0, value, true),
  u16: (view, value) => view.setUint16(0, value, true),
  i32: (view, value) => view.setInt32(0, value, true),
  u32: (view, value) => view.setUint32(0, value, true),
  i64: (view, value) => view.setBigInt64(0, BigInt(value), true),
  u64: (view, value) => view.setBigUint64(0, BigInt(value), true),
};

/**
 * The bytes of one element; undefined for dtypes in which we write no constants, and for what they cannot hold. What is infinite is, of
 * whole numbers, the least or the greatest that there is.
 */
export function scalarBytes(dtype: DType, value: number): Uint8Array | undefined {
  const writer = writers[dtype];
  const { class: kind, bits } = dtypes[dtype];
  const infinite = Math.abs(value) === Infinity;
  if (writer === undefined || (!infinite && !holds(dtype, value))) return undefined;
  if (infinite && kind !== 'float') return extreme(bits, kind === 'int', value > 0);
  const bytes = new Uint8Array(bits / 8);
  writer(new DataView(bytes.buffer), value);
  return bytes;
}

/** All bits of the greatest number are set but the sign's; of the least it alone, or none. */
function extreme(bits: number, signed: boolean, greatest: boolean): Uint8Array {
  const bytes = new Uint8Array(bits / 8).fill(greatest ? 0xff : 0);
  if (signed) bytes[bytes.length - 1]! ^= 0x80;
  return bytes;
}

/** The bytes of elements in their order; undefined where one is none of the dtype's. */
export function numberBytes(dtype: DType, values: readonly number[]): Uint8Array | undefined {
  const elements = values.map((value) => scalarBytes(dtype, value));
  return elements.every((bytes) => bytes !== undefined) ? Uint8Array.from(elements.flatMap((bytes) => [...bytes])) : undefined;
}

const single = new DataView(new ArrayBuffer(4));

/** The upper half of binary32, to nearest even. */
function bfloatBits(value: number): number {
  single.setFloat32(0, value);
  const bits = single.getUint32(0);
  if (Number.isNaN(value)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** A matrix of elements of `size` bytes, turned. */
export function transposeBytes(bytes: Uint8Array, rows: number, columns: number, size: number): Uint8Array {
  const turned = new Uint8Array(bytes.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      turned.set(bytes.subarray((r * columns + c) * size, (r * columns + c + 1) * size), (c * rows + r) * size);
    }
  }
  return turned;
}
