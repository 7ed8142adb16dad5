/** The difference of two proportions on the same rows, by the score test (Tango 1998): McNemar's, for any difference. */
import { designEffect, type RowGroups } from './groups.ts';
import type { Estimate } from './interval.ts';
import { normalCdf, oneSided95 } from './normal.ts';

export interface PairedCounts {
  readonly rows: number;
  /** Rows that only the first got right, and only the second. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
}

/** Counts of two sequences of right and wrong. */
export function countPairs(first: ArrayLike<boolean>, second: ArrayLike<boolean>): PairedCounts {
  let [onlyFirst, onlySecond] = [0, 0];
  for (let i = 0; i < first.length; i++) {
    if (first[i] && !second[i]) onlyFirst += 1;
    if (!first[i] && second[i]) onlySecond += 1;
  }
  return { rows: first.length, onlyFirst, onlySecond };
}

/** The same, as counts of as many rows that stand alone as say as much as these do: the score statistic becomes smaller by the root of their design effect. */
export function effectivePairs(first: ArrayLike<boolean>, second: ArrayLike<boolean>, groups: RowGroups | undefined): PairedCounts {
  const { rows, onlyFirst, onlySecond } = countPairs(first, second);
  const effect = designEffect(Int8Array.from(first, (right, i) => Number(right) - Number(second[i])), groups);
  return { rows: rows / effect, onlyFirst: onlyFirst / effect, onlySecond: onlySecond / effect };
}

/** How far the difference first - second lies above `difference`, in standard errors. */
export function scoreStatistic(counts: PairedCounts, difference: number): number {
  const { rows, onlyFirst, onlySecond } = counts;
  const distance = onlyFirst - onlySecond - rows * difference;
  const deviation = Math.sqrt(rows) * deviationAt(counts, difference);
  return deviation > 0 ? distance / deviation : distance === 0 ? 0 : Math.sign(distance) * Infinity;
}

/** The standard deviation of one row's difference, were the true one `difference`: the rest is as likely as these counts let it be. */
export function deviationAt({ rows: n, onlyFirst: b, onlySecond: c }: PairedCounts, difference: number): number {
  const linear = -b - c + (2 * n - b + c) * difference;
  const constant = -c * difference * (1 - difference);
  const q = (Math.sqrt(Math.max(0, linear * linear - 8 * n * constant)) - linear) / (4 * n);
  return Math.sqrt(Math.max(0, 2 * q + difference * (1 - difference)));
}

/** The probability of a difference as large as this one or larger, where the true one is `difference`. */
export const nonInferiority = (counts: PairedCounts, difference: number): number =>
  1 - normalCdf(scoreStatistic(counts, difference));

/** first - second with an interval whose bounds each hold at 95 %, if z is not given. */
export function pairedDifference(counts: PairedCounts, z = oneSided95): Estimate {
  const value = (counts.onlyFirst - counts.onlySecond) / counts.rows;
  // The statistic falls as the difference rises.
  const bound = (target: number): number => {
    let [low, high] = [-1, 1];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (scoreStatistic(counts, middle) > target) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return { value, interval: { low: bound(z), high: bound(-z) } };
}
