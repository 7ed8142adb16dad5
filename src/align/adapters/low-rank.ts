/**
 * Reduced-rank regression (Izenman 1975): the ridge map followed by the projection onto the directions in which its answers
 * vary most. The rank is the smallest whose cross-validated score is within one standard error of the best.
 */
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import { symmetricEigen } from '../linear-algebra/symmetric-eigen.ts';
import { firstColumns, sum, transpose, type Matrix } from '../matrix.ts';
import { affineAdapter, biasOf, matrixTensor, vectorTensor, type AffineAdapter, type AffineMap } from './adapter.ts';
import { explainedPart, isNearBest, scoreOf, type ScoredAdapter } from './cross-validation.ts';
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
    const { rank, score, maps: cut } = await chooseRank(kernels, training, maps, given);
    const lambda = penaltyOf(training.all, relative);
    const { w, directions } = await principalAnswers(kernels, { w: await ridgeMap(kernels, training.all, training.basis, lambda), moments: training.all });
    return { adapter: await makeAdapter(kernels, training.all, w, firstColumns(directions, rank), lambda), score, maps: cut };
  },
});

export const lowRank = lowRankOf(undefined);

async function makeAdapter(
  kernels: Kernels,
  moments: Moments,
  w: Matrix,
  directions: Matrix,
  lambda: number,
): Promise<AffineAdapter> {
  const { down, map } = await projected(kernels, { w, moments }, directions);
  const up = transpose(directions);
  return affineAdapter({
    method: 'low-rank',
    part: { module: 'std/adapters', name: 'reduced_rank', arguments: { rank: up.rows, out: up.columns } },
    tensors: [matrixTensor('project.w', down), matrixTensor('linear.w', up), vectorTensor('linear.b', map.b)],
    settings: { lambda, rank: up.rows },
    map,
  });
}

/** W V V', in two factors and as one map. */
async function projected(kernels: Kernels, { w, moments: { meanX, meanY } }: FoldMap, directions: Matrix): Promise<{ readonly down: Matrix; readonly map: AffineMap }> {
  const down = await kernels.product(w, directions);
  const whole = await kernels.productWithTransposed(down, directions);
  return { down, map: { w: whole, b: biasOf(whole, meanX, meanY) } };
}

interface PrincipalAnswers {
  readonly w: Matrix;
  readonly directions: Matrix;
}

/** The ridge map, and the principal directions of its answers on the rows that it was fitted from. */
async function principalAnswers(kernels: Kernels, { w, moments }: FoldMap): Promise<PrincipalAnswers> {
  const covariance = await kernels.productOfTransposed(w, await kernels.product(moments.xx, w));
  return { w, directions: (await symmetricEigen(kernels, covariance)).vectors };
}

async function chooseRank(
  kernels: Kernels,
  training: Training,
  maps: readonly FoldMap[],
  given: number | undefined,
): Promise<{ readonly rank: number } & Pick<ScoredAdapter, 'score' | 'maps'>> {
  const folds: (readonly number[])[] = [];
  const answers = await Promise.all(maps.map((map) => principalAnswers(kernels, map)));
  for (const [k, held] of training.folds.entries()) {
    const errors = await rankErrors(kernels, maps[k]!.moments, answers[k]!, held);
    folds.push(errors.map((error) => explainedPart(error, held)));
  }
  const scores = folds[0]!.map((_, i) => scoreOf(folds.map((fold) => fold[i]!)));
  const best = scores.reduce((a, b) => (b.mean > a.mean ? b : a));
  const index = given === undefined ? scores.findIndex((score) => isNearBest(score, best)) : given - 1;
  const cut: AffineMap[] = [];
  for (const [k, { directions }] of answers.entries()) cut.push((await projected(kernels, maps[k]!, firstColumns(directions, index + 1))).map);
  return { rank: index + 1, score: scores[index]!, maps: cut };
}

/** The squared error of every rank on other rows: with V the directions, those of W V_r V_r'. */
async function rankErrors(kernels: Kernels, fitted: Moments, { w, directions }: PrincipalAnswers, held: Moments): Promise<readonly number[]> {
  const answers = await kernels.product(w, directions);
  const cross = await kernels.productOfTransposed(answers, await kernels.product(held.xy, directions));
  const gram = await kernels.productOfTransposed(answers, await kernels.product(held.xx, answers));
  const off = meanErrors(fitted, held, answers, directions);
  const q = directions.columns;
  let error = sum(held.squaresY) + held.count * off.reduce((errors, { without }) => errors + without, 0);
  return Array.from({ length: q }, (_, r) => {
    error += gram.data[r * q + r]! - 2 * cross.data[r * q + r]! + held.count * (off[r]!.with - off[r]!.without);
    return error;
  });
}

/** Along each direction, the square of the error of the means without the map and with it. */
function meanErrors(fitted: Moments, held: Moments, answers: Matrix, directions: Matrix) {
  const along = (matrix: Matrix, a: Float64Array, b: Float64Array, r: number): number => {
    let product = 0;
    for (let i = 0; i < a.length; i++) product += (a[i]! - b[i]!) * matrix.data[i * matrix.columns + r]!;
    return product;
  };
  return Array.from({ length: directions.columns }, (_, r) => {
    const missing = along(directions, held.meanY, fitted.meanY, r);
    const answered = along(answers, held.meanX, fitted.meanX, r);
    return { without: missing ** 2, with: (missing - answered) ** 2 };
  });
}
