/** G7: does what is shipped give the verified answers? */
import { functionGate, type HeadOutcome } from './function.ts';
import { overall, type GateResult } from './gate.ts';

export interface ArtefactInput {
  /** The old answers against those of the artefact. */
  readonly outcomes: readonly HeadOutcome[];
  /** The largest difference of one number from what was verified, over all heads. */
  readonly difference: number;
  /** Rows to which the artefact gives another class than was verified. */
  readonly others: number;
  readonly rows: number;
  /** What was run, as the user knows it. */
  readonly of: string;
}

/** G3 again on the artefact's answers; numbers that are none fail. */
export function artefactGate({ outcomes, difference, others, rows, of }: ArtefactInput, { margin = 0.02 }: { readonly margin?: number } = {}): GateResult {
  const result = functionGate(outcomes, { margin, gate: 'G7 artefact' });
  const told = `${of} differs from what was verified by at most ${Number(difference.toPrecision(2))}, and gives ${others} of ${rows.toLocaleString('en-US')} rows another class.`;
  return {
    ...result,
    verdict: overall([result.verdict, Number.isNaN(difference) ? 'FAIL' : 'PASS']),
    measures: [...result.measures, { name: 'largest difference from the verified answers', value: difference }, { name: 'rows of another class', value: others }],
    reason: `${told} ${result.reason}`,
  };
}
