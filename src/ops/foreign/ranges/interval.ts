/**
 * Intervals that hold every element of a tensor that is not NaN. Bounds go outward by the rounding of the dtype, become
 * infinite where the dtype overflows, and are never NaN.
 */
import { dtypes, type DType } from '../../../types/dtype.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export const everything: Interval = { low: -Infinity, high: Infinity };
export const between = (low: number, high: number): Interval => ({ low, high });
export const isEverything = ({ low, high }: Interval): boolean => low === -Infinity && high === Infinity;

/** Half a unit in the last place, relative; and the largest finite number. */
const precision: Partial<Record<DType, { readonly unit: number; readonly largest: number; readonly least: number }>> = {
  f64: { unit: 2 ** -53, largest: Number.MAX_VALUE, least: Number.MIN_VALUE },
  f32: { unit: 2 ** -24, largest: 3.4028234663852886e38, least: 2 ** -149 },
  f16: { unit: 2 ** -11, largest: 65504, least: 2 ** -24 },
  bf16: { unit: 2 ** -8, largest: 3.3895313892515355e38, least: 2 ** -133 },
};

/**
 * The interval of what is computed in a dtype with a relative error of some units: 1 for an operation that IEEE rounds,
 * more for functions that libraries approximate. Integers wrap around, so bounds that they do not hold are none.
 */
export function rounded({ low, high }: Interval, dtype: DType | undefined, units = 1): Interval {
  if (Number.isNaN(low) || Number.isNaN(high) || dtype === undefined) return everything;
  const row = dtypes[dtype];
  if (row.class === 'bool') return between(0, 1);
  if (row.class === 'int' || row.class === 'uint') {
    const least = row.class === 'int' ? -(2 ** (row.bits - 1)) : 0;
    const end = least + 2 ** row.bits;
    return low >= least && high < end ? between(Math.max(least, low - unsure(low)), Math.min(end, high + unsure(high))) : everything;
  }
  const float = precision[dtype];
  if (float === undefined) return everything;
  // Rounding never takes a result across 0, which is exact.
  const slack = (value: number): number => (value === 0 || (units === 1 && isExact(value, dtype)) ? 0 : 2 * units * float.unit * Math.abs(value) + float.least);
  return overflowed(between(low - slack(low), high + slack(high)), dtype);
}

/** Whole numbers are computed exactly where they are data, but here, from 2^53 on, to the nearest that a double has. */
const unsure = (bound: number): number => (Number.isSafeInteger(bound) ? 0 : Math.abs(bound) * 2 ** -52);

/** The largest finite number of a floating-point dtype. */
export const largestOf = (dtype: DType | undefined): number => (dtype && precision[dtype]?.largest) ?? Infinity;

/** Bounds that a dtype of floating-point numbers holds: past its largest number there is but infinity. */
export function overflowed({ low, high }: Interval, dtype: DType): Interval {
  const largest = largestOf(dtype);
  return between(low < -largest ? -Infinity : low, high > largest ? Infinity : high);
}

/** What a dtype holds as it is: rounding to the nearest, which never falls, leaves such a bound alone. */
const isExact = (value: number, dtype: DType): boolean => (dtype === 'f64' ? Number.isSafeInteger(value) : nearest(value, dtype) === value);

/** Of the half precisions: how many bits their numbers have, and the least exponent with all of them. */
const halves: Partial<Record<DType, { readonly bits: number; readonly least: number }>> = { f16: { bits: 11, least: -14 }, bf16: { bits: 8, least: -126 } };

/** The nearest number that a dtype of floating-point numbers has, as if its exponents had no end; in the middle between two either of them. */
export function nearest(value: number, dtype: DType): number {
  const half = halves[dtype];
  if (half === undefined) return dtype === 'f32' ? Math.fround(value) : value;
  if (value === 0 || !Number.isFinite(value)) return value;
  const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), half.least) - half.bits + 1);
  return Math.round(value / step) * step;
}

/** Wider by what some roundings make of a number that large. */
export function widened(a: Interval, units: number, largest: number, dtype: DType | undefined): Interval {
  const error = rounded(between(0, largest), dtype, units).high - largest;
  return Number.isFinite(error) ? rounded(between(a.low - error, a.high + error), dtype) : everything;
}

/** Of no intervals nothing is known: a damaged node may have no inputs. */
export const join = (all: readonly Interval[]): Interval =>
  all.length === 0 ? everything : all.reduce((a, b) => between(Math.min(a.low, b.low), Math.max(a.high, b.high)));

export const add = (a: Interval, b: Interval): Interval => between(a.low + b.low, a.high + b.high);
export const negate = ({ low, high }: Interval): Interval => between(-high, -low);
export const subtract = (a: Interval, b: Interval): Interval => add(a, negate(b));

/** 0 times infinity is NaN, which no interval holds: what is left is 0. */
const product = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : x * y);
const corners = (a: Interval, b: Interval, f: (x: number, y: number) => number): Interval => {
  const all = [f(a.low, b.low), f(a.low, b.high), f(a.high, b.low), f(a.high, b.high)];
  return between(Math.min(...all), Math.max(...all));
};
export const multiply = (a: Interval, b: Interval): Interval => corners(a, b, product);

/** Across 0 a quotient has no bounds. */
export function divide(a: Interval, b: Interval): Interval {
  if (b.low <= 0 && b.high >= 0) return everything;
  return corners(a, b, (x, y) => (Number.isFinite(y) ? x / y : Number.isFinite(x) ? 0 : Infinity * Math.sign(x) * Math.sign(y)));
}

export const square = (a: Interval): Interval => {
  const { low, high } = multiply(a, a);
  return a.low <= 0 && a.high >= 0 ? between(0, high) : between(Math.max(0, low), high);
};
export const absolute = (a: Interval): Interval => (a.low >= 0 ? a : a.high <= 0 ? negate(a) : between(0, Math.max(-a.low, a.high)));
/** Through a function that never falls. */
export const rising = ({ low, high }: Interval, f: (x: number) => number): Interval => between(f(low), f(high));
