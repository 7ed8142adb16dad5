/** A swap on data: the vectors before and after it, and what the model then answers. */
import { unmeasurable, type Features, type RowGroups } from '../../align/index.ts';
import { partOf } from '../../data/splits.ts';
import type { Applied, CheckedRequirement, CheckedSwap, CheckedVerify, ColumnTerm, Term } from '../../check/tools/index.ts';
import type { LoweredTerms, NamedValue, TermRequest } from '../../check/tools/lower.ts';
import { calledBy } from '../../check/tools/terms.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Symbol } from '../../names/modules.ts';
import type { TensorType } from '../../types/type.ts';
import { classesOf, columnOf, numbersOf, rowKey, type Classes, type Tables } from '../data/columns.ts';
import { holdsNames, labelTarget } from '../data/targets.ts';
import { refuse } from '../errors.ts';
import { featuresOf } from '../data/features.ts';
import { labelSetsOf, setsFound } from './label-sets.ts';
import type { Measured } from './measure.ts';
import { followed } from './followed.ts';
import { stacked, swappedCalls } from './vectors.ts';
import { groupsOf, togetherOf } from '../data/units.ts';
import type { Workbench } from '../workbench.ts';

/** What one requirement looks at, without the swap and with it. */
export interface MeasuredRequirement {
  readonly own: Measured;
  readonly swapped: Measured;
  /** The first input's type: whether it is probabilities, and of which classes. */
  readonly type: TensorType | undefined;
  /** What of it the model gives, by the names of its outputs; a target that stands in the data has none. */
  readonly given: { readonly prediction: string; readonly target?: string };
}

export interface SwapData {
  readonly own: LoweredTerms;
  readonly swapped: LoweredTerms;
  /** The old part's vectors: the space that the heads know. Of several calls those of all, below one another. */
  readonly y: Features;
  /** How often the part is called, on values of its own. */
  readonly calls: number;
  /** What stands in their place. */
  readonly bridged: Features;
  /** The new encoder's vectors before the learned part that carries them over; `bridged` where nothing was learned. */
  readonly x: Features;
  /** The parts with learned weights that the swap brings in. */
  readonly learned: readonly Symbol[];
  /** Of the requirements, those that speak of the swap's model and look at what was computed. */
  readonly measured: readonly (MeasuredRequirement | undefined)[];
  /** By the content of each example, so that equal ones are never on two sides. */
  readonly split: { readonly fit: number[]; readonly calibrate: number[]; readonly test: number[] };
  /** By the column `group`, where there is one. */
  readonly groups?: readonly string[];
  /** Rows of a group, or else copies of an example; undefined where each row stands alone. */
  readonly together: RowGroups | undefined;
  readonly rows: number;
  /** All that the parts and the models gave, as a message calls it, and how wide it has to be. */
  readonly named: readonly { readonly of: string; readonly features: Features; readonly columns: number }[];
  /** What each call of the old part is computed from; of a single one all that the model reads. */
  readonly reads: readonly (readonly ColumnTerm[])[];
}

/** What may still be learned from, what sets the temperature, and what judges. */
export const shares = { fit: 0.35, calibrate: 0.15, test: 0.5 } as const;

