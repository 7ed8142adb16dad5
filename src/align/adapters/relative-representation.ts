/**
 * Cosines with anchors about the mean (Moschella et al. 2023): two encoders of the same anchors come near to each other. It
 * needs a head that was trained on it.
 */
import { createRandom, permutation } from '../../data/random.ts';
import { alignCodes } from '../../diagnostics/codes/align.ts';
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { unitRows } from '../rows.ts';
import { matrixTensor, vectorTensor, type FittedAdapter } from './adapter.ts';
import { tooFewRows } from './training.ts';

export interface AnchorOptions {
  readonly anchors: number;
  readonly seed: number;
}

/** Which rows are the anchors: the same for every encoder of the same examples. */
export const anchorRows = (rows: number, { anchors, seed }: AnchorOptions): Uint32Array =>
  permutation(rows, createRandom(seed)).subarray(0, anchors);

/** Rows piece by piece, in their order. */
export interface RowPieces {
  readonly rows: number;
  readonly columns: number;
  pieces(): Iterable<Features>;
}

/** The anchors are rows of x, drawn by the seed. All that lies in memory is a piece and the anchors. */
export function relativeRepresentation(x: RowPieces, options: AnchorOptions): Outcome<FittedAdapter> {
  const { anchors } = options;
  if (x.rows < anchors)
    return fail(tooFewRows('relative-representation', { rows: x.rows }, anchors, `one for each of ${anchors} anchors`));
  const { mean, points } = meanAndPoints(x, anchorRows(x.rows, options));
  const columns = [...mean.keys()].filter((j) => !Number.isFinite(mean[j]!));
  if (columns.length > 0) return fail(alignCodes.finding('features-not-finite', { of: 'the encoder', columns: columns.slice(0, 5), count: columns.length }));
  const directions = unitRows(points, mean);
  return succeed({
    method: 'relative-representation',
    part: { module: 'std/adapters', name: 'relative_representation', arguments: { anchors } },
    tensors: [vectorTensor('mean', mean), matrixTensor('points', points)],
    settings: { anchors },
    predict: (kernels: Kernels, rows: Features) => kernels.similarities(unitRows(rows, mean), directions),
  });
}

/** The mean of all rows, and the rows that are asked for, in one pass. */
function meanAndPoints({ rows, columns, pieces }: RowPieces, wanted: Uint32Array): { readonly mean: Float32Array; readonly points: Features } {
  const places = new Map([...wanted].map((row, place) => [row, place]));
  const sums = new Float64Array(columns);
  const points = new Float32Array(wanted.length * columns);
  let row = 0;
  for (const { rows: count, data } of pieces()) {
    for (let i = 0; i < count; i++, row++) {
      const vector = data.subarray(i * columns, (i + 1) * columns);
      for (let j = 0; j < columns; j++) sums[j]! += vector[j]!;
      const place = places.get(row);
      if (place !== undefined) points.set(vector, place * columns);
    }
  }
  return { mean: Float32Array.from(sums, (sum) => sum / rows), points: { rows: wanted.length, columns, data: points } };
}
