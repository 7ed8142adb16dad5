/** The inverse of a symmetric positive definite matrix, by blocks: nearly all of it is products, which the kernels do. */
import type { Kernels } from '../kernels/kernels.ts';
import { zeros, type Matrix } from '../matrix.ts';
import { addScaled } from './vectors.ts';

/** Below this many rows a product on the kernels costs more than it saves. */
const leafRows = 64;

/**
 * With A = [P B'; B D] and S = D - B P⁻¹ B' the inverse is made of P⁻¹, S⁻¹ and their products. Its error grows with the condition
 * of A. Undefined where A is not positive definite to working precision.
 */
export async function invertPositive(kernels: Kernels, a: Matrix): Promise<Matrix | undefined> {
  const n = a.rows;
  if (n <= leafRows) return invertLeaf(a);
  const half = leafRows * Math.ceil(n / leafRows / 2);
  const p = await invertPositive(kernels, block(a, 0, 0, half, half));
  if (p === undefined) return undefined;
  const b = block(a, half, 0, n - half, half);
  const below = await kernels.product(negative(b), p);
  const s = await invertPositive(kernels, await kernels.addProductWithTransposed(block(a, half, half, n - half, n - half), below, b));
  if (s === undefined) return undefined;
  const left = await kernels.product(s, below);
  return join(await kernels.addProductOfTransposed(p, below, left), left, s);
}

/** Gauss and Jordan's, in place; a positive definite matrix needs no pivots. */
function invertLeaf({ rows: n, data }: Matrix): Matrix | undefined {
  const a = Float64Array.from(data);
  for (let k = 0; k < n; k++) {
    const pivot = a[k * n + k]!;
    if (!(pivot > 0)) return undefined;
    a[k * n + k] = 1;
    for (let j = 0; j < n; j++) a[k * n + j]! /= pivot;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = a[i * n + k]!;
      a[i * n + k] = 0;
      addScaled(-factor, a, k * n, a, i * n, n);
    }
  }
  return { rows: n, columns: n, data: a };
}

function block({ columns, data }: Matrix, row: number, column: number, rows: number, width: number): Matrix {
  const result = zeros(rows, width);
  for (let i = 0; i < rows; i++) result.data.set(data.subarray((row + i) * columns + column, (row + i) * columns + column + width), i * width);
  return result;
}

function negative(a: Matrix): Matrix {
  const result = zeros(a.rows, a.columns);
  for (let at = 0; at < a.data.length; at++) result.data[at] = -a.data[at]!;
  return result;
}

/** [upper left'; left lower]. */
function join(upper: Matrix, left: Matrix, lower: Matrix): Matrix {
  const [half, n] = [upper.rows, upper.rows + lower.rows];
  const whole = zeros(n, n);
  for (let i = 0; i < half; i++) whole.data.set(upper.data.subarray(i * half, (i + 1) * half), i * n);
  for (let k = 0; k < lower.rows; k++) {
    const at = (half + k) * n;
    whole.data.set(left.data.subarray(k * half, (k + 1) * half), at);
    whole.data.set(lower.data.subarray(k * lower.rows, (k + 1) * lower.rows), at + half);
    for (let i = 0; i < half; i++) whole.data[i * n + half + k] = left.data[k * half + i]!;
  }
  return whole;
}
