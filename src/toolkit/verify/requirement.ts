/** What a verification requires, judged by the end of its interval. */
import { countOf, effectiveRows, leastRows, oneSided95, rowsForShare, rowsToSeparate, shareOf, significant, someGroups, wholeRows, type Estimate, type Measure, type Open, type RowGroups, type Verdict } from '../../align/index.ts';
import type { CheckedRequirement } from '../../check/tools/index.ts';
import { judgedRows } from '../fit/heads.ts';
import type { Workbench } from '../workbench.ts';
import type { Location } from '../../text/source.ts';
import { difference, estimate, onRows, rightOn, statistics, type Measured } from './measure.ts';
import { mostQueries, type RecallKept } from './recall.ts';
import { openOf, rowsNeededFor, type RowsNeeded, type Sides, type ToldGate } from './rows-needed.ts';
import type { MeasuredRequirement, SwapData } from './swap.ts';

export interface RequirementResult extends RowsNeeded {
  /** `accuracy` */
  readonly metric: string;
  /** As it is written. */
  readonly text: string;
  readonly verdict: Verdict;
  /** Of several swaps, the one that it is told of: that which keeps it least. */
  readonly swap?: string;
  readonly own?: number;
  readonly swapped?: number;
  /** What is compared with the bound. */
  readonly compared: Partial<Estimate> & { readonly value: number };
  readonly bound: number;
  /** Where nothing was: why not, as a clause. */
  readonly unmeasured?: string;
}

/** What a requirement is asked of. */
export interface JudgedSwap {
  /** `Old by New in Before` */
  readonly swap: string;
  readonly gates: readonly ToldGate[];
  readonly data: SwapData;
  readonly recall: RecallKept | undefined;
}

export type Source = ReturnType<Workbench['host']['readText']>;

const seed = 0;

/** As it is written; the name where the file is gone. */
export const writtenAt = (location: Location, source: Source, name: string): string => (source.ok ? source.value.slice(location.span.start, location.span.end).replace(/\s+/g, ' ') : name);

/** One requirement on all swaps: that which keeps it least is told. */
export function judgeRequirement(requirement: CheckedRequirement, index: number, swaps: readonly JudgedSwap[], source: Source): RequirementResult {
  const { metric, bound, op, location } = requirement;
  const text = writtenAt(location, source, metric.name);
  const measured = swaps.flatMap((swap) => {
    const one = swap.data.measured[index];
    return one === undefined ? [] : [{ swap, one }];
  });
  const found = touchedBy(measured).map(({ swap, one }) => ({ ...judgeOn(requirement, one, swap.data), ...(swaps.length === 1 ? {} : { swap: swap.swap }) }));
  if (swaps.length === 0) return { metric: metric.name, text, verdict: 'INCONCLUSIVE', compared: { value: NaN }, bound: bound.kind === 'value' ? bound.value : bound.offset, unmeasured: 'for what G0 tells' };
  if (found.length === 0) return { metric: metric.name, text, ...worst(swaps.map((swap) => gateMeasure(metric.name, swap, op, bound.kind === 'value' ? bound.value : 0))) };
  return { metric: metric.name, text, ...worst(found) };
}

/** The swaps that change what is measured: one in another model leaves it as it was, and says nothing of it. All where none does. */
function touchedBy<T extends { readonly one: MeasuredRequirement }>(measured: readonly T[]): readonly T[] {
  const touched = measured.filter(({ one: { own, swapped } }) => own.prediction.data.some((value, i) => value !== swapped.prediction.data[i]) || own.target?.data.some((value, i) => value !== swapped.target!.data[i]) === true);
  return touched.length === 0 ? measured.slice(0, 1) : touched;
}

/** A metric of the answers, on one of the swaps. */
function judgeOn(requirement: CheckedRequirement, { own, swapped }: MeasuredRequirement, data: SwapData): Omit<RequirementResult, 'text' | 'metric'> {
  const rows = judgedRows(data);
  const sides = { own: onRows(own, rows), swapped: onRows(swapped, rows) };
  const { verdict, compared, bound, open } = judgeSides(requirement, sides, someGroups(data.together, rows));
  const { metric } = requirement;
  const numbers = Array.from({ length: rows.length }, (_, i) => i);
  const value = (side: Measured): number => statistics[metric.name as keyof typeof statistics](side, metric.options)(numbers);
  return { verdict, own: value(sides.own), swapped: value(sides.swapped), compared, bound, ...rowsNeededFor(open && [open], data.together) };
}

export interface JudgedSides {
  readonly verdict: Verdict;
  /** What is compared with the bound: the change, or what there is with the swap. */
  readonly compared: Estimate;
  readonly bound: number;
  /** As many rows or groups as would decide, where it is open. */
  readonly open?: Open;
}

/** A requirement on answers before and after the swap, of the same rows. Of numbers that are none nothing is kept. */
export function judgeSides(requirement: CheckedRequirement, sides: Sides, groups: RowGroups | undefined): JudgedSides {
  const { metric, bound, op } = requirement;
  const { own, swapped } = sides;
  const judging = { options: metric.options, seed, groups };
  const compared = bound.kind === 'baseline' ? difference(metric.name, swapped, own, judging) : estimate(metric.name, swapped, judging);
  const limit = bound.kind === 'baseline' ? bound.offset : bound.value;
  const verdict = verdictOf(compared, op, limit);
  const rows = countOf(swapped.prediction.rows, groups);
  const isFew = verdict === 'PASS' && rows < leastRows;
  const answer = { verdict: isFew ? ('INCONCLUSIVE' as const) : verdict, compared, bound: limit };
  return answer.verdict === 'INCONCLUSIVE' ? { ...answer, open: openOf(requirement, sides, compared, groups) } : answer;
}

