/** Clusters of a target space, and how much of each an example has. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { kMeans } from '../metrics/k-means.ts';
import type { LossCall } from './losses.ts';

export interface SharedClusters {
  readonly clusters: NonNullable<LossCall['clusters']>;
  /** Of each row its share in each cluster: the softmax of the negative squared distances over temperature and spread. */
  readonly shares: Features;
}

export async function sharedClusters(kernels: Kernels, rows: Features, k: number, temperature: number, seed: number): Promise<SharedClusters> {
  const { centres } = await kMeans(kernels, rows, k, seed);
  const distances = new Float64Array(rows.rows * centres.rows);
  for (let i = 0; i < rows.rows; i++)
    for (let c = 0; c < centres.rows; c++)
      for (let j = 0; j < rows.columns; j++) distances[i * centres.rows + c]! += (rows.data[i * rows.columns + j]! - centres.data[c * rows.columns + j]!) ** 2;
  const own = Array.from({ length: rows.rows }, (_, i) => distances.subarray(i * centres.rows, (i + 1) * centres.rows));
  const spread = own.reduce((sum, row) => sum + Math.min(...row), 0) / rows.rows || 1;
  const data = own.flatMap((row) => {
    const nearest = Math.min(...row);
    const weights = Array.from(row, (distance) => Math.exp((nearest - distance) / (temperature * spread)));
    const sum = weights.reduce((all, weight) => all + weight, 0);
    return weights.map((weight) => weight / sum);
  });
  return { clusters: { centres, spread }, shares: { rows: rows.rows, columns: centres.rows, data: Float32Array.from(data) } };
}
