/** Ridge regression of the target's features on the source's (Hoerl and Kennard 1970), the penalty by cross-validation. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import { asAffine, biasOf, type AffineAdapter } from './adapter.ts';
import type { Matrix } from '../matrix.ts';
import { crossValidate, explainedPart, scoreOf, type Score } from './cross-validation.ts';
import type { AffineMethod } from './method.ts';
import { ridgeMap } from './ridge-map.ts';
import { pathMap, penaltyOf, ridgeErrors, ridgePath, type RidgePath } from './ridge-path.ts';
import { leastFoldedRows, withoutFold, type Training } from './training.ts';

/** Relative to the mean variance of a column: from next to none, in half decades, to the mean alone. */
export const relativePenalties: readonly number[] = Array.from({ length: 23 }, (_, i) => 10 ** (i / 2 - 9));

export const ridge: AffineMethod = {
  name: 'ridge',
  leastRows: () => ({ rows: 20, why: 'or cross-validation cannot tell one penalty from another' }),
  fit: async ({ kernels }, training) => {
    const { relative, score, maps } = await choosePenalty(kernels, training);
    const lambda = penaltyOf(training.all, relative);
    const w = await ridgeMap(kernels, training.all, training.basis, lambda);
    const { meanX, meanY } = training.all;
    return { adapter: asAffine('ridge', { w, b: biasOf(w, meanX, meanY) }, { lambda }), score, maps: maps.map(({ w: part, moments }) => ({ w: part, b: biasOf(part, moments.meanX, moments.meanY) })) };
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
  const w = await ridgeMap(kernels, moments, basis, lambda);
  return asAffine(name, { w, b: biasOf(w, moments.meanX, moments.meanY) }, { lambda });
}

export interface ChosenPenalty {
  readonly relative: number;
  readonly score: Score;
  /** The map of each fold by this penalty: fitted from all rows but the fold's. */
  readonly maps: readonly PenalisedMap[];
}

export interface PenalisedMap extends FoldMap {
  /** The eigenvalues of what `moments` hold of x, the largest first; of fewer rows than columns those that are not 0 for certain. */
  readonly values: Float64Array;
}

export interface FoldMap {
  readonly w: Matrix;
  /** Of the rows that it was fitted from. */
  readonly moments: Moments;
}

const chosen = new WeakMap<Training, Promise<ChosenPenalty>>();

/** The penalty of the best cross-validated R²; of two that do alike the stronger, the simpler map. Several methods ask for that of one training. */
export function choosePenalty(kernels: Kernels, training: Training): Promise<ChosenPenalty> {
  const known = chosen.get(training);
  if (known !== undefined) return known;
  const found = comparePenalties(kernels, training);
  chosen.set(training, found);
  return found;
}

/** All of them, from one eigendecomposition a fold. */
async function comparePenalties(kernels: Kernels, training: Training): Promise<ChosenPenalty> {
  const paths: RidgePath[] = [];
  const folds: (readonly number[])[] = [];
  for (const [k, held] of training.folds.entries()) {
    const path = await ridgePath(kernels, withoutFold(training, k), training.basis);
    const errors = await ridgeErrors(kernels, path, held, relativePenalties);
    paths.push(path);
    folds.push(errors.map((error) => explainedPart(error, held)));
  }
  const scores = relativePenalties.map((_, i) => scoreOf(folds.map((fold) => fold[i]!)));
  const best = scores.reduce((b, score, i) => (score.mean >= scores[b]!.mean ? i : b), 0);
  const maps: PenalisedMap[] = [];
  for (const path of paths) maps.push({ w: await pathMap(kernels, path, penaltyOf(path.moments, relativePenalties[best]!)), moments: path.moments, values: path.values });
  return { relative: relativePenalties[best]!, score: scores[best]!, maps };
}
