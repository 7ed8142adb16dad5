/** Nearest neighbours by the cosine of rows about their mean, in blocks: memory for some hundred rows at a time. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';

const blockRows = 256;

/** Row i holds the numbers of the k nearest of `among`, the nearest first; of equal ones the lower number. */
export interface Neighbours {
  readonly k: number;
  readonly numbers: Uint32Array;
}

export interface NeighbourOptions {
  readonly k: number;
  /** Whether `rows` are `among`: a row is then no neighbour of its own. Default false. */
  readonly isSelf?: boolean;
}

/** By the inner product of rows: the cosine where they have length 1. */
export async function nearest(
  kernels: Kernels,
  rows: Features,
  among: Features,
  { k, isSelf = false }: NeighbourOptions,
): Promise<Neighbours> {
  const numbers = new Uint32Array(rows.rows * k);
  for (let start = 0; start < rows.rows; start += blockRows) {
    const block = rowBlock(rows, start, Math.min(rows.rows, start + blockRows));
    const { data, columns } = await kernels.similarities(block, among);
    for (let i = 0; i < block.rows; i++) {
      const row = data.subarray(i * columns, (i + 1) * columns);
      numbers.set(largest(row, k, isSelf ? start + i : -1), (start + i) * k);
    }
  }
  return { k, numbers };
}

export const rowBlock = ({ columns, data }: Features, from: number, to: number): Features => ({
  rows: to - from,
  columns,
  data: data.subarray(from * columns, to * columns),
});

/** The numbers of the k largest values but one, by insertion: k is small. */
export function largest(values: Float32Array | Float64Array, k: number, except: number): Uint32Array {
  const numbers = new Uint32Array(k);
  let filled = 0;
  for (let j = 0; j < values.length; j++) {
    if (j === except || (filled === k && !(values[j]! > values[numbers[k - 1]!]!))) continue;
    let at = Math.min(filled, k - 1);
    for (; at > 0 && values[j]! > values[numbers[at - 1]!]!; at--) numbers[at] = numbers[at - 1]!;
    numbers[at] = j;
    if (filled < k) filled += 1;
  }
  return numbers;
}
