/** What a verification requires, judged by the end of its interval. */
import { countOf, leastRows, oneSided95, rowsToSeparate, shareOf, significant, someGroups, type Estimate, type GateResult, type Measure, type RowGroups, type Verdict } from '../../align/index.ts';
import type { CheckedRequirement } from '../../check/tools/index.ts';
import { judgedRows } from '../fit/heads.ts';
import type { Workbench } from '../workbench.ts';
import type { Location } from '../../text/source.ts';
import { difference, estimate, onRows, rightOn, statistics, type Measured } from './measure.ts';
import type { RecallKept } from './recall.ts';
import { shares, type MeasuredRequirement, type SwapData } from './swap.ts';

export interface RequirementResult {
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
  /** So many examples would probably decide, where it is open. */
  readonly rowsNeeded?: number;
  /** What they are, where rows belong together: `groups`. */
  readonly counted?: string;
}

/** What a requirement is asked of. */
export interface JudgedSwap {
  /** `Old by New in Before` */
  readonly swap: string;
  readonly gates: readonly GateResult[];
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
  if (swaps.length === 0) return { metric: metric.name, text, verdict: 'INCONCLUSIVE', compared: { value: NaN }, bound: bound.kind === 'value' ? bound.value : bound.offset };
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
  const { verdict, compared, bound, rows: count, rowsNeeded } = judgeSides(requirement, sides, someGroups(data.together, rows));
  const { metric } = requirement;
  const numbers = Array.from({ length: rows.length }, (_, i) => i);
  const value = (side: Measured): number => statistics[metric.name as keyof typeof statistics](side, metric.options)(numbers);
  return { verdict, own: value(sides.own), swapped: value(sides.swapped), compared, bound, ...(rowsNeeded === undefined ? {} : { rowsNeeded: ofAll(rowsNeeded, count, data.rows, data.together), ...countedBy(data.together) }) };
}

export interface JudgedSides {
  readonly verdict: Verdict;
  /** What is compared with the bound: the change, or what there is with the swap. */
  readonly compared: Estimate;
  readonly bound: number;
  /** Rows or groups that it was judged on, and as many as would decide, where it is open. */
  readonly rows: number;
  readonly rowsNeeded?: number;
}

/** A requirement on answers before and after the swap, of the same rows. Of numbers that are none nothing is kept. */
export function judgeSides({ metric, bound, op }: CheckedRequirement, { own, swapped }: { readonly own: Measured; readonly swapped: Measured }, groups: RowGroups | undefined): JudgedSides {
  const judging = { options: metric.options, seed, groups };
  const compared = bound.kind === 'baseline' ? difference(metric.name, swapped, own, judging) : estimate(metric.name, swapped, judging);
  const limit = bound.kind === 'baseline' ? bound.offset : bound.value;
  const verdict = verdictOf(compared, op, limit);
  const rows = countOf(swapped.prediction.rows, groups);
  const isFew = verdict === 'PASS' && rows < leastRows;
  const needed = isFew ? leastRows : verdict === 'INCONCLUSIVE' ? Math.max(leastRows, rowsToSeparate(compared, limit, rows)) : undefined;
  return { verdict: isFew ? 'INCONCLUSIVE' : verdict, compared, bound: limit, rows, ...(needed === undefined ? {} : { rowsNeeded: needed }) };
}

function verdictOf({ interval }: Estimate, op: CheckedRequirement['op'], bound: number): Verdict {
  const higher = op === '>=' || op === '>';
  const [sure, never] = higher ? [interval.low >= bound, interval.high < bound] : [interval.high <= bound, interval.low > bound];
  return sure ? 'PASS' : never ? 'FAIL' : 'INCONCLUSIVE';
}

/** Fewer rows or groups than say anything pass nothing: as many as would are told. */
function onEnough(verdict: Verdict, count: number, { rows, together }: SwapData): Pick<RequirementResult, 'verdict' | 'rowsNeeded' | 'counted'> {
  if (verdict !== 'PASS' || count >= leastRows) return { verdict };
  return { verdict: 'INCONCLUSIVE', rowsNeeded: ofAll(leastRows, count, rows, together), ...countedBy(together) };
}

const rank: Readonly<Record<Verdict, number>> = { PASS: 0, INCONCLUSIVE: 1, FAIL: 2 };

const worst = <T extends { readonly verdict: Verdict }>(results: readonly T[]): T => results.reduce((found, result) => (rank[result.verdict] > rank[found.verdict] ? result : found));

function gateMeasure(name: string, { gates, data, recall }: JudgedSwap, op: CheckedRequirement['op'], bound: number): Omit<RequirementResult, 'text' | 'metric'> {
  const find = (gate: string, ...measures: string[]): readonly Measure[] => gates.filter((result) => result.gate === gate).flatMap((result) => result.measures.filter((measure) => measures.some((wanted) => measure.name === wanted || measure.name.startsWith(`${wanted} of `))));
  const open = { verdict: 'INCONCLUSIVE' as const, compared: { value: NaN }, bound };
  if (name === 'flips.negative') {
    const rows = judgedRows(data);
    const flips = data.measured.flatMap((one) => {
      if (one?.own.labels === undefined) return [];
      const [before, after] = [rightOn(one.own, rows), rightOn(one.swapped, rows)];
      const compared = shareOf(before.map((was, i) => was && !after[i]), someGroups(data.together, rows), oneSided95);
      return [{ ...onEnough(verdictOf(compared, op, bound), countOf(rows.length, someGroups(data.together, rows)), data), compared, bound }];
    });
    return flips.length === 0 ? open : worst(flips);
  }
  if (recall !== undefined && name === 'recall.kept') return { ...onEnough(verdictOf(recall.direct, op, bound), recall.queries, data), compared: recall.direct, bound };
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

// ---------------------------------------------------------------- how many examples would decide

/** Of a part that has none of them nobody knows how many more it would get: then by the smaller of the shares that gates judge by. */
export const ofAll = (needed: number, judged: number, rows: number, together: SwapData['together']): number =>
  Math.ceil(judged === 0 ? needed / shares.fit : (needed * countOf(rows, together)) / judged);

export const countedBy = (together: SwapData['together']): { readonly counted?: string } => (together === undefined ? {} : { counted: together.words });
