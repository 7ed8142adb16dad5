/** G6: does the function hold where the examples are not quite as they were, and do bridged points lie where the head's space lies? */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { outlying } from '../metrics/outlying.ts';
import { oneSided95 } from '../statistics/normal.ts';
import { countOf } from '../statistics/groups.ts';
import { wilson } from '../statistics/wilson.ts';
import { allAsked, type AskedAgain } from './asked-again.ts';
import { functionGate, type HeadOutcome } from './function.ts';
import { atMost, leastRows, overall, rowsToSeparate, show, tooFew, type GateResult } from './gate.ts';

const gate = 'G6 robustness';
/** The part of the bridged points that may lie beyond the 99th percentile of the old space. */
const mostOutlying = 0.05;

export interface RobustnessInput {
  /** Every head under every perturbation, both sides perturbed alike: `topic, with typing errors`. */
  readonly outcomes: readonly HeadOutcome[];
  /** What is required of answers without classes, under every perturbation. */
  readonly asked?: readonly AskedAgain[];
  /** Rows of the old space, and other rows as the bridge makes them, one of each group; undefined where no space is in question. */
  readonly space: { readonly reference: Features; readonly bridged: Features } | undefined;
}

/** The p-values of all heads under all perturbations are adjusted together, as in G3. Where there is nothing to look at it passes: the caller asks then, and says so. */
export async function robustnessGate(kernels: Kernels, { outcomes, asked = [], space }: RobustnessInput, { margin = 0.02 }: { readonly margin?: number } = {}): Promise<GateResult> {
  if (space !== undefined && Math.min(space.reference.rows, space.bridged.rows) < leastRows) return tooFew(gate, Math.min(space.reference.rows, space.bridged.rows), outcomes[0]?.groups);
  const share = space && wilson((await outlying(kernels, space.bridged, space.reference)).filter(Boolean).length, space.bridged.rows, oneSided95);
  const placed = share === undefined ? 'PASS' : atMost(share, mostOutlying);
  const perturbed = outcomes.length === 0 ? undefined : functionGate(outcomes, { margin, gate });
  const again = allAsked(asked);
  const verdict = overall([placed, again.verdict, ...(perturbed === undefined ? [] : [perturbed.verdict])]);
  // Points and answers are of unequal numbers of rows: what is told is by how much more of the larger.
  const rows = Math.max(countOf(outcomes[0]?.own.length ?? 0, outcomes[0]?.groups), asked[0]?.rows ?? 0, space?.bridged.rows ?? 0);
  const times = Math.max(
    perturbed?.rowsNeeded === undefined ? 0 : perturbed.rowsNeeded / perturbed.rows!,
    placed === 'INCONCLUSIVE' ? rowsToSeparate(share!, mostOutlying, space!.bridged.rows) / space!.bridged.rows : 0,
    again.times,
  );
  const lying = share === undefined ? undefined : `${show(share)} of the bridged points lie farther out than 99 of 100 old ones.`;
  return {
    gate,
    verdict,
    measures: [...(perturbed?.measures ?? []), ...again.measures, ...(share === undefined ? [] : [{ name: 'bridged points beyond the 99th percentile of the old space', ...share, bar: `<= ${mostOutlying}` }])],
    reason: [perturbed?.reason, again.reason, lying].filter(Boolean).join(' '),
    ...(verdict === 'INCONCLUSIVE' ? { rows, rowsNeeded: Math.ceil(times * rows) } : {}),
  };
}
