/** The share of nearest neighbours that an example has in both spaces (Huh et al. 2024). */
import { createRandom, permutation } from '../../data/random.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { Features, Matrix } from '../matrix.ts';
import { largest } from '../metrics/neighbours.ts';
import { permutationP } from '../statistics/permutation.ts';
import { gramOf, type CkaOptions } from './cka.ts';

export interface MutualNeighbours {
  readonly k: number;
  /** From 0 to 1: the mean over the rows. */
  readonly share: number;
  /** What unrelated spaces have: k / (n - 1). */
  readonly chance: number;
}

/** Neighbours by the cosine of rows about their mean. */
export async function mutualNeighbours(kernels: Kernels, x: Features, y: Features, k = 10): Promise<MutualNeighbours> {
  return sharedNeighbours(await gramOf(kernels, x), await gramOf(kernels, y), k);
}

/** The same, of inner products of rows about any point. */
export const sharedNeighbours = (x: Matrix, y: Matrix, k: number): MutualNeighbours => ({ k, share: sharedPart(neighboursIn(x, k), membersOf(neighboursIn(y, k), k), k), chance: k / (x.rows - 1) });

export interface NeighbourTest extends MutualNeighbours {
  /** Of the share, against those of permuted rows. */
  readonly p: number;
}

/** Whether more neighbours are shared than by rows that are paired by chance: of inner products of rows about any point. */
export function testNeighbours(x: Matrix, y: Matrix, { k = 10, seed, permutations = 999 }: { readonly k?: number } & CkaOptions): NeighbourTest {
  const [a, b] = [neighboursIn(x, k), membersOf(neighboursIn(y, k), k)];
  const share = sharedPart(a, b, k);
  const random = createRandom(seed);
  let exceeded = 0;
  for (let i = 0; i < permutations; i++) if (sharedPart(a, b, k, permutation(x.rows, random)) >= share) exceeded += 1;
  return { k, share, chance: k / (x.rows - 1), p: permutationP(exceeded, permutations) };
}

/** Squares below this part of the largest are what rounding leaves of a row at the mean: it points nowhere. */
const nowhere = 1e-12;

/** Of each row the k that point most alike from the mean of all of them: row by row, the nearest first. */
function neighboursIn({ rows: n, data }: Matrix, k: number): Uint32Array {
  const means = new Float64Array(n);
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++, at++) sum += data[at]!;
    means[i] = sum / n;
  }
  const mean = means.reduce((sum, value) => sum + value, 0) / n;
  const squares = means.map((own, i) => data[i * n + i]! - 2 * own + mean);
  const least = nowhere * squares.reduce((most, square) => Math.max(most, square), 0);
  const scales = squares.map((square) => (square > least ? 1 / Math.sqrt(square) : 0));
  const numbers = new Uint32Array(n * k);
  const cosines = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    // Up to the length of the row itself, which changes no order.
    const shift = mean - means[i]!;
    for (let j = 0, at = i * n; j < n; j++, at++) cosines[j] = (data[at]! - means[j]! + shift) * scales[j]!;
    numbers.set(largest(cosines, k, i), i * k);
  }
  return numbers;
}

/** 1 at row i and column j where j is a neighbour of i. */
function membersOf(numbers: Uint32Array, k: number): Uint8Array {
  const rows = numbers.length / k;
  const members = new Uint8Array(rows * rows);
  for (const [at, number] of numbers.entries()) members[Math.floor(at / k) * rows + number] = 1;
  return members;
}

/** The part of the neighbours of the one that are those of the other, whose rows may stand in another order. */
function sharedPart(numbers: Uint32Array, members: Uint8Array, k: number, order?: Uint32Array): number {
  const rows = numbers.length / k;
  let shared = 0;
  for (let at = 0; at < numbers.length; at++) {
    const [i, j] = [Math.floor(at / k), numbers[at]!];
    shared += order === undefined ? members[i * rows + j]! : members[order[i]! * rows + order[j]!]!;
  }
  return shared / numbers.length;
}
