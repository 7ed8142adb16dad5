/** `verify NAME { … }` carried out: the gates of an interchange, what the declaration requires, and one answer. */
import { alignmentGate, conceptGate, functionGate, informationGate, kMeans, ofAllHeads, overall, selectRows, someGroups, type Verdict } from '../../align/index.ts';
import type { CheckedSwap, CheckedVerify } from '../../check/tools/index.ts';
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
import { notJudged, type GateNotJudged, type NotJudged } from './not-judged.ts';
import { recallKept } from './recall.ts';
import { judgeRequirement, type JudgedSwap, type RequirementResult } from './requirement.ts';
import { toldGate } from './rows-needed.ts';
import { requiredAnswers, type RequiredAnswer } from './asked.ts';
import { robustnessOf, type GateAnswer } from './robustness.ts';
import { labelAt } from './label-sets.ts';
import { rightOn, statistics } from './measure.ts';
import { isHeadSwap, isMeasurable, swapData, type SwapData } from './swap.ts';
import { ofVectors, vectorGroups, vectorRows } from './vectors.ts';
import { readTable } from '../data/table.ts';
import { keptWhole } from '../memory.ts';
import type { Tables } from '../data/columns.ts';
import type { Workbench } from '../workbench.ts';

export interface SwapResult extends JudgedSwap {
  /** Each head on its own encoder and on what stands in. */
  readonly matrix: readonly MatrixCell[];
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
    const { gates: judged, open } = await gatesOf(verify, swap, data, tables, bench);
    const gates = judged.map((gate) => toldGate(gate, data));
    const heads = headsOf(verify, data);
    const required = requiredAnswers(verify, swap, data, heads, bench.host.readText(verify.uri)).filter(({ isHead }) => !isHead);
    const attributions = isHeadSwap(swap) || data.calls > 1 ? [] : await attributionsOf(heads, required, data, bench);
    const matrix = cellsOf(heads, required, { part: swap.part.name, replacement: swap.replacement.name, model: swap.model.name }, data);
    const recall = verify.requirements.some(({ metric }) => metric.name === 'recall.kept') ? await recallKept(bench.kernels, swap.part.name, { ...data, together: vectorGroups(data, data.together) }) : undefined;
    const ablations = ablate ? await ablationsOf(verify, swap, data, tables, bench) : [];
    swaps.push({ swap: `${swap.part.name} by ${swap.replacement.name} in ${swap.model.name}`, gates, data, matrix, recall, attributions, ablations, lost: lostClasses(heads, data), notJudged: { ...notJudged(verify, swap, bench), ...(open.length === 0 ? {} : { gates: open }) }, representation: representationOf(data), heads: headMetrics(verify, data) });
  }
  const all = swaps.every(({ data }) => isMeasurable(data));
  const requirements = verify.requirements.map((requirement, i) => judgeRequirement(requirement, i, all ? swaps : [], bench.host.readText(verify.uri)));
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
  return { swap: `${part.name} by ${replacement.name} in ${model.name}`, notJudged: notJudged(verify, swap, bench), gates: [integrityOf(data, tables, bench)], data, matrix: [], recall: undefined, attributions: [], ablations: [], lost: [], representation: {}, heads: {} };
}

// ---------------------------------------------------------------- metrics

function representationOf(data: SwapData): Readonly<Record<string, number>> {
  const measured = { prediction: data.bridged, target: data.y };
  const rows = vectorRows(data, judgedRows(data));
  const of = (name: 'r2' | 'cosine'): number => statistics[name](measured, new Map([['average', 'weighted']]))(rows);
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

/**
 * The gates on vectors hold a space to what others read from it. Nobody reads on from what a head answers: with a head for a
 * head only those of them are judged of which the declaration itself speaks.
 */
async function gatesOf(verify: CheckedVerify, swap: CheckedSwap, data: SwapData, tables: Tables, bench: Workbench): Promise<GateAnswer> {
  const { kernels, progress } = bench;
  const { split, x, y, bridged } = data;
  const bars = barsOf(verify);
  const heads = headsOf(verify, data);
  const classes = classesAlike(heads);
  const labels = classes === undefined ? (await kMeans(kernels, y, clusters, seed)).labels : ofVectors(data, classes);
  const grouped = vectorGroups(data, data.together);
  const pick = (examples: readonly number[]) => {
    const rows = vectorRows(data, examples);
    return { x: selectRows(x, rows), y: selectRows(y, rows), bridged: selectRows(bridged, rows), labels: rows.map((row) => labels[row]!), groups: someGroups(grouped, rows) };
  };
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
  for (const head of judges('concepts') && data.calls === 1 ? heads.flatMap(toldApart) : []) {
    const labelled = { fit: { ...fit, labels: split.fit.map((row) => head.labels[row]!) }, test: { ...test, labels: split.test.map((row) => head.labels[row]!) } };
    concepts.push({ head: head.name, result: await conceptGate(kernels, labelled, { seed, margin: head.margin, names: head.names, ...(bars['concepts.cosine'] === undefined ? {} : { bar: bars['concepts.cosine'] }) }) });
  }
  const required = requiredAnswers(verify, swap, data, heads, bench.host.readText(verify.uri));
  const request = { verify, data, heads, required, tables, rows: judged, isHead };
  done('G6');
  const robustness = await robustnessOf(request, bench);
  done('G7');
  const artefact = await artefactOf(request, swap, bench);
  const ofHeads = [calibrated, concepts].filter((results) => results.length > 0).map(ofAllHeads);
  return {
    gates: [...gates, ...(heads.length === 0 ? [] : [functionGate(outcomes)]), ...ofHeads, ...robustness.gates, ...artefact.gates],
    open: [...(heads.length === 0 ? withoutClasses(required) : data.calls === 1 || isHead ? [] : [severalVectors(swap, data)]), ...robustness.open, ...artefact.open],
  };
}

/** A class of an example is that of none of its vectors. */
const severalVectors = ({ part }: CheckedSwap, { calls }: SwapData): GateNotJudged => ({ gate: 'G5 concepts', why: `It asks where the classes lie among the vectors, and \`${part.name}\` gives ${calls} for an example. Nor are there controls, or a word on who is at fault.` });

/** Gates that go by classes say nothing where none are required. */
function withoutClasses(required: readonly RequiredAnswer[]): readonly GateNotJudged[] {
  const names = [...new Set(required.map(({ outputs: [prediction] }) => prediction!.name))];
  return [{ gate: 'G3 function, G4 calibration, G5 concepts', why: `They go by classes and their \`accuracy\`, which is required of nothing here; what is required of ${names.join(', ')} G6 and G7 ask, too.` }];
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
function toldApart({ name, margin, measured: { own, type } }: Head): readonly { readonly name: string; readonly margin: number; readonly labels: Uint32Array; readonly names?: readonly string[] | undefined }[] {
  const { prediction, labels, sets } = own;
  const names = type?.shape.axes.at(-1)?.classes?.values;
  if (sets === undefined) return [{ name, margin, labels: labels!, names: names?.map((one) => `"${one}"`) }];
  const each = Array.from({ length: prediction.columns }, (_, label) => ({ name: `${name} "${names?.[label] ?? label}"`, margin, labels: labelAt(prediction, sets, label).labels, names: ['without the label', 'with the label'] }));
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
