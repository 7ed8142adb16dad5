/**
 * What is known of the values of a foreign tensor beyond dtype and shape. Everything is said of the elements that are
 * numbers, and holds after rounding; only `finite` says that there is no NaN and no infinity. Axes count from the end.
 */
import type { DType } from '../../../types/dtype.ts';
import { between, everything, isEverything, rounded, type Interval } from '../ranges/interval.ts';

/** Bounds of their own for each index of an axis, such as those that a bias and a scale give. */
export interface Rows {
  readonly axis: number;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The sum, or the Euclidean norm, of the elements along an axis. */
export interface Line {
  readonly kind: 'sum' | 'norm';
  readonly axis: number;
  readonly low: number;
  readonly high: number;
  /** Of a norm: vectors that were shorter before they were divided by their length may be shorter than `low`. */
  readonly exempt?: number;
  /** Of a sum: that of the absolute values is at most this. */
  readonly absolute?: number;
}

/** One number for each index of an axis, or one for all. */
export type Vector = Float64Array | number;
export const itemOf = (vector: Vector, i: number): number => (typeof vector === 'number' ? vector : vector[i]!);

/**
 * Each vector along an axis is `centre + scale * z`, element by element, for some z whose norm is at most `radius`, but
 * for `slack` in each element. What normalisation makes is such, and linear maps bound it far better than its intervals.
 */
export interface Ball {
  readonly axis: number;
  readonly radius: number;
  readonly centre: Vector;
  readonly scale: Vector;
  readonly slack: Vector;
}

export interface ValueFacts {
  readonly range: Interval;
  readonly rows?: Rows;
  readonly ball?: Ball;
  readonly lines: readonly Line[];
  readonly integer?: true;
  readonly finite?: true;
  /** Along this axis nothing that is 0 stands before what is not: of a mask, ones and then zeros. */
  readonly prefix?: number;
  /** Along this axis no element is less than the one before it. */
  readonly rising?: number;
}

export const nothingKnown: ValueFacts = { range: everything, lines: [] };
export const inRange = (range: Interval): ValueFacts => ({ range, lines: [] });

export const isMask = ({ integer, finite, range }: ValueFacts): boolean => integer === true && finite === true && range.low >= 0 && range.high <= 1;

/** Ones and then zeros along an axis. */
export const prefixAxis = (facts: ValueFacts): number | undefined => (isMask(facts) ? facts.prefix : undefined);

/** Zeros and ones whose sum along an axis is 1. */
export const oneHotAxis = (facts: ValueFacts): number | undefined =>
  isMask(facts) ? facts.lines.find(({ kind, low, high }) => kind === 'sum' && low > 0.5 && high < 1.5)?.axis : undefined;

/** Whether nothing at all is known. */
export const isNothing = ({ range, lines, ball, integer, finite, prefix, rising }: ValueFacts): boolean =>
  isEverything(range) && lines.length === 0 && [ball, integer, finite, prefix, rising].every((fact) => fact === undefined);

/** The range of the elements at one index of an axis. */
export function rowAt({ range, rows }: ValueFacts, axis: number, index: number): Interval {
  if (rows?.axis !== axis || rows.low.length <= index) return range;
  return between(Math.max(range.low, rows.low[index]!), Math.min(range.high, rows.high[index]!));
}

/** Networks are thousands of numbers wide: each end is written where it stays. */
export function rowsFrom(axis: number, count: number, endsAt: (index: number) => Interval): Rows {
  const rows = { axis, low: new Float64Array(count), high: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const { low, high } = endsAt(i);
    rows.low[i] = low;
    rows.high[i] = high;
  }
  return rows;
}

export const makeRows = (axis: number, ends: readonly Interval[]): Rows => rowsFrom(axis, ends.length, (i) => ends[i]!);

export const hullOf = ({ low, high }: Rows): Interval => between(smallest(low), greatest(high));
const smallest = (all: Float64Array): number => all.reduce((a, b) => Math.min(a, b), Infinity);
const greatest = (all: Float64Array): number => all.reduce((a, b) => Math.max(a, b), -Infinity);

/** How many numbers a ball's vectors have; undefined where all of its own are the same. */
export const lengthOf = ({ centre, scale, slack }: Ball): number | undefined =>
  [centre, scale, slack].flatMap((vector) => (typeof vector === 'number' ? [] : [vector.length]))[0];

/** The largest absolute value that an element may have. */
export const reachOf = (ball: Ball, i: number): number => Math.abs(itemOf(ball.centre, i)) + Math.abs(itemOf(ball.scale, i)) * ball.radius + itemOf(ball.slack, i);

/** No vector in the ball is longer. */
export function longest(ball: Ball): number {
  const n = lengthOf(ball);
  if (n === undefined) return ball.centre === 0 && ball.slack === 0 ? Math.abs(ball.scale as number) * ball.radius : Infinity;
  let [fixed, scale] = [0, 0];
  for (let i = 0; i < n; i++) {
    fixed += (Math.abs(itemOf(ball.centre, i)) + itemOf(ball.slack, i)) ** 2;
    scale = Math.max(scale, Math.abs(itemOf(ball.scale, i)));
  }
  return (Math.sqrt(fixed) + scale * ball.radius) * (1 + 1e-9);
}

/** Adds what the facts say together: a ball bounds elements, so do sums of what is not negative, and rows bound the whole. */
export function tightened(facts: ValueFacts, dtype: DType | undefined): ValueFacts {
  const rows = intersectRows(facts.rows, facts.ball && rowsOfBall(facts.ball));
  const norm = facts.ball && lengthOf(facts.ball) === undefined ? reachOf(facts.ball, 0) : Infinity;
  const bounded = intersect(facts.range, rows ? hullOf(rows) : between(-norm, norm));
  const sums = facts.lines.flatMap((line) => (line.kind === 'sum' && bounded.low >= 0 ? [rounded(between(0, line.high), dtype)] : []));
  const range = sums.reduce(intersect, bounded);
  const { rows: _, ...rest } = facts;
  return { ...rest, range, ...(rows && { rows }) };
}

const intersect = (a: Interval, b: Interval): Interval => {
  const [low, high] = [Math.max(a.low, b.low), Math.min(a.high, b.high)];
  return low <= high ? between(low, high) : a;
};

function intersectRows(a: Rows | undefined, b: Rows | undefined): Rows | undefined {
  if (a === undefined || b === undefined || a.axis !== b.axis || a.low.length !== b.low.length) return b ?? a;
  return rowsFrom(a.axis, a.low.length, (i) => intersect(between(a.low[i]!, a.high[i]!), between(b.low[i]!, b.high[i]!)));
}

function rowsOfBall(ball: Ball): Rows | undefined {
  const n = lengthOf(ball);
  if (n === undefined) return undefined;
  return rowsFrom(ball.axis, n, (i) => {
    const [centre, reach] = [itemOf(ball.centre, i), Math.abs(itemOf(ball.scale, i)) * ball.radius + itemOf(ball.slack, i)];
    return between(centre - reach, centre + reach);
  });
}
