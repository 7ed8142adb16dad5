/** Clusters of rows by k-means (Lloyd 1982), started by k-means++ (Arthur and Vassilvitskii 2007). */
import { createRandom, type Random } from '../../data/random.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { selectRows, type Features } from '../matrix.ts';

export interface Clusters {
  /** The cluster of each row. */
  readonly labels: Uint32Array;
  readonly centres: Features;
}

const maxRounds = 100;

export async function kMeans(kernels: Kernels, rows: Features, k: number, seed: number): Promise<Clusters> {
  const random = createRandom(seed);
  let centres = firstCentres(rows, Math.min(k, rows.rows), random);
  let labels = await assign(kernels, rows, centres);
  for (let round = 0; round < maxRounds; round++) {
    centres = means(rows, labels, centres);
    const next = await assign(kernels, rows, centres);
    if (next.every((label, i) => label === labels[i])) break;
    labels = next;
  }
  return { labels, centres };
}

function firstCentres(rows: Features, k: number, random: Random): Features {
  const chosen = [random.integer(rows.rows)];
  const distances = new Float64Array(rows.rows).fill(Infinity);
  while (chosen.length < k) {
    const last = chosen.at(-1)!;
    for (let i = 0; i < rows.rows; i++) distances[i] = Math.min(distances[i]!, squaredDistance(rows, i, last));
    const total = distances.reduce((sum, value) => sum + value, 0);
    let left = random.uniform() * total;
    const next = distances.findIndex((value) => (left -= value) < 0);
    chosen.push(next < 0 ? random.integer(rows.rows) : next);
  }
  return selectRows(rows, chosen);
}

function squaredDistance({ columns, data }: Features, i: number, j: number): number {
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += (data[i * columns + c]! - data[j * columns + c]!) ** 2;
  return sum;
}

/** The nearest centre of each row: the least ||c||² - 2 x'c. */
async function assign(kernels: Kernels, rows: Features, centres: Features): Promise<Uint32Array> {
  const squares = Float64Array.from({ length: centres.rows }, (_, j) => {
    const row = centres.data.subarray(j * centres.columns, (j + 1) * centres.columns);
    return row.reduce((sum, value) => sum + value * value, 0);
  });
  const { data } = await kernels.similarities(rows, centres);
  return Uint32Array.from({ length: rows.rows }, (_, i) => {
    let [best, least] = [0, Infinity];
    for (let j = 0; j < centres.rows; j++) {
      const distance = squares[j]! - 2 * data[i * centres.rows + j]!;
      if (distance < least) [best, least] = [j, distance];
    }
    return best;
  });
}

/** A cluster that has lost all its rows keeps its centre. */
function means(rows: Features, labels: Uint32Array, centres: Features): Features {
  const { columns } = rows;
  const counts = new Float64Array(centres.rows);
  const sums = new Float64Array(centres.data.length);
  for (const [i, label] of labels.entries()) {
    counts[label]! += 1;
    for (let c = 0; c < columns; c++) sums[label * columns + c]! += rows.data[i * columns + c]!;
  }
  const mean = (sum: number, at: number): number => {
    const count = counts[Math.floor(at / columns)]!;
    return count === 0 ? centres.data[at]! : sum / count;
  };
  return { ...centres, data: Float32Array.from(sums, mean) };
}
