/** Whether rows lie where the rows of a space lie: by the distance to their nearest neighbours there. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { rowNorms } from '../rows.ts';
import { quantile } from '../statistics/bootstrap.ts';
import { rowBlock } from './neighbours.ts';

const blockRows = 256;
/** The neighbour whose distance counts, as in nearest neighbours elsewhere here. */
const k = 10;

/** Which rows are farther from the reference than 99 of 100 of its own rows are from the others. */
export async function outlying(kernels: Kernels, rows: Features, reference: Features): Promise<readonly boolean[]> {
  const own = await neighbourDistances(kernels, reference, reference, true);
  const bar = quantile(own.sort(), 0.99);
  return Array.from(await neighbourDistances(kernels, rows, reference, false), (distance) => distance > bar);
}

/** The Euclidean distance of each row to its k-th nearest. */
async function neighbourDistances(kernels: Kernels, rows: Features, among: Features, isSelf: boolean): Promise<Float64Array> {
  const squares = rowNorms(among).map((norm) => norm * norm);
  const result = new Float64Array(rows.rows);
  for (let start = 0; start < rows.rows; start += blockRows) {
    const block = rowBlock(rows, start, Math.min(rows.rows, start + blockRows));
    const norms = rowNorms(block);
    const { data } = await kernels.similarities(block, among);
    for (let i = 0; i < block.rows; i++) {
      const distances = squares.map((square, j) => (isSelf && j === start + i ? Infinity : Math.max(0, norms[i]! ** 2 + square - 2 * data[i * among.rows + j]!)));
      result[start + i] = Math.sqrt(distances.sort()[Math.min(k, among.rows - (isSelf ? 1 : 0)) - 1]!);
    }
  }
  return result;
}
