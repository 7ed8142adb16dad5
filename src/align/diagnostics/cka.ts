/** Linear centred kernel alignment without its bias (Kornblith et al. 2019; Song et al. 2012), and its permutation test. */
import { createRandom, permutation } from '../../data/random.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { Features, Matrix } from '../matrix.ts';
import { centreRows, columnMeans } from '../rows.ts';
import { permutationP } from '../statistics/permutation.ts';

/** The unbiased estimate divides by n - 3. */
export const leastCkaRows = 4;

/**
 * The Gram matrix of the rows, U-centred (Székely and Rizzo 2014): the diagonal 0, all rows summing to 0. HSIC1 of two of
 * them is their inner product over n (n - 3).
 */
export async function centredGram(kernels: Kernels, features: Features): Promise<Matrix> {
  // Centring changes nothing but the rounding.
  const centred = centreRows(features, columnMeans(features));
  const gram = await kernels.gram(centred, centred);
  const n = gram.rows;
  const { data } = gram;
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) data[i * n + i] = 0;
  for (let i = 0, at = 0; i < n; i++) for (let j = 0; j < n; j++, at++) sums[i]! += data[at]!;
  const total = sums.reduce((sum, value) => sum + value, 0) / ((n - 1) * (n - 2));
  for (let i = 0, at = 0; i < n; i++)
    for (let j = 0; j < n; j++, at++) data[at] = i === j ? 0 : data[at]! - (sums[i]! + sums[j]!) / (n - 2) + total;
  return gram;
}

/** The inner product with the second's rows and columns in another order; each pair is counted once. */
function alignment(a: Matrix, b: Matrix, order?: Uint32Array): number {
  const n = a.rows;
  let sum = 0;
  for (let i = 1; i < n; i++) {
    const row = (order ? order[i]! : i) * n;
    if (order) for (let j = 0; j < i; j++) sum += a.data[i * n + j]! * b.data[row + order[j]!]!;
    else for (let j = 0; j < i; j++) sum += a.data[i * n + j]! * b.data[row + j]!;
  }
  return sum;
}

/** From U-centred Gram matrices. 0 for independent features of any width; NaN where all rows of one are the same. */
export const cka = (a: Matrix, b: Matrix): number =>
  alignment(a, b) / Math.sqrt(alignment(a, a) * alignment(b, b));

export interface CkaTest {
  /** Of each layer. */
  readonly values: readonly number[];
  /** The layer of the greatest value. */
  readonly best: number;
  /** Of the greatest value, against the greatest of all layers under the same permutations. */
  readonly p: number;
  /** Permutations whose greatest value was as large. */
  readonly exceeded: number;
  readonly permutations: number;
}

export interface CkaOptions {
  readonly seed: number;
  /** Default 999. */
  readonly permutations?: number;
}

/** Whether one of several layers is aligned with the target beyond chance: rows of the target are permuted. */
export async function testCka(
  kernels: Kernels,
  layers: readonly Features[],
  target: Features,
  { seed, permutations = 999 }: CkaOptions,
): Promise<CkaTest> {
  const y = await centredGram(kernels, target);
  const xs: Matrix[] = [];
  for (const layer of layers) xs.push(await centredGram(kernels, layer));
  const scales = xs.map((x) => 1 / Math.sqrt(alignment(x, x) * alignment(y, y)));
  const values = xs.map((x, i) => alignment(x, y) * scales[i]!);
  const best = values.reduce((b, value, i) => (value > values[b]! ? i : b), 0);
  const random = createRandom(seed);
  let exceeded = 0;
  for (let k = 0; k < permutations; k++) {
    const order = permutation(target.rows, random);
    // Where nothing varies, all is NaN: then nothing is significant.
    if (xs.some((x, i) => !(alignment(x, y, order) * scales[i]! < values[best]!))) exceeded += 1;
  }
  return { values, best, p: permutationP(exceeded, permutations), exceeded, permutations };
}