export async function swapData(verify: CheckedVerify, swap: CheckedSwap, tables: Tables, bench: Workbench): Promise<SwapData> {
  const outputs = outputsOf(verify, swap);
  const sides = sidesOf([swap]);
  const own = lower(verify, outputs, (symbol) => symbol === swap.part, { swaps: sides.own, untouched: besideOf(verify, swap) }, bench);
  const isLearned = (symbol: Symbol): boolean => symbol.declaration.kind === 'PartDecl' && symbol.declaration.weights?.learned === true;
  const swapped = lower(verify, outputs, (symbol) => symbol === swap.replacement || isLearned(symbol), { swaps: sides.swapped, untouched: besideOf(verify, swap) }, bench);
  const calls = swappedCalls(verify, swap, own, swapped, isLearned);
  const rows = tables.get(verify.data[0]!)!.rows;
  const request = { tables, rows, location: verify.location };
  const ownFeatures = await featuresOf({ ...request, lowered: own, outputs: [...calls.y, ...answersIn(own)], words: `${verify.name}, before the swap` }, bench);
  const swappedFeatures = await featuresOf({ ...request, lowered: swapped, outputs: [...calls.x, ...calls.bridged, ...answersIn(swapped)], words: `${verify.name}, after the swap` }, bench);
  const { length } = calls.y;
  const [y, ownOutputs] = [ownFeatures.slice(0, length), ownFeatures.slice(length)];
  const [x, bridged, swappedOutputs] = [swappedFeatures.slice(0, length), swappedFeatures.slice(length, 2 * length), swappedFeatures.slice(2 * length)];
  const vectors = (values: readonly NamedValue[], features: readonly Features[], columns?: number): NamedOf => values.map(({ name }, i) => [`\`${name}\``, { features: features[i]!, columns: columns ?? features[i]!.columns }] as const);
  const named = namedOnce([...vectors(calls.y, y), ...vectors(calls.x, x), ...vectors(calls.bridged, bridged, y[0]!.columns), ...answersNamed(verify, ownOutputs, own, 'before the swap'), ...answersNamed(verify, swappedOutputs, swapped, 'after the swap')]);
  const names = own.model.outputs.map((port) => port.name);
  const featureOf = (name: string, features: readonly Features[]): Features | undefined => features[names.indexOf(name)];
  // An example is all that is read of it, for any of the swaps: so that one row is on one side for all of them.
  const all = outputsOf(verify);
  const whole = all.size === outputs.size ? own : lower(verify, all, () => false, { swaps: sides.own, untouched: besideOf(verify, swap) }, bench);
  const columns = [...whole.columns.values()].map((term) => columnOf(term, tables));
  const keys = Array.from({ length: rows }, (_, row) => rowKey(columns, row).toString('hex'));
  const groups = groupsOf(tables);
  const parts = (groups ?? keys).map((key) => partOf(key, shares, 0));
  const rowsIn = (part: keyof typeof shares): number[] => [...parts.keys()].filter((row) => parts[row] === part);
  const different = new Set(groups ?? keys).size;
  const empty = (['fit', 'calibrate', 'test'] as const).find((part) => rowsIn(part).length === 0);
  if (empty !== undefined && groups !== undefined) refuse(toolkitCodes.finding('data-rows', { file: [...tables.values()][0]!.name, reason: `its ${rows} rows have ${different} different value${different === 1 ? '' : 's'} in \`group\`, and of three parts that share no group one stays empty` }, ['Rows of a group are never divided. Some twenty groups fill all three parts; without the column `group` only equal examples are kept together.']), verify.location);
  return {
    own,
    swapped,
    y: stacked(y),
    bridged: stacked(bridged),
    x: stacked(x),
    calls: length,
    learned: [...new Set(swapped.calls.map(({ symbol }) => symbol).filter(isLearned))],
    measured: verify.requirements.map((requirement, i) => (isOf(requirement, swap, verify) ? measuredBy(requirement.metric, i, (name) => featureOf(name, ownOutputs), (name) => featureOf(name, swappedOutputs), tables) : undefined)),
    split: { fit: rowsIn('fit'), calibrate: rowsIn('calibrate'), test: rowsIn('test') },
    ...(groups === undefined ? {} : { groups }),
    together: togetherOf(groups ?? keys, groups !== undefined),
    rows,
    named,
    reads: readBy(own, calls.y),
  };
}

/** Whether all that was given are numbers that can be computed with: else G0 says which are not, and nothing else is asked. */
export const isMeasurable = ({ named }: SwapData): boolean => named.every((one) => unmeasurable(one).length === 0);

type NamedOf = readonly (readonly [of: string, given: { readonly features: Features; readonly columns: number }])[];

