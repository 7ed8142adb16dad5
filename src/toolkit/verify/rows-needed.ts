/** How many examples would decide what is open, counted as the user's file counts them: all parts together, whatever part a gate looks at. */
import { countOf, effectivePairs, effectiveRows, lastOf, leastRows, power80, rowsForPairs, rowsForShare, rowsToSeparate, wholeRows, type Estimate, type GateResult, type Open, type RowGroups, type RowsOf } from '../../align/index.ts';
import type { CheckedRequirement } from '../../check/tools/index.ts';
import { right, type Measured } from './measure.ts';
import { shares, type SwapData } from './swap.ts';

export interface RowsNeeded {
  /** With so many, the answer is PASS or FAIL in 80 of 100 draws, were the truth what was estimated; Infinity where no number is. */
  readonly rowsNeeded?: number;
  /** With fewer it is not judged at all, and nobody knows how many decide. */
  readonly isLeast?: true;
  /** Why no number would decide: no more rows than these are looked at. */
  readonly mostRows?: number;
  /** What is counted, where rows belong together: `groups`. */
  readonly counted?: string;
}

/** A gate as a verification tells it. */
export type ToldGate = Omit<GateResult, 'open'> & RowsNeeded & {
  /** All examples, or groups of them, where `rowsNeeded` is told. */
  readonly rows?: number;
};

const shareOfExamples: Readonly<Record<RowsOf, number>> = { ...shares, judged: shares.fit + shares.test, all: 1 };

/** So many examples that in 80 of 100 draws as many as are needed fall to a part: which part an example is of is drawn, too, by its content. */
export function examplesFor(needed: number, of: RowsOf): number {
  const share = shareOfExamples[of];
  const spread = power80 * Math.sqrt(share * (1 - share));
  return wholeRows(((spread + Math.sqrt(spread ** 2 + 4 * share * needed)) / (2 * share)) ** 2);
}

/** Of what leaves something open, that which is decided last, in examples; nothing where nothing is known. */
export function rowsNeededFor(open: readonly Open[] | undefined, together: SwapData['together']): RowsNeeded {
  const last = lastOf((open ?? []).map(({ most, ...one }): Open => (most !== undefined && one.rows > most ? { ...one, rows: Infinity, most } : { ...one, rows: examplesFor(one.rows, one.of) })));
  if (last === undefined) return {};
  return { rowsNeeded: last.rows, ...(last.isLeast ? { isLeast: true } : {}), ...(last.most === undefined ? {} : { mostRows: last.most }), ...(together === undefined ? {} : { counted: together.words }) };
}

export const toldGate = ({ open, ...gate }: GateResult, { rows, together }: SwapData): ToldGate => (open === undefined ? gate : { ...gate, rows: countOf(rows, together), ...rowsNeededFor(open, together) });

export interface Sides {
  readonly own: Measured;
  readonly swapped: Measured;
}

/** What is known of a requirement that is open: of accuracies by the interval that they have, of all else by that of the bootstrap, which shrinks with the root of the rows. */
export function openOf({ metric, bound, op }: CheckedRequirement, { own, swapped }: Sides, compared: Estimate, groups: RowGroups | undefined): Open {
  const limit = bound.kind === 'baseline' ? bound.offset : bound.value;
  const rows = countOf(swapped.prediction.rows, groups);
  const leans = compared.value === limit || compared.value > limit === op.startsWith('>') ? 'PASS' : 'FAIL';
  return { rows: Math.max(leastRows, wholeRows(needed())), of: 'judged', leans };

  function needed(): number {
    if (metric.name !== 'accuracy') return rowsToSeparate(compared, limit, rows);
    if (bound.kind === 'value') return (rowsForShare(compared.value, limit) * rows) / effectiveRows(right(swapped), groups);
    const counts = effectivePairs(right(swapped), right(own), groups);
    return (rowsForPairs(counts, limit) * rows) / counts.rows;
  }
}

/** ` About 1,200 examples would decide.`, or why none would; nothing where it is decided. */
export function showRowsNeeded({ rowsNeeded, isLeast, mostRows, counted = 'examples' }: RowsNeeded): string {
  if (rowsNeeded === undefined) return '';
  if (mostRows !== undefined) return ` More ${counted} would hardly decide: no more than ${mostRows.toLocaleString('en-US')} are looked at.`;
  if (!Number.isFinite(rowsNeeded)) return ` No number of ${counted} would decide: the estimate lies on the bar.`;
  const number = rowsNeeded.toLocaleString('en-US');
  return isLeast ? ` It is judged from about ${number} ${counted} on.` : ` About ${number} ${counted} would decide.`;
}
