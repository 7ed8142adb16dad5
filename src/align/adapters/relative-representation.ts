/**
 * Cosines with anchors about the mean (Moschella et al. 2023): two encoders of the same anchors come near to each other. It
 * needs a head that was trained on it.
 */
import { createRandom, permutation } from '../../data/random.ts';
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { selectRows, type Features } from '../matrix.ts';
import { columnMeans, unitRows } from '../rows.ts';
import { matrixTensor, vectorTensor, type FittedAdapter } from './adapter.ts';
import { tooFewRows } from './training.ts';

export interface AnchorOptions {
  readonly anchors: number;
  readonly seed: number;
}

/** Which rows are the anchors: the same for every encoder of the same examples. */
export const anchorRows = (rows: number, { anchors, seed }: AnchorOptions): Uint32Array =>
  permutation(rows, createRandom(seed)).subarray(0, anchors);

/** The anchors are rows of x, drawn by the seed. */
export function relativeRepresentation(x: Features, options: AnchorOptions): Outcome<FittedAdapter> {
  const { anchors } = options;
  if (x.rows < anchors)
    return fail(tooFewRows('relative-representation', { rows: x.rows }, anchors, `one for each of ${anchors} anchors`));
  const mean = Float32Array.from(columnMeans(x));
  const points = selectRows(x, anchorRows(x.rows, options));
  const directions = unitRows(points, mean);
  return succeed({
    method: 'relative-representation',
    part: { module: 'std/adapters', name: 'relative_representation', arguments: { anchors } },
    tensors: [vectorTensor('mean', mean), matrixTensor('points', points)],
    settings: { anchors },
    predict: (kernels: Kernels, rows: Features) => kernels.similarities(unitRows(rows, mean), directions),
  });
}
