/** A symmetric matrix as Q T Q', T tridiagonal (Householder 1958; in the order of EISPACK's tred2: last row first). */
import type { Matrix } from '../matrix.ts';
import { addScaled, dot } from './vectors.ts';

export interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** `below[i]` stands at (i, i - 1); `below[0]` is 0. */
  readonly below: Float64Array;
  /** Row i holds the vector v of the reflection I - factors[i] v v' that cleared row i, in its first i elements. */
  readonly reflectors: Matrix;
  readonly factors: Float64Array;
}

/** Only the lower triangle of A is read. */
export function tridiagonalise({ rows: n, data }: Matrix): Tridiagonal {
  const a = Float64Array.from(data);
  const diagonal = new Float64Array(n);
  const below = new Float64Array(n);
  const factors = new Float64Array(n);
  const p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const row = i * n;
    const reflection = reflect(a, row, i);
    below[i] = reflection.left;
    factors[i] = reflection.factor;
    if (reflection.factor === 0) continue;
    // p = factor A v, then w = p - (factor / 2) (p'v) v, and A becomes A - v w' - w v'.
    multiplyLower(a, n, i, row, p);
    for (let k = 0; k < i; k++) p[k]! *= reflection.factor;
    addScaled((-reflection.factor / 2) * dot(p, 0, a, row, i), a, row, p, 0, i);
    for (let k = 0; k < i; k++) {
      // Both at once: what an element costs is to reach it.
      const [byP, byV] = [-a[row + k]!, -p[k]!];
      for (let j = 0, at = k * n; j <= k; j++, at++) a[at] = a[at]! + byP * p[j]! + byV * a[row + j]!;
    }
  }
  for (let i = 0; i < n; i++) diagonal[i] = a[i * n + i]!;
  return { diagonal, below, reflectors: { rows: n, columns: n, data: a }, factors };
}

/**
 * Makes the vector at [at, at + count) into that of a reflection that leaves only its last element, and answers with
 * that element and the reflection's factor.
 */
function reflect(a: Float64Array, at: number, count: number): { readonly left: number; readonly factor: number } {
  const last = at + count - 1;
  let largest = 0;
  for (let k = at; k < last; k++) largest = Math.max(largest, Math.abs(a[k]!));
  if (largest === 0) return { left: a[last]!, factor: 0 };
  largest = Math.max(largest, Math.abs(a[last]!));
  // Scaled, so that squares neither overflow nor vanish.
  for (let k = at; k <= last; k++) a[k]! /= largest;
  const norm = Math.sqrt(dot(a, at, a, at, count));
  const left = a[last]! > 0 ? -norm : norm;
  const factor = 1 / (norm * norm - left * a[last]!);
  a[last]! -= left;
  return { left: left * largest, factor };
}

/** p = A v for the leading `count` rows of A, of which the lower triangle is read; v stands in `a` at `atV`. */
function multiplyLower(a: Float64Array, n: number, count: number, atV: number, p: Float64Array): void {
  p.fill(0, 0, count);
  for (let k = 0; k < count; k++) {
    p[k]! += dot(a, k * n, a, atV, k + 1);
    addScaled(a[atV + k]!, a, k * n, p, 0, k);
  }
}