function verdictOf({ interval }: Estimate, op: CheckedRequirement['op'], bound: number): Verdict {
  const higher = op === '>=' || op === '>';
  const [sure, never] = higher ? [interval.low >= bound, interval.high < bound] : [interval.high <= bound, interval.low > bound];
  return sure ? 'PASS' : never ? 'FAIL' : 'INCONCLUSIVE';
}

/** What comes of it, were the truth what was estimated. */
const leaning = (value: number, op: CheckedRequirement['op'], bound: number): Open['leans'] => (verdictOf({ value, interval: { low: value, high: value } }, op, bound) === 'FAIL' ? 'FAIL' : 'PASS');

/** Fewer rows or groups than say anything pass nothing: as many as would are told. */
function onEnough(verdict: Verdict, count: number, open: Open, together: SwapData['together']): Pick<RequirementResult, 'verdict' | keyof RowsNeeded> {
  if (verdict === 'FAIL' || (verdict === 'PASS' && count >= leastRows)) return { verdict };
  return { verdict: 'INCONCLUSIVE', ...rowsNeededFor([{ ...open, rows: Math.max(leastRows, open.rows) }], together) };
}

const rank: Readonly<Record<Verdict, number>> = { PASS: 0, INCONCLUSIVE: 1, FAIL: 2 };

const worst = <T extends { readonly verdict: Verdict }>(results: readonly T[]): T => results.reduce((found, result) => (rank[result.verdict] > rank[found.verdict] ? result : found));

/** The gate that a metric of the gates is of. */
const gateOf: Readonly<Record<string, string>> = { 'cka.value': 'G1 alignment', 'cka.p': 'G1 alignment', 'information.p': 'G2 information', 'concepts.cosine': 'G5 concepts' };

/** Why there is no such number: what its gate says instead, or that nothing is there which it could be of. */
function whyNot(metric: string, gates: readonly ToldGate[]): string {
  const gate = gates.find((one) => one.gate === gateOf[metric]);
  if (gate !== undefined) return `for ${gate.reason.charAt(0).toLowerCase()}${gate.reason.slice(1).replace(/\.$/, '')}`;
  return metric === 'flips.negative' ? 'for no requirement looks at the classes of a head, which could flip' : metric === 'concepts.cosine' ? 'for no head of classes is required, on vectors of one call' : 'for it is not judged here';
}

function gateMeasure(name: string, { gates, data, recall }: JudgedSwap, op: CheckedRequirement['op'], bound: number): Omit<RequirementResult, 'text' | 'metric'> {
  const find = (gate: string, ...measures: string[]): readonly Measure[] => gates.filter((result) => result.gate === gate).flatMap((result) => result.measures.filter((measure) => measures.some((wanted) => measure.name === wanted || measure.name.startsWith(`${wanted} of `))));
  const open = { verdict: 'INCONCLUSIVE' as const, compared: { value: NaN }, bound, unmeasured: whyNot(name, gates) };
  if (name === 'flips.negative') {
    const rows = judgedRows(data);
    const flips = data.measured.flatMap((one) => {
      if (one?.own.labels === undefined) return [];
      const [before, after] = [rightOn(one.own, rows), rightOn(one.swapped, rows)];
      const [flipped, groups] = [before.map((was, i) => was && !after[i]), someGroups(data.together, rows)];
      const [compared, count] = [shareOf(flipped, groups, oneSided95), countOf(rows.length, groups)];
      const needed: Open = { rows: wholeRows((rowsForShare(compared.value, bound) * count) / effectiveRows(flipped, groups)), of: 'judged', leans: leaning(compared.value, op, bound) };
      return [{ ...onEnough(verdictOf(compared, op, bound), count, needed, data.together), compared, bound }];
    });
    return flips.length === 0 ? open : worst(flips);
  }
  if (recall !== undefined && name === 'recall.kept') {
    const needed: Open = { rows: rowsToSeparate(recall.direct, bound, recall.queries), of: 'all', leans: leaning(recall.direct.value, op, bound), most: mostQueries };
    return { ...onEnough(verdictOf(recall.direct, op, bound), recall.queries, needed, data.together), compared: recall.direct, bound };
  }
  const table: Readonly<Record<string, readonly Measure[]>> = {
    'cka.value': find('G1 alignment', 'CKA'),
    'cka.p': find('G1 alignment', 'p'),
    'information.p': find('G2 information', 'p of the within-class R²', 'p of the retrieval'),
    'concepts.cosine': find('G5 concepts', 'smallest cosine of class directions'),
  };
  const judged = (table[name] ?? []).map((measure) => {
    const compared = { value: measure.value, interval: measure.interval ?? { low: measure.value, high: measure.value } };
    return { verdict: name.endsWith('.p') ? significant(compared, bound) : verdictOf(compared, op, bound), compared, bound };
  });
  return judged.length === 0 ? open : worst(judged);
}
