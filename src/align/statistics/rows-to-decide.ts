/**
 * How many rows decide: with so many an interval leaves its bar in 80 of 100 draws, were the truth what was estimated. Derived from the intervals that are judged by, so that no gate is open
 * with as many as it asked for.
 */
import type { Estimate } from './interval.ts';
import { normalQuantile, oneSided95, power80 } from './normal.ts';
import { deviationAt, type PairedCounts } from './paired-proportions.ts';

/** Of which part of the examples rows are: what controls are refitted on, what temperatures are found on, the rest, and all but those for temperatures. */
export type RowsOf = 'fit' | 'calibrate' | 'test' | 'judged' | 'all';

/** One of the things that leave a gate open. */
export interface Open {
  /** Rows, or groups of them, that would decide; Infinity where the estimate lies on the bar. */
  readonly rows: number;
  readonly of: RowsOf;
  /** What would come of it. */
  readonly leans: 'PASS' | 'FAIL';
  /** With fewer it is not judged at all, and nobody knows how many decide. */
  readonly isLeast?: true;
  /** More rows than that are not looked at. */
  readonly most?: number;
}

/** All have to pass, and one that fails decides: so many of those that lean to a failure, else so many that the last of them passes. None of none. */
export function lastOf<T extends Open>(open: readonly T[]): T | undefined {
  const failing = open.filter(({ leans, rows }) => leans === 'FAIL' && Number.isFinite(rows));
  if (failing.length > 0) return failing.reduce((first, one) => (one.rows < first.rows ? one : first));
  const unknown = open.filter(({ isLeast }) => isLeast === true);
  return (unknown.length > 0 ? unknown : open).reduce<T | undefined>((last, one) => (last === undefined || one.rows > last.rows ? one : last), undefined);
}

/** What rounding adds to a whole number is no row. */
export const wholeRows = (rows: number): number => Math.ceil(rows - 1e-6);

interface Scored {
  /** From the estimate to the bar. */
  readonly distance: number;
  /** Standard deviations of one row: were the truth the bar, by which a score test judges, and were it the estimate. */
  readonly atBar: number;
  readonly atEstimate: number;
}

/**
 * Of intervals that invert a score test: ((z.95 s0 + z.80 s1) / distance)². Of several that have to pass, adjusted by Holm (1979), as many as do whether they go up and down together, and the first
 * has its part of the level, or each by itself, and all must be well.
 */
function rowsOfScore({ distance, atBar, atEstimate }: Scored, several: number): number {
  if (Math.abs(distance) < 1e-12) return Infinity;
  const at = (level: number, miss: number): number => (((level * atBar + miss * atEstimate) / distance) ** 2);
  const [part, all] = several === 1 ? [oneSided95, power80] : [normalQuantile(1 - 0.05 / several), normalQuantile(1 - 0.2 / several)];
  return wholeRows(Math.max(at(part, power80), at(oneSided95, all)));
}

/** Of the difference of two proportions on the same rows (Tango 1998), counted as its interval counts them. One that leans to a failure fails by itself. */
export function rowsForPairs({ rows, onlyFirst, onlySecond }: PairedCounts, bar: number, several = 1): number {
  const [won, lost] = [onlyFirst / rows, onlySecond / rows];
  const [value, atBar] = [won - lost, deviationAt({ rows: 1, onlyFirst: won, onlySecond: lost }, bar)];
  return rowsOfScore({ distance: value - bar, atBar, atEstimate: Math.sqrt(Math.max(0, won + lost - value ** 2)) }, value < bar ? 1 : several);
}

/** Of a share, by Wilson's interval (1927). */
export const rowsForShare = (share: number, bar: number): number => rowsOfScore({ distance: share - bar, atBar: deviation(bar), atEstimate: deviation(share) }, 1);

const deviation = (share: number): number => Math.sqrt(Math.max(0, share * (1 - share)));

/** By how much the interval must be shorter than the way to the bar, for estimates that vary as much as it does: (z.95 + z.80) / z.95. */
const powered = (oneSided95 + power80) / oneSided95;

/** Of intervals that shrink with the root of the rows: those of the bootstrap, and of Student's distribution. */
export function rowsToSeparate({ value, interval }: Estimate, bar: number, rows: number): number {
  const distance = Math.abs(value - bar);
  // An interval of few rows is lopsided, and one of many is not: then either side is half of it.
  const reach = Math.max(value >= bar ? value - interval.low : interval.high - value, (interval.high - interval.low) / 2);
  return distance === 0 ? Infinity : Math.ceil(rows * ((powered * reach) / distance) ** 2);
}

/** Of a p-value of a statistic that grows with the root of the rows. */
export function rowsForSignificance(p: number, bar: number, rows: number): number {
  const seen = normalQuantile(1 - p);
  return seen <= 0 ? Infinity : Math.ceil(rows * ((normalQuantile(1 - bar) + power80) / seen) ** 2);
}
