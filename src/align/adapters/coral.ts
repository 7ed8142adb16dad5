/**
 * The covariance of the source replaced by the target's (CORAL; Sun, Feng and Saenko 2016): whitened, then coloured. It
 * uses no pairing, and finds no rotation.
 */
import type { Moments } from '../kernels/moments.ts';
import { asAffine, biasOf, type AffineAdapter } from './adapter.ts';
import { shrunkCovariance, symmetricPower } from './covariance.ts';
import { crossValidate } from './cross-validation.ts';
import { sameWidth, type AffineMethod, type FitContext } from './method.ts';

export const coral: AffineMethod = {
  name: 'coral',
  products: () => ['xx', 'xy', 'yy'],
  leastRows: () => ({ rows: 20, why: 'or its covariances are nearly all shrinkage' }),
  misfit: sameWidth,
  fit: (context, training) => crossValidate(context.kernels, training, (moments) => fitCoral(context, moments)),
};

async function fitCoral({ kernels }: FitContext, { xx, yy, meanX, meanY, count }: Moments): Promise<AffineAdapter> {
  const source = shrunkCovariance(xx, count);
  const target = shrunkCovariance(yy, count);
  const w = await kernels.product(
    await symmetricPower(kernels, source.covariance, -1 / 2),
    await symmetricPower(kernels, target.covariance, 1 / 2),
  );
  const settings = { shrinkage: source.shrinkage, targetShrinkage: target.shrinkage };
  return asAffine('coral', { w, b: biasOf(w, meanX, meanY) }, settings);
}
