/** How much of each space a ridge map from the other explains on rows left out. */
import { ridge } from '../adapters/ridge.ts';
import type { Score } from '../adapters/cross-validation.ts';
import type { FitContext } from '../adapters/method.ts';
import type { Training } from '../adapters/training.ts';
import { swapSides } from '../kernels/moments.ts';

export interface Explained {
  /** R² of the target by the source. */
  readonly forward: Score;
  /** R² of the source by the target: what a bridge cannot carry over is what the target does not hold. */
  readonly backward: Score;
}

export async function explainedBothWays(context: FitContext, training: Training): Promise<Explained> {
  const swapped: Training = {
    rows: training.rows,
    columnsX: training.columnsY,
    columnsY: training.columnsX,
    all: swapSides(training.all),
    folds: training.folds.map(swapSides),
    basis: undefined,
  };
  const forward = await ridge.fit(context, training);
  const backward = await ridge.fit(context, swapped);
  return { forward: forward.score, backward: backward.score };
}
