/** A = Q diag(values) Q' for a symmetric A. */
import type { Kernels } from '../kernels/kernels.ts';
import { zeros, type Matrix } from '../matrix.ts';
import { divide } from './divide.ts';
import { diagonalise, notFinite } from './ql.ts';
import { tridiagonalise, type Tridiagonal } from './tridiagonal.ts';
import { dot } from './vectors.ts';

export interface SymmetricEigen {
  /** The largest first. */
  readonly values: Float64Array;
  /** Column j belongs to `values[j]`; orthonormal. */
  readonly vectors: Matrix;
}

/** Only the lower triangle of A is read. Rejects where a number is not finite. */
export async function symmetricEigen(kernels: Kernels, a: Matrix): Promise<SymmetricEigen> {
  const n = a.rows;
  const tridiagonal = await tridiagonalise(kernels, a);
  const size = sizeOf(tridiagonal);
  const scaled = (values: Float64Array): Float64Array => (size === 0 ? values : values.map((value) => value / size));
  const { values, rows } = await divide(kernels, scaled(tridiagonal.diagonal), scaled(tridiagonal.below));
  const turned = await turnBack(kernels, rows, tridiagonal);
  const vectors = zeros(n, n);
  // The largest first, and in columns.
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) vectors.data[i * n + j] = turned.data[(n - 1 - j) * n + i]!;
  return { values: values.reverse().map((value) => value * (size || 1)), vectors };
}

/** The largest element of T. Throws where one is not finite. */
function sizeOf({ diagonal, below }: Tridiagonal): number {
  const largest = [diagonal, below].reduce((most, vector) => vector.reduce((size, value) => Math.max(size, Math.abs(value)), most), 0);
  if (!Number.isFinite(largest)) throw notFinite();
  return largest;
}

/** The eigenvalues alone, the largest first: the same to rounding, for a third of the time. Rejects where a number is not finite. */
export async function symmetricEigenvalues(kernels: Kernels, a: Matrix): Promise<Float64Array> {
  const { diagonal, below } = await tridiagonalise(kernels, a);
  if (a.rows > 0) diagonalise(diagonal, below, zeros(a.rows, 0));
  return diagonal.sort().reverse();
}

const blockRows = 64;

/** Eigenvectors of T, a row each, become those of A: by the reflections, the last one made first, in blocks. */
async function turnBack(kernels: Kernels, vectors: Matrix, { reflectors, factors }: Tridiagonal): Promise<Matrix> {
  const n = vectors.rows;
  let rows = vectors;
  for (let from = 1; from < n; from += blockRows) {
    const { v, t } = blockOf(reflectors, factors, from, Math.min(n, from + blockRows));
    const along = await kernels.productWithTransposed(v, rows);
    rows = await kernels.addProductOfTransposed(rows, await kernels.productOfTransposed(t, along), v);
  }
  return rows;
}

/**
 * The reflections of some rows, one after the other, as I + V' T V (the compact WY form; Schreiber and Van Loan 1989): V
 * holds their vectors in its rows, T is upper triangular.
 */
function blockOf(reflectors: Matrix, factors: Float64Array, from: number, to: number) {
  const n = reflectors.columns;
  const v = zeros(to - from, n);
  const t = zeros(to - from, to - from);
  for (let k = 0; k < v.rows; k++) {
    const row = from + k;
    v.data.set(reflectors.data.subarray(row * n, row * n + row), k * n);
    t.data[k * t.columns + k] = -factors[row]!;
    const along = Float64Array.from({ length: k }, (_, j) => dot(v.data, j * n, v.data, k * n, row));
    for (let i = 0; i < k; i++)
      t.data[i * t.columns + k] = -factors[row]! * dot(t.data, i * t.columns, along, 0, k);
  }
  return { v, t };
}
