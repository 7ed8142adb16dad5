/** The principal directions of a space, from a sample of its rows that no width makes slow. */
import { selectRows, type Features, type Kernels, type Matrix } from '../../align/index.ts';
import { symmetricEigen } from '../../align/linear-algebra/symmetric-eigen.ts';
import { toDouble } from '../../align/matrix.ts';
import { centreRows, columnMeans } from '../../align/rows.ts';
import { createRandom, permutation } from '../../data/random.ts';

const mostRows = 4000;
/** An eigendecomposition of a thousand takes some seconds. */
const mostSquare = 1000;

export interface Principal {
  readonly mean: Float64Array;
  /** The first two directions, of length 1; the greatest element of each is positive. */
  readonly axes: readonly [Float64Array, Float64Array];
  /** Of the variance along each direction, the largest first. */
  readonly shares: Float64Array;
}

export async function principalOf(kernels: Kernels, features: Features, seed: number): Promise<Principal> {
  const isWide = features.columns > mostSquare;
  const rows = permutation(features.rows, createRandom(seed)).subarray(0, isWide ? mostSquare : mostRows);
  const sample = selectRows(features, rows);
  const mean = columnMeans(sample);
  const x = toDouble(centreRows(sample, mean));
  // X'X and XX' have the same eigenvalues: the smaller one is taken.
  const { values, vectors } = await symmetricEigen(kernels, isWide ? await kernels.productWithTransposed(x, x) : await kernels.productOfTransposed(x, x));
  const columnOf = (j: number): Float64Array => Float64Array.from({ length: vectors.rows }, (_, i) => vectors.data[i * vectors.columns + j] ?? 0);
  const axis = (j: number): Float64Array => direct(isWide ? alongColumns(x, columnOf(j)) : columnOf(j));
  const variances = values.map((value) => Math.max(0, value));
  const total = variances.reduce((sum, value) => sum + value, 0);
  return { mean, axes: [axis(0), values.length > 1 ? axis(1) : new Float64Array(features.columns)], shares: variances.map((value) => (total === 0 ? 0 : value / total)) };
}

/** X'u. */
function alongColumns({ rows, columns, data }: Matrix, u: Float64Array): Float64Array {
  const result = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j]! += data[i * columns + j]! * u[i]!;
  return result;
}

/** Of length 1, and of one of the two directions that an axis has. */
function direct(axis: Float64Array): Float64Array {
  const greatest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  const length = Math.sign(greatest) * Math.hypot(...axis);
  return length === 0 ? axis : axis.map((value) => value / length);
}

/** The rows on the two axes. */
export function project({ rows, columns, data }: Features, { mean, axes }: Principal): [number, number][] {
  return Array.from({ length: rows }, (_, i) => {
    const at = [0, 0] as [number, number];
    for (let j = 0; j < columns; j++) {
      const value = data[i * columns + j]! - mean[j]!;
      at[0] += value * axes[0][j]!;
      at[1] += value * axes[1][j]!;
    }
    return at;
  });
}