/** What the model answers, as the requirements write it: `y.kind` before the swap. */
function answersNamed({ requirements }: CheckedVerify, features: readonly Features[], { model }: LoweredTerms, when: string): NamedOf {
  return model.outputs.map(({ name }, i) => {
    const [index, input] = name.split(' ') as [string, string];
    const term = requirements[Number(index)]!.metric.inputs.get(input);
    return [`\`${term?.kind === 'field' ? term.field : term?.kind === 'call' ? term.callee.name : input}\` ${when}`, { features: features[i]!, columns: features[i]!.columns }] as const;
  });
}

/** Each by its name once: several requirements may look at one answer. */
const namedOnce = (named: NamedOf): SwapData['named'] => [...new Map(named)].map(([of, given]) => ({ of, ...given }));

/** The columns that each value is computed from. */
function readBy({ model: { program }, columns }: LoweredTerms, values: readonly NamedValue[]): SwapData['reads'] {
  if (values.length === 1) return [[...columns.values()]];
  const reached = program.inputs.map(({ name, value }) => ({ name, reaches: followed(program, new Set([value])) }));
  return values.map(({ value }) => [...columns].filter(([port]) => reached.some(({ name, reaches }) => (name === port || name.startsWith(`${port}.`)) && reaches.has(value))).map(([, term]) => term));
}

type Substitutes = TermRequest['swaps'];

/** A head for a head: what it gives is an answer, from which nobody reads on. */
export const isHeadSwap = ({ part, replacement }: CheckedSwap): boolean => [part, replacement].every(({ declaration }) => declaration.kind === 'PartDecl' && declaration.role === 'head');

/** What is put in for what, so that the model is as it is without the swaps, and as it is with them; undefined where nothing is. */
export function sidesOf(swaps: readonly CheckedSwap[]): { readonly own: Substitutes; readonly swapped: Substitutes } {
  const pairs = (standing: CheckedSwap['standing']): Substitutes => {
    const chosen = swaps.filter((swap) => swap.standing === standing);
    return chosen.length === 0 ? undefined : new Map(chosen.map(({ part, replacement }) => (standing === 'part' ? [part, replacement] : [replacement, part])));
  };
  return { own: pairs('replacement'), swapped: pairs('part') };
}

/** `0 prediction`: an input of a requirement that the model gives. */
const outputName = (requirement: number, input: string): string => `${requirement} ${input}`;

/** What a lowered model answers. Its program has outputs for guards, too. */
const answersIn = ({ model }: LoweredTerms): readonly NamedValue[] =>
  model.outputs.map(({ name, type }) => ({ name, value: model.program.outputs.find((port) => port.name === name)!.value, type: type as TensorType }));

/** The tensors of a lowered model that are what these heads answer. */
export function answersOf(lowered: LoweredTerms, heads: readonly { readonly index: number }[]): readonly NamedValue[] {
  const answers = answersIn(lowered);
  return heads.map(({ index }) => answers.find(({ name }) => name.startsWith(`${index} `))!);
}

/** Those of these names, in their order. */
export function outputsNamed(lowered: LoweredTerms, names: readonly string[]): readonly NamedValue[] {
  const answers = new Map(answersIn(lowered).map((answer) => [answer.name, answer]));
  return names.map((name) => answers.get(name)!);
}

/** What requirements look at; of a swap those that speak of its model: the same part in another model stays as it is. */
export function outputsOf(verify: CheckedVerify, swap?: CheckedSwap): ReadonlyMap<string, Term> {
  return new Map(verify.requirements.flatMap((requirement, i) => (swap === undefined || isOf(requirement, swap, verify) ? [...requirement.metric.inputs].flatMap(([input, term]) => (term.kind === 'column' ? [] : [[outputName(i, input), term] as const])) : [])));
}

/** Whether a requirement speaks of the model of a swap; one that speaks of the model of none is judged on all. */
function isOf({ metric }: CheckedRequirement, swap: CheckedSwap, { swaps }: CheckedVerify): boolean {
  const called = new Set([...metric.inputs.values()].flatMap(calledBy));
  return called.has(swap.model) || !swaps.some(({ model }) => called.has(model));
}

