/** The mean and the deviation of each feature replaced by the target's (Huang and Belongie 2017, over a data set). */
import { scaleRows, identity } from '../matrix.ts';
import type { Moments } from '../kernels/moments.ts';
import { affineAdapter, biasOf, vectorTensor, type AffineAdapter } from './adapter.ts';
import { crossValidate } from './cross-validation.ts';
import { sameWidth, type AffineMethod } from './method.ts';
import { leastFoldedRows } from './training.ts';

/** The library's default for the part. */
const epsilon = 1e-6;

export const matchMoments: AffineMethod = {
  name: 'match-moments',
  leastRows: () => ({ rows: leastFoldedRows, why: 'two in each of 5 folds' }),
  misfit: sameWidth,
  fit: ({ kernels }, training) => crossValidate(kernels, training, fitMatchMoments),
};

function fitMatchMoments({ squaresX, squaresY, meanX, meanY, count }: Moments): AffineAdapter {
  const deviation = deviations(squaresX, count);
  const targetDeviation = deviations(squaresY, count);
  const w = scaleRows(
    identity(meanX.length),
    targetDeviation.map((value, j) => value / Math.max(deviation[j]!, epsilon)),
  );
  return affineAdapter({
    method: 'match-moments',
    part: { module: 'std/norm', name: 'match_moments', arguments: {} },
    tensors: [
      vectorTensor('mean', meanX),
      vectorTensor('deviation', deviation),
      vectorTensor('target_mean', meanY),
      vectorTensor('target_deviation', targetDeviation),
    ],
    map: { w, b: biasOf(w, meanX, meanY) },
  });
}

/** The standard deviation of each column, from its sum of squares about the mean. */
export const deviations = (squares: Float64Array, count: number): Float64Array => squares.map((sum) => Math.sqrt(sum / count));
