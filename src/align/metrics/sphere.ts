/** Alignment and uniformity on the unit sphere (Wang and Isola 2020), and the InfoNCE bound, of pairs of rows. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { unitRows } from '../rows.ts';
import { rowBlock } from './neighbours.ts';

const blockRows = 256;

/** The mean squared distance of the two rows of a pair: from 0 to 4. */
export function alignmentOf(x: Features, y: Features): number {
  const [a, b] = [unitRows(x), unitRows(y)];
  return a.data.reduce((sum, value, at) => sum + (value - b.data[at]!) ** 2, 0) / x.rows;
}

/** The logarithm of the mean of exp(-2 ||u - v||²) over all pairs of different rows: at most 0, lower where they spread. */
export async function uniformityOf(kernels: Kernels, x: Features): Promise<number> {
  const u = unitRows(x);
  let sum = 0;
  await eachSimilarity(kernels, u, u, (similarity, i, j) => {
    // ||u - v||² = 2 - 2 u'v for unit vectors.
    if (i !== j) sum += Math.exp(4 * similarity - 4);
  });
  return Math.log(sum / (x.rows * (x.rows - 1)));
}

export interface InfoNce {
  /** A lower bound of the mutual information in nats (van den Oord et al. 2018). */
  readonly bound: number;
  /** log N: no larger value can be seen with so many rows, however much the spaces share. */
  readonly cap: number;
}

/** Row i of x and row i of y are a pair, all others are not. Both need the same width. */
export async function infoNce(kernels: Kernels, x: Features, y: Features, temperature = 0.05): Promise<InfoNce> {
  const sums = new Float64Array(x.rows);
  const paired = new Float64Array(x.rows);
  await eachSimilarity(kernels, unitRows(x), unitRows(y), (similarity, i, j) => {
    // At most 1 / temperature: shifted, so that nothing overflows.
    sums[i]! += Math.exp((similarity - 1) / temperature);
    if (i === j) paired[i] = (similarity - 1) / temperature;
  });
  const cap = Math.log(x.rows);
  const loss = sums.reduce((sum, value, i) => sum + Math.log(value) - paired[i]!, 0) / x.rows;
  return { bound: cap - loss, cap };
}

async function eachSimilarity(
  kernels: Kernels,
  x: Features,
  y: Features,
  visit: (similarity: number, i: number, j: number) => void,
): Promise<void> {
  for (let start = 0; start < x.rows; start += blockRows) {
    const block = rowBlock(x, start, Math.min(x.rows, start + blockRows));
    const { data } = await kernels.similarities(block, y);
    for (let at = 0; at < data.length; at++) visit(data[at]!, start + Math.floor(at / y.rows), at % y.rows);
  }
}
