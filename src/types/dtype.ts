/** ONNX's element types: our name, its number in TensorProto.DataType, its name there, and the bits of one element. */
interface DTypeRow {
  readonly onnx: number;
  readonly onnxName: string;
  readonly bits: number;
  readonly class: 'float' | 'int' | 'uint' | 'bool' | 'string' | 'complex';
}

export const dtypes = {
  f32: { onnx: 1, onnxName: 'FLOAT', bits: 32, class: 'float' },
  u8: { onnx: 2, onnxName: 'UINT8', bits: 8, class: 'uint' },
  i8: { onnx: 3, onnxName: 'INT8', bits: 8, class: 'int' },
  u16: { onnx: 4, onnxName: 'UINT16', bits: 16, class: 'uint' },
  i16: { onnx: 5, onnxName: 'INT16', bits: 16, class: 'int' },
  i32: { onnx: 6, onnxName: 'INT32', bits: 32, class: 'int' },
  i64: { onnx: 7, onnxName: 'INT64', bits: 64, class: 'int' },
  string: { onnx: 8, onnxName: 'STRING', bits: 0, class: 'string' },
  bool: { onnx: 9, onnxName: 'BOOL', bits: 8, class: 'bool' },
  f16: { onnx: 10, onnxName: 'FLOAT16', bits: 16, class: 'float' },
  f64: { onnx: 11, onnxName: 'DOUBLE', bits: 64, class: 'float' },
  u32: { onnx: 12, onnxName: 'UINT32', bits: 32, class: 'uint' },
  u64: { onnx: 13, onnxName: 'UINT64', bits: 64, class: 'uint' },
  c64: { onnx: 14, onnxName: 'COMPLEX64', bits: 64, class: 'complex' },
  c128: { onnx: 15, onnxName: 'COMPLEX128', bits: 128, class: 'complex' },
  bf16: { onnx: 16, onnxName: 'BFLOAT16', bits: 16, class: 'float' },
  f8e4m3fn: { onnx: 17, onnxName: 'FLOAT8E4M3FN', bits: 8, class: 'float' },
  f8e4m3fnuz: { onnx: 18, onnxName: 'FLOAT8E4M3FNUZ', bits: 8, class: 'float' },
  f8e5m2: { onnx: 19, onnxName: 'FLOAT8E5M2', bits: 8, class: 'float' },
  f8e5m2fnuz: { onnx: 20, onnxName: 'FLOAT8E5M2FNUZ', bits: 8, class: 'float' },
  u4: { onnx: 21, onnxName: 'UINT4', bits: 4, class: 'uint' },
  i4: { onnx: 22, onnxName: 'INT4', bits: 4, class: 'int' },
  f4e2m1: { onnx: 23, onnxName: 'FLOAT4E2M1', bits: 4, class: 'float' },
  f8e8m0: { onnx: 24, onnxName: 'FLOAT8E8M0', bits: 8, class: 'float' },
  u2: { onnx: 25, onnxName: 'UINT2', bits: 2, class: 'uint' },
  i2: { onnx: 26, onnxName: 'INT2', bits: 2, class: 'int' },
} as const satisfies Record<string, DTypeRow>;

export type DType = keyof typeof dtypes;

export const isDType = (name: string): name is DType => Object.hasOwn(dtypes, name);

const byOnnxNumber = new Map<number, DType>(
  (Object.keys(dtypes) as DType[]).map((name) => [dtypes[name].onnx, name]),
);

/** The dtype of a TensorProto.DataType number, or undefined for UNDEFINED and numbers of the future. */
export const dtypeOfOnnx = (number: number): DType | undefined => byOnnxNumber.get(number);

/** Bytes that `count` elements take, packed as ONNX packs them (sub-byte types share bytes). */
export const bytesOf = (dtype: DType, count: number): number => Math.ceil((count * dtypes[dtype].bits) / 8);

