/**
 * The least of several cosines, with an interval. Percentiles of the bootstrapped minimum lie to one side of it: the minimum takes
 * whichever is lowest by chance, and every cosine of means falls with the noise of the means, which a resample has twice.
 *
 * So each cosine gets an interval of its own, on Fisher's scale (1921), where its spread does not depend on its height, by the
 * standard error of the bootstrap (Efron and Tibshirani 1993, chapter 6). The least is surely above a bar where each of them is,
 * with no adjustment (an intersection-union test; Berger 1982), and surely below where one of them is, adjusted for their number
 * (Bonferroni). The noise only lowers, so the bias that the bootstrap shows (chapter 10) raises the upper bound and not the lower.
 */
import { createRandom } from '../../data/random.ts';
import type { BootstrapOptions } from './bootstrap.ts';
import { resampler } from './groups.ts';
import type { Estimate } from './interval.ts';
import { normalQuantile } from './normal.ts';

/** A cosine of 1 has no place on the scale. */
const most = 1 - 1e-12;
/** Fisher's scale. */
export const toScale = (cosine: number): number => Math.atanh(Math.max(-most, Math.min(most, cosine)));

/**
 * @param cosines of a sample of rows, given by their numbers: always as many, NaN for one that the sample does not show
 * @param options `level` 0.9: each bound holds at 95 %
 */
export function bootstrapLeastCosine(rows: number, cosines: (rows: Uint32Array) => ArrayLike<number>, { seed, resamples = 499, level = 0.9, groups }: BootstrapOptions): Estimate {
  const seen = Array.from(cosines(Uint32Array.from({ length: rows }, (_, i) => i)));
  const moments = seen.map(() => ({ count: 0, sum: 0, squares: 0 }));
  const draw = resampler(rows, groups, createRandom(seed));
  for (let round = 0; round < resamples; round++) {
    for (const [c, value] of Array.from(cosines(draw())).entries()) {
      if (Number.isNaN(value)) continue;
      const shift = toScale(value) - toScale(seen[c]!);
      const moment = moments[c]!;
      moment.count += 1;
      moment.sum += shift;
      moment.squares += shift * shift;
    }
  }
  const tail = (1 - level) / 2;
  const [z, zOfAll] = [normalQuantile(1 - tail), normalQuantile(1 - tail / seen.length)];
  const bounds = seen.map((value, c) => {
    const { count, sum, squares } = moments[c]!;
    const bias = sum / count;
    const error = Math.sqrt(Math.max(0, squares / count - bias * bias) * (count / (count - 1)));
    return { low: Math.tanh(toScale(value) - z * error), high: Math.tanh(toScale(value) + Math.max(0, -bias) + zOfAll * error) };
  });
  return { value: Math.min(...seen), interval: { low: Math.min(...bounds.map(({ low }) => low)), high: Math.min(...bounds.map(({ high }) => high)) } };
}
