/** A = L L' for a symmetric positive definite A (Cholesky, Banachiewicz's order: row by row). */
import { zeros, type Matrix } from '../matrix.ts';
import { dot } from './vectors.ts';

/** The lower factor L; undefined where A is not positive definite to working precision. Only A's lower triangle is read. */
export function cholesky(a: Matrix): Matrix | undefined {
  const n = a.rows;
  const lower = zeros(n, n);
  const l = lower.data;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      l[i * n + j] = (a.data[i * n + j]! - dot(l, i * n, l, j * n, j)) / l[j * n + j]!;
    }
    const pivot = a.data[i * n + i]! - dot(l, i * n, l, i * n, i);
    if (!(pivot > 0)) return undefined;
    l[i * n + i] = Math.sqrt(pivot);
  }
  return lower;
}
