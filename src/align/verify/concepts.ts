/** G5: do the classes lie in the same directions, and does a probe trained on the old space read the bridged one? */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { correctness } from '../metrics/head.ts';
import { bootstrapLeastCosine, toScale } from '../statistics/bootstrap-least.ts';
import { countOf, type RowGroups } from '../statistics/groups.ts';
import type { Estimate } from '../statistics/interval.ts';
import { effectivePairs, pairedDifference, type PairedCounts } from '../statistics/paired-proportions.ts';
import { rowsForPairs, rowsToSeparate, wholeRows, type Open } from '../statistics/rows-to-decide.ts';
import { trainProbe } from './linear-probe.ts';
import { atLeast, leastRows, overall, show, tooFew, unusable, type GateResult, type Verdict } from './gate.ts';

const gate = 'G5 concepts';

export interface ConceptInput {
  /** The old space's rows from which the probe learns. */
  readonly fit: { readonly y: Features; readonly labels: ArrayLike<number>; readonly groups?: RowGroups | undefined };
  /** Test rows in the old space, and what the bridge makes of the new one. */
  readonly test: { readonly y: Features; readonly bridged: Features; readonly labels: ArrayLike<number>; readonly groups?: RowGroups | undefined };
}

export interface ConceptOptions {
  readonly seed: number;
  /** The smallest cosine of a class's directions. Default 0.9. */
  readonly bar?: number;
  /** How much accuracy the probe may lose. Default 0.02. */
  readonly margin?: number;
  /** Default 499. */
  readonly resamples?: number;
  /** Of the classes, where they are known. */
  readonly names?: readonly string[] | undefined;
}

export async function conceptGate(
  kernels: Kernels,
  { fit, test }: ConceptInput,
  { seed, bar = 0.9, margin = 0.02, resamples = 499, names }: ConceptOptions,
): Promise<GateResult> {
  const judged = countOf(test.y.rows, test.groups);
  const fitted = countOf(fit.y.rows, fit.groups);
  if (Math.min(fitted, judged) < leastRows) return tooFew(gate, Math.min(fitted, judged), fitted < judged ? 'fit' : 'test', { groups: test.groups ?? fit.groups });
  const classes = [...new Set(Array.from(test.labels))];
  if (classes.length < 2 || new Set(Array.from(fit.labels)).size < 2) return ofOneClass(names?.[classes[0]!] ?? `number ${classes[0]!}`);
  const least = bootstrapLeastCosine(test.y.rows, (drawn) => classCosines(test, classes, drawn), { seed, resamples, level: 0.9, groups: test.groups });
  const trained = await trainProbe(kernels, fit, seed);
  if (!trained.ok) return unusable(gate, trained.finding);
  const probe = trained.value;
  const [own, bridged] = [await probe(test.y), await probe(test.bridged)];
  const counts = effectivePairs(correctness(bridged, test.labels), correctness(own, test.labels), test.groups);
  const gap = pairedDifference(counts);
  const verdicts = [atLeast(least, bar), atLeast(gap, -margin)] as const;
  const verdict = overall(verdicts);
  return {
    gate,
    verdict,
    measures: [
      { name: 'smallest cosine of class directions', ...least, bar: `>= ${bar}` },
      { name: 'difference of the probe', ...gap, bar: `>= ${-margin}` },
    ],
    reason: `The directions of class against rest agree to a cosine of at least ${show(least)}; a probe of the old space changes by ${show(gap)} on the bridged one${verdict === 'PASS' ? '' : `: ${wanting(verdicts, bar, margin)}`}.`,
    ...(verdict === 'INCONCLUSIVE' ? { open: openOf({ least, bar, counts, gap, margin, rows: judged }) } : {}),
  };
}

/** One class has no direction against a rest: it says nothing against a swap, and nothing for it. */
const ofOneClass = (name: string): GateResult => ({
  gate,
  verdict: 'INCONCLUSIVE',
  measures: [],
  reason: `All rows are of one class, ${name}: there is no other to tell it from, and no number of such rows would decide.`,
});

/** Which of both did not pass, and by which bar. */
function wanting([ofCosine, ofProbe]: readonly [Verdict, Verdict], bar: number, margin: number): string {
  const points = `${(100 * margin).toFixed(1)} points`;
  const ofLeast: Record<Verdict, readonly string[]> = { PASS: [], FAIL: [`a cosine surely is below ${bar}`], INCONCLUSIVE: [`a cosine may be below ${bar}`] };
  const ofReader: Record<Verdict, readonly string[]> = { PASS: [], FAIL: [`the probe surely loses more than ${points}`], INCONCLUSIVE: [`the probe may lose more than ${points}`] };
  return [...ofLeast[ofCosine], ...ofReader[ofProbe]].join(', and ');
}

interface Judged {
  readonly least: Estimate;
  readonly bar: number;
  readonly counts: PairedCounts;
  readonly gap: Estimate;
  readonly margin: number;
  readonly rows: number;
}

/** A cosine's interval shrinks with the root of the rows on Fisher's scale, where it was made. */
function openOf({ least, bar, counts, gap, margin, rows }: Judged): readonly Open[] {
  const scaled = { value: toScale(least.value), interval: { low: toScale(least.interval.low), high: toScale(least.interval.high) } };
  const leans = (value: number, limit: number): Open['leans'] => (value < limit ? 'FAIL' : 'PASS');
  return [
    ...(atLeast(least, bar) === 'INCONCLUSIVE' ? [{ rows: rowsToSeparate(scaled, toScale(bar), rows), of: 'test' as const, leans: leans(least.value, bar) }] : []),
    ...(atLeast(gap, -margin) === 'INCONCLUSIVE' ? [{ rows: wholeRows(rowsForPairs(counts, -margin) * (rows / counts.rows)), of: 'test' as const, leans: leans(gap.value, -margin) }] : []),
  ];
}

/** Of each class, the cosine of (mean of the class - mean of the rest) in both spaces; NaN of one that these rows have not. */
export function classCosines({ y, bridged, labels }: ConceptInput['test'], classes: readonly number[], rows: Uint32Array): Float64Array {
  const [a, b] = [classDirections(y, labels, rows), classDirections(bridged, labels, rows)];
  return Float64Array.from(classes, (label) => (a.has(label) ? cosine(a.get(label)!, b.get(label)!) : NaN));
}

/** The mean of each class less that of all rows: the same direction as from the rest. */
function classDirections({ columns, data }: Features, labels: ArrayLike<number>, rows: Uint32Array) {
  const sums = new Map<number, Float64Array>();
  const counts = new Map<number, number>();
  const total = new Float64Array(columns);
  for (const row of rows) {
    const label = labels[row]!;
    let sum = sums.get(label);
    if (sum === undefined) sums.set(label, (sum = new Float64Array(columns)));
    counts.set(label, (counts.get(label) ?? 0) + 1);
    for (let j = 0, at = row * columns; j < columns; j++, at++) {
      sum[j]! += data[at]!;
      total[j]! += data[at]!;
    }
  }
  for (const [label, sum] of sums)
    for (let j = 0; j < columns; j++) sum[j] = sum[j]! / counts.get(label)! - total[j]! / rows.length;
  return sums;
}

function cosine(a: Float64Array, b: Float64Array): number {
  let [product, sizeA, sizeB] = [0, 0, 0];
  for (let j = 0; j < a.length; j++) {
    product += a[j]! * b[j]!;
    sizeA += a[j]! ** 2;
    sizeB += b[j]! ** 2;
  }
  return sizeA === 0 || sizeB === 0 ? 0 : product / Math.sqrt(sizeA * sizeB);
}
