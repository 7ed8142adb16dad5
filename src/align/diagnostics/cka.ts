/** Linear centred kernel alignment without its bias (Kornblith et al. 2019; Song et al. 2012), and its permutation test. */
import { createRandom, permutation } from '../../data/random.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { Features, Matrix } from '../matrix.ts';
import { dot } from '../linear-algebra/vectors.ts';
import { centreRows, columnMeans } from '../rows.ts';
import { permutationP } from '../statistics/permutation.ts';

/** The unbiased estimate divides by n - 3. */
export const leastCkaRows = 4;

/**
 * The Gram matrix of the rows, U-centred (Székely and Rizzo 2014): the diagonal 0, all rows summing to 0. HSIC1 of two of
 * them is their inner product over n (n - 3).
 */
export const centredGram = async (kernels: Kernels, features: Features): Promise<Matrix> => centreGram(await gramOf(kernels, features));

async function centredGrams(kernels: Kernels, layers: readonly Features[]): Promise<readonly Matrix[]> {
  const grams: Matrix[] = [];
  for (const layer of layers) grams.push(await centredGram(kernels, layer));
  return grams;
}

/** The inner products of the rows about their mean. */
export async function gramOf(kernels: Kernels, features: Features): Promise<Matrix> {
  const centred = centreRows(features, columnMeans(features));
  return kernels.gram(centred, centred);
}

/** Inner products about any point, in their own place: which one changes nothing but the rounding. */
export function centreGram(gram: Matrix): Matrix {
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

/** The inner product; each pair is counted once. */
function alignment(a: Matrix, b: Matrix): number {
  const n = a.rows;
  let sum = 0;
  for (let i = 1; i < n; i++) sum += dot(a.data, i * n, b.data, i * n, i);
  return sum;
}

/** Permutations that are tried together, and rows of the one matrix that stay near while all of them go by. */
const together = 32;
const nearRows = 8;

/**
 * The inner products with the second's rows and columns in each of several orders. A row is copied before its elements are taken in another order: one behind the
 * other it is read ahead, and then it is near. Two rows are taken at once: their places are the same, and their sums do not wait for each other. Copies of more
 * of them are too large for the nearest memory; single precision makes it no faster.
 */
function permutedAlignments(a: Float64Array, b: Float64Array, orders: readonly Uint32Array[]): Float64Array {
  const n = orders[0]!.length;
  const [row, nextRow] = [new Float64Array(n), new Float64Array(n)];
  const sums = new Float64Array(orders.length);
  for (let from = 0; from < n; from += nearRows) {
    const to = Math.min(n, from + nearRows);
    for (const [k, order] of orders.entries()) {
      let sum = 0;
      let nextSum = 0;
      for (let i = from; i < to; i += 2) {
        // Of an odd number of rows the last one stands alone, beside zeros.
        const next = Math.min(i + 1, to - 1);
        row.set(b.subarray(order[i]! * n, (order[i]! + 1) * n));
        if (next === i) nextRow.fill(0);
        else nextRow.set(b.subarray(order[next]! * n, (order[next]! + 1) * n));
        for (let j = 0, at = i * n, nextAt = next * n; j < i; j++, at++, nextAt++) {
          const place = order[j]!;
          sum += a[at]! * row[place]!;
          nextSum += a[nextAt]! * nextRow[place]!;
        }
        nextSum += a[next * n + i]! * nextRow[order[i]!]!;
      }
      sums[k]! += sum + nextSum;
    }
  }
  return sums;
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
  /** The mean of the permutations' greatest values. */
  readonly chance: number;
}

export interface CkaOptions {
  readonly seed: number;
  /** Default 999. */
  readonly permutations?: number;
}

/** Whether one of several layers is aligned with the target beyond chance: rows of the target are permuted. */
export async function testCka(kernels: Kernels, layers: readonly Features[], target: Features, options: CkaOptions): Promise<CkaTest> {
  return testCkaOf(await centredGrams(kernels, layers), await centredGram(kernels, target), options);
}

/** The same, of U-centred Gram matrices. */
export function testCkaOf(layers: readonly Matrix[], target: Matrix, options: CkaOptions): CkaTest {
  const { values, greatest } = ckaMapOf(layers, [target], options);
  const column = values.map(([value]) => value!);
  const best = column.reduce((b, value, i) => (value > column[b]! ? i : b), 0);
  const exceeded = countFrom(greatest, column[best]!);
  const permutations = greatest.length;
  const chance = greatest.reduce((sum, value) => sum + value, 0) / permutations;
  return { values: column, best, p: permutationP(exceeded, permutations), exceeded, permutations, chance };
}

// Where nothing varies, all is NaN: then nothing is significant.
const countFrom = (nulls: Float64Array, value: number): number => nulls.reduce((count, one) => count + (one < value ? 0 : 1), 0);

export interface CkaMap {
  /** A row for each layer of the one encoder, a column for each of the other. */
  readonly values: readonly (readonly number[])[];
  /** Of each value against the greatest of the whole map under the same permutations: as if it had been searched for. */
  readonly ps: readonly (readonly number[])[];
  /** The greatest value of each permutation. */
  readonly greatest: Float64Array;
}

/** CKA of every layer of one encoder with every layer of another; all layers are permuted alike. */
export async function ckaMap(kernels: Kernels, layersX: readonly Features[], layersY: readonly Features[], options: CkaOptions): Promise<CkaMap> {
  return ckaMapOf(await centredGrams(kernels, layersX), await centredGrams(kernels, layersY), options);
}

function ckaMapOf(xs: readonly Matrix[], ys: readonly Matrix[], { seed, permutations = 999 }: CkaOptions): CkaMap {
  const [normsX, normsY] = [xs, ys].map((grams) => grams.map((gram) => Math.sqrt(alignment(gram, gram)))) as [number[], number[]];
  const values = xs.map((x, i) => ys.map((y, j) => alignment(x, y) / (normsX[i]! * normsY[j]!)));
  const random = createRandom(seed);
  const greatest = new Float64Array(permutations).fill(-Infinity);
  for (let from = 0; from < permutations; from += together) {
    const orders = Array.from({ length: Math.min(together, permutations - from) }, () => permutation(ys[0]!.rows, random));
    for (const [i, x] of xs.entries())
      for (const [j, y] of ys.entries())
        for (const [k, sum] of permutedAlignments(x.data, y.data, orders).entries()) greatest[from + k] = Math.max(greatest[from + k]!, sum / (normsX[i]! * normsY[j]!));
  }
  return { values, ps: values.map((row) => row.map((value) => permutationP(countFrom(greatest, value), permutations))), greatest };
}
