/**
 * Reduced-rank regression (Izenman 1975): the ridge map followed by the projection onto the directions in which its answers
 * vary most. The rank is the smallest whose cross-validated score is within one standard error of the best.
 */
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import { symmetricEigen } from '../linear-algebra/symmetric-eigen.ts';
import { firstColumns, trace, transpose, type Matrix } from '../matrix.ts';
import { affineAdapter, biasOf, matrixTensor, vectorTensor, type AffineAdapter } from './adapter.ts';
import { explainedPart, isNearBest, scoreOf, type Score } from './cross-validation.ts';
import type { AffineMethod } from './method.ts';
import { choosePenalty, type FoldMap } from './ridge.ts';
import { ridgeMap } from './ridge-map.ts';
import { penaltyOf } from './ridge-path.ts';
import type { Training } from './training.ts';

/** Of a rank that is given, or chosen by cross-validation. */
export const lowRankOf = (given: number | undefined): AffineMethod => ({
  name: 'low-rank',
  leastRows: () => ({ rows: 20, why: 'or cross-validation cannot tell one rank from another' }),
  misfit: (_, columnsY) => (given !== undefined && given > columnsY ? `its rank is ${given}, and the target has ${columnsY} columns` : undefined),
  fit: async ({ kernels }, training) => {
    const { relative, maps } = await choosePenalty(kernels, training);
    const { rank, score } = await chooseRank(kernels, training, maps, given);
    const lambda = penaltyOf(training.all, relative);
    const { w, directions } = await principalAnswers(kernels, { w: await ridgeMap(kernels, training.all, training.basis, lambda), moments: training.all });
    return { adapter: await makeAdapter(kernels, training.all, w, firstColumns(directions, rank), lambda), score };
  },
});

export const lowRank = lowRankOf(undefined);

async function makeAdapter(
  kernels: Kernels,
  { meanX, meanY }: Moments,
  w: Matrix,
  directions: Matrix,
  lambda: number,
): Promise<AffineAdapter> {
  const down = await kernels.product(w, directions);
  const whole = await kernels.productWithTransposed(down, directions);
  const b = biasOf(whole, meanX, meanY);
  const up = transpose(directions);
  return affineAdapter({
    method: 'low-rank',
    part: { module: 'std/adapters', name: 'reduced_rank', arguments: { rank: up.rows, out: up.columns } },
    tensors: [matrixTensor('project.w', down), matrixTensor('linear.w', up), vectorTensor('linear.b', b)],
    settings: { lambda, rank: up.rows },
    map: { w: whole, b },
  });
}

/** The ridge map, and the principal directions of its answers on the rows that it was fitted from. */
async function principalAnswers(kernels: Kernels, { w, moments }: FoldMap) {
  const covariance = await kernels.productOfTransposed(w, await kernels.product(moments.xx, w));
  return { w, directions: (await symmetricEigen(kernels, covariance)).vectors };
}

async function chooseRank(
  kernels: Kernels,
  training: Training,
  maps: readonly FoldMap[],
  given: number | undefined,
): Promise<{ readonly rank: number; readonly score: Score }> {
  const folds: (readonly number[])[] = [];
  for (const [k, held] of training.folds.entries()) {
    const errors = await rankErrors(kernels, maps[k]!, held);
    folds.push(errors.map((error) => explainedPart(error, held)));
  }
  const scores = folds[0]!.map((_, i) => scoreOf(folds.map((fold) => fold[i]!)));
  const best = scores.reduce((a, b) => (b.mean > a.mean ? b : a));
  const index = given === undefined ? scores.findIndex((score) => isNearBest(score, best)) : given - 1;
  return { rank: index + 1, score: scores[index]! };
}

/** The squared error of every rank on other rows: with V the directions, those of W V_r V_r'. */
async function rankErrors(kernels: Kernels, map: FoldMap, held: Moments): Promise<readonly number[]> {
  const { w, directions } = await principalAnswers(kernels, map);
  const answers = await kernels.product(w, directions);
  const cross = await kernels.productOfTransposed(answers, await kernels.product(held.xy, directions));
  const gram = await kernels.productOfTransposed(answers, await kernels.product(held.xx, answers));
  const off = meanErrors(map.moments, held, answers, directions);
  const q = directions.columns;
  let error = trace(held.yy) + held.count * off.reduce((sum, { without }) => sum + without, 0);
  return Array.from({ length: q }, (_, r) => {
    error += gram.data[r * q + r]! - 2 * cross.data[r * q + r]! + held.count * (off[r]!.with - off[r]!.without);
    return error;
  });
}

/** Along each direction, the square of the error of the means without the map and with it. */
function meanErrors(fitted: Moments, held: Moments, answers: Matrix, directions: Matrix) {
  const along = (matrix: Matrix, a: Float64Array, b: Float64Array, r: number): number => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) * matrix.data[i * matrix.columns + r]!;
    return sum;
  };
  return Array.from({ length: directions.columns }, (_, r) => {
    const missing = along(directions, held.meanY, fitted.meanY, r);
    const answered = along(answers, held.meanX, fitted.meanX, r);
    return { without: missing ** 2, with: (missing - answered) ** 2 };
  });
}
