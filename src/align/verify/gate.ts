/** What a gate answers, and what all of them say together. */
import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { Estimate } from '../statistics/interval.ts';
import { showCount, type RowGroups } from '../statistics/groups.ts';
import type { Open, RowsOf } from '../statistics/rows-to-decide.ts';

/** Raised whenever gates, their bars or the division of the examples change: a verdict of older rules says something else. */
export const rulesVersion = 10;

/** INCONCLUSIVE: the interval straddles the bar, or there are too few rows to say. */
export type Verdict = 'PASS' | 'FAIL' | 'INCONCLUSIVE';

export interface Measure extends Partial<Pick<Estimate, 'interval'>> {
  /** `difference of topic`, `p of the retrieval`. */
  readonly name: string;
  readonly value: number;
  /** What the gate compares it with: `>= -0.02`. Undefined for what is only told. */
  readonly bar?: string;
}

export type GateName =
  | 'G0 integrity'
  | 'G1 alignment'
  | 'G2 information'
  | 'G3 function'
  | 'G4 calibration'
  | 'G5 concepts'
  | 'G6 robustness'
  | 'G7 artefact';

export interface GateResult {
  readonly gate: GateName;
  readonly verdict: Verdict;
  readonly measures: readonly Measure[];
  /** Whole sentences: why. */
  readonly reason: string;
  /** A whole sentence: what a PASS rests on that is not shipped. It is part of the reason. */
  readonly condition?: string;
  /** What leaves it open; only where it is INCONCLUSIVE, and rows would help. */
  readonly open?: readonly Open[];
}

/** One FAIL fails all; one INCONCLUSIVE leaves all open. */
export function overall(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('FAIL')) return 'FAIL';
  return verdicts.includes('INCONCLUSIVE') ? 'INCONCLUSIVE' : 'PASS';
}

/** One gate asked of several heads: all have to pass, so each bound needs no adjustment (Berger 1982). */
export function ofAllHeads(results: readonly { readonly head: string; readonly result: GateResult }[]): GateResult {
  const [first] = results;
  if (results.length === 1) return first!.result;
  const conditions = results.flatMap(({ head, result }) => (result.condition === undefined ? [] : [`${head}: ${result.condition}`]));
  const verdict = overall(results.map(({ result }) => result.verdict));
  const open = verdict === 'INCONCLUSIVE' ? results.flatMap(({ result }) => result.open ?? []) : [];
  return {
    gate: first!.result.gate,
    verdict,
    measures: results.flatMap(({ head, result }) => result.measures.map((measure) => ({ ...measure, name: `${measure.name} of ${head}` }))),
    reason: results.map(({ head, result }) => `${head}: ${result.reason}`).join(' '),
    ...(conditions.length === 0 ? {} : { condition: conditions.join(' ') }),
    ...(open.length === 0 ? {} : { open }),
  };
}

/** Whether an estimate is surely at least the bar, or surely not. */
export const atLeast = ({ interval }: Estimate, bar: number): Verdict =>
  interval.low >= bar ? 'PASS' : interval.high < bar ? 'FAIL' : 'INCONCLUSIVE';

/** Whether an estimate is surely at most the bar, or surely not. */
export const atMost = ({ interval }: Estimate, bar: number): Verdict =>
  interval.high <= bar ? 'PASS' : interval.low > bar ? 'FAIL' : 'INCONCLUSIVE';

/** Whether a p-value, known up to the permutations that were made, is at most the bar. */
export const significant = ({ value, interval }: Estimate, bar: number): Verdict =>
  value <= bar ? 'PASS' : interval.low > bar ? 'FAIL' : 'INCONCLUSIVE';

/** Fewer rows show nothing, whatever they show. */
export const leastRows = 100;

/** Of a part of the examples it is said what it is for: its rows are fewer than are spoken of elsewhere. */
const purposes: Readonly<Record<RowsOf, string>> = { fit: ' to learn from', calibrate: ' to find temperatures on', test: ' to test on', judged: '', all: '' };

/** The answer of a gate that has not enough rows to begin with: `open` tells how many would decide where anything is known of that. */
export const tooFew = (gate: GateName, rows: number, of: RowsOf, { groups, open = [] }: { readonly groups?: RowGroups | undefined; readonly open?: readonly Open[] } = {}): GateResult => ({
  gate,
  verdict: 'INCONCLUSIVE',
  measures: [],
  reason: `${showCount(rows, groups)}${purposes[of]} ${rows === 1 ? 'is' : 'are'} too few to tell skill from luck.`,
  open: open.length > 0 && open.every((one) => Number.isFinite(one.rows)) ? open : [{ rows: leastRows, of, leans: 'PASS', isLeast: true }],
});

/** The answer of a gate to data from which nothing can be learned. */
export const unusable = (gate: GateName, { message }: Finding): GateResult => ({
  gate,
  verdict: 'FAIL',
  measures: [],
  reason: message,
});

const places = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : String(value));

/** `0.912 (0.890 to 0.931)`. */
export const show = ({ value, interval }: Estimate): string =>
  `${places(value)} (${places(interval.low)} to ${places(interval.high)})`;