/** What the floating-point dtypes in which we write constants hold at most. */
const largest: Partial<Record<DType, number>> = { f16: 65504, bf16: 3.3895313892515355e38, f32: 3.4028234663852886e38, f64: Number.MAX_VALUE };

/** Whether a number is one of a dtype's, up to rounding of its fraction. */
export function holds(dtype: DType, value: number): boolean {
  const row = dtypes[dtype];
  if (row.class === 'float') return Math.abs(value) <= (largest[dtype] ?? 0);
  if ((row.class !== 'int' && row.class !== 'uint') || !Number.isInteger(value)) return false;
  const low = row.class === 'int' ? -(2 ** (row.bits - 1)) : 0;
  return value >= low && value < low + 2 ** row.bits;
}

/** Whether constants of a dtype are written at all: of floats of 8 bits and fewer, and of complex numbers, there are none. */
export const hasConstants = (dtype: DType): boolean => dtypes[dtype].class !== 'complex' && (dtypes[dtype].class !== 'float' || largest[dtype] !== undefined);

/** Whether a dtype in which we write constants has infinity. */
export const hasInfinity = (dtype: DType): boolean => largest[dtype] !== undefined;

/** The least number above 0 of those floating-point dtypes: a subnormal one. */
export const leastAboveZero: Partial<Record<DType, number>> = { f16: 2 ** -24, bf16: 2 ** -133, f32: 2 ** -149, f64: Number.MIN_VALUE };

/** Whether a number other than 0 is rounded to 0 in a dtype: the middle goes to the even one. */
export const vanishes = (dtype: DType, value: number): boolean => value !== 0 && Math.abs(value) <= (leastAboveZero[dtype] ?? 0) / 2;

export const allDTypes = Object.keys(dtypes) as DType[];

/** Floats of 8 bits, and numbers of fewer: they came after most of ONNX's operators, which do not take them. */
export const isNarrow = (dtype: DType): boolean => narrow.has(dtype);
const narrow = new Set(allDTypes.filter((name) => dtypes[name].onnx >= dtypes.f8e4m3fn.onnx));

/** Those that ONNX Runtime's JavaScript interface gives and takes at a model's ends; inside of a model all can be. */
export const carriedDTypes = ['f32', 'f64', 'f16', 'i8', 'i16', 'i32', 'i64', 'u8', 'u16', 'u32', 'u64', 'bool', 'string'] as const satisfies readonly DType[];
export type CarriedDType = (typeof carriedDTypes)[number];
const carried: ReadonlySet<string> = new Set(carriedDTypes);
export const isCarried = (dtype: string): dtype is CarriedDType => carried.has(dtype);

/** The carried dtype that holds all numbers of one that is not; undefined for complex numbers, which no cast makes. */
export function carrierOf(dtype: DType): CarriedDType | undefined {
  const { class: of } = dtypes[dtype];
  return of === 'float' ? 'f32' : of === 'int' ? 'i8' : of === 'uint' ? 'u8' : undefined;
}

/** The whole numbers of fewer than 8 bits lie between these; undefined for other dtypes. */
export function endsOfNarrow(dtype: DType): readonly [low: number, high: number] | undefined {
  const { class: of, bits } = dtypes[dtype];
  return bits >= 8 || (of !== 'int' && of !== 'uint') ? undefined : of === 'int' ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** `float`, `int` and `any` in a signature stand for one dtype each, of these classes. */
export const dtypeFamilies = {
  float: ['f16', 'bf16', 'f32', 'f64'],
  int: ['i8', 'i16', 'i32', 'i64', 'u8', 'u16', 'u32', 'u64'],
  any: allDTypes.filter((name) => !narrow.has(name)),
} as const satisfies Record<string, readonly DType[]>;
export type DTypeFamily = keyof typeof dtypeFamilies;
export const isDTypeFamily = (name: string): name is DTypeFamily => Object.hasOwn(dtypeFamilies, name);
