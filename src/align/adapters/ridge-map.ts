/** The ridge map of one penalty. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import { invertPositive } from '../linear-algebra/positive-inverse.ts';
import type { Matrix } from '../matrix.ts';
import { penaltyOf, pathMap, ridgePath } from './ridge-path.ts';

/** Relative to the mean variance of a column: with a smaller penalty an inverse has too few digits, and eigenvectors are taken. */
const leastInvertible = 1e-7;

/** W of y = (x - mean x) W + mean y. `basis` as of a path. */
export async function ridgeMap(kernels: Kernels, moments: Moments, basis: Matrix | undefined, lambda: number): Promise<Matrix> {
  // One of the grid's own penalties may be less by its rounding.
  const inverse = lambda < 0.99 * penaltyOf(moments, leastInvertible) ? undefined : await shiftedInverse(kernels, moments, basis, lambda);
  if (inverse === undefined) return await pathMap(kernels, await ridgePath(kernels, moments, basis), lambda);
  if (basis === undefined) return await kernels.product(inverse, moments.xy);
  return await kernels.product(basis, await kernels.product(inverse, await kernels.productOfTransposed(basis, moments.xy)));
}

/** (Xc'Xc + lambda I)^-1, in the basis. */
async function shiftedInverse(kernels: Kernels, { xx }: Moments, basis: Matrix | undefined, lambda: number): Promise<Matrix | undefined> {
  const reduced = basis === undefined ? { ...xx, data: xx.data.slice() } : await kernels.productOfTransposed(basis, await kernels.product(xx, basis));
  for (let i = 0; i < reduced.rows; i++) reduced.data[i * reduced.columns + i]! += lambda;
  return invertPositive(kernels, reduced);
}
