/** Holds a model that has become a program to its budget. What only a run can tell is left to `verify`. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import type { BudgetClause, ModelDecl } from '../../syntax/ast.ts';
import { bareSymbol, constantOf, showDim, type Dim } from '../../types/dim.ts';
import { factEdit, removeClause } from '../edits.ts';
import type { BudgetEntry, CheckedModel } from '../model.ts';
import { sizesTested } from '../types/size-facts.ts';
import { decideBudget, figureOf, isProvable, rowOf, type Breach, type Figure, type ProvedCost } from './budget-figures.ts';
import type { CheckedLimit } from './model.ts';

/** The model, but for what is found here. */
type Bounded = Omit<CheckedModel, 'budget'>;

export interface EnforcedBudget {
  readonly entries: readonly BudgetEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

export function enforceBudget(limits: readonly CheckedLimit[], model: Bounded, symbol: Symbol<ModelDecl>): EnforcedBudget {
  const judged = limits.map((limit) => judge(limit, model, symbol));
  return { entries: judged.map(({ entry }) => entry), diagnostics: judged.flatMap(({ diagnostic }) => diagnostic ?? []) };
}

interface Judged {
  readonly entry: BudgetEntry;
  readonly diagnostic?: Diagnostic;
}

function judge(limit: CheckedLimit, model: Bounded, symbol: Symbol<ModelDecl>): Judged {
  const { metric, op, bound, device } = limit;
  const said = { metric, op, bound, device };
  if (!isProvable(metric)) return { entry: { ...said, state: 'unmeasured' } };
  const found = figureOf(metric, limit, model);
  if (found === undefined) return { entry: { ...said, state: 'unproved' }, diagnostic: toolCodes.report('budget-share', { metric, model: model.name }, limit.location, {
    notes: ['Bound it by a number, or leave it out.'],
    fixes: [removeClause('leave it out', lastOf(limit, symbol) ?? limit.location, symbol.module)],
  }) };
  const { figure, limit: most } = found;
  const entry = { ...said, ...(figure && { figure: plain(figure) }), ...(bound.kind === 'share' && most && { limit: plain(rounded(most)) }) };
  const verdict = figure && most ? decideBudget(figure, most, op === '<', sizesTested(model).map(({ fact }) => fact)) : { kind: 'unknown' as const };
  if (verdict.kind === 'kept' && found.uncounted.length === 0) return { entry: { ...entry, state: 'proved' } };
  return { entry: { ...entry, state: 'unproved' }, diagnostic: verdict.kind === 'exceeded' || verdict.kind === 'breached' ? reportOver(metric, limit, found, verdict.kind === 'breached' ? verdict : undefined, model, symbol) : reportUnproved(metric, limit, found, model) };
}

/** The budget, where it bounds nothing else. */
const lastOf = ({ location: { span } }: CheckedLimit, { declaration }: Symbol<ModelDecl>): BudgetClause | undefined =>
  declaration.members.find((member): member is BudgetClause => member.kind === 'BudgetClause' && member.entries.length === 1 && member.entries[0]!.span.start === span.start);

const plain = (dim: Dim): number | string => constantOf(dim) ?? showDim(dim);
/** A count of things; of a bound the whole ones. */
const rounded = (dim: Dim): Dim => ({ terms: dim.terms.map((term) => ({ ...term, coefficient: Math.floor(term.coefficient) })) });

/** `1234567 bytes`, `512*seq` */
const show = (metric: ProvedCost, dim: Dim | undefined): string => (dim === undefined ? 'too long to be shown' : `${showDim(dim)}${metric === 'bytes' ? ' bytes' : ''}`);

function reportOver(metric: ProvedCost, limit: CheckedLimit, found: Figure, breach: Breach | undefined, model: Bounded, symbol: Symbol<ModelDecl>): Diagnostic {
  const args = { metric, model: model.name, below: limit.op === '<', figure: show(metric, found.figure), limit: show(metric, found.limit && rounded(found.limit)), share: limit.bound.kind === 'share', from: breach && showBreach(breach) };
  const fix = breach === undefined || breach.others.length > 0 ? undefined : boundedInput(breach, model, symbol);
  return toolCodes.report('budget-exceeded', args, limit.location, {
    label: limit.bound.kind === 'share' ? `at most ${show(metric, found.limit && rounded(found.limit))}, of the ${show(metric, found.whole)} of the backbones` : '',
    notes: [...contributions(metric, found), ...(metric === 'macs' ? rowNote(model) : []), ...(breach && fix === undefined ? [`Say of an input how large it may be: \`where ${breach.symbol.name} <= NUMBER\`. It is tested when the model runs.`] : [])],
    fixes: fix === undefined ? [] : [fix],
  });
}

/** `seq = 205`, with what the other sizes are. */
function showBreach({ symbol, most, others }: Breach): string {
  const rest = others.map(({ name, size }) => `${name} = ${size}`).join(', ');
  return `${symbol.name} = ${most + 1}${rest === '' ? '' : `, with ${rest}`}`;
}

/** Parts named before the rest is summed up. */
const mostNamed = 4;

/** What it is made of, the largest first. */
function contributions(metric: ProvedCost, { parts, figure }: Figure): string[] {
  const sorted = parts.filter((part) => part.figure === undefined || part.figure.terms.length > 0).sort((a, b) => weightOf(b.figure) - weightOf(a.figure));
  if (figure === undefined || sorted.length < 2) return sorted.map(({ part }) => `All of it is \`${part}\`'s.`);
  const named = sorted.slice(0, mostNamed).map((part, i) => `\`${part.part}\`${i === 0 ? ' has' : ''} ${show(metric, part.figure)}${i === 0 ? ' of it' : ''}`);
  return [`${named.join(', ')}${sorted.length > mostNamed ? `; ${sorted.length - mostNamed} more parts the rest` : ''}.`];
}

/** For the order alone. */
const weightOf = (figure: Dim | undefined): number => (figure === undefined ? Infinity : figure.terms.reduce((total, { coefficient, symbols }) => total + coefficient * 64 ** symbols.length, 0));

const rowNote = (model: Bounded): string[] => {
  const row = rowOf(model);
  return row === undefined ? [] : [`Multiply-adds are counted for one row: \`${row.name}\` is 1.`];
};

/** `where seq <= 204`, at the input whose size it is. */
function boundedInput({ symbol: size, most }: Breach, model: Bounded, { declaration, module }: Symbol<ModelDecl>): Fix | undefined {
  const owner = model.inputs.find(({ type }) => (type.kind === 'tensor' ? [type] : type.kind === 'record' ? [...type.fields.values()] : []).some((tensor) => tensor.shape.axes.some((axis) => bareSymbol(axis.size)?.key === size.key)));
  const member = declaration.members.find((m) => m.kind === 'ModelInput' && m.name.text === owner?.name);
  if (member?.kind !== 'ModelInput' || most < 1) return undefined;
  const edit = factEdit(`${size.name} <= ${most}`, member.type, module);
  return edit && { title: `test when the model runs that \`${size.name}\` is at most ${most}`, edits: [edit] };
}

function reportUnproved(metric: ProvedCost, limit: CheckedLimit, { figure, limit: most, uncounted }: Figure, model: Bounded): Diagnostic {
  const why = uncounted.length > 0 ? `nobody knows the multiply-adds of ${uncounted.join(', ')}` : figure === undefined ? 'its sizes have too little to do with each other' : `it is ${show(metric, figure)}, and may be ${show(metric, most && rounded(most))}`;
  return toolCodes.report('budget-unproved', { metric, model: model.name, why }, limit.location, {
    label: 'neither kept nor exceeded, as far as is known',
    notes: [uncounted.length > 0 ? 'What counts is what ONNX says of its own operators. `parameters` and `bytes` are known of every file.' : 'Say of an input how large it may be, `where SIZE <= NUMBER`: it is tested when the model runs.'],
  });
}
