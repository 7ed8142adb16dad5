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
import { oneHot, trainReader } from './linear-probe.ts';
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
  readonly fit: { readonly x: Features; readonly y: Features; readonly groups?: RowGroups | undefined };
  /** `x` of the new encoder, `y` of the old one, `bridged` in the place of `y`. */
  readonly test: { readonly x: Features; readonly y: Features; readonly bridged: Features; readonly groups?: RowGroups | undefined };
}

/** What readers learn, and how their answers are judged. */
export interface Readers {
  /** Of the rows to learn from: a number or more for each. */
  readonly target: Features;
  /** What answers to the test rows gain against others, more being better, with its interval. */
  readonly gain: (answers: Features, own: Features) => Estimate;
  /** Of numbers: `r2`, and whether more of it is better. Of an error sentences tell by how much it rises or falls. */
  readonly metric?: { readonly name: string; readonly isError: boolean };
}

export function attribute(kernels: Kernels, { fit, test }: AttributionInput & { readonly fit: { readonly labels: ArrayLike<number> }; readonly test: { readonly labels: ArrayLike<number> } }, options: { readonly seed: number; readonly margin: number }): Promise<Attribution | undefined> {
  const right = (answers: Features): readonly boolean[] => correctness(answers, test.labels);
  return attributeReaders(kernels, { fit, test }, { target: oneHot(fit.labels), gain: (answers, own) => pairedDifference(effectivePairs(right(answers), right(own), test.groups)) }, options);
}

/**
 * A reader of the new vectors that is worse than one of the old vectors: the backbone knows less. It is not, and a reader of the old
 * vectors finds less in the bridged ones: the adapter carried them elsewhere. It does not: other readers bear the swap, and
 * this head does not. Undefined where nothing can be learned from so few rows.
 */
export async function attributeReaders(kernels: Kernels, { fit, test }: AttributionInput, { target, gain, metric }: Readers, { seed, margin }: { readonly seed: number; readonly margin: number }): Promise<Attribution | undefined> {
  if (Math.min(countOf(fit.y.rows, fit.groups), countOf(test.y.rows, test.groups)) < leastRows) return undefined;
  const { groups } = fit;
  const [ofOld, ofNew] = [await trainReader(kernels, { y: fit.y, target, groups }, seed), await trainReader(kernels, { y: fit.x, target, groups }, seed)];
  if (!ofOld.ok || !ofNew.ok) return undefined;
  const own = await ofOld.value(test.y);
  const known = gain(await ofNew.value(test.x), own);
  const carried = gain(await ofOld.value(test.bridged), own);
  return {
    ...judged(known, carried, margin, metric),
    measures: [
      { name: 'a new reader on the new vectors, against one on the old', ...known, bar: `>= ${-Number(margin.toPrecision(4))}` },
      { name: 'a reader of the old vectors, on the bridged ones', ...carried, bar: `>= ${-Number(margin.toPrecision(4))}` },
    ],
  };
}

function judged(known: Estimate, carried: Estimate, margin: number, metric: Readers['metric']): Pick<Attribution, 'fault' | 'reason'> {
  const [knows, carries] = [atLeast(known, -margin), atLeast(carried, -margin)];
  const onNew = begun(`${moved('a linear reader trained on the new vectors', known, metric)} against one on the old vectors`);
  const onBridged = `${moved('one that knows only old vectors', carried, metric)} on the bridged ones`;
  if (knows === 'FAIL') return { fault: 'backbone', reason: `${onNew}: the new encoder knows less of it, and no bridge brings it back.` };
  if (knows === 'PASS' && carries === 'FAIL') return { fault: 'adapter', reason: `${onNew}, and ${onBridged}: the new encoder knows it, and the adapter does not carry it to where it was.` };
  if (knows === 'PASS' && carries === 'PASS') return { fault: 'head', reason: `${onNew}, and ${onBridged}: other readers bear the swap, and this head does not.` };
  return { fault: 'undecided', reason: `${onNew}, and ${onBridged}: more examples would tell which of both is at fault.` };
}

/** `a reader changes by -0.045 (-0.060 to -0.030)`; of numbers `the mae of a reader rises by 11.7 (10.2 to 13.0)`: which way is better depends on the metric. */
function moved(reader: string, gained: Estimate, metric: Readers['metric']): string {
  if (metric === undefined) return `${reader} changes by ${show(gained)}`;
  const rises = gained.value > 0 !== metric.isError;
  const amount = gained.value > 0 ? gained : { value: -gained.value, interval: { low: -gained.interval.high, high: -gained.interval.low } };
  return `the ${metric.name} of ${reader} ${rises ? 'rises' : 'falls'} by ${show(amount)}`;
}

const begun = (sentence: string): string => sentence[0]!.toUpperCase() + sentence.slice(1);
