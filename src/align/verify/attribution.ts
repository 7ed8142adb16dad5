/**
 * Who is at fault where a head answers worse behind a swap. The head itself is one reader of many: what a reader that is trained anew
 * finds in the vectors says whether they still hold it, and where.
 */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { correctness } from '../metrics/head.ts';
import { countOf, type RowGroups } from '../statistics/groups.ts';
import type { Estimate } from '../statistics/interval.ts';
import { effectivePairs, pairedDifference } from '../statistics/paired-proportions.ts';
import { trainProbe } from './linear-probe.ts';
import { atLeast, leastRows, show, type Measure } from './gate.ts';

export interface Attribution {
  /** `undecided` where the intervals straddle the margin. */
  readonly fault: 'backbone' | 'adapter' | 'head' | 'undecided';
  readonly measures: readonly Measure[];
  /** Whole sentences: why. */
  readonly reason: string;
}

export interface AttributionInput {
  /** From which the readers learn. */
  readonly fit: { readonly x: Features; readonly y: Features; readonly labels: ArrayLike<number>; readonly groups?: RowGroups | undefined };
  /** `x` of the new encoder, `y` of the old one, `bridged` in the place of `y`. */
  readonly test: { readonly x: Features; readonly y: Features; readonly bridged: Features; readonly labels: ArrayLike<number>; readonly groups?: RowGroups | undefined };
}

/**
 * A reader of the new vectors that is worse than one of the old vectors: the backbone knows less. It is not, and a reader of the old
 * vectors finds less in the bridged ones: the adapter carried them elsewhere. It does not: other readers bear the swap, and
 * this head does not. Undefined where nothing can be learned from so few rows.
 */
export async function attribute(kernels: Kernels, { fit, test }: AttributionInput, { seed, margin }: { readonly seed: number; readonly margin: number }): Promise<Attribution | undefined> {
  if (Math.min(countOf(fit.labels.length, fit.groups), countOf(test.labels.length, test.groups)) < leastRows) return undefined;
  const [ofOld, ofNew] = [await trainProbe(kernels, fit, seed), await trainProbe(kernels, { ...fit, y: fit.x }, seed)];
  if (!ofOld.ok || !ofNew.ok) return undefined;
  const own = correctness(await ofOld.value(test.y), test.labels);
  const change = async (answers: Promise<Features>): Promise<Estimate> => pairedDifference(effectivePairs(correctness(await answers, test.labels), own, test.groups));
  const known = await change(ofNew.value(test.x));
  const carried = await change(ofOld.value(test.bridged));
  return {
    ...judged(known, carried, margin),
    measures: [
      { name: 'a new reader on the new vectors, against one on the old', ...known, bar: `>= ${-margin}` },
      { name: 'a reader of the old vectors, on the bridged ones', ...carried, bar: `>= ${-margin}` },
    ],
  };
}

function judged(known: Estimate, carried: Estimate, margin: number): Pick<Attribution, 'fault' | 'reason'> {
  const [knows, carries] = [atLeast(known, -margin), atLeast(carried, -margin)];
  const onNew = `A linear reader trained on the new vectors changes by ${show(known)} against one on the old vectors`;
  const onBridged = `one that knows only old vectors changes by ${show(carried)} on the bridged ones`;
  if (knows === 'FAIL') return { fault: 'backbone', reason: `${onNew}: the new encoder knows less of it, and no bridge brings it back.` };
  if (knows === 'PASS' && carries === 'FAIL') return { fault: 'adapter', reason: `${onNew}, and ${onBridged}: the new encoder knows it, and the adapter does not carry it to where it was.` };
  if (knows === 'PASS' && carries === 'PASS') return { fault: 'head', reason: `${onNew}, and ${onBridged}: other readers bear the swap, and this head does not.` };
  return { fault: 'undecided', reason: `${onNew}, and ${onBridged}: more examples would tell which of both is at fault.` };
}
