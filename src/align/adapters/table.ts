/** The closed-form bridges between two spaces, the simplest first: the order in which `auto` prefers them. */
import { alignCodes } from '../../diagnostics/codes/align.ts';
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import { coral } from './coral.ts';
import type { ScoredAdapter } from './cross-validation.ts';
import { lowRank } from './low-rank.ts';
import { matchMoments } from './match-moments.ts';
import type { AffineMethod, FitContext } from './method.ts';
import { orthogonal, scaledOrthogonal, scaledStandardisedOrthogonal } from './orthogonal.ts';
import { ridge } from './ridge.ts';
import { tooFewRows, type Training } from './training.ts';
import { translateScale } from './translate-scale.ts';

export const bridges: readonly AffineMethod[] = [
  translateScale,
  matchMoments,
  orthogonal,
  scaledOrthogonal,
  scaledStandardisedOrthogonal,
  coral,
  lowRank,
  ridge,
];

/** Fits one method, or says why it cannot be and what it would need, by the name that it is called by. */
export async function fitBridge(
  method: AffineMethod,
  context: FitContext,
  training: Training,
  called: string = method.name,
): Promise<Outcome<ScoredAdapter>> {
  const { rows, different, columnsX, columnsY } = training;
  const reason = method.misfit?.(columnsX, columnsY);
  if (reason !== undefined) return fail(alignCodes.finding('fit-unfit-method', { method: called, reason }));
  const least = method.leastRows(columnsX, columnsY);
  if (different < least.rows) return fail(tooFewRows(called, { rows, different }, least.rows, least.why));
  return succeed(await method.fit(context, training));
}
