/**
 * The orthogonal polar factor of a matrix: the nearest one with orthonormal columns (or rows), U V' of the singular value
 * decomposition U S V'. Each step applies an odd function to the singular values that brings them nearer to 1: as long as they are
 * apart the rational one of dynamically weighted Halley (Nakatsukasa, Bai and Gygi 2010), whose inverse is of I + c X'X; at the end
 * Taylor's quintic, which is products alone.
 */
import { createRandom } from '../../data/random.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { combine, identity, sumOfSquares, transpose, zeros, type Matrix } from '../matrix.ts';
import { invertPositive } from './positive-inverse.ts';

/** Singular values below this part of the largest count as 0: their directions are noise. */
const smallestSingular = 1e-9;
/** A function for a longer interval has a matrix to invert whose condition is above 16,000, and rounding shows. */
const shortestLow = 1e-3;
/** ||X'X - I|| where Taylor's quintic converges at once. */
const nearlyOrthogonal = 0.5;
const orthogonal = 1e-13;
const maxSteps = 40;
/** A random square matrix of any size that is met has a condition far better than `smallestSingular`. */
const maxCompletions = 4;

export interface PolarOptions {
  /** For directions of which the matrix says nothing. */
  readonly seed: number;
  /** The largest element of X'X - I that may be left; next to rounding where it is not given. */
  readonly tolerance?: number;
}

/** The factor of any finite matrix. Where the matrix lacks rank, it is completed by directions from the seed. */
export async function polarFactor(kernels: Kernels, a: Matrix, { seed, tolerance = orthogonal }: PolarOptions): Promise<Matrix> {
  if (a.rows < a.columns) return transpose(await polarFactor(kernels, transpose(a), { seed, tolerance }));
  let { factor, isWhole } = await iterate(kernels, a, tolerance);
  for (let round = 0; !isWhole; round++) {
    if (round === maxCompletions) throw notFinite();
    ({ factor, isWhole } = await iterate(kernels, await complete(kernels, factor, seed + round), tolerance));
  }
  return factor;
}

const notFinite = (): Error => new Error('a matrix to be decomposed holds numbers that are not finite');

interface Iterated {
  readonly factor: Matrix;
  /** Whether all columns are orthonormal; otherwise the matrix lacks rank. */
  readonly isWhole: boolean;
}

async function iterate(kernels: Kernels, a: Matrix, tolerance: number): Promise<Iterated> {
  let gram = await kernels.productOfTransposed(a, a);
  // No singular value is larger: the largest eigenvalue of A'A is at most its Frobenius norm.
  const bound = Math.sqrt(Math.sqrt(sumOfSquares(gram)));
  if (bound === 0) return { factor: zeros(a.rows, a.columns), isWhole: a.columns === 0 };
  let x = scaled(a, 1 / bound);
  gram = scaled(gram, 1 / bound ** 2);
  // Where every singular value that counts lies above, for certain, and where the matrix itself shows that it does.
  let [certain, seen] = [smallestSingular, 0];
  for (let steps = 0; ; steps++) {
    const distance = distanceFromIdentity(gram);
    if (distance.largest <= tolerance) return { factor: x, isWhole: true };
    const isNear = distance.norm <= nearlyOrthogonal;
    // By now every singular value that counts is 1: what is not, is noise.
    if (steps === maxSteps || (certain >= 1 - orthogonal && !isNear)) return { factor: x, isWhole: false };
    if (isNear) {
      x = await kernels.product(x, await quintic(kernels, gram));
      // What is left is 5/8 of the cube, and at most the cube itself from `nearlyOrthogonal` on.
      if (distance.norm ** 3 <= tolerance) return { factor: x, isWhole: true };
    } else {
      const step = halley(Math.min(1, Math.max(certain, seen, shortestLow)));
      const inverse = await invertPositive(kernels, shift(gram, step.c));
      if (inverse === undefined) throw notFinite();
      seen = valueAt(step, await leastSeen(kernels, inverse, step.c));
      certain = valueAt(step, certain);
      x = await kernels.product(x, toFactor(inverse, step));
    }
    gram = await kernels.productOfTransposed(x, x);
  }
}

