/** Intervals of values: read from the facts of an operand, rounded outward into those of a result. */
import { dtypes, type DType } from '../types/dtype.ts';
import { dtypesOf } from '../types/element-type.ts';
import type { Ends, Evidence, Fact, RangeRows } from '../types/fact.ts';
import type { ElementType, TensorType } from '../types/type.ts';
import { lastDigitsOf, slackOf } from '../types/rounding.ts';
import { wideOf } from '../types/wide-range.ts';
import { floats } from './dtypes.ts';
import { between, join, nearest, overflowed, rounded } from './foreign/ranges/interval.ts';
import { weakest } from '../types/evidence.ts';

/** What the elements that are numbers lie between; NaN is no number. */
export interface Interval extends Ends {
  /** Where kernels may put them: see `wide` of a range. */
  readonly wide?: Ends;
  readonly evidence: Evidence;
}

const isFloat = (dtype: ElementType): boolean =>
  typeof dtype === 'string' ? dtypes[dtype].class === 'float' : dtype.family === 'float';

/** What a dtype of whole numbers holds; undefined for others, and for families. */
function dtypeRange(dtype: ElementType): Interval | undefined {
  if (typeof dtype !== 'string') return undefined;
  const { class: kind, bits } = dtypes[dtype];
  if (kind === 'bool') return { low: 0, high: 1, evidence: 'proved' };
  if (kind === 'uint') return { low: 0, high: 2 ** bits - 1, evidence: 'proved' };
  return kind === 'int' ? { low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1, evidence: 'proved' } : undefined;
}

function intervalOf(fact: Fact, type: TensorType): Interval | undefined {
  const { evidence } = fact;
  if (fact.kind === 'range') return fact.wide === undefined ? { low: fact.low, high: fact.high, evidence } : { low: fact.low, high: fact.high, wide: fact.wide, evidence };
  if (fact.kind === 'mask' || fact.kind === 'prefix_mask' || fact.kind === 'one_hot') return { low: 0, high: 1, evidence };
  // No element of a row exceeds the row's norm.
  if (fact.kind !== 'norm') return undefined;
  const most = fact.value + slackOf(fact, type);
  return { low: -most, high: most, evidence };
}

/** The narrowest interval that the facts of a tensor and its dtype give. */
export function rangeOf(type: TensorType): Interval {
  let range: Interval = dtypeRange(type.dtype) ?? { low: -Infinity, high: Infinity, evidence: 'proved' };
  for (const fact of type.facts) {
    const known = intervalOf(fact, type);
    if (known !== undefined && (known.low > range.low || known.high < range.high)) range = common(range, known);
  }
  return range;
}

function common(a: Interval, b: Interval): Interval {
  const [x, y] = [wideOf(a), wideOf(b)];
  const wide = { low: Math.max(x.low, y.low), high: Math.min(x.high, y.high) };
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high), wide, evidence: weakest(a.evidence, b.evidence) };
}

/** The fact that elements lie in an interval exactly, as where they are chosen among the operands' elements; [] if it says nothing. */
export function exactRange({ low, high, wide, evidence }: Interval): readonly Fact[] {
  const says = (low > -Infinity || high < Infinity) && low <= high;
  const isWider = wide !== undefined && (wide.low < low || wide.high > high);
  if (!says) return [];
  return [isWider ? { kind: 'range', low, high, wide, evidence } : { kind: 'range', low, high, evidence }];
}

/** What a function that computes exactly makes of intervals: of their ends, and of where kernels may put them. */
export function exactly(of: readonly Interval[], f: (...ends: Ends[]) => Ends): Interval {
  const { low, high } = f(...of);
  return { low, high, wide: f(...of.map(wideOf)), evidence: weakest(...of.map((interval) => interval.evidence)) };
}

/** The fact for results that are rounded to the dtype; [] where whole numbers may wrap around. */
export function roundedRange({ low, high, evidence }: Ends & Pick<Interval, 'evidence'>, dtype: ElementType): readonly Fact[] {
  if (Number.isNaN(low) || Number.isNaN(high)) return [];
  const all = join(dtypesOf(dtype).map((member) => roundOutward({ low, high }, member)));
  return exactRange({ low: all.low, high: all.high, evidence });
}

