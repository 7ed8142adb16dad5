/** Covariances that can be inverted, and their roots. */
import type { Kernels } from '../kernels/kernels.ts';
import { symmetricEigen } from '../linear-algebra/symmetric-eigen.ts';
import { scaleColumns, sumOfSquares, trace, type Matrix } from '../matrix.ts';

/**
 * The covariance of `count` rows drawn towards a multiple of the identity, as far as the oracle approximating shrinkage says
 * (Chen, Wiesel, Eldar and Hero 2010): more where there are few rows for the columns.
 */
export function shrunkCovariance(scatter: Matrix, count: number): { readonly covariance: Matrix; readonly shrinkage: number } {
  const p = scatter.rows;
  const covariance = { ...scatter, data: scatter.data.map((value) => value / count) };
  const [size, squares] = [trace(covariance), sumOfSquares(covariance)];
  const excess = (count + 1 - 2 / p) * (squares - (size * size) / p);
  const shrinkage = excess > 0 ? Math.min(1, ((1 - 2 / p) * squares + size * size) / excess) : 1;
  for (let i = 0; i < covariance.data.length; i++) covariance.data[i]! *= 1 - shrinkage;
  for (let i = 0; i < p; i++) covariance.data[i * p + i]! += (shrinkage * size) / p;
  return { covariance, shrinkage };
}

/** A to the given power, for a symmetric positive definite A. */
export async function symmetricPower(kernels: Kernels, a: Matrix, power: number): Promise<Matrix> {
  const { values, vectors } = await symmetricEigen(kernels, a);
  // Rounding may leave an eigenvalue at or below 0 where the rows have no variance at all.
  const least = values[0]! * 1e-12;
  const powers = values.map((value) => Math.max(value, least) ** power);
  return kernels.productWithTransposed(scaleColumns(vectors, powers), vectors);
}
