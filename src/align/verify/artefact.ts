/** G7: does what is shipped give the verified answers? */
import { countOf } from '../statistics/groups.ts';
import { oneSided95 } from '../statistics/normal.ts';
import { rowsForShare, rowsToSeparate, wholeRows, type Open } from '../statistics/rows-to-decide.ts';
import type { Estimate } from '../statistics/interval.ts';
import { effectiveRows, shareOf } from '../statistics/wilson.ts';
import { allAsked, type AskedAgain } from './asked-again.ts';
import { functionGate, type HeadOutcome } from './function.ts';
import { atLeast, atMost, overall, show, type GateResult, type Measure, type Verdict } from './gate.ts';

/** A head's answers of the artefact: its old ones against them, and to which rows it gives another class than was verified. */
export interface ShippedOutcome extends HeadOutcome {
  readonly others: readonly boolean[];
}

/** Numbers of the artefact that stand for no class. */
export interface ShippedNumbers {
  /** `price` */
  readonly name: string;
  /** Of the verified answers' variance, the share that the artefact's explain; undefined where both are the same but for rounding. */
  readonly explained: Estimate | undefined;
  /** Rows or groups. */
  readonly rows: number;
}

export interface ArtefactInput {
  readonly outcomes: readonly ShippedOutcome[];
  readonly numbers?: readonly ShippedNumbers[];
  /** What else is required than accuracy, of the artefact's answers. */
  readonly asked?: readonly AskedAgain[];
  /** The largest difference of one number from what was verified, over all heads. */
  readonly difference: number;
  /** What was run, as the user knows it. */
  readonly of: string;
  /** Whole sentences: of which files that were verified it is not made. */
  readonly faults?: readonly string[];
}

/** Of so many rows at least the classes may differ from those that were verified, as weights in half precision make a few do. */
const leastOthers = 0.02;
/** Numbers may leave as much of the verified ones' variance. */
const leastExplained = 1 - leastOthers;

/**
 * G3 again on the artefact's answers, and what else is required of them. The gates before spoke of the answers that were verified: where more of the rows than a head may
 * lose surely get another class, or numbers are others, or files, they spoke of another model, however well this one does. Numbers that are none fail.
 */
export function artefactGate({ outcomes, numbers = [], asked = [], difference, of, faults = [] }: ArtefactInput, { margin = leastOthers }: { readonly margin?: number } = {}): GateResult {
  const gate = 'G7 artefact';
  const result = outcomes.length === 0 ? undefined : functionGate(outcomes, { margin, gate });
  const judged: readonly Judged[] = [...outcomes.map((outcome) => judgeOthers(outcome, Math.max(leastOthers, outcome.margin ?? margin))), ...numbers.map(judgeNumbers)];
  const again = allAsked(asked);
  const counted = outcomes[0]?.others.length ?? 0;
  const others = (outcomes[0]?.others ?? []).filter((_, row) => outcomes.some((outcome) => outcome.others[row])).length;
  const classes = outcomes.length === 0 ? '' : `, and gives ${others.toLocaleString('en-US')} of ${counted.toLocaleString('en-US')} rows another class`;
  const told = `${of} differs from what was verified by at most ${Number(difference.toPrecision(2))}${classes}.`;
  const verdict = overall([result?.verdict ?? 'PASS', ...judged.map((one) => one.verdict), again.verdict, Number.isNaN(difference) || faults.length > 0 ? 'FAIL' : 'PASS']);
  const open = [...(result?.open ?? []), ...judged.flatMap((one) => one.open ?? []), ...again.open];
  return {
    gate,
    verdict,
    measures: [...(result?.measures ?? []), { name: 'largest difference from the verified answers', value: difference }, ...(outcomes.length === 0 ? [] : [{ name: 'rows of another class', value: others }]), ...judged.flatMap(({ measures }) => measures), ...again.measures],
    reason: [...faults, told, ...judged.flatMap(({ reason }) => reason ?? []), result?.reason, again.reason].filter(Boolean).join(' '),
    ...(open.length > 0 && verdict === 'INCONCLUSIVE' ? { open } : {}),
  };
}

interface Judged {
  readonly verdict: Verdict;
  readonly measures: readonly Measure[];
  readonly reason?: string;
  readonly open?: Open;
}

/** Where no class differs nothing was drawn: the same answers are the same. */
function judgeOthers({ head, others, groups }: ShippedOutcome, bar: number): Judged {
  if (!others.includes(true)) return { verdict: 'PASS', measures: [] };
  const share: Estimate = shareOf(others, groups, oneSided95);
  const verdict = atMost(share, bar);
  const words: Record<Verdict, string> = { PASS: '', FAIL: `, surely more than ${(100 * bar).toFixed(1)} %: this is not the model that was verified`, INCONCLUSIVE: `, which may or may not be more than ${(100 * bar).toFixed(1)} %` };
  const measures = [{ name: `rows to which ${head} gives another class`, ...share, bar: `<= ${bar}` }];
  return { verdict, measures, ...(verdict === 'PASS' ? {} : { reason: `Of ${head} that is a share of ${show(share)}${words[verdict]}.` }), ...(verdict === 'INCONCLUSIVE' ? { open: { rows: wholeRows((rowsForShare(share.value, bar) * countOf(others.length, groups)) / effectiveRows(others, groups)), of: 'judged', leans: share.value > bar ? 'FAIL' : 'PASS' } } : {}) };
}

function judgeNumbers({ name, explained, rows }: ShippedNumbers): Judged {
  if (explained === undefined) return { verdict: 'PASS', measures: [] };
  const verdict = atLeast(explained, leastExplained);
  const bar = `${(100 * leastExplained).toFixed(0)} %`;
  const words: Record<Verdict, string> = { PASS: '', FAIL: `, surely less than ${bar}: this is not the model that was verified`, INCONCLUSIVE: `, which may or may not be ${bar}` };
  const measures = [{ name: `share of the verified answers of ${name} that it explains`, ...explained, bar: `>= ${leastExplained}` }];
  return { verdict, measures, ...(verdict === 'PASS' ? {} : { reason: `Of ${name} it explains ${show(explained)} of the variance of what was verified${words[verdict]}.` }), ...(verdict === 'INCONCLUSIVE' ? { open: { rows: rowsToSeparate(explained, leastExplained, rows), of: 'judged', leans: explained.value < leastExplained ? 'FAIL' : 'PASS' } } : {}) };
}
