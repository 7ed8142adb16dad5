/**
 * The orthogonal polar factor of a matrix: the nearest one with orthonormal columns (or rows), U V' of the singular value
 * decomposition U S V', found by products alone. Each step applies an odd quintic to the singular values.
 */
import { createRandom } from '../../data/random.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { combine, identity, sumOfSquares, transpose, zeros, type Matrix } from '../matrix.ts';
import { minimaxQuintic, taylorQuintic, type Quintic } from './minimax-quintic.ts';

/** Singular values below this part of the largest count as 0: their directions are noise. */
const smallestSingular = 1e-9;
/** A polynomial for a longer interval comes so near to 0 inside it that rounding shows. */
const shortestLow = 0.024;
/** ||X'X - I|| where Taylor's quintic converges at once, and where all is done, an element. */
const nearlyOrthogonal = 0.5;
const orthogonal = 1e-13;
const maxSteps = 40;
/** A random square matrix of any size that is met has a condition far better than `smallestSingular`. */
const maxCompletions = 4;

export interface PolarOptions {
  /** For directions of which the matrix says nothing. */
  readonly seed: number;
}

/** The factor of any finite matrix. Where the matrix lacks rank, it is completed by directions from the seed. */
export async function polarFactor(kernels: Kernels, a: Matrix, { seed }: PolarOptions): Promise<Matrix> {
  if (a.rows < a.columns) return transpose(await polarFactor(kernels, transpose(a), { seed }));
  let { factor, isWhole } = await iterate(kernels, a);
  for (let round = 0; !isWhole; round++) {
    if (round === maxCompletions) throw new Error('a matrix to be decomposed holds numbers that are not finite');
    ({ factor, isWhole } = await iterate(kernels, await complete(kernels, factor, seed + round)));
  }
  return factor;
}

interface Iterated {
  readonly factor: Matrix;
  /** Whether all columns are orthonormal; otherwise the matrix lacks rank. */
  readonly isWhole: boolean;
}

async function iterate(kernels: Kernels, a: Matrix): Promise<Iterated> {
  let gram = await kernels.productOfTransposed(a, a);
  // No singular value is larger: the largest eigenvalue of A'A is at most its Frobenius norm.
  const bound = Math.sqrt(Math.sqrt(sumOfSquares(gram)));
  if (bound === 0) return { factor: zeros(a.rows, a.columns), isWhole: a.columns === 0 };
  let x: Matrix = { ...a, data: a.data.map((value) => value / bound) };
  gram = { ...gram, data: gram.data.map((value) => value / (bound * bound)) };
  let low = smallestSingular;
  let high = 1;
  for (let steps = 0; ; steps++) {
    const distance = distanceFromIdentity(gram);
    if (distance.largest <= orthogonal) return { factor: x, isWhole: true };
    const isNear = distance.norm <= nearlyOrthogonal;
    // By now every singular value that counts is 1: what is not, is noise.
    if (steps === maxSteps || (low >= 1 - orthogonal && !isNear)) return { factor: x, isWhole: false };
    const quintic = isNear ? taylorQuintic : minimaxQuintic(Math.max(low, shortestLow * high), high);
    x = await kernels.product(x, await evenPart(kernels, gram, quintic));
    gram = await kernels.productOfTransposed(x, x);
    [low, high] = [Math.min(valueAt(quintic, low), 1 - quintic.error), 1 + quintic.error];
  }
}

const valueAt = ({ a, b, c }: Quintic, x: number): number => x * (a + b * x * x + c * x ** 4);

/** a I + b G + c G². */
async function evenPart(kernels: Kernels, gram: Matrix, { a, b, c }: Quintic): Promise<Matrix> {
  const square = await kernels.product(gram, gram);
  const sum = combine(gram, square, (g, g2) => b * g + c * g2);
  for (let i = 0; i < sum.rows; i++) sum.data[i * sum.columns + i]! += a;
  return sum;
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
