/** `verify NAME { … }` carried out: the gates of an interchange, what the declaration requires, and one answer. */
import { alignmentGate, conceptGate, countOf, functionGate, informationGate, kMeans, leastRows, ofAllHeads, oneSided95, overall, rowsToSeparate, selectRows, shareOf, significant, someGroups, type Estimate, type GateResult, type Measure, type Verdict } from '../../align/index.ts';
import type { CheckedRequirement, CheckedSwap, CheckedVerify } from '../../check/tools/index.ts';
import { budgetsOf } from './swap-budgets.ts';
import type { BudgetResult } from './budgets.ts';
import { calibrationOf } from './calibration.ts';
import { controlsOf } from './controls.ts';
import { attributionsOf, type HeadAttribution } from './attribution.ts';
import { ablationsOf, type HeadAblation } from './ablate.ts';
import { artefactOf } from './artefact.ts';
import { cellsOf, type MatrixCell } from './head-matrix.ts';
import { headsOf, judgedRows, type Head } from '../fit/heads.ts';
import { integrityOf } from './integrity.ts';
import { lostClasses, type LostClass } from './lost-classes.ts';
import { notJudged, type NotJudged } from './not-judged.ts';
import { recallKept, type RecallKept } from './recall.ts';
import { robustnessOf } from './robustness.ts';
import { labelAt } from './label-sets.ts';
import { difference, estimate, rightOn, statistics } from './measure.ts';
import { isMeasurable, shares, swapData, type MeasuredRequirement, type SwapData } from './swap.ts';
import { readTable } from '../data/table.ts';
import { keptWhole } from '../memory.ts';
import type { Tables } from '../data/columns.ts';
import type { Workbench } from '../workbench.ts';

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

export interface SwapResult {
  /** `Old by New in Before` */
  readonly swap: string;
  readonly gates: readonly GateResult[];
  readonly data: SwapData;
  /** Each head on its own encoder and on what stands in. */
  readonly matrix: readonly MatrixCell[];
  /** Retrieval over the old vectors against an index made anew; where a requirement asks. */
  readonly recall: RecallKept | undefined;
  /** Of heads that did not surely keep what they have to: who is at fault. */
  readonly attributions: readonly HeadAttribution[];
  /** Empty where nobody asked. */
  readonly ablations: readonly HeadAblation[];
  /** What accuracy over all rows hides. */
  readonly lost: readonly LostClass[];
  /** What the verdict does not speak of, though the swap may change it. */
  readonly notJudged: NotJudged;
  /** Of the vectors themselves: how far the encoder and its bridge are at fault. */
  readonly representation: Readonly<Record<string, number>>;
  /** Of the answers, by head: what the head makes of them. */
  readonly heads: Readonly<Record<string, Readonly<Record<string, { readonly own: number; readonly swapped: number }>>>>;
}

export interface VerifyOptions {
  /** Whether to ask what each head needs of the representation. */
  readonly ablate?: boolean;
}

export interface VerifyResult {
  readonly name: string;
  readonly verdict: Verdict;
  readonly swaps: readonly SwapResult[];
  readonly requirements: readonly RequirementResult[];
  /** What the models' budgets leave to be measured, with the swaps. */
  readonly budgets: readonly BudgetResult[];
  readonly rows: number;
  /** Of them those that accuracies and the metrics beside them are of. */
  readonly judged: number;
  /** How many groups or different examples the rows are, where some belong together. */
  readonly grouped?: { readonly count: number; readonly words: string };
  /** Of the data files, by what they are called. */
  readonly data: Readonly<Record<string, string>>;
}

const seed = 0;

