/** Intervals by resampling rows, or groups of them (Efron 1979; percentile), the same for the same seed. */
import { createRandom } from '../../data/random.ts';
import { resampler, type RowGroups } from './groups.ts';
import type { Estimate } from './interval.ts';

export interface BootstrapOptions {
  readonly seed: number;
  /** Default 999. */
  readonly resamples?: number;
  /** The part of the distribution inside the interval. Default 0.95, two-sided. */
  readonly level?: number;
  /** Rows that are drawn together; undefined where each stands alone. */
  readonly groups?: RowGroups | undefined;
}

/** A statistic of rows, given by their numbers; a row may be drawn more than once. Paired by nature: all columns go along. */
export function bootstrap(
  rows: number,
  statistic: (rows: Uint32Array) => number,
  { seed, resamples = 999, level = 0.95, groups }: BootstrapOptions,
): Estimate {
  const draw = resampler(rows, groups, createRandom(seed));
  const value = statistic(Uint32Array.from({ length: rows }, (_, i) => i));
  const values = Float64Array.from({ length: resamples }, () => statistic(draw())).sort();
  return { value, interval: { low: quantile(values, (1 - level) / 2), high: quantile(values, (1 + level) / 2) } };
}

/** Of values in ascending order, with linear interpolation. */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  if (sorted.length === 0) return NaN;
  const at = part * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}
