/** Which rows a step sees. */
import { createRandom, permutation } from '../../data/random.ts';
import type { KernelTensor } from '../kernels/session.ts';
import type { TrainedColumn } from './problem.ts';

/** The rows in the order of an epoch, which depends on nothing but the seed and the epoch: any epoch can be begun again. */
export const orderOf = (rows: Uint32Array, seed: number, epoch: number): Uint32Array => {
  const order = permutation(rows.length, createRandom(seed + 0x9e3779b9 * (epoch + 1)));
  return order.map((place) => rows[place]!);
};

export const countOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

/** Some rows of a column. */
export function rowsOf(column: TrainedColumn, rows: ArrayLike<number>): KernelTensor {
  const { dims } = column;
  if ('pick' in column) return { dtype: 'f32', data: column.pick(rows), dims: [rows.length, ...dims] };
  const { data } = column;
  const width = countOf(dims);
  const picked = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) picked.set(data.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
  return { dtype: 'f32', data: picked, dims: [rows.length, ...dims] };
}

/** Rows that are learned from, and rows that are held out of it. */
export interface Split {
  readonly train: Uint32Array;
  readonly held: Uint32Array;
}

/** A share of the rows at random. */
export function holdOut(rows: number, share: number, seed: number): Split {
  const order = permutation(rows, createRandom(seed));
  const held = Math.round(share * rows);
  return { train: order.slice(held).sort(), held: order.slice(0, held).sort() };
}
