/** The inverse of a symmetric positive definite matrix, by blocks: nearly all of it is products, which the kernels do. */
import type { Kernels } from '../kernels/kernels.ts';
import { identity, transpose, zeros, type Matrix } from '../matrix.ts';
import { cholesky } from './cholesky.ts';
import { solveLower } from './triangular.ts';

/** Below this many rows a product on the kernels costs more than it saves. */
const leafRows = 64;
/** Up to so many rows a triangular matrix is multiplied as if it were full. */
const fullRows = 128;

/**
 * A⁻¹ = M'M with M = L⁻¹ and A = L L'. By way of L, and not of inverses of blocks of A: their error grows with the square of A's condition, and
 * again from block to block, until at a condition of 16,000 no digit is left. This one's grows with the condition (Higham 2002, chapter 14).
 * Undefined where A is not positive definite to working precision.
 */
export async function invertPositive(kernels: Kernels, a: Matrix): Promise<Matrix | undefined> {
  const m = await invertFactor(kernels, a);
  return m === undefined ? undefined : await squareOf(kernels, m);
}

/** M, lower triangular. With A = [P B'; B D], P⁻¹ = Mp'Mp and C = B Mp' the lower block's is that of D - C C', and beside it stands - Ms C Mp. */
async function invertFactor(kernels: Kernels, a: Matrix): Promise<Matrix | undefined> {
  const n = a.rows;
  if (n <= leafRows) {
    const factor = cholesky(a);
    return factor === undefined ? undefined : solveLower(factor, identity(n));
  }
  const half = halfOf(n);
  const upper = await invertFactor(kernels, block(a, 0, 0, half, half));
  if (upper === undefined) return undefined;
  const c = await kernels.productWithTransposed(block(a, half, 0, n - half, half), upper);
  const minus = negative(c);
  const lower = await invertFactor(kernels, await kernels.addProductWithTransposed(block(a, half, half, n - half, n - half), minus, c));
  if (lower === undefined) return undefined;
  const m = zeros(n, n);
  place(m, upper, 0, 0);
  place(m, await kernels.product(lower, await kernels.product(minus, upper)), half, 0);
  place(m, lower, half, half);
  return m;
}

/** M'M of a lower triangular M = [U 0; L R]: [U'U + L'L, L'R; R'L, R'R]. */
async function squareOf(kernels: Kernels, m: Matrix): Promise<Matrix> {
  const n = m.rows;
  if (n <= fullRows) return kernels.productOfTransposed(m, m);
  const half = halfOf(n);
  const [left, lower] = [block(m, half, 0, n - half, half), block(m, half, half, n - half, n - half)];
  const beside = await kernels.productOfTransposed(lower, left);
  const square = zeros(n, n);
  place(square, await kernels.addProductOfTransposed(await squareOf(kernels, block(m, 0, 0, half, half)), left, left), 0, 0);
  place(square, beside, half, 0);
  place(square, transpose(beside), 0, half);
  place(square, await squareOf(kernels, lower), half, half);
  return square;
}

const halfOf = (n: number): number => leafRows * Math.ceil(n / leafRows / 2);

function block({ columns, data }: Matrix, row: number, column: number, rows: number, width: number): Matrix {
  const result = zeros(rows, width);
  for (let i = 0; i < rows; i++) result.data.set(data.subarray((row + i) * columns + column, (row + i) * columns + column + width), i * width);
  return result;
}

function place(whole: Matrix, part: Matrix, row: number, column: number): void {
  for (let i = 0; i < part.rows; i++) whole.data.set(part.data.subarray(i * part.columns, (i + 1) * part.columns), (row + i) * whole.columns + column);
}

function negative(a: Matrix): Matrix {
  const result = zeros(a.rows, a.columns);
  for (let at = 0; at < a.data.length; at++) result.data[at] = -a.data[at]!;
  return result;
}
