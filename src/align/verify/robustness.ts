/** G6: does the function hold where the examples are not quite as they were, and do bridged points lie where the head's space lies? */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { outlying } from '../metrics/outlying.ts';
import { oneSided95 } from '../statistics/normal.ts';
import { rowsForShare, type Open } from '../statistics/rows-to-decide.ts';
import { wilson } from '../statistics/wilson.ts';
import { allAsked, type AskedAgain } from './asked-again.ts';
import { functionGate, type HeadOutcome } from './function.ts';
import { atMost, leastRows, overall, show, tooFew, type GateResult } from './gate.ts';

const gate = 'G6 robustness';
/** The part of the bridged points that may lie beyond the 99th percentile of the old space. */
const mostOutlying = 0.05;
/** Of which every one is compared with every other: a caller gives no more. */
export const mostPoints = 2000;

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
  if (space !== undefined && Math.min(space.reference.rows, space.bridged.rows) < leastRows) return fewPoints(space, outcomes[0]);
  const share = space && wilson((await outlying(kernels, space.bridged, space.reference)).filter(Boolean).length, space.bridged.rows, oneSided95);
  const placed = share === undefined ? 'PASS' : atMost(share, mostOutlying);
  const perturbed = outcomes.length === 0 ? undefined : functionGate(outcomes, { margin, gate });
  const again = allAsked(asked);
  const verdict = overall([placed, again.verdict, ...(perturbed === undefined ? [] : [perturbed.verdict])]);
  const points = placed === 'INCONCLUSIVE' ? [openOf(share!.value)] : [];
  const lying = share === undefined ? undefined : `${show(share)} of the bridged points lie farther out than 99 of 100 old ones.`;
  return {
    gate,
    verdict,
    measures: [...(perturbed?.measures ?? []), ...again.measures, ...(share === undefined ? [] : [{ name: 'bridged points beyond the 99th percentile of the old space', ...share, bar: `<= ${mostOutlying}` }])],
    reason: [perturbed?.reason, again.reason, lying].filter(Boolean).join(' '),
    ...(verdict === 'INCONCLUSIVE' ? { open: [...(perturbed?.open ?? []), ...again.open, ...points] } : {}),
  };
}

/** Too few to say where points lie, of whichever side has fewer. */
function fewPoints({ reference, bridged }: NonNullable<RobustnessInput['space']>, outcome: HeadOutcome | undefined): GateResult {
  return tooFew(gate, Math.min(reference.rows, bridged.rows), reference.rows < bridged.rows ? 'fit' : 'test', { groups: outcome?.groups });
}

const openOf = (share: number): Open => ({ rows: Math.max(leastRows, rowsForShare(share, mostOutlying)), of: 'test', leans: share > mostOutlying ? 'FAIL' : 'PASS', most: mostPoints });
