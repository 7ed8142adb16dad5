/**
 * Tensors as what correct kernels may compute: for each element the least and the greatest number. Where arithmetic is
 * settled to the last bit (IEEE 754's +, -, *, / and roots, integers, copies) both are one number, and answers must be equal;
 * elsewhere they lie apart by what roundings add up to (Higham, Accuracy and Stability of Numerical Algorithms, chapter 3).
 * NaN at both ends is a certain NaN; from -∞ to ∞ is whatever comes.
 */
export type DType = 'f16' | 'f32' | 'f64' | 'i32' | 'i64' | 'u8' | 'bool';

export interface Tensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export const countOf = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);
export const isFloat = (dtype: DType): boolean => dtype.startsWith('f');

/** The unit roundoff doubled: the distance of neighbouring numbers beside 1. */
const epsilons: Partial<Record<DType, number>> = { f16: 2 ** -10, f32: 2 ** -23, f64: 2 ** -52 };
export const epsilonOf = (dtype: DType): number => epsilons[dtype] ?? 0;
const greatest: Partial<Record<DType, number>> = { f16: 65504, f32: 3.4028234663852886e38, f64: Number.MAX_VALUE };
const least: Partial<Record<DType, number>> = { f16: 2 ** -24, f32: 2 ** -149, f64: Number.MIN_VALUE };

/** To the nearest number of the dtype; whole numbers beyond theirs are not looked at here. */
export function round(dtype: DType, x: number): number {
  if (dtype === 'f32') return Math.fround(x);
  if (dtype !== 'f16' || !Number.isFinite(x) || x === 0) return x;
  const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -14) - 10);
  const scaled = x / step;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const nearest = (rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor) * step;
  return Math.abs(nearest) > 65504 ? Math.sign(x) * Infinity : nearest;
}

export const exactly = (dtype: DType, dims: readonly number[], values: ArrayLike<number>): Tensor => {
  const numbers = Float64Array.from(values);
  return { dtype, dims, low: numbers, high: numbers };
};
export const isExact = ({ low, high }: Tensor): boolean => low === high || low.every((value, i) => Object.is(value, high[i]!) || value === high[i]);

export type Ends = readonly [low: number, high: number];
export const anyNumber: Ends = [-Infinity, Infinity];
export const nan: Ends = [Number.NaN, Number.NaN];

/** A tensor of ends made one by one. */
export function build(dtype: DType, dims: readonly number[], endsAt: (index: number) => Ends): Tensor {
  const count = countOf(dims);
  const [low, high] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) [low[i], high[i]] = endsAt(i);
  return { dtype, dims, low, high };
}

export const endsOf = ({ low, high }: Tensor, i: number): Ends => [low[i]!, high[i]!];

/** Ends a few neighbours further out, of what a kernel may make of a number of this size: `ulps` units of the last place, and at least of `scale`. */
export function widen(dtype: DType, [low, high]: Ends, ulps: number, scale = 0): Ends {
  if (Number.isNaN(low) || (low === -Infinity && high === Infinity)) return [low, high];
  const epsilon = ulps * epsilonOf(dtype);
  const room = (end: number): number => (Number.isFinite(end) ? epsilon * Math.max(Math.abs(end), scale) + ulps * (least[dtype] ?? 0) : 0);
  const most = greatest[dtype] ?? Infinity;
  const [from, to] = [low - room(low), high + room(high)];
  return [from < -most ? -Infinity : from, to > most ? Infinity : to];
}

/** Both ends rounded as the dtype does it; whole numbers past their dtype wrap in ways that nobody promises. */
export function rounded(dtype: DType, [low, high]: Ends): Ends {
  if (isFloat(dtype)) return [round(dtype, low), round(dtype, high)];
  const [least_, most] = wholeEnds[dtype as keyof typeof wholeEnds];
  return low < least_ || high > most || Number.isNaN(low) ? anyNumber : [low, high];
}

const wholeEnds = { i32: [-(2 ** 31), 2 ** 31 - 1], i64: [-(2 ** 53), 2 ** 53], u8: [0, 255], bool: [0, 1] } as const;

/** Of a function that grows or falls over the whole line, or of two arguments in each of them, what it gives at the ends. */
export function hullOf(values: readonly number[]): Ends {
  if (values.some(Number.isNaN)) return values.every(Number.isNaN) ? nan : anyNumber;
  return [Math.min(...values), Math.max(...values)];
}

/** Whether a sum of numbers has one answer whatever the order: all are multiples of one power of two, few of it. */
export function sumsExactly(dtype: DType, terms: readonly number[]): boolean {
  if (!isFloat(dtype)) return true;
  let [unit, total] = [Infinity, 0];
  for (const term of terms) {
    if (!Number.isFinite(term)) return false;
    if (term === 0) continue;
    total += Math.abs(term);
    unit = Math.min(unit, lastPlace(term));
  }
  return total === 0 || total <= unit * (2 / epsilonOf(dtype));
}

/** The power of two of the lowest bit that is set. */
function lastPlace(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = exponent === 0 ? bits & 0xfffffffffffffn : (bits & 0xfffffffffffffn) | 0x10000000000000n;
  let zeros = 0;
  for (let rest = fraction; rest !== 0n && (rest & 1n) === 0n; rest >>= 1n) zeros++;
  return 2 ** (Math.max(exponent, 1) - 1075 + zeros);
}

/** The sum of terms that lie within their ends, in any order: n roundings of at most the sum of the absolute values each. */
export function sumOf(dtype: DType, terms: readonly Ends[]): Ends {
  if (terms.some(([low]) => Number.isNaN(low))) return nan;
  let [low, high, size, exact] = [0, 0, 0, true];
  for (const [from, to] of terms) {
    low += from;
    high += to;
    size += Math.max(Math.abs(from), Math.abs(to));
    exact &&= from === to;
  }
  if (!Number.isFinite(size)) return anyNumber;
  if (exact && sumsExactly(dtype, terms.map(([term]) => term))) return rounded(dtype, [low, high]);
  // In a wider dtype, too, where a kernel adds up so: the last rounding is among the n.
  const room = terms.length * epsilonOf(dtype) * size + (least[dtype] ?? 0);
  return widen(dtype, [low - room, high + room], 1);
}

export function productOf([a, b]: Ends, [c, d]: Ends): Ends {
  return hullOf([a * c, a * d, b * c, b * d]);
}