export async function runVerify(verify: CheckedVerify, bench: Workbench, { ablate = false }: VerifyOptions = {}): Promise<VerifyResult> {
  const tables: Tables = new Map(verify.data.map((data) => [data, readTable(data, bench.host, keptWhole(bench.memory))]));
  const swaps: SwapResult[] = [];
  for (const swap of verify.swaps) {
    const data = await swapData(verify, swap, tables, bench);
    if (!isMeasurable(data)) {
      swaps.push(unmeasured(verify, swap, data, tables, bench));
      continue;
    }
    const gates = (await gatesOf(verify, swap, data, tables, bench)).map((gate) => ofAllRows(gate, data));
    const heads = headsOf(verify, data);
    const attributions = isHeadSwap(swap) ? [] : await attributionsOf(heads, data, bench);
    const matrix = cellsOf(heads, { part: swap.part.name, replacement: swap.replacement.name, model: swap.model.name }, data);
    const recall = verify.requirements.some(({ metric }) => metric.name === 'recall.kept') ? await recallKept(bench.kernels, swap.part.name, data) : undefined;
    const ablations = ablate ? await ablationsOf(verify, swap, data, tables, bench) : [];
    swaps.push({ swap: `${swap.part.name} by ${swap.replacement.name} in ${swap.model.name}`, gates, data, matrix, recall, attributions, ablations, lost: lostClasses(heads, data), notJudged: notJudged(verify, swap, isHeadSwap(swap), bench), representation: representationOf(data), heads: headMetrics(verify, data) });
  }
  const all = swaps.every(({ data }) => isMeasurable(data));
  const requirements = verify.requirements.map((requirement, i) => judge(requirement, i, all ? swaps : [], bench.host.readText(verify.uri)));
  const budgets: BudgetResult[] = [];
  for (const [i, swap] of all ? verify.swaps.entries() : []) budgets.push(...(await budgetsOf(swap, swaps[i]!.data, tables, bench)));
  const verdict = overall([...swaps.flatMap(({ gates }) => gates.map((gate) => gate.verdict)), ...requirements.map((requirement) => requirement.verdict), ...budgets.map((budget) => budget.verdict)]);
  const table = tables.get(verify.data[0]!)!;
  const together = swaps[0]?.data.together;
  return { name: verify.name, verdict, swaps, requirements, budgets, rows: table.rows, judged: judgedRows(swaps[0]!.data).length, ...(together === undefined ? {} : { grouped: { count: together.count, words: together.words } }), data: Object.fromEntries([...tables.values()].map(({ name, digest }) => [name, digest])) };
}

// ---------------------------------------------------------------- what cannot be measured

/** Of numbers that are none nothing can be measured: G0 says of which, and no other gate is asked. */
function unmeasured(verify: CheckedVerify, swap: CheckedSwap, data: SwapData, tables: Tables, bench: Workbench): SwapResult {
  const { part, replacement, model } = swap;
  return { swap: `${part.name} by ${replacement.name} in ${model.name}`, notJudged: notJudged(verify, swap, isHeadSwap(swap), bench), gates: [integrityOf(data, tables, bench)], data, matrix: [], recall: undefined, attributions: [], ablations: [], lost: [], representation: {}, heads: {} };
}

// ---------------------------------------------------------------- metrics

function representationOf(data: SwapData): Readonly<Record<string, number>> {
  const measured = { prediction: data.bridged, target: data.y };
  const rows = judgedRows(data);
  const of = (name: 'r2' | 'cosine'): number => statistics[name](measured, new Map())(rows);
  return { 'R² of the old vectors': of('r2'), 'mean cosine with the old vectors': of('cosine') };
}

const headMeasures = ['accuracy', 'f1', 'nll', 'brier', 'ece'] as const;

function headMetrics(verify: CheckedVerify, data: SwapData): SwapResult['heads'] {
  const options = new Map<string, string | number>([['average', 'macro'], ['bins', 15]]);
  const rows = judgedRows(data);
  return Object.fromEntries(headsOf(verify, data).map(({ name, measured, isProbability }) => {
    const names = headMeasures.filter((measure) => isProbability || measure === 'accuracy' || measure === 'f1');
    return [name, Object.fromEntries(names.map((measure) => [measure, { own: statistics[measure](measured.own, options)(rows), swapped: statistics[measure](measured.swapped, options)(rows) }]))];
  }));
}

// ---------------------------------------------------------------- gates

/** A gate judges its part of the examples; who looks for more of them counts all. */
function ofAllRows(gate: GateResult, { rows, together }: SwapData): GateResult {
  if (gate.rowsNeeded === undefined || gate.rows === undefined) return gate;
  return { ...gate, rows: countOf(rows, together), rowsNeeded: ofAll(gate.rowsNeeded, gate.rows, rows, together), ...countedBy(together) };
}

