/** A = Q diag(values) Q' for a symmetric A. */
import { identity, zeros, type Matrix } from '../matrix.ts';
import { diagonalise } from './ql.ts';
import { tridiagonalise, type Tridiagonal } from './tridiagonal.ts';
import { addScaled, dot } from './vectors.ts';

export interface SymmetricEigen {
  /** The largest first. */
  readonly values: Float64Array;
  /** Column j belongs to `values[j]`; orthonormal. */
  readonly vectors: Matrix;
}

/** Only the lower triangle of A is read. Throws where a number is not finite. */
export function symmetricEigen(a: Matrix): SymmetricEigen {
  const n = a.rows;
  const tridiagonal = tridiagonalise(a);
  const { diagonal, below } = tridiagonal;
  const rows = identity(n);
  if (n > 0) diagonalise(diagonal, below, rows);
  turnBack(rows, tridiagonal);
  const order = Uint32Array.from(diagonal, (_, i) => i).sort((i, j) => diagonal[j]! - diagonal[i]!);
  const vectors = zeros(n, n);
  for (let j = 0; j < n; j++)
    for (let i = 0; i < n; i++) vectors.data[i * n + j] = rows.data[order[j]! * n + i]!;
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors };
}

/** Eigenvectors of T become those of A: the reflections, the last one made first. */
function turnBack(rows: Matrix, { reflectors, factors }: Tridiagonal): void {
  const n = rows.rows;
  for (let j = 0; j < n; j++) {
    for (let i = 1; i < n; i++) {
      if (factors[i] === 0) continue;
      const along = dot(reflectors.data, i * n, rows.data, j * n, i);
      addScaled(-factors[i]! * along, reflectors.data, i * n, rows.data, j * n, i);
    }
  }
}
