/** Systems with a lower triangular matrix, any number of right-hand sides at once. */
import type { Matrix } from '../matrix.ts';
import { addScaled } from './vectors.ts';

/** X with L X = B, by forward substitution; only L's lower triangle is read. */
export function solveLower(lower: Matrix, b: Matrix): Matrix {
  const { rows: n, data: l } = lower;
  const x = Float64Array.from(b.data);
  const m = b.columns;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) addScaled(-l[i * n + k]!, x, k * m, x, i * m, m);
    scale(x, i * m, m, 1 / l[i * n + i]!);
  }
  return { ...b, data: x };
}

/** X with L' X = B, by back substitution; only L's lower triangle is read. */
export function solveLowerTransposed(lower: Matrix, b: Matrix): Matrix {
  const { rows: n, data: l } = lower;
  const x = Float64Array.from(b.data);
  const m = b.columns;
  for (let i = n - 1; i >= 0; i--) {
    scale(x, i * m, m, 1 / l[i * n + i]!);
    // Row i of L is column i of L': it is at hand, and contiguous.
    for (let k = 0; k < i; k++) addScaled(-l[i * n + k]!, x, i * m, x, k * m, m);
  }
  return { ...b, data: x };
}

/** X with L L' X = B: the system of a matrix whose Cholesky factor is L. */
export const solveCholesky = (lower: Matrix, b: Matrix): Matrix => solveLowerTransposed(lower, solveLower(lower, b));

function scale(x: Float64Array, at: number, count: number, factor: number): void {
  for (let i = at; i < at + count; i++) x[i]! *= factor;
}
