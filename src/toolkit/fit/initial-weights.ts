/** What parameters begin with, by a seed: each by its own path, so that another parameter more or less changes nothing. */
import { createHash } from 'node:crypto';
import type { Initializer } from '../../check/parts/initializers.ts';
import type { OwnedParameter } from '../../check/model.ts';
import { createRandom, type Random } from '../../data/random.ts';

const countOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

/** Where the declaration leaves it open: what keeps the variance for matrices and kernels, 0 for all else. */
const usual = (dims: readonly number[]): Initializer => (dims.length > 1 ? { kind: 'xavier', gain: 1 } : { kind: 'constant', value: 0 });

export function initialWeights({ path, dims, init = usual(dims) }: OwnedParameter, seed: number): Float32Array {
  const digest = createHash('sha256').update(`${seed}/${path}`).digest();
  return Float32Array.from(makers[init.kind](init as never, dims, createRandom(digest.readUIntBE(0, 6))));
}

type Maker<K extends Initializer['kind']> = (init: Extract<Initializer, { kind: K }>, dims: readonly number[], random: Random) => readonly number[];

const each = (dims: readonly number[], make: (at: number) => number): readonly number[] => Array.from({ length: countOf(dims) }, (_, at) => make(at));
const evenly = (random: Random, low: number, high: number) => (): number => low + (high - low) * random.uniform();

/** How many numbers an output is made of, and go into: a matrix is [in, out], a kernel [out, in, ...]. */
function fansOf(dims: readonly number[]): { readonly into: number; readonly from: number } {
  const [first = 1, second = 1, ...kernel] = dims;
  const places = countOf(kernel);
  return dims.length === 2 ? { into: first, from: second } : { into: second * places, from: first * places };
}

const makers: { readonly [K in Initializer['kind']]: Maker<K> } = {
  constant: ({ value }, dims) => each(dims, () => value),
  normal: ({ mean, std }, dims, random) => each(dims, () => mean + std * random.normal()),
  uniform: ({ low, high }, dims, random) => each(dims, evenly(random, low, high)),
  xavier: ({ gain }, dims, random) => {
    const { into, from } = fansOf(dims);
    const bound = gain * Math.sqrt(6 / (into + from));
    return each(dims, evenly(random, -bound, bound));
  },
  kaiming: ({ gain }, dims, random) => each(dims, () => (gain / Math.sqrt(fansOf(dims).into)) * random.normal()),
  identity: ({ scale }, dims) => each(dims, (at) => (Math.floor(at / dims[1]!) === at % dims[1]! ? scale : 0)),
  orthogonal: ({ gain }, dims, random) => orthonormal(dims[0]!, countOf(dims.slice(1)), random).map((value) => gain * value),
};

/** Rows, or columns where there are fewer of them, that are orthonormal, by Gram and Schmidt of normal ones. */
function orthonormal(rows: number, columns: number, random: Random): number[] {
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    // Twice is enough (Kahan; Parlett 1980).
    for (const other of [...vectors, ...vectors]) {
      const along = vector.reduce((sum, value, i) => sum + value * other[i]!, 0);
      other.forEach((value, i) => (vector[i]! -= along * value));
    }
    const size = Math.hypot(...vector);
    vectors.push(vector.map((value) => value / size));
  }
  return Array.from({ length: rows * columns }, (_, at) => (rows <= columns ? vectors[Math.floor(at / columns)]![at % columns]! : vectors[at % columns]![Math.floor(at / columns)]!));
}
