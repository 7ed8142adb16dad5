/** Whether rows lie in clusters that labels name. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { rowNorms, unitRows, columnMeans } from '../rows.ts';
import { nearest, rowBlock } from './neighbours.ts';

/** Normalised mutual information of two labellings, by the arithmetic mean of their entropies: from 0 to 1. */
export function normalisedMutualInformation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  const joint = new Map<string, number>();
  const [countA, countB] = [new Map<number, number>(), new Map<number, number>()];
  for (let i = 0; i < n; i++) {
    const key = `${a[i]} ${b[i]}`;
    joint.set(key, (joint.get(key) ?? 0) + 1);
    countA.set(a[i]!, (countA.get(a[i]!) ?? 0) + 1);
    countB.set(b[i]!, (countB.get(b[i]!) ?? 0) + 1);
  }
  const entropy = (counts: Iterable<number>): number =>
    [...counts].reduce((sum, count) => sum - (count / n) * Math.log(count / n), 0);
  const [hA, hB, hAB] = [entropy(countA.values()), entropy(countB.values()), entropy(joint.values())];
  return hA + hB === 0 ? 1 : Math.max(0, (2 * (hA + hB - hAB)) / (hA + hB));
}

const blockRows = 256;

/** The mean silhouette (Rousseeuw 1987) by Euclidean distance: from -1 to 1. A row alone in its class counts as 0. */
export async function silhouette(kernels: Kernels, rows: Features, labels: ArrayLike<number>): Promise<number> {
  const classes = [...new Set(Array.from(labels))];
  const indexOf = new Map(classes.map((label, c) => [label, c]));
  const sizes = classes.map((label) => Array.from(labels).filter((other) => other === label).length);
  const squares = rowNorms(rows).map((norm) => norm * norm);
  let sum = 0;
  for (let start = 0; start < rows.rows; start += blockRows) {
    const block = rowBlock(rows, start, Math.min(rows.rows, start + blockRows));
    const { data } = await kernels.similarities(block, rows);
    for (let i = 0; i < block.rows; i++) {
      const distances = new Float64Array(classes.length);
      for (let j = 0; j < rows.rows; j++) {
        if (j === start + i) continue;
        const squared = squares[start + i]! + squares[j]! - 2 * data[i * rows.rows + j]!;
        distances[indexOf.get(labels[j]!)!]! += Math.sqrt(Math.max(0, squared));
      }
      sum += silhouetteOf(distances, sizes, indexOf.get(labels[start + i]!)!);
    }
  }
  return sum / rows.rows;
}

function silhouetteOf(distances: Float64Array, sizes: readonly number[], own: number): number {
  if (sizes[own] === 1 || sizes.length === 1) return 0;
  const inside = distances[own]! / (sizes[own]! - 1);
  let outside = Infinity;
  for (const [c, size] of sizes.entries()) if (c !== own) outside = Math.min(outside, distances[c]! / size);
  return inside === outside ? 0 : (outside - inside) / Math.max(inside, outside);
}

/** Which rows have their label from the k nearest others, by the cosine about the mean; of equal votes the nearest wins. */
export async function neighbourCorrectness(
  kernels: Kernels,
  rows: Features,
  labels: ArrayLike<number>,
  k = 10,
): Promise<readonly boolean[]> {
  const unit = unitRows(rows, columnMeans(rows));
  const { numbers } = await nearest(kernels, unit, unit, { k, isSelf: true });
  return Array.from({ length: rows.rows }, (_, i) => {
    const votes = new Map<number, number>();
    for (const number of numbers.subarray(i * k, (i + 1) * k)) votes.set(labels[number]!, (votes.get(labels[number]!) ?? 0) + 1);
    // A map keeps the order in which its keys came: the nearest first.
    const winner = [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best));
    return winner[0] === labels[i];
  });
}
