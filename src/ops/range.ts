/** Intervals of values: read from the facts of an operand, rounded outward into those of a result. */
import { dtypeFamilies, dtypes, type DType } from '../types/dtype.ts';
import type { Evidence, Fact, RangeRows } from '../types/fact.ts';
import type { ElementType, TensorType } from '../types/type.ts';
import { roundingOf } from '../types/rounding.ts';
import { weakest } from './shapes.ts';

/** What the elements that are numbers lie between; NaN is no number. */
export interface Interval {
  readonly low: number;
  readonly high: number;
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

function intervalOf(fact: Fact, dtype: ElementType): Interval | undefined {
  const { evidence } = fact;
  if (fact.kind === 'range') return { low: fact.low, high: fact.high, evidence };
  if (fact.kind === 'mask' || fact.kind === 'prefix_mask' || fact.kind === 'one_hot') return { low: 0, high: 1, evidence };
  // No element of a row exceeds the row's norm.
  if (fact.kind !== 'norm') return undefined;
  const most = fact.value + fact.tolerance + roundingOf(dtype);
  return { low: -most, high: most, evidence };
}

/** The narrowest interval that the facts of a tensor and its dtype give. */
export function rangeOf(type: TensorType): Interval {
  let range: Interval = dtypeRange(type.dtype) ?? { low: -Infinity, high: Infinity, evidence: 'proved' };
  for (const fact of type.facts) {
    const known = intervalOf(fact, type.dtype);
    if (known === undefined || (known.low <= range.low && known.high >= range.high)) continue;
    range = { low: Math.max(range.low, known.low), high: Math.min(range.high, known.high), evidence: weakest(range.evidence, known.evidence) };
  }
  return range;
}

/** The fact that elements lie in an interval exactly, as where they are chosen among the operands' elements; [] if it says nothing. */
export function exactRange({ low, high, evidence }: Interval): readonly Fact[] {
  const says = (low > -Infinity || high < Infinity) && low <= high;
  return says ? [{ kind: 'range', low, high, evidence }] : [];
}

/** The fact for results that are rounded to the dtype; [] where whole numbers may wrap around. */
export function roundedRange({ low, high, evidence }: Interval, dtype: ElementType): readonly Fact[] {
  if (Number.isNaN(low) || Number.isNaN(high)) return [];
  if (isFloat(dtype)) return exactRange({ low: roundOutward(low, -1, dtype), high: roundOutward(high, 1, dtype), evidence });
  const holds = dtypeRange(dtype);
  return holds !== undefined && low >= holds.low && high <= holds.high ? exactRange({ low, high, evidence }) : [];
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
  return { low: Math.max(row.low, whole.low), high: Math.min(row.high, whole.high), evidence: weakest(whole.evidence, fact!.evidence) };
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

/**
 * A bound that also holds after rounding. Rounding to nearest is monotone, so a bound that every dtype holds stays;
 * in f64 it is what was computed here, in f32 what it rounds to; the half precisions have at least 8 bits.
 */
export function roundOutward(bound: number, direction: 1 | -1, dtype: ElementType): number {
  if (!Number.isFinite(bound) || hasEightBits(bound) || dtype === 'f64') return bound;
  if (dtype === 'f32') return direction === 1 ? Math.max(bound, Math.fround(bound)) : Math.min(bound, Math.fround(bound));
  return bound + direction * (Math.abs(bound) * 2 ** -8 + 2 ** -24);
}

/** Whether all floating-point dtypes of a body hold the number exactly. */
function hasEightBits(value: number): boolean {
  if (value === 0) return true;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return exponent >= -14 && exponent <= 14 && Number.isInteger(value / 2 ** (exponent - 7));
}

/** The smallest interval that contains all. */
export const hull = (ranges: readonly Interval[]): Interval => ({
  low: Math.min(...ranges.map((r) => r.low)),
  high: Math.max(...ranges.map((r) => r.high)),
  evidence: weakest(...ranges.map((r) => r.evidence)),
});

/** The interval of an operation that is monotone in each operand, or bilinear: its extremes lie at the corners. */
export function atCorners(a: Interval, b: Interval, operate: (x: number, y: number) => number): Interval {
  const corners = [a.low, a.high].flatMap((x) => [b.low, b.high].map((y) => operate(x, y)));
  return { low: Math.min(...corners), high: Math.max(...corners), evidence: weakest(a.evidence, b.evidence) };
}

/** Zero times anything but infinity is zero; infinities as bounds are not reached. */
export const times = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : x * y);

export const members = (dtype: ElementType): readonly DType[] => (typeof dtype === 'string' ? [dtype] : dtypeFamilies[dtype.family]);