/** Bounds that also hold after rounding to nearest, which is monotone; in f64 they are what was computed here. */
function roundOutward({ low, high }: Ends, dtype: DType): Ends {
  if (!floats.includes(dtype)) return rounded({ low, high }, dtype);
  // What was computed here was rounded itself, perhaps to the middle between two numbers of the dtype.
  const nudge = (bound: number, direction: 1 | -1): number => (dtype === 'f64' || !Number.isFinite(bound) ? bound : nearest(bound + direction * Math.abs(bound) * 2 ** -52, dtype));
  return overflowed(between(Math.min(low, nudge(low, -1)), Math.max(high, nudge(high, 1))), dtype);
}

/** Of longer constants what all their numbers lie in is enough. */
const mostRows = 64;

/** What a number, or a vector of them, lies in; fractions are rounded to its dtype. */
export function constantRange(values: readonly number[], dtype: ElementType): readonly Fact[] {
  const spanOf = (at: readonly number[]): readonly Fact[] => {
    const range: Interval = { low: Math.min(...at), high: Math.max(...at), evidence: 'proved' };
    return isFloat(dtype) ? roundedRange(range, dtype) : exactRange(range);
  };
  return values.length > 1 && values.length <= mostRows ? withEnds(spanOf(values), -1, undefined, values.map((value) => spanOf([value]))) : spanOf(values);
}

// ---------------------------------------------------------------- ranges along an axis

/** The range of all elements with those of single indices of an axis, where each of them is known. */
function withEnds(whole: readonly Fact[], axis: number, label: string | undefined, parts: readonly (readonly Fact[])[]): readonly Fact[] {
  const ends = parts.flatMap((facts) => facts.flatMap((fact) => (fact.kind === 'range' ? [{ low: fact.low, high: fact.high }] : [])));
  if (ends.length !== parts.length) return whole;
  const { low, high } = { low: Math.min(...ends.map((end) => end.low)), high: Math.max(...ends.map((end) => end.high)) };
  const evidence = weakest(...parts.flatMap((facts) => facts.map((fact) => fact.evidence)));
  return [{ kind: 'range', low, high, rows: { axis, ...(label === undefined ? {} : { label }), ends }, evidence }];
}

function rowsOf(type: TensorType): RangeRows | undefined {
  const fact = type.facts.find((f) => f.kind === 'range' && f.rows !== undefined);
  return fact?.kind === 'range' ? fact.rows : undefined;
}

/** What is known of the elements at one index of an axis. */
function rangeAt(type: TensorType, axis: number, index: number): Interval {
  const whole = rangeOf(type);
  const fact = type.facts.find((f) => f.kind === 'range' && f.rows?.axis === axis);
  const row = fact?.kind === 'range' ? fact.rows!.ends[index] : undefined;
  if (row === undefined) return whole;
  // Kernels go past the ends of a row no further than past those of all.
  const { low, high } = wideOf(whole);
  const wide = { low: row.low - Math.max(0, whole.low - low), high: row.high + Math.max(0, high - whole.high) };
  return common(whole, { ...row, wide, evidence: fact!.evidence });
}

/**
 * The range of an elementwise result, from those of its operands; where one of them has a range for each index of an
 * axis, so has the result. Axes are counted from the end, as operands are aligned.
 */
export function elementwiseRange(operands: readonly TensorType[], range: (...intervals: Interval[]) => readonly Fact[]): readonly Fact[] {
  const whole = range(...operands.map(rangeOf));
  const rows = operands.map(rowsOf).find((found) => found !== undefined);
  if (rows === undefined) return whole;
  const { axis, ends } = rows;
  const label = operands.map(({ shape }) => shape.axes.at(axis)?.label).find((found) => found !== undefined) ?? rows.label;
  return withEnds(whole, axis, label, ends.map((_, i) => range(...operands.map((operand) => rangeAt(operand, axis, i)))));
}

/** Facts of elements with the ranges of an axis (from the end), one for each of its indices; a range of all of them that says as much is left out. */
function withIndices(facts: readonly Fact[], axis: number, label: string | undefined, ranges: readonly Interval[]): readonly Fact[] {
  const all = hull(ranges);
  const made = withEnds(exactRange(all), axis, label, ranges.map(exactRange));
  // Kernels may go past the ends of all; rows say that of none.
  const isWider = made.some((fact) => fact.kind === 'range' && fact.rows !== undefined) && all.wide !== undefined && (all.wide.low < all.low || all.wide.high > all.high);
  return [...facts.filter(({ kind }) => kind !== 'range'), ...(isWider ? made.map((fact) => ({ ...fact, wide: all.wide! }) as Fact) : made)];
}

