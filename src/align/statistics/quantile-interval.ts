/** A quantile of independent values, between two of them: holds whatever their distribution is (David and Nagaraja 2003, 7.1). */
import type { Estimate } from './interval.ts';

/**
 * @param sorted ascending
 * @param part 0.99 for the 99th percentile
 * @param tail what either bound may miss: 0.05. Infinite where there are too few values for a bound
 */
export function quantileInterval(sorted: ArrayLike<number>, part: number, tail = 0.05): Estimate {
  const n = sorted.length;
  if (n === 0) return { value: NaN, interval: { low: -Infinity, high: Infinity } };
  // below[k]: the probability that at most k of n values lie below the quantile.
  let [log, sum] = [n * Math.log(1 - part), 0];
  const below = Array.from({ length: n + 1 }, (_, k) => {
    sum += Math.exp(log);
    log += Math.log((n - k) / (k + 1)) + Math.log(part / (1 - part));
    return Math.min(1, sum);
  });
  const lowest = below.findIndex((p) => p > tail);
  const highest = below.findIndex((p) => p >= 1 - tail);
  return {
    value: sorted[Math.min(n - 1, Math.ceil(part * n) - 1)]!,
    interval: { low: lowest >= 1 ? sorted[lowest - 1]! : -Infinity, high: highest < n ? sorted[highest]! : Infinity },
  };
}

/** So few values that the largest is an upper bound of the quantile. */
export const valuesForQuantile = (part: number, tail = 0.05): number => Math.ceil(Math.log(tail) / Math.log(part));
