/** A = Q diag(values) Q' for a symmetric A. */
import type { Kernels } from '../kernels/kernels.ts';
import { combine, identity, zeros, type Matrix } from '../matrix.ts';
import { diagonalise } from './ql.ts';
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
  const tridiagonal = tridiagonalise(a);
  const { diagonal, below } = tridiagonal;
  const ofTridiagonal = identity(n);
  if (n > 0) diagonalise(diagonal, below, ofTridiagonal);
  const rows = await turnBack(kernels, ofTridiagonal, tridiagonal);
  const order = Uint32Array.from(diagonal, (_, i) => i).sort((i, j) => diagonal[j]! - diagonal[i]!);
  const vectors = zeros(n, n);
  for (let j = 0; j < n; j++)
    for (let i = 0; i < n; i++) vectors.data[i * n + j] = rows.data[order[j]! * n + i]!;
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors };
}

/** The eigenvalues alone, the largest first: the same numbers, for a fraction of the time. Throws where a number is not finite. */
export function symmetricEigenvalues(a: Matrix): Float64Array {
  const { diagonal, below } = tridiagonalise(a);
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
    const along = await kernels.productWithTransposed(rows, v);
    const change = await kernels.product(await kernels.product(along, t), v);
    rows = combine(rows, change, (value, part) => value - part);
  }
  return rows;
}

/**
 * The reflections of some rows, one after the other, as I - V' T V (the compact WY form; Schreiber and Van Loan 1989): V
 * holds their vectors in its rows, T is upper triangular.
 */
function blockOf(reflectors: Matrix, factors: Float64Array, from: number, to: number) {
  const n = reflectors.columns;
  const v = zeros(to - from, n);
  const t = zeros(to - from, to - from);
  for (let k = 0; k < v.rows; k++) {
    const row = from + k;
    v.data.set(reflectors.data.subarray(row * n, row * n + row), k * n);
    t.data[k * t.columns + k] = factors[row]!;
    const along = Float64Array.from({ length: k }, (_, j) => dot(v.data, j * n, v.data, k * n, row));
    for (let i = 0; i < k; i++)
      t.data[i * t.columns + k] = -factors[row]! * dot(t.data, i * t.columns, along, 0, k);
  }
  return { v, t };
}
