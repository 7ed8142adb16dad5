/**
 * G2: does the new space hold more of an example than its class? The bridge is fitted again from pairs that were permuted
 * within each class: what it then does on held-out rows, noise that is clustered by label does as well.
 */
import { createRandom, permutation, shuffle, type Random } from '../../data/random.ts';
import { biasOf } from '../adapters/adapter.ts';
import { choosePenalty } from '../adapters/ridge.ts';
import { penaltyOf, ridgePath } from '../adapters/ridge-path.ts';
import { collectTraining, type Training } from '../adapters/training.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { pairsOf } from '../kernels/row-pairs.ts';
import { scaleColumns, selectRows, toSingle, zeros, type Features, type Matrix } from '../matrix.ts';
import { retrieved, withinClassError, withinClassR2, type WithinClassError } from '../metrics/information.ts';
import { centreRows } from '../rows.ts';
import { bootstrap } from '../statistics/bootstrap.ts';
import { oneOfEach, showCount, type RowGroups } from '../statistics/groups.ts';
import type { Estimate } from '../statistics/interval.ts';
import { permutationP } from '../statistics/permutation.ts';
import { oneSided95 } from '../statistics/normal.ts';
import { wilson } from '../statistics/wilson.ts';
import { rowsForSignificance, type RowsOf } from '../statistics/rows-to-decide.ts';
import { leastRows, overall, show, significant, tooFew, unusable, type GateResult, type Verdict } from './gate.ts';
import type { LabelledPairs } from './rows.ts';

const gate = 'G2 information';
/** Retrieval compares every row with every other. */
const mostTestRows = 1000;

export interface InformationOptions {
  readonly seed: number;
  /** Default 199, of which one may do as well; fewer are made where the answer is clear. */
  readonly permutations?: number;
  /** Default 0.01. */
  readonly bar?: number;
}

/** Test rows, and what a bridge that was fitted elsewhere makes of them: then that bridge is judged, not one fitted here. */
export interface JudgedPairs extends LabelledPairs {
  readonly bridged?: Features;
}

export async function informationGate(
  kernels: Kernels,
  fitted: LabelledPairs,
  tested: JudgedPairs,
  { seed, permutations = 199, bar = 0.01 }: InformationOptions,
): Promise<GateResult> {
  const [fit, test] = [alone(fitted, seed), alone(tested, seed)];
  const few = [{ pairs: fit, of: 'fit' as const }, { pairs: test, of: 'test' as const }].map(({ pairs, of }) => ({ of, all: pairs.x.rows, rows: pairable(pairs.labels) }));
  const least = few.reduce((a, b) => (b.rows < a.rows ? b : a));
  if (least.rows < leastRows) return fewPairs(least, tested.groups ?? fitted.groups);
  const training = await collectTraining(kernels, pairsOf(fit.x, fit.y), { seed });
  if (!training.ok) return unusable(gate, training.finding);
  const judged = sample(test, seed);
  const refit = await createRefit(kernels, training.value, fit, judged);
  const seen = judged.bridged === undefined ? await refit.score(undefined) : await refit.scoreOf(judged.bridged);
  const random = createRandom(seed);
  const exceeded = { explained: 0, retrieved: 0 };
  let done = 0;
  while (done < permutations && !isClear(exceeded, done, bar)) {
    const chance = await refit.score(permuteWithin(fit.labels, random));
    // NaN, where no row differs from its class, is no success.
    if (!(chance.explained < seen.explained)) exceeded.explained += 1;
    if (chance.hits >= seen.hits) exceeded.retrieved += 1;
    done += 1;
  }
  return judge({ seen, exceeded, done, isStopped: done < permutations, bar, seed });
}

/** Rows that are not alone in their class: the others stay where they are in every permutation. */
function pairable(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1).reduce((sum, count) => sum + count, 0);
}

/** More rows fill the classes, so that as many share theirs as do of these, at least. */
function fewPairs({ rows, all, of }: { readonly rows: number; readonly all: number; readonly of: RowsOf }, groups: RowGroups | undefined): GateResult {
  if (rows === all) return tooFew(gate, rows, of, { groups });
  const reason = rows === 0 ? `No two of ${showCount(all, groups)} are of one class: within classes nothing can be permuted.` : `Of ${showCount(all, groups)} only ${rows.toLocaleString('en-US')} share their class with another, too few to tell skill from luck.`;
  const open = rows === 0 ? [] : [{ rows: Math.ceil((leastRows * all) / rows), of, leans: 'PASS' as const, isLeast: true as const }];
  return { gate, verdict: 'INCONCLUSIVE', measures: [], reason, open };
}

/** One row of each group: only rows that stand alone can be dealt out, and only they find themselves among all. */
const alone = (pairs: JudgedPairs, seed: number): JudgedPairs =>
  pairs.groups === undefined ? pairs : someOf(pairs, oneOfEach(permutation(pairs.x.rows, createRandom(seed)), pairs.groups));

const sample = (pairs: JudgedPairs, seed: number): JudgedPairs =>
  pairs.x.rows <= mostTestRows ? pairs : someOf(pairs, permutation(pairs.x.rows, createRandom(seed)).subarray(0, mostTestRows));

const someOf = ({ x, y, bridged, labels }: JudgedPairs, rows: Uint32Array): JudgedPairs => ({
  x: selectRows(x, rows),
  y: selectRows(y, rows),
  labels: Array.from(rows, (row) => labels[row]!),
  ...(bridged === undefined ? {} : { bridged: selectRows(bridged, rows) }),
});

interface Scored {
  readonly explained: number;
  readonly hits: number;
  readonly error: WithinClassError;
}

