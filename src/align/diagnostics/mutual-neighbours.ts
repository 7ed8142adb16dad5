/** The share of nearest neighbours that an example has in both spaces (Huh et al. 2024). */
import { createRandom, permutation } from '../../data/random.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { nearest } from '../metrics/neighbours.ts';
import { columnMeans, unitRows } from '../rows.ts';
import { permutationP } from '../statistics/permutation.ts';
import type { CkaOptions } from './cka.ts';

export interface MutualNeighbours {
  readonly k: number;
  /** From 0 to 1: the mean over the rows. */
  readonly share: number;
  /** What unrelated spaces have: k / (n - 1). */
  readonly chance: number;
}

/** Neighbours by the cosine of rows about their mean. */
export async function mutualNeighbours(kernels: Kernels, x: Features, y: Features, k = 10): Promise<MutualNeighbours> {
  const [a, b] = [await neighboursOf(kernels, x, k), await neighboursOf(kernels, y, k)];
  return { k, share: sharedPart(a, membersOf(b, k), k), chance: k / (x.rows - 1) };
}

export interface NeighbourTest extends MutualNeighbours {
  /** Of the share, against those of permuted rows. */
  readonly p: number;
}

/** Whether more neighbours are shared than by rows that are paired by chance. */
export async function testNeighbours(kernels: Kernels, x: Features, y: Features, { k = 10, seed, permutations = 999 }: { readonly k?: number } & CkaOptions): Promise<NeighbourTest> {
  const [a, b] = [await neighboursOf(kernels, x, k), membersOf(await neighboursOf(kernels, y, k), k)];
  const share = sharedPart(a, b, k);
  const random = createRandom(seed);
  let exceeded = 0;
  for (let i = 0; i < permutations; i++) if (sharedPart(a, b, k, permutation(x.rows, random)) >= share) exceeded += 1;
  return { k, share, chance: k / (x.rows - 1), p: permutationP(exceeded, permutations) };
}

async function neighboursOf(kernels: Kernels, features: Features, k: number): Promise<Uint32Array> {
  const rows = unitRows(features, columnMeans(features));
  return (await nearest(kernels, rows, rows, { k, isSelf: true })).numbers;
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