/** Of a part that has none of them nobody knows how many more it would get: then by the smaller of the shares that gates judge by. */
const ofAll = (needed: number, judged: number, rows: number, together: SwapData['together']): number =>
  Math.ceil(judged === 0 ? needed / shares.fit : (needed * countOf(rows, together)) / judged);

const countedBy = (together: SwapData['together']): { readonly counted?: string } => (together === undefined ? {} : { counted: together.words });

const isHeadSwap = ({ part, replacement }: CheckedSwap): boolean => [part, replacement].every(({ declaration }) => declaration.kind === 'PartDecl' && declaration.role === 'head');

/**
 * The gates on vectors hold a space to what others read from it. Nobody reads on from what a head answers: with a head for a
 * head only those of them are judged of which the declaration itself speaks.
 */
async function gatesOf(verify: CheckedVerify, swap: CheckedSwap, data: SwapData, tables: Tables, bench: Workbench): Promise<readonly GateResult[]> {
  const { kernels, progress } = bench;
  const { split, x, y, bridged } = data;
  const bars = barsOf(verify);
  const heads = headsOf(verify, data);
  const labels = classesAlike(heads) ?? (await kMeans(kernels, y, clusters, seed)).labels;
  const pick = (rows: readonly number[]) => ({ x: selectRows(x, rows), y: selectRows(y, rows), bridged: selectRows(bridged, rows), labels: rows.map((row) => labels[row]!), groups: someGroups(data.together, rows) });
  const [fit, test] = [pick(split.fit), pick(split.test)];
  const integrity = integrityOf(data, tables, bench);
  const done = (gate: string): void => progress.update(`${verify.name}: ${gate}`, 0, 1);
  const isHead = isHeadSwap(swap);
  const judges = (measures: string): boolean => !isHead || verify.requirements.some(({ metric }) => metric.name.startsWith(`${measures}.`));
  done('G1');
  const alignment = judges('cka') ? [await alignmentGate(kernels, [test.x], test.y, { seed, groups: test.groups, ...(bars['cka.p'] === undefined ? {} : { bar: bars['cka.p'] }) })] : [];
  done('G2');
  const information = judges('information') ? [await informationGate(kernels, fit, test, { seed, ...(bars['information.p'] === undefined ? {} : { bar: bars['information.p'] }) })] : [];
  done('G3');
  const gates = [integrity, ...alignment, ...information];
  if (heads.length === 0) return gates;
  // Nothing is learned from these rows but the temperature, which has its own.
  const judged = judgedRows(data);
  const groups = someGroups(data.together, judged);
  const outcomes = [];
  for (const head of heads) {
    const { own, swapped } = head.measured;
    outcomes.push({ head: head.name, own: rightOn(own, judged), swapped: rightOn(swapped, judged), margin: head.margin, controls: await controlsOf(head.index, data, bench), groups });
  }
  const calibrated = heads.filter((head) => head.isProbability).map((head) => ({ head: head.name, result: calibrationOf(head.measured, data) }));
  const concepts = [];
  for (const head of judges('concepts') ? heads.flatMap(toldApart) : []) {
    const labelled = { fit: { ...fit, labels: split.fit.map((row) => head.labels[row]!) }, test: { ...test, labels: split.test.map((row) => head.labels[row]!) } };
    concepts.push({ head: head.name, result: await conceptGate(kernels, labelled, { seed, margin: head.margin, ...(bars['concepts.cosine'] === undefined ? {} : { bar: bars['concepts.cosine'] }) }) });
  }
  const request = { verify, data, heads, tables, rows: judged, isHead };
  done('G6');
  const robustness = await robustnessOf(request, bench);
  done('G7');
  const ofHeads = [calibrated, concepts].filter((results) => results.length > 0).map(ofAllHeads);
  return [...gates, functionGate(outcomes), ...ofHeads, robustness, await artefactOf(request, swap, bench)];
}

/** So many clusters of the old vectors stand for classes where nobody knows any. */
const clusters = 16;

