/** How the elements of each dtype lie in JavaScript. */
import type { CarriedDType } from '../../types/dtype.ts';

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
} as const satisfies Record<CarriedDType, ElementRow>;

export const rowOf = (dtype: CarriedDType): ElementRow => elements[dtype];

/** `Float32Array` for one, `Uint8Array` for a Buffer, undefined for what is no typed array. */
export function arrayKind(value: unknown): string | undefined {
  // The tag is a typed array's own and survives subclasses and other realms.
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? (value as Uint8Array)[Symbol.toStringTag]
    : undefined;
}
