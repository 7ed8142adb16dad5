/** How the elements of each dtype lie in JavaScript. */
import type { DType } from '../types/dtype.ts';

export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** A tensor's elements, row-major. */
export type TensorData = NumericArray | readonly string[];

interface ElementArray {
  readonly name: string;
  new (length: number): NumericArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericArray;
}

interface ElementRow {
  /** ONNX Runtime's name. */
  readonly ort: string;
  /** The array that holds the elements; f16 as its bits. Undefined for strings. */
  readonly array: ElementArray | undefined;
  /** Whole numbers lie between these; undefined for floats and strings. */
  readonly whole?: readonly [low: bigint, high: bigint];
}

const signed = (bits: bigint) => [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] as const;
const unsigned = (bits: bigint) => [0n, 2n ** bits - 1n] as const;

/** The dtypes that can cross the boundary to ONNX Runtime. */
export const elements = {
  f32: { ort: 'float32', array: Float32Array },
  f64: { ort: 'float64', array: Float64Array },
  f16: { ort: 'float16', array: Uint16Array },
  i8: { ort: 'int8', array: Int8Array, whole: signed(8n) },
  i16: { ort: 'int16', array: Int16Array, whole: signed(16n) },
  i32: { ort: 'int32', array: Int32Array, whole: signed(32n) },
  i64: { ort: 'int64', array: BigInt64Array, whole: signed(64n) },
  u8: { ort: 'uint8', array: Uint8Array, whole: unsigned(8n) },
  u16: { ort: 'uint16', array: Uint16Array, whole: unsigned(16n) },
  u32: { ort: 'uint32', array: Uint32Array, whole: unsigned(32n) },
  u64: { ort: 'uint64', array: BigUint64Array, whole: unsigned(64n) },
  bool: { ort: 'bool', array: Uint8Array, whole: [0n, 1n] },
  string: { ort: 'string', array: undefined },
} as const satisfies Partial<Record<DType, ElementRow>>;

export type CarriedDType = keyof typeof elements;

export const isCarried = (dtype: string): dtype is CarriedDType => Object.hasOwn(elements, dtype);
export const rowOf = (dtype: CarriedDType): ElementRow => elements[dtype];

/** `Float32Array` for one, `Uint8Array` for a Buffer, undefined for what is no typed array. */
export function arrayKind(value: unknown): string | undefined {
  // The tag is a typed array's own and survives subclasses and other realms.
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? (value as Uint8Array)[Symbol.toStringTag]
    : undefined;
}

const bits = new DataView(new ArrayBuffer(8));

/** The nearest half-precision number's bits, ties to even, as IEEE 754 converts; overflow is an infinity. */
export function toHalf(value: number): number {
  const magnitude = Math.abs(value);
  bits.setFloat64(0, value);
  const sign = (bits.getUint8(0) >> 7) << 15;
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24);
  const exponent = ((bits.getUint16(0) >> 4) & 0x7ff) - 1023;
  // A fraction that rounds up to 2 carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + roundEven((magnitude / 2 ** exponent - 1) * 1024));
}

function roundEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

/** The number that half-precision bits stand for; exact. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
