/** Features made uncorrelated and of variance 1, as near to what they were as can be (ZCA; Bell and Sejnowski 1997). */
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import { affineAdapter, biasOf, matrixTensor, vectorTensor, type AffineAdapter } from './adapter.ts';
import { shrunkCovariance, symmetricPower } from './covariance.ts';

/** The variance is 1 up to the shrinkage, which is on record. */
export async function whitening(
  kernels: Kernels,
  { xx, meanX, count }: Pick<Moments, 'xx' | 'meanX' | 'count'>,
): Promise<AffineAdapter> {
  const { covariance, shrinkage } = shrunkCovariance(xx, count);
  const w = await symmetricPower(kernels, covariance, -1 / 2);
  return affineAdapter({
    method: 'whitening',
    part: { module: 'std/adapters', name: 'whitening', arguments: { out: w.columns } },
    tensors: [vectorTensor('mean', meanX), matrixTensor('w', w)],
    settings: { shrinkage },
    map: { w, b: biasOf(w, meanX, new Float64Array(meanX.length)) },
  });
}
