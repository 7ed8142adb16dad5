/**
 * A symmetric matrix as Q T Q', T tridiagonal (Householder 1958; in the order of EISPACK's tred2: last row first). A panel of rows is cleared at a
 * time, and what that does to the rows above is done at once, by products (Dongarra, Sorensen and Hammarling 1989; LAPACK's dlatrd).
 */
import type { Kernels } from '../kernels/kernels.ts';
import { zeros, type Matrix } from '../matrix.ts';
import { addBoth, dot, multiplySymmetric } from './vectors.ts';

export interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** `below[i]` stands at (i, i - 1); `below[0]` is 0. */
  readonly below: Float64Array;
  /** Row i holds the vector v of the reflection I - factors[i] v v' that cleared row i, in its first i elements. */
  readonly reflectors: Matrix;
  readonly factors: Float64Array;
}

const panelRows = 24;

/** Only the lower triangle of A is read. */
export async function tridiagonalise(kernels: Kernels, a: Matrix): Promise<Tridiagonal> {
  const n = a.rows;
  const result: Tridiagonal = { diagonal: new Float64Array(n), below: new Float64Array(n), reflectors: zeros(n, n), factors: new Float64Array(n) };
  let rest = a;
  while (rest.rows > 0) {
    const left = Math.max(0, rest.rows - panelRows);
    const panel = clearRows(rest, left, result);
    rest = await withoutPanel(kernels, rest, panel, left);
  }
  return result;
}

/** A less v w' + w v' of each reflection of the panel is what all of them have made of A. */
interface Panel {
  /** A row each. */
  readonly v: Matrix;
  readonly w: Matrix;
}

/** Clears the rows from the last one down to `first`; the rest of A stays as it was. */
function clearRows({ rows: n, data: a }: Matrix, first: number, { diagonal, below, reflectors, factors }: Tridiagonal): Panel {
  const [v, w] = [zeros(n - first, n), zeros(n - first, n)];
  const [row, p] = [new Float64Array(n), new Float64Array(n)];
  for (let i = n - 1; i >= first; i--) {
    const done = n - 1 - i;
    row.set(a.subarray(i * n, i * n + i + 1));
    for (let k = 0; k < done; k++) addBoth(-v.data[k * n + i]!, w.data, -w.data[k * n + i]!, v.data, k * n, row, i + 1);
    diagonal[i] = row[i]!;
    const { left, factor } = i === 0 ? { left: 0, factor: 0 } : reflect(row, i);
    below[i] = left;
    factors[i] = factor;
    if (factor === 0) continue;
    // p = factor A v, and w = p - (factor / 2) (p'v) v.
    multiplySymmetric(a, n, i, row, p);
    for (let k = 0; k < done; k++) addBoth(-dot(w.data, k * n, row, 0, i), v.data, -dot(v.data, k * n, row, 0, i), w.data, k * n, p, i);
    for (let k = 0; k < i; k++) p[k]! *= factor;
    const half = (factor / 2) * dot(p, 0, row, 0, i);
    const at = done * n;
    for (let k = 0; k < i; k++) {
      v.data[at + k] = row[k]!;
      w.data[at + k] = p[k]! - half * row[k]!;
    }
    reflectors.data.set(row.subarray(0, i), i * reflectors.columns);
  }
  return { v, w };
}

/** The leading rows and columns less v w' + w v'. */
async function withoutPanel(kernels: Kernels, a: Matrix, { v, w }: Panel, count: number): Promise<Matrix> {
  const [left, right] = [zeros(2 * v.rows, count), zeros(2 * v.rows, count)];
  for (let k = 0; k < v.rows; k++) {
    for (const [at, one, other] of [[k, v, w], [k + v.rows, w, v]] as const) {
      right.data.set(other.data.subarray(k * a.rows, k * a.rows + count), at * count);
      for (let j = 0; j < count; j++) left.data[at * count + j] = -one.data[k * a.rows + j]!;
    }
  }
  const leading = zeros(count, count);
  for (let i = 0; i < count; i++) leading.data.set(a.data.subarray(i * a.rows, i * a.rows + count), i * count);
  return kernels.addProductOfTransposed(leading, left, right);
}

/**
 * Makes the first `count` elements into the vector of a reflection that leaves only their last one, and answers with
 * that element and the reflection's factor.
 */
function reflect(row: Float64Array, count: number): { readonly left: number; readonly factor: number } {
  const last = count - 1;
  let largest = 0;
  for (let k = 0; k < last; k++) largest = Math.max(largest, Math.abs(row[k]!));
  if (largest === 0) return { left: row[last]!, factor: 0 };
  largest = Math.max(largest, Math.abs(row[last]!));
  // Scaled, so that squares neither overflow nor vanish.
  for (let k = 0; k <= last; k++) row[k]! /= largest;
  const norm = Math.sqrt(dot(row, 0, row, 0, count));
  const left = row[last]! > 0 ? -norm : norm;
  const factor = 1 / (norm * norm - left * row[last]!);
  row[last]! -= left;
  return { left: left * largest, factor };
}
