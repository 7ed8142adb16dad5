/** One scale and a move: y = s (x - mean x) + mean y with s = ||Yc|| / ||Xc||. The baseline. */
import { identity, scaleRows, sum } from '../matrix.ts';
import type { Moments } from '../kernels/moments.ts';
import { affineAdapter, biasOf, vectorTensor, type AffineAdapter } from './adapter.ts';
import { crossValidate } from './cross-validation.ts';
import { sameWidth, type AffineMethod } from './method.ts';
import { leastFoldedRows } from './training.ts';

export const translateScale: AffineMethod = {
  name: 'translate-scale',
  leastRows: () => ({ rows: leastFoldedRows, why: 'two in each of 5 folds' }),
  misfit: sameWidth,
  fit: ({ kernels }, training) => crossValidate(kernels, training, fitTranslateScale),
};

/** The move alone. */
export const translate: AffineMethod = {
  ...translateScale,
  name: 'translate',
  fit: ({ kernels }, training) => crossValidate(kernels, training, ({ meanX, meanY }) => scaledAndMoved('translate', 1, meanX, meanY)),
};

const fitTranslateScale = ({ squaresX, squaresY, meanX, meanY }: Moments): AffineAdapter => scaledAndMoved('translate-scale', Math.sqrt(sum(squaresY) / sum(squaresX)), meanX, meanY);

function scaledAndMoved(method: string, scale: number, meanX: Float64Array, meanY: Float64Array): AffineAdapter {
  const factors = new Float64Array(meanX.length).fill(scale);
  const w = scaleRows(identity(meanX.length), factors);
  const b = biasOf(w, meanX, meanY);
  return affineAdapter({
    method,
    part: { module: 'std/norm', name: 'scale_shift', arguments: {} },
    tensors: [vectorTensor('scale', factors), vectorTensor('shift', b)],
    settings: { scale },
    map: { w, b },
  });
}
