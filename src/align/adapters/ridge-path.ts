/** Ridge maps for all penalties at once, from one eigendecomposition. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import { symmetricEigen } from '../linear-algebra/symmetric-eigen.ts';
import { addScaled, dot } from '../linear-algebra/vectors.ts';
import { combine, scaleRows, sum, sumOfSquares, type Matrix } from '../matrix.ts';

/**
 * In the basis P of the eigenvectors of Xc'Xc the map of penalty lambda is P diag(1 / (values + lambda)) A with A = P'Xc'Yc.
 */
export interface RidgePath {
  readonly values: Float64Array;
  readonly p: Matrix;
  readonly a: Matrix;
  readonly moments: Moments;
}

/** `basis` has orthonormal columns that span the rows of x; the whole space is taken where it is not given. */
export async function ridgePath(kernels: Kernels, moments: Moments, basis: Matrix | undefined): Promise<RidgePath> {
  const { xx, xy } = moments;
  const reduced =
    basis === undefined ? xx : await kernels.productOfTransposed(basis, await kernels.product(xx, basis));
  const { values, vectors } = await symmetricEigen(kernels, reduced);
  const p = basis === undefined ? vectors : await kernels.product(basis, vectors);
  const a = await kernels.productOfTransposed(p, xy);
  return { values: values.map((value) => Math.max(value, 0)), p, a, moments };
}

/** The penalty that weighs as much as `relative` times the mean variance of a column. */
export const penaltyOf = ({ squaresX }: Moments, relative: number): number => (relative * sum(squaresX)) / squaresX.length;

const shrinkage = ({ values }: RidgePath, lambda: number): Float64Array => values.map((value) => 1 / (value + lambda));

/** W of y = (x - mean x) W + mean y. */
export const pathMap = (kernels: Kernels, path: RidgePath, lambda: number): Promise<Matrix> =>
  kernels.product(path.p, scaleRows(path.a, shrinkage(path, lambda)));

/** The squared error of the map of each relative penalty on other rows, without ever making the map. */
export async function ridgeErrors(
  kernels: Kernels,
  path: RidgePath,
  held: Moments,
  relatives: readonly number[],
): Promise<readonly number[]> {
  const { p, a, moments } = path;
  const cross = await kernels.productOfTransposed(p, held.xy);
  const gram = await kernels.productOfTransposed(p, await kernels.product(held.xx, p));
  const outer = await kernels.productWithTransposed(a, a);
  const fit = Float64Array.from({ length: a.rows }, (_, i) => dot(a.data, i * a.columns, cross.data, i * a.columns, a.columns));
  const offX = await kernels.productOfTransposed(p, column(held.meanX, moments.meanX));
  const offY = column(held.meanY, moments.meanY).data;
  // The square of the answers is d' (gram * outer) d, element by element, d being what the penalty makes of the directions.
  const squares = combine(gram, outer, (g, o) => g * o);
  return relatives.map((relative) => {
    const d = shrinkage(path, penaltyOf(moments, relative));
    let [linear, square] = [0, 0];
    const off = Float64Array.from(offY);
    for (let i = 0; i < d.length; i++) {
      linear += d[i]! * fit[i]!;
      square += d[i]! * dot(squares.data, i * d.length, d, 0, d.length);
      addScaled(-offX.data[i]! * d[i]!, a.data, i * a.columns, off, 0, a.columns);
    }
    return sum(held.squaresY) - 2 * linear + square + held.count * sumOfSquares({ data: off });
  });
}

const column = (a: Float64Array, b: Float64Array): Matrix => ({
  rows: a.length,
  columns: 1,
  data: a.map((value, i) => value - b[i]!),
});