/** The facts of what is picked of a tensor at these indices of an axis (from the end), with the range of each where the tensor has them; as they are where it has none, or the indices are not known. */
export function pickedRanges(facts: readonly Fact[], x: TensorType, axis: number, indices: readonly number[] | undefined): readonly Fact[] {
  const rows = rowsOf(x);
  if (rows?.axis !== axis || indices === undefined || indices.length === 0 || indices.length > mostRows) return facts;
  return withIndices(facts, axis, undefined, indices.map((index) => rangeAt(x, axis, index < 0 ? index + rows.ends.length : index)));
}

/** The range of tensors one behind the other along an axis (from the end); `sizes` are theirs there. Along another one, ranges that all have by index are joined index by index. */
export function joinedRanges(from: readonly TensorType[], axis: number, sizes: readonly (number | undefined)[]): readonly Fact[] {
  const whole = exactRange(hull(from.map(rangeOf)));
  const found = from.map(rowsOf).find((rows) => rows !== undefined);
  if (found === undefined) return whole;
  if (found.axis !== axis) {
    const isAll = from.every((x) => rowsOf(x)?.axis === found.axis && rowsOf(x)?.ends.length === found.ends.length);
    return isAll ? withIndices([], found.axis, found.label, found.ends.map((_, i) => hull(from.map((x) => rangeAt(x, found.axis, i))))) : whole;
  }
  const counts = sizes.flatMap((size) => size ?? []);
  const total = counts.reduce((sum, size) => sum + size, 0);
  if (counts.length < sizes.length || total === 0 || total > mostRows) return whole;
  return withIndices([], axis, undefined, from.flatMap((x, at) => Array.from({ length: counts[at]! }, (_, i) => rangeAt(x, axis, i))));
}

/** What a function gives whatever comes in, up to the last digits that kernels compute. */
export function approximateRange(low: number, high: number, dtype: ElementType): readonly Fact[] {
  const digits = lastDigitsOf(dtype);
  return exactRange({ low, high, wide: { low: low - Math.abs(low) * digits, high: high + Math.abs(high) * digits }, evidence: 'proved' });
}

/** The smallest interval that contains all. */
export const hull = (ranges: readonly Interval[]): Interval => exactly(ranges, (...all) => ({ low: Math.min(...all.map(({ low }) => low)), high: Math.max(...all.map(({ high }) => high)) }));

/** The interval of an operation that is monotone in each operand, or bilinear: its extremes lie at the corners. */
export function atCorners(a: Interval, b: Interval, operate: (x: number, y: number) => number): Interval {
  const [of, by] = [wideOf(a), wideOf(b)];
  const corners = [of.low, of.high].flatMap((x) => [by.low, by.high].map((y) => operate(x, y)));
  return { low: Math.min(...corners), high: Math.max(...corners), evidence: weakest(a.evidence, b.evidence) };
}

/** The same of whole numbers, computed as such: near the ends of 64 bits a float cannot say whether they wrap around; [] where they may. */
export function wholeCorners(a: Interval, b: Interval, operate: (x: bigint, y: bigint) => bigint, dtype: ElementType): readonly Fact[] {
  if (typeof dtype !== 'string') return [];
  const { class: kind, bits } = dtypes[dtype];
  const least = kind === 'int' ? -(2n ** BigInt(bits - 1)) : 0n;
  const most = least + 2n ** BigInt(bits) - 1n;
  const whole = (end: number): bigint => (end <= Number(least) ? least : end >= Number(most) ? most : BigInt(Math.trunc(end)));
  const all = [a.low, a.high].flatMap((x) => [b.low, b.high].map((y) => operate(whole(x), whole(y))));
  if (all.some((corner) => corner < least || corner > most)) return [];
  // Beyond what floats hold exactly they are rounded, by half a unit at most.
  const outward = (corner: bigint, direction: 1 | -1): number => Number(corner) + (Number.isSafeInteger(Number(corner)) ? 0 : direction * Math.abs(Number(corner)) * 2 ** -52);
  const ends = all.flatMap((corner) => [outward(corner, -1), outward(corner, 1)]);
  return exactRange({ low: Math.min(...ends), high: Math.max(...ends), evidence: weakest(a.evidence, b.evidence) });
}

/** Zero times anything but infinity is zero; infinities as bounds are not reached. */
export const times = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : x * y);
