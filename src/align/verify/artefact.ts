/** G7: does what is shipped give the verified answers? */
import { countOf } from '../statistics/groups.ts';
import { oneSided95 } from '../statistics/normal.ts';
import type { Estimate } from '../statistics/interval.ts';
import { shareOf } from '../statistics/wilson.ts';
import { functionGate, type HeadOutcome } from './function.ts';
import { atMost, overall, rowsToSeparate, show, type GateResult, type Measure, type Verdict } from './gate.ts';

/** A head's answers of the artefact: its old ones against them, and to which rows it gives another class than was verified. */
export interface ShippedOutcome extends HeadOutcome {
  readonly others: readonly boolean[];
}

export interface ArtefactInput {
  readonly outcomes: readonly ShippedOutcome[];
  /** The largest difference of one number from what was verified, over all heads. */
  readonly difference: number;
  /** What was run, as the user knows it. */
  readonly of: string;
  /** Whole sentences: of which files that were verified it is not made. */
  readonly faults?: readonly string[];
}

/** Of so many rows at least the classes may differ from those that were verified, as weights in half precision make a few do. */
const leastOthers = 0.02;

/**
 * G3 again on the artefact's answers. The gates before spoke of the answers that were verified: where more of the rows than a head may
 * lose surely get another class, or files are others, they spoke of another model, however well this one does. Numbers that are none fail.
 */
export function artefactGate({ outcomes, difference, of, faults = [] }: ArtefactInput, { margin = leastOthers }: { readonly margin?: number } = {}): GateResult {
  const result = functionGate(outcomes, { margin, gate: 'G7 artefact' });
  const judged = outcomes.map((outcome) => judgeOthers(outcome, Math.max(leastOthers, outcome.margin ?? margin)));
  const rows = outcomes[0]!.others.length;
  const others = outcomes[0]!.others.filter((_, row) => outcomes.some((outcome) => outcome.others[row])).length;
  const told = `${of} differs from what was verified by at most ${Number(difference.toPrecision(2))}, and gives ${others.toLocaleString('en-US')} of ${rows.toLocaleString('en-US')} rows another class.`;
  const verdict = overall([result.verdict, ...judged.map((one) => one.verdict), Number.isNaN(difference) || faults.length > 0 ? 'FAIL' : 'PASS']);
  const needed = [result, ...judged].flatMap(({ rowsNeeded }) => rowsNeeded ?? []);
  return {
    gate: result.gate,
    verdict,
    measures: [...result.measures, { name: 'largest difference from the verified answers', value: difference }, { name: 'rows of another class', value: others }, ...judged.flatMap(({ measures }) => measures)],
    reason: [...faults, told, ...judged.flatMap(({ reason }) => reason ?? []), result.reason].join(' '),
    ...(needed.length > 0 && verdict === 'INCONCLUSIVE' ? { rows: countOf(rows, outcomes[0]!.groups), rowsNeeded: Math.max(...needed) } : {}),
  };
}

interface JudgedOthers {
  readonly verdict: Verdict;
  readonly measures: readonly Measure[];
  readonly reason?: string;
  readonly rowsNeeded?: number;
}

/** Where no class differs nothing was drawn: the same answers are the same. */
function judgeOthers({ head, others, groups }: ShippedOutcome, bar: number): JudgedOthers {
  if (!others.includes(true)) return { verdict: 'PASS', measures: [] };
  const share: Estimate = shareOf(others, groups, oneSided95);
  const verdict = atMost(share, bar);
  const words: Record<Verdict, string> = { PASS: '', FAIL: `, surely more than ${(100 * bar).toFixed(1)} %: this is not the model that was verified`, INCONCLUSIVE: `, which may or may not be more than ${(100 * bar).toFixed(1)} %` };
  const measures = [{ name: `rows to which ${head} gives another class`, ...share, bar: `<= ${bar}` }];
  const count = countOf(others.length, groups);
  return { verdict, measures, ...(verdict === 'PASS' ? {} : { reason: `Of ${head} that is a share of ${show(share)}${words[verdict]}.` }), ...(verdict === 'INCONCLUSIVE' ? { rowsNeeded: rowsToSeparate(share, bar, count) } : {}) };
}
