/** What a gate answers, and what all of them say together. */
import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { Estimate } from '../statistics/interval.ts';
import { showCount, type RowGroups } from '../statistics/groups.ts';
import { normalQuantile, oneSided95, power80 } from '../statistics/normal.ts';

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
  /** Rows that it judged, or groups of them where rows belong together; where `rowsNeeded` is told. */
  readonly rows?: number;
  /** As many such rows or groups would decide with a probability of 80 %, were the truth what was estimated. */
  readonly rowsNeeded?: number;
  /** What `rows` and `rowsNeeded` count, where that is not rows: `groups`. */
  readonly counted?: string;
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
  const open = results.flatMap(({ result }) => (result.rowsNeeded === undefined ? [] : [result.rowsNeeded]));
  return {
    gate: first!.result.gate,
    verdict: overall(results.map(({ result }) => result.verdict)),
    measures: results.flatMap(({ head, result }) => result.measures.map((measure) => ({ ...measure, name: `${measure.name} of ${head}` }))),
    reason: results.map(({ head, result }) => `${head}: ${result.reason}`).join(' '),
    ...(conditions.length === 0 ? {} : { condition: conditions.join(' ') }),
    ...(open.length === 0 ? {} : { rows: Math.min(...results.flatMap(({ result }) => result.rows ?? [])), rowsNeeded: Math.max(...open) }),
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

/** By how much the interval must be shorter than the way to the bar, for estimates that vary as much as it does: (z.95 + z.80) / z.95. */
const powered = (oneSided95 + power80) / oneSided95;

/** So many rows that the interval, which shrinks with their root, would not reach from the value to the bar in 80 of 100 draws. */
export function rowsToSeparate({ value, interval }: Estimate, bar: number, rows: number): number {
  const distance = Math.abs(value - bar);
  // An interval of few rows is lopsided, and one of many is not: then either side is half of it.
  const reach = Math.max(value >= bar ? value - interval.low : interval.high - value, (interval.high - interval.low) / 2);
  return distance === 0 ? Infinity : Math.ceil(rows * ((powered * reach) / distance) ** 2);
}

/** So many rows that a p-value would be at most the bar in 80 of 100 draws, for a statistic that grows with their root. */
export function rowsForSignificance(p: number, bar: number, rows: number): number {
  const seen = normalQuantile(1 - p);
  return seen <= 0 ? Infinity : Math.ceil(rows * ((normalQuantile(1 - bar) + power80) / seen) ** 2);
}

/** Fewer rows show nothing, whatever they show. */
export const leastRows = 100;

/** The answer of a gate that has not enough rows to begin with. */
export const tooFew = (gate: GateName, rows: number, groups?: RowGroups): GateResult => ({
  gate,
  verdict: 'INCONCLUSIVE',
  measures: [],
  reason: `${showCount(rows, groups)} ${rows === 1 ? 'is' : 'are'} too few to tell skill from luck.`,
  rows,
  rowsNeeded: leastRows,
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
