/** `method auto`: the simplest bridge whose cross-validated score is within one standard error of the best. */
import { fail, succeed, type Finding, type Outcome } from '../../diagnostics/diagnostic.ts';
import { isNearBest, type ScoredAdapter } from './cross-validation.ts';
import type { FitContext } from './method.ts';
import { bridges, fitBridge } from './table.ts';
import type { Training } from './training.ts';

export interface Choice {
  readonly chosen: ScoredAdapter;
  /** Every bridge that could be fitted, the simplest first. */
  readonly tried: readonly ScoredAdapter[];
  /** Why the others could not. */
  readonly refused: readonly Finding[];
}

export async function chooseBridge(context: FitContext, training: Training): Promise<Outcome<Choice>> {
  const tried: ScoredAdapter[] = [];
  const refused: Finding[] = [];
  for (const method of bridges) {
    const fitted = await fitBridge(method, context, training);
    if (fitted.ok) tried.push(fitted.value);
    else refused.push(fitted.finding);
  }
  if (tried.length === 0) return fail(refused.at(-1)!);
  return succeed({ chosen: simplestNearBest(tried), tried, refused });
}

/** The first that is as good as the best, up to chance. */
export function simplestNearBest<T extends Pick<ScoredAdapter, 'score'>>(tried: readonly T[]): T {
  const best = tried.reduce((a, b) => (b.score.mean > a.score.mean ? b : a)).score;
  return tried.find(({ score }) => isNearBest(score, best))!;
}
