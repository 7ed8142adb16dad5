/** Each feature with mean 0 and variance 1 over the data set (a z-score): a normaliser of one space, without a target. */
import { identity, scaleRows } from '../matrix.ts';
import type { Moments } from '../kernels/moments.ts';
import { affineAdapter, biasOf, vectorTensor, type AffineAdapter } from './adapter.ts';
import { deviations } from './match-moments.ts';

/** A column without variance becomes zeros. */
export function standardise({ squaresX, meanX, count }: Pick<Moments, 'squaresX' | 'meanX' | 'count'>): AffineAdapter {
  const factors = deviations(squaresX, count).map((value) => (value > 0 ? 1 / value : 0));
  const w = scaleRows(identity(meanX.length), factors);
  const b = biasOf(w, meanX, new Float64Array(meanX.length));
  return affineAdapter({
    method: 'standardise',
    part: { module: 'std/norm', name: 'scale_shift', arguments: {} },
    tensors: [vectorTensor('scale', factors), vectorTensor('shift', b)],
    map: { w, b },
  });
}
