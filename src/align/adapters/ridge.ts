/** Ridge regression of the target's features on the source's (Hoerl and Kennard 1970), the penalty by cross-validation. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import { asAffine, biasOf, type AffineAdapter } from './adapter.ts';
import { crossValidate, explainedPart, scoreOf, type Score } from './cross-validation.ts';
import type { AffineMethod } from './method.ts';
import { penaltyOf, ridgeErrors, ridgeMap, ridgePath, type RidgePath } from './ridge-path.ts';
import { leastFoldedRows, withoutFold, type Training } from './training.ts';

/** Relative to the mean variance of a column: from next to none, in half decades, to the mean alone. */
export const relativePenalties: readonly number[] = Array.from({ length: 23 }, (_, i) => 10 ** (i / 2 - 9));

export const ridge: AffineMethod = {
  name: 'ridge',
  leastRows: () => ({ rows: 20, why: 'or cross-validation cannot tell one penalty from another' }),
  fit: async ({ kernels }, training) => {
    const { relative, score } = await choosePenalty(kernels, training);
    const lambda = penaltyOf(training.all, relative);
    const w = await ridgeMap(kernels, await ridgePath(kernels, training.all, training.basis), lambda);
    const { meanX, meanY } = training.all;
    return { adapter: asAffine('ridge', { w, b: biasOf(w, meanX, meanY) }, { lambda }), score };
  },
};

/** Ridge regression with a penalty that is given. */
export const ridgeWith = (lambda: number): AffineMethod => ({
  name: 'ridge',
  leastRows: () => ({ rows: leastFoldedRows, why: 'two in each of 5 folds' }),
  fit: ({ kernels }, training) => crossValidate(kernels, training, (moments) => ridgeOf(kernels, training, moments, 'ridge', lambda)),
});

/** By the normal equations; next to nothing is added to them, so that columns that depend on others do no harm. */
export const leastSquares: AffineMethod = {
  name: 'least-squares',
  leastRows: (columnsX) => ({ rows: 2 * columnsX, why: `two for each of ${columnsX} columns, or the map fits chance` }),
  fit: ({ kernels }, training) => crossValidate(kernels, training, (moments) => ridgeOf(kernels, training, moments, 'least-squares', penaltyOf(moments, 1e-10))),
};

/** An affine map from moments of the training's rows, by a penalty that is given. */
export async function ridgeOf(kernels: Kernels, { basis }: Training, moments: Moments, name: string, lambda: number): Promise<AffineAdapter> {
  const w = await ridgeMap(kernels, await ridgePath(kernels, moments, basis), lambda);
  return asAffine(name, { w, b: biasOf(w, moments.meanX, moments.meanY) }, { lambda });
}

export interface ChosenPenalty {
  readonly relative: number;
  readonly score: Score;
  /** The path of each fold: fitted from all rows but the fold's. */
  readonly paths: readonly RidgePath[];
}

/** The penalty of the best cross-validated R². */
export async function choosePenalty(kernels: Kernels, training: Training): Promise<ChosenPenalty> {
  const paths: RidgePath[] = [];
  const folds: (readonly number[])[] = [];
  for (const [k, held] of training.folds.entries()) {
    const path = await ridgePath(kernels, withoutFold(training, k), training.basis);
    const errors = await ridgeErrors(kernels, path, held, relativePenalties);
    paths.push(path);
    folds.push(errors.map((error) => explainedPart(error, held)));
  }
  const scores = relativePenalties.map((_, i) => scoreOf(folds.map((fold) => fold[i]!)));
  // From the strongest penalty on: of two that do alike, the simpler map.
  const best = scores.reduce((b, score, i) => (score.mean >= scores[b]!.mean ? i : b), 0);
  return { relative: relativePenalties[best]!, score: scores[best]!, paths };
}