/** The models that a requirement calls beside that of a swap: the swap is not in them. */
export const besideOf = ({ requirements }: CheckedVerify, { model }: CheckedSwap): ReadonlySet<Symbol> =>
  new Set(requirements.flatMap(({ metric }) => {
    const called = [...metric.inputs.values()].flatMap(calledBy).filter(({ declaration }) => declaration.kind === 'ModelDecl');
    return called.includes(model) ? called.filter((other) => other !== model) : [];
  }));

function lower(verify: CheckedVerify, outputs: ReadonlyMap<string, Term>, watched: (symbol: Symbol) => boolean, { swaps, untouched }: { readonly swaps: Substitutes; readonly untouched: ReadonlySet<Symbol> }, { lowerTerms }: Workbench): LoweredTerms {
  if (outputs.size === 0) return refuse(toolkitCodes.finding('tool-open', { tool: `\`verify ${verify.name}\``, why: 'no requirement looks at what the model gives' }, ['Write one that does: `require accuracy(y.sentiment, d.label) >= baseline - 2%`.']), verify.location);
  const lowered = lowerTerms({ tool: verify, name: verify.name, outputs, watched, untouched, ...(swaps === undefined ? {} : { swaps }) });
  return typeof lowered === 'string' ? refuse(toolkitCodes.finding('tool-open', { tool: `\`verify ${verify.name}\``, why: lowered }), verify.location) : lowered;
}

function measuredBy({ name: metric, inputs }: Applied, requirement: number, own: (name: string) => Features | undefined, swapped: (name: string) => Features | undefined, tables: Tables): MeasuredRequirement | undefined {
  if (inputs.size === 0) return undefined;
  const [[firstName, first], [secondName, second]] = [...inputs] as [[string, Term], [string, Term]];
  const isFirstColumn = first.kind === 'column';
  const [name, term, otherName, other] = isFirstColumn ? [secondName, second, firstName, first] : [firstName, first, secondName, second];
  const type = term.type.kind === 'tensor' ? term.type : undefined;
  const names = type?.shape.axes.at(-1)?.classes?.values;
  const classesAmong = (count: number): Classes => ({ count, ...(names === undefined ? {} : { names }) });
  const sets = otherName === 'label' ? labelSetsOf(metric, other as ColumnTerm, classesAmong(own(outputName(requirement, name))!.columns), type, tables) : undefined;
  const side = (of: (name: string) => Features | undefined): Measured => {
    const prediction = of(outputName(requirement, name))!;
    if (sets !== undefined) return { prediction, sets, labels: setsFound(sets.truth, sets) };
    if (otherName === 'label') return { prediction, labels: classesOf(other as ColumnTerm, classesAmong(prediction.columns === 1 ? 2 : prediction.columns), tables) };
    return { prediction, target: other.kind === 'column' ? targetOf(metric, other, classesAmong(prediction.columns), tables) : of(outputName(requirement, otherName))! };
  };
  const given = { prediction: outputName(requirement, name), ...(other.kind === 'column' ? {} : { target: outputName(requirement, otherName) }) };
  return { own: side(own), swapped: side(swapped), type, given };
}

/** The numbers of a column, as many in each row as the metric compares them with. */
function targetOf(metric: string, column: ColumnTerm, classes: Classes, tables: Tables): Features {
  const wanted = classes.count;
  const found = columnOf(column, tables);
  // Names of labels are the ones of their places, and zeros elsewhere.
  if (classes.names !== undefined && found.kind === 'values' && holdsNames(found.values)) return { rows: tables.get(column.data)!.rows, columns: wanted, data: labelTarget(column, classes, tables).data };
  const target = numbersOf(column, tables);
  if (target.columns === wanted) return target;
  const needs = `${wanted === 1 ? 'a number' : `${wanted} numbers`}, as many as \`${metric}\` compares it with`;
  return refuse(toolkitCodes.finding('data-value', { file: tables.get(column.data)!.name, column: column.column, row: 1, needs, found: String(target.columns) }), column.location);
}