/** Examples that no head tells apart; undefined without heads, and where labels that come together make more sets than clusters would be: within sets of a few examples nothing could be permuted. */
function classesAlike(heads: readonly Head[]): Uint32Array | undefined {
  if (heads.length === 0) return undefined;
  const joint = jointClasses(heads.map(({ measured }) => measured.own.labels!));
  return heads.some(({ measured }) => measured.own.sets !== undefined) && new Set(joint).size > clusters ? undefined : joint;
}

/** What a head tells apart: its classes; of several labels at once each label by itself, those that some rows have and others have not. */
function toldApart({ name, margin, measured: { own, type } }: Head): readonly { readonly name: string; readonly margin: number; readonly labels: Uint32Array }[] {
  const { prediction, labels, sets } = own;
  if (sets === undefined) return [{ name, margin, labels: labels! }];
  const names = type?.shape.axes.at(-1)?.classes?.values;
  const each = Array.from({ length: prediction.columns }, (_, label) => ({ name: `${name} "${names?.[label] ?? label}"`, margin, labels: labelAt(prediction, sets, label).labels }));
  const told = each.filter((one) => new Set(one.labels).size > 1);
  return told.length === 0 ? each.slice(0, 1) : told;
}

/** A class for each combination of what the heads tell apart: noise that knows all their classes knows no more than that. */
function jointClasses(labels: readonly ArrayLike<number>[]): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from(labels[0]!, (_, row) => {
    const key = labels.map((own) => own[row]).join(' ');
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

/** Bounds that the declaration sets for what the gates compute. */
function barsOf({ requirements }: CheckedVerify): Readonly<Record<string, number>> {
  return Object.fromEntries(requirements.flatMap(({ metric, bound }) => (metric.inputs.size === 0 && bound.kind === 'value' ? [[metric.name, bound.value]] : [])));
}

// ---------------------------------------------------------------- requirements

function judge(requirement: CheckedRequirement, index: number, swaps: readonly SwapResult[], source: ReturnType<Workbench['host']['readText']>): RequirementResult {
  const { metric, bound, op, location } = requirement;
  const text = source.ok ? source.value.slice(location.span.start, location.span.end).replace(/\s+/g, ' ') : metric.name;
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
function judgeOn({ metric, bound, op }: CheckedRequirement, measured: MeasuredRequirement, data: SwapData): Omit<RequirementResult, 'text' | 'metric'> {
  const rows = judgedRows(data);
  const onRows = (side: MeasuredRequirement['own']): MeasuredRequirement['own'] => ({ prediction: selectRows(side.prediction, rows), ...(side.labels === undefined ? {} : { labels: Uint32Array.from(rows, (row) => side.labels![row]!) }), ...(side.sets === undefined ? {} : { sets: { ...side.sets, truth: selectRows(side.sets.truth, rows) } }), ...(side.target === undefined ? {} : { target: selectRows(side.target, rows) }) });
  const [own, swapped] = [onRows(measured.own), onRows(measured.swapped)];
  const numbers = Array.from({ length: rows.length }, (_, i) => i);
  const value = (side: MeasuredRequirement['own']): number => statistics[metric.name as keyof typeof statistics](side, metric.options)(numbers);
  const { together } = data;
  const groups = someGroups(together, rows);
  const judging = { options: metric.options, seed, groups };
  const compared = bound.kind === 'baseline' ? difference(metric.name, swapped, own, judging) : estimate(metric.name, swapped, judging);
  const limit = bound.kind === 'baseline' ? bound.offset : bound.value;
  const verdict = verdictOf(compared, op, limit);
  const count = countOf(rows.length, groups);
  const isFew = verdict === 'PASS' && count < leastRows;
  const needed = isFew ? leastRows : verdict === 'INCONCLUSIVE' ? Math.max(leastRows, rowsToSeparate(compared, limit, count)) : undefined;
  return { verdict: isFew ? 'INCONCLUSIVE' : verdict, own: value(own), swapped: value(swapped), compared, bound: limit, ...(needed === undefined ? {} : { rowsNeeded: ofAll(needed, count, data.rows, together), ...countedBy(together) }) };
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

function gateMeasure(name: string, { gates, data, recall }: SwapResult, op: CheckedRequirement['op'], bound: number): Omit<RequirementResult, 'text' | 'metric'> {
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
