/** How much of each space a ridge map from the other explains on rows left out, and whether that is more than chance. */
import { biasOf } from '../adapters/adapter.ts';
import type { Score } from '../adapters/cross-validation.ts';
import type { FitContext } from '../adapters/method.ts';
import { choosePenalty, ridge, type ChosenPenalty } from '../adapters/ridge.ts';
import { ridgeMap } from '../adapters/ridge-map.ts';
import { penaltyOf } from '../adapters/ridge-path.ts';
import type { Training } from '../adapters/training.ts';
import { createRandom, shuffle } from '../../data/random.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { swapSides } from '../kernels/moments.ts';
import { symmetricEigenvalues } from '../linear-algebra/symmetric-eigen.ts';
import { selectRows, toSingle, type Features, type Matrix } from '../matrix.ts';
import { permutationP } from '../statistics/permutation.ts';
import type { CkaOptions } from './cka.ts';

export interface Explained {
  /** R² of the target by the source. */
  readonly forward: Score;
  /** R² of the source by the target: what a bridge cannot carry over is what the target does not hold. */
  readonly backward: Score;
}

/** The same rows seen from the other side. */
export const swapTraining = (training: Training): Training => ({
  rows: training.rows,
  different: training.different,
  columnsX: training.columnsY,
  columnsY: training.columnsX,
  all: swapSides(training.all),
  folds: training.folds.map(swapSides),
  held: training.held.map(({ indices, x, y }) => ({ indices, x: y, y: x })),
  basis: undefined,
  centre: training.centre,
});

export async function explainedBothWays(context: FitContext, training: Training): Promise<Explained> {
  const forward = await ridge.fit(context, training);
  const backward = await ridge.fit(context, swapTraining(training));
  return { forward: forward.score, backward: backward.score };
}

// ---------------------------------------------------------------- against chance

/** Some rows of both spaces, and the fold of the training that each belongs to. */
export interface FoldedRows {
  readonly x: Features;
  readonly y: Features;
  readonly folds: Uint8Array;
}

export interface ExplainedTest {
  /** R² on rows left out, over all rows of the training. */
  readonly score: Score;
  /**
   * Of the answers to the given rows, against the same answers dealt out anew within each fold. What those explain is no figure for what a map has by chance:
   * they are the answers of a map that found something, given to the wrong rows, and so about as far below 0 as the map is above it. A map that was fitted
   * to pairs dealt out anew shrinks until it answers next to nothing, and has about 0.
   */
  readonly p: number;
  /** In how many directions 99 % of the variance of the map's answers lie. */
  readonly directions: number;
}

/**
 * The map of each fold was fitted from all others, so which of its answers belongs to which target is exchangeable where the
 * spaces share nothing.
 */
export async function testExplained(kernels: Kernels, training: Training, rows: FoldedRows, { seed, permutations = 999 }: CkaOptions): Promise<ExplainedTest> {
  const chosen = await choosePenalty(kernels, training);
  const folds = await Promise.all(training.folds.map((_, k) => foldProducts(kernels, chosen, k, rows)));
  const [squares, variance] = [folds.reduce((sum, fold) => sum + fold.squares, 0), folds.reduce((sum, fold) => sum + fold.variance, 0)];
  const orders = folds.map(({ products }) => Uint32Array.from({ length: products.rows }, (_, i) => i));
  // The squared error is |answers|² + |y|² - 2 answers . y, of which only the last part knows what belongs to what.
  const found = (): number => 1 - (squares - 2 * folds.reduce((sum, { products }, k) => sum + pairedSum(products, orders[k]!), 0)) / variance;
  const value = found();
  const random = createRandom(seed);
  let exceeded = 0;
  for (let i = 0; i < permutations; i++) {
    for (const order of orders) shuffle(order, random);
    if (!(found() < value)) exceeded += 1;
  }
  return { score: chosen.score, p: permutationP(exceeded, permutations), directions: await answerDirections(kernels, training, chosen) };
}

interface FoldProducts {
  /** Every answer by every target, both about the target's mean. */
  readonly products: Matrix;
  readonly squares: number;
  readonly variance: number;
}

async function foldProducts(kernels: Kernels, { maps }: ChosenPenalty, fold: number, { x, y, folds }: FoldedRows): Promise<FoldProducts> {
  const { w, moments: { meanX, meanY } } = maps[fold]!;
  const numbers = Uint32Array.from(folds.keys()).filter((row) => folds[row] === fold);
  const answers = await kernels.affine(selectRows(x, numbers), toSingle(w), Float32Array.from(biasOf(w, meanX, meanY), (b, j) => b - meanY[j]!));
  const targets = selectRows(y, numbers);
  const centred = { ...targets, data: targets.data.map((value, at) => value - meanY[at % targets.columns]!) };
  const size = ({ data }: Features): number => data.reduce((sum, value) => sum + value * value, 0);
  return { products: await kernels.gram(answers, centred), squares: size(answers) + size(centred), variance: size(centred) };
}

function pairedSum({ rows, data }: Matrix, order: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += data[order[i]! * rows + i]!;
  return sum;
}

const kept = 0.99;

async function answerDirections(kernels: Kernels, { all, basis }: Training, { relative }: ChosenPenalty): Promise<number> {
  const w = await ridgeMap(kernels, all, basis, penaltyOf(all, relative));
  const values = await symmetricEigenvalues(kernels, await kernels.productOfTransposed(w, await kernels.product(all.xx, w)));
  const total = values.reduce((sum, value) => sum + value, 0);
  let [sum, count] = [0, 0];
  while (count < values.length && sum < kept * total) sum += values[count++]!;
  return count;
}
