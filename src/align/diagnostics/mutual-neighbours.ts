/** The share of nearest neighbours that an example has in both spaces (Huh et al. 2024). */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { nearest } from '../metrics/neighbours.ts';
import { columnMeans, unitRows } from '../rows.ts';

export interface MutualNeighbours {
  readonly k: number;
  /** From 0 to 1: the mean over the rows. */
  readonly share: number;
  /** What unrelated spaces have: k / (n - 1). */
  readonly chance: number;
}

/** Neighbours by the cosine of rows about their mean. */
export async function mutualNeighbours(kernels: Kernels, x: Features, y: Features, k = 10): Promise<MutualNeighbours> {
  const of = async (features: Features): Promise<Uint32Array> => {
    const rows = unitRows(features, columnMeans(features));
    return (await nearest(kernels, rows, rows, { k, isSelf: true })).numbers;
  };
  const [a, b] = [await of(x), await of(y)];
  let shared = 0;
  for (let i = 0; i < x.rows; i++) {
    const known = new Set(a.subarray(i * k, (i + 1) * k));
    for (const number of b.subarray(i * k, (i + 1) * k)) if (known.has(number)) shared += 1;
  }
  return { k, share: shared / (x.rows * k), chance: k / (x.rows - 1) };
}
