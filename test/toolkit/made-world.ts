/** Examples that two made-up encoders of 16 numbers each see, as rows of data: `z` holds the vectors of both, one behind the other. */
import type { Features } from '../../src/align/matrix.ts';
import { permuteWithin } from '../../src/align/verify/information.ts';
import { createRandom } from '../../src/data/random.ts';
import { twoSpaces } from '../align/spaces.ts';

export interface World {
  readonly x: Features;
  readonly y: Features;
  readonly labels: ArrayLike<number>;
}

export const world = (rows: number, seed: number): World => twoSpaces({ rows, seed, classes: 4 });

/** As lines of JSON, the classes called a to d. */
export const jsonl = ({ x, y, labels }: World): string =>
  Array.from({ length: x.rows }, (_, i) => `${JSON.stringify({ z: [...x.data.subarray(16 * i, 16 * i + 16), ...y.data.subarray(16 * i, 16 * i + 16)], label: 'abcd'[labels[i]!] })}\n`).join('');

/** The pairs of each class in another order. */
export function shuffled(rows: number, seed: number): World {
  const { x, y, labels } = world(rows, seed);
  const order = permuteWithin(labels, createRandom(seed));
  return { x, labels, y: { ...y, data: y.data.map((_, at) => y.data[order[Math.floor(at / 16)]! * 16 + (at % 16)]!) } };
}
