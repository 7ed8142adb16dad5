/** How many rows it takes for "no drift" to say something: a statistic of rows that moved by one of its deviations would have been seen. */
import { kolmogorovTail } from './two-sample.ts';

/** Where a normal distribution moves by one deviation, its function changes most half-way: from Φ(-.5) to Φ(.5). */
const [low, high] = [0.3085375387, 0.6914624613];
/** Four times in five by this one place; as the largest distance of all counts, it is seen 96 times in 100 (by simulation). */
const power = 0.8416212336;

/**
 * The least number of today's rows that decide against so many recorded ones; undefined where the record has too few.
 *
 * @param level of the smallest p of its family, as Holm adjusts it
 */
export function rowsThatDecide(recorded: number, level: number): number | undefined {
  const point = pointOf(level);
  const decides = (rows: number): boolean => {
    const root = Math.sqrt((recorded * rows) / (recorded + rows));
    return point / (root + 0.12 + 0.11 / root) + power * Math.sqrt(low * high * (1 / recorded + 1 / rows)) <= high - low;
  };
  if (!decides(mostRows)) return undefined;
  let [no, yes] = [1, mostRows];
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (decides(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

/** More are never drawn. */
const mostRows = 1000;

/** Where the tail of Kolmogorov's distribution is so much. */
function pointOf(level: number): number {
  let [below, above] = [0.3, 4];
  while (above - below > 1e-12) {
    const middle = (below + above) / 2;
    if (kolmogorovTail(middle) > level) below = middle;
    else above = middle;
  }
  return above;
}