function scaled(a: Matrix, factor: number): Matrix {
  const result = zeros(a.rows, a.columns);
  for (let at = 0; at < a.data.length; at++) result.data[at] = factor * a.data[at]!;
  return result;
}

// ---------------------------------------------------------------- Halley's iteration

/** x (a + b x²) / (1 + c x²), at most 1 where x is, and no other of its kind is nearer to 1 on [low, 1]. */
interface Halley {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

function halley(low: number): Halley {
  const square = low * low;
  const d = Math.cbrt((4 * (1 - square)) / (square * square));
  const root = Math.sqrt(1 + d);
  const a = root + Math.sqrt(8 - 4 * d + (8 * (2 - square)) / (square * root)) / 2;
  const b = (a - 1) ** 2 / 4;
  return { a, b, c: a + b - 1 };
}

const valueAt = ({ a, b, c }: Halley, x: number): number => (x * (a + b * x * x)) / (1 + c * x * x);

/** I + c G, in the place of G. */
function shift(gram: Matrix, c: number): Matrix {
  for (let at = 0; at < gram.data.length; at++) gram.data[at]! *= c;
  for (let i = 0; i < gram.rows; i++) gram.data[i * gram.columns + i]! += 1;
  return gram;
}

/** (b/c) I + (a - b/c) (I + c G)⁻¹, in the place of the inverse: what X is multiplied by. */
function toFactor(inverse: Matrix, { a, b, c }: Halley): Matrix {
  for (let at = 0; at < inverse.data.length; at++) inverse.data[at]! *= a - b / c;
  for (let i = 0; i < inverse.rows; i++) inverse.data[i * inverse.columns + i]! += b / c;
  return inverse;
}

const powerSteps = 12;
/** The power method stays below the largest eigenvalue, by a few percent after so many steps. */
const room = 1.1;

/**
 * About the smallest singular value: that of the largest eigenvalue 1 / (1 + c s²) of the inverse. An interval that is known to be
 * short saves steps, and where this is too large it costs one more.
 */
async function leastSeen(kernels: Kernels, inverse: Matrix, c: number): Promise<number> {
  let vector: Matrix = { rows: inverse.rows, columns: 1, data: Float64Array.from({ length: inverse.rows }, (_, i) => 1 + (i % 7) / 7) };
  let largest = 0;
  for (let step = 0; step < powerSteps; step++) {
    const size = Math.sqrt(sumOfSquares(vector));
    vector = await kernels.product(inverse, vector);
    const grown = Math.sqrt(sumOfSquares(vector));
    largest = grown / size;
    vector = scaled(vector, 1 / grown);
  }
  return Math.sqrt(Math.max(0, 1 / (room * largest) - 1) / c);
}

/** (15 I - 10 G + 3 G²) / 8. */
async function quintic(kernels: Kernels, gram: Matrix): Promise<Matrix> {
  const square = await kernels.product(gram, gram);
  for (let at = 0; at < square.data.length; at++) square.data[at] = (3 * square.data[at]! - 10 * gram.data[at]!) / 8;
  for (let i = 0; i < square.rows; i++) square.data[i * square.columns + i]! += 15 / 8;
  return square;
}

function distanceFromIdentity({ rows, data }: Matrix): { readonly norm: number; readonly largest: number } {
  let [sum, largest] = [0, 0];
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++, at++) {
      const distance = Math.abs(data[at]! - (i === j ? 1 : 0));
      sum += distance * distance;
      largest = Math.max(largest, distance);
    }
  }
  return { norm: Math.sqrt(sum), largest };
}

/** Adds (I - XX') N (I - X'X) for a random N: it touches only directions in which X is not orthonormal yet. */
async function complete(kernels: Kernels, x: Matrix, seed: number): Promise<Matrix> {
  const random = createRandom(seed);
  const scale = 1 / Math.sqrt(x.rows);
  const noise = { ...x, data: Float64Array.from({ length: x.data.length }, () => random.normal() * scale) };
  const right = combine(identity(x.columns), await kernels.productOfTransposed(x, x), (i, g) => i - g);
  const free = await kernels.product(noise, right);
  const taken = await kernels.product(x, await kernels.productOfTransposed(x, free));
  const left = combine(free, taken, (f, t) => f - t);
  return combine(x, left, (a, b) => a + b);
}
