/** How well an affine map does on rows that it was not fitted from, told by their moments alone. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import { innerProduct, sum, sumOfSquares, type Matrix } from '../matrix.ts';
import type { AffineAdapter, AffineMap } from './adapter.ts';
import { withoutFold, type Training } from './training.ts';

/** The sum of squares of (x - mean x) w over the rows of these moments. */
const answered: SquaresOf = async (kernels, w, { xx }) => innerProduct(w, await kernels.product(xx, w));

export type SquaresOf = (kernels: Kernels, w: Matrix, moments: Moments) => number | Promise<number>;

/** The sum of squares of y - (x w + b) over the rows of these moments. `squaresOf` is for maps of which that of their answers is known otherwise. */
export async function squaredError(kernels: Kernels, { w, b }: AffineMap, moments: Moments, squaresOf: SquaresOf = answered): Promise<number> {
  const { xy, squaresY, meanX, meanY, count } = moments;
  const off = Float64Array.from(meanY, (mean, j) => mean - b[j]!);
  for (let i = 0, at = 0; i < w.rows; i++) for (let j = 0; j < w.columns; j++, at++) off[j]! -= meanX[i]! * w.data[at]!;
  return sum(squaresY) - 2 * innerProduct(w, xy) + (await squaresOf(kernels, w, moments)) + count * sumOfSquares({ data: off });
}

/** 1 - (error / variance of y about its mean on these rows); 0 where they do not vary, and nothing can be explained. */
export function explainedPart(error: number, { squaresY }: Moments): number {
  const variance = sum(squaresY);
  return variance > 0 ? 1 - error / variance : 0;
}

export interface Score {
  readonly mean: number;
  readonly standardError: number;
  /** Of each fold, by a map that was fitted from the others. */
  readonly folds: readonly number[];
}

export function scoreOf(folds: readonly number[]): Score {
  const mean = sum(folds) / folds.length;
  const squares = sum(folds.map((value) => (value - mean) ** 2));
  return { mean, standardError: Math.sqrt(squares / (folds.length - 1) / folds.length), folds };
}

/** Of R² and cosines: maps that leave no more than the rounding of single precision are alike. */
const rounding = 1e-9;

/**
 * Whether a score falls short of the best by no more than one standard error of its shortfall (Breiman et al. 1984, fold by
 * fold: what makes a fold hard for all maps says nothing of their difference).
 */
export function isNearBest(score: Score, best: Score): boolean {
  const shortfall = scoreOf(best.folds.map((value, k) => value - score.folds[k]!));
  return shortfall.mean <= shortfall.standardError + rounding;
}

/** An adapter fitted from all rows, and how its method does on rows left out. */
export interface ScoredAdapter {
  readonly adapter: AffineAdapter;
  readonly score: Score;
  /** Of each fold, fitted from all rows but its own; none where the method looks at no target. */
  readonly maps: readonly AffineMap[];
}

/** Fits from all rows, and five times without a fold to see how the method does on it. */
export async function crossValidate(
  kernels: Kernels,
  training: Training,
  fit: (moments: Moments, purpose: 'score' | 'use') => AffineAdapter | Promise<AffineAdapter>,
  squaresOf?: SquaresOf,
): Promise<ScoredAdapter> {
  const folds: number[] = [];
  const maps: AffineMap[] = [];
  for (const [k, fold] of training.folds.entries()) {
    const { map } = await fit(withoutFold(training, k), 'score');
    maps.push(map);
    folds.push(explainedPart(await squaredError(kernels, map, fold, squaresOf), fold));
  }
  return { adapter: await fit(training.all, 'use'), score: scoreOf(folds), maps };
}
