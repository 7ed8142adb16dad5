/** What fits in tests begin with: pairs collected, and outcomes that have to be values. */
import { collectTraining, type Training } from '../../src/align/adapters/training.ts';
import type { Kernels } from '../../src/align/kernels/kernels.ts';
import { pairsOf } from '../../src/align/kernels/row-pairs.ts';
import type { Features } from '../../src/align/matrix.ts';
import type { Outcome } from '../../src/diagnostics/diagnostic.ts';

/** Throws what was found where there is none. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.finding.message);
  return outcome.value;
}

/** Always the same folds. */
export const trainingOf = async (kernels: Kernels, x: Features, y: Features): Promise<Training> => valueOf(await collectTraining(kernels, pairsOf(x, y), { seed: 1 }));