/** A ridge map fitted to the pairs in any order, of which only the products with the target change. */
async function createRefit(kernels: Kernels, training: Training, fit: LabelledPairs, test: JudgedPairs) {
  const { all, basis } = training;
  const { relative } = await choosePenalty(kernels, training);
  const path = await ridgePath(kernels, all, basis);
  const lambda = penaltyOf(all, relative);
  const solved = scaleColumns(path.p, path.values.map((value) => 1 / (value + lambda)));
  const inverse = await kernels.productWithTransposed(solved, path.p);
  const x = centredDouble(fit.x, all.meanX);
  const y = centredDouble(fit.y, all.meanY);
  const scoreOf = async (predicted: Features): Promise<Scored> => {
    const error = withinClassError(predicted, test.y, test.labels, test.bridged !== undefined);
    const hits = (await retrieved(kernels, predicted, test.y)).filter(Boolean).length;
    return { explained: withinClassR2(error), hits, error };
  };
  return {
    scoreOf,
    async score(order: Uint32Array | undefined): Promise<Scored> {
      const cross = await kernels.productOfTransposed(x, order === undefined ? y : reorder(y, order));
      const w = await kernels.product(inverse, cross);
      const b = Float32Array.from(biasOf(w, all.meanX, all.meanY));
      return scoreOf(await kernels.affine(test.x, toSingle(w), b));
    },
  };
}

const centredDouble = (features: Features, mean: Float64Array): Matrix => {
  const { rows, columns, data } = centreRows(features, mean);
  return { rows, columns, data: Float64Array.from(data) };
};

function reorder(matrix: Matrix, order: Uint32Array): Matrix {
  const { rows, columns, data } = matrix;
  const result = zeros(rows, columns);
  for (const [i, row] of order.entries())
    result.data.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  return result;
}

/** An order of the rows in which each stands in the place of one of its own class. */
export function permuteWithin(labels: ArrayLike<number>, random: Random): Uint32Array {
  const members = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const known = members.get(labels[i]!);
    if (known) known.push(i);
    else members.set(labels[i]!, [i]);
  }
  const order = new Uint32Array(labels.length);
  for (const places of members.values()) {
    const shuffled = shuffle([...places], random);
    for (const [k, place] of places.entries()) order[place] = shuffled[k]!;
  }
  return order;
}

type Exceeded = { readonly explained: number; readonly retrieved: number };

/** Whether more permutations could still bring both p-values to the bar. */
const isClear = ({ explained, retrieved: hits }: Exceeded, done: number, bar: number): boolean =>
  done >= 20 && wilson(Math.max(explained, hits), done).interval.low > bar;

interface Judged {
  readonly seen: Scored;
  readonly exceeded: Exceeded;
  readonly done: number;
  /** Before all permutations were made, for one of both has surely failed: of the other little is known. */
  readonly isStopped: boolean;
  readonly bar: number;
  readonly seed: number;
}

function judge({ seen, exceeded, done, isStopped, bar, seed }: Judged): GateResult {
  const rows = seen.error.error.length;
  const explained = bootstrap(rows, (drawn) => withinClassR2(seen.error, drawn), { seed, level: 0.9 });
  const hits = wilson(seen.hits, rows, oneSided95);
  const [pExplained, pHits] = [exceeded.explained, exceeded.retrieved].map((count) => pValue(count, done));
  const [ofExplained, ofHits] = [significant(pExplained!, bar), significant(pHits!, bar)];
  const verdict = overall([ofExplained, ofHits]);
  const numbers = `Within the classes the bridge explains ${show(explained)} of the variance, and finds the very example among ${rows} in ${show(hits)}`;
  // A search that was stopped has no p that could be held against the bar: it counts.
  const chance = isStopped
    ? `of ${done} bridges from pairs permuted within each class, where the search was stopped, ${exceeded.explained} explain as much and ${exceeded.retrieved} find as many`
    : `pairs permuted within each class do as well with p = ${pExplained!.value.toFixed(4)} and ${pHits!.value.toFixed(4)}`;
  const reasons: Record<Verdict, string> = {
    PASS: `${numbers}; ${chance}.`,
    FAIL: `${numbers}, but ${chance}: ${failed(ofExplained, ofHits)}`,
    INCONCLUSIVE: `${numbers}; ${chance}, which is too near to ${bar} to say.`,
  };
  return {
    gate,
    verdict,
    measures: [
      { name: 'within-class R²', ...explained },
      { name: 'p of the within-class R²', ...pExplained!, bar: `<= ${bar}` },
      { name: 'retrieval@1', ...hits },
      { name: 'p of the retrieval', ...pHits!, bar: `<= ${bar}` },
    ],
    reason: reasons[verdict],
    ...(verdict === 'INCONCLUSIVE' ? { open: [pExplained!, pHits!].filter((p) => significant(p, bar) === 'INCONCLUSIVE').map(({ value }) => ({ rows: rowsForSignificance(value, bar, rows), of: 'test' as const, leans: 'PASS' as const, most: mostTestRows })) } : {}),
  };
}

/** What those two tell of a bridge of which at least one surely does no better than chance. */
function failed(ofExplained: Verdict, ofHits: Verdict): string {
  if (ofExplained === 'FAIL' && ofHits === 'FAIL') return 'the pairs tell no more of an example than its class.';
  const [wanting, other] = ofHits === 'FAIL' ? ['it finds the very example no more often than its class alone would', ofExplained] : ['it explains no more of an example than its class alone would', ofHits];
  return `${wanting}, and both are demanded${other === 'PASS' ? '' : '; of the other too few permutations were made to say'}.`;
}

const pValue = (count: number, done: number): Estimate => ({
  value: permutationP(count, done),
  interval: wilson(count, done).interval,
});
