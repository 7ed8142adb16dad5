/** Losses, metrics and methods as they are written: the row of a table, its inputs and its options. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import type { Arg, Expr } from '../../syntax/ast.ts';
import { suggest } from '../../text/suggest.ts';
import { at, type Location } from '../../text/source.ts';
import { constantOf, showDim } from '../../types/dim.ts';
import { implying } from '../../types/implies.ts';
import { showTensor } from '../../types/show.ts';
import { givenTwice } from '../edits.ts';
import { showFacts } from '../joints/show-fact.ts';
import { text } from '../source-text.ts';
import { unknownName } from '../types/declarations.ts';
import type { Applied, Options, Term } from './model.ts';
import { quantityOf } from './quantities.ts';
import type { ToolScope } from './scope.ts';
import type { MeasureRow, OptionSpec } from './tables.ts';
import { rowOf } from './tables.ts';
import { checkMeasured, type MeasuredInput } from './measured-values.ts';
import { dataOf, evaluateTerm, isOfSigmoid } from './terms.ts';

/** The name and the arguments of `name` or `name(…)`; undefined for anything else. */
export function namedCall(expr: Expr): { readonly name: string; readonly args: readonly Arg[]; readonly callee: Expr } | undefined {
  const callee = expr.kind === 'CallExpr' ? expr.callee : expr;
  const args = expr.kind === 'CallExpr' ? expr.args : [];
  const name = dottedName(callee);
  return name === undefined ? undefined : { name, args, callee };
}

/** `latency.p99` */
export function dottedName(expr: Expr): string | undefined {
  if (expr.kind === 'NameExpr') return expr.name.text;
  const object = expr.kind === 'FieldExpr' ? dottedName(expr.object) : undefined;
  return expr.kind === 'FieldExpr' && object !== undefined ? `${object}.${expr.field.text}` : undefined;
}

/** The row that a name stands for; anything else is reported with what was probably meant. */
export function lookupRow<T>(table: Readonly<Record<string, T>>, what: string, name: string, expr: Expr, scope: ToolScope): T | undefined {
  const row = rowOf(table, name);
  if (row === undefined && name !== '') scope.report(unknownRow(table, what, name, at(scope.module, expr.span)));
  return row;
}

/** What other libraries call losses and methods. */
const otherRows: Readonly<Record<string, string>> = {
  nll: 'cross_entropy', nll_loss: 'cross_entropy', cross_entropy_loss: 'cross_entropy', CrossEntropyLoss: 'cross_entropy', ce: 'cross_entropy', log_loss: 'cross_entropy',
  bce: 'binary_cross_entropy', bce_loss: 'binary_cross_entropy', BCELoss: 'binary_cross_entropy', l2: 'mse', mse_loss: 'mse', MSELoss: 'mse', l1: 'mae', l1_loss: 'mae', smooth_l1: 'huber',
  cosine_similarity: 'cosine', contrastive: 'info_nce', ntxent: 'info_nce', clip_loss: 'info_nce', kl_div: 'kl', kl_divergence: 'kl', sgd: 'adam', SGD: 'adam', adamw: 'adam', AdamW: 'adam', rmsprop: 'adam',
};

function unknownRow(table: Readonly<Record<string, unknown>>, what: string, name: string, location: Location): Diagnostic {
  const other = rowOf(otherRows, name);
  if (other === undefined || rowOf(table, other) === undefined) return unknownName(name, what, Object.keys(table), location);
  return nameCodes.report('unknown-name', { name, what }, location, mistyped(other, location, 'unknown'));
}

/** A loss or a metric on its inputs; undefined where something is wrong with it, which is reported. */
export function applyMeasure(name: string, row: MeasureRow, args: readonly Arg[], expr: Expr, scope: ToolScope): Applied | undefined {
  const positional = args.filter((arg) => arg.name === undefined || row.inputs.some((input) => input.name === arg.name!.text));
  const inputs = new Map<string, Term>();
  const places = new Map<string, Expr>();
  let complete = true;
  const extra = positional[row.inputs.length];
  if (extra !== undefined) {
    complete = false;
    const counts = { part: name, takes: row.inputs.length, given: positional.length };
    scope.report(partCodes.report('too-many-arguments', counts, at(scope.module, extra.span), { label: 'one too many', notes: [inputNote(name, row)] }));
  }
  positional.slice(0, row.inputs.length).forEach((arg, i) => {
    const input = arg.name?.text ?? row.inputs[i]!.name;
    const term = evaluateTerm(arg.value, scope);
    places.set(input, arg.value);
    if (term === undefined) complete = false;
    else inputs.set(input, term);
  });
  const options = readOptions(name, row.options, args.filter((arg) => !positional.includes(arg)), scope);
  const missing = row.inputs.find((input) => !inputs.has(input.name));
  if (complete && missing !== undefined) {
    scope.report(partCodes.report('missing-argument', { part: name, parameter: missing.name }, at(scope.module, expr.span), { notes: [inputNote(name, row)] }));
  }
  if (!complete || missing !== undefined || options === undefined) return undefined;
  const measured = row.inputs.map((spec): MeasuredInput => ({ spec, term: inputs.get(spec.name)!, expr: places.get(spec.name)! }));
  const sound = checkMeasured(name, row, measured, scope) && measured.every((input) => checkProbabilities(name, input, scope) && checkShares(name, input, expr, scope));
  return sound && checkInputs(name, row, inputs, expr, scope) ? { name, inputs, options, location: at(scope.module, expr.span) } : undefined;
}

const inputNote = (name: string, row: MeasureRow): string => `It is \`${name}(${row.inputs.map((i) => i.name).join(', ')})\`: ${row.words}.`;

// ---------------------------------------------------------------- inputs

function checkInputs(name: string, row: MeasureRow, inputs: ReadonlyMap<string, Term>, expr: Expr, scope: ToolScope): boolean {
  // It is of the parameters alone.
  if (row.inputs.length === 0) return true;
  const why = rowsApart([...inputs.values()]) ?? sizesApart(row, inputs);
  if (why === undefined) return true;
  const related = [...inputs].flatMap(([, term]) => (term.type.kind === 'tensor' ? [{ location: term.location, text: `this is ${showTensor(term.type)}` }] : []));
  scope.report(toolCodes.report('measure-inputs', { measure: name, why }, at(scope.module, expr.span), { related }));
  return false;
}

/** Rows are examples: those of two files do not belong together. */
function rowsApart(terms: readonly Term[]): string | undefined {
  const files = [...new Set(terms.flatMap(dataOf))];
  if (files.length === 0) return 'nothing in it reads the data, so it is the same for every row';
  const [first, second] = files.map((data) => `\`${data.name}\``);
  return second === undefined ? undefined : `it would pair the rows of ${first} with those of ${second}, which are other examples`;
}

function sizesApart(row: MeasureRow, inputs: ReadonlyMap<string, Term>): string | undefined {
  // Classes that are computed are shares of them, a row for each row.
  const alike = row.alike ?? (inputs.get('label')?.kind === 'column' ? undefined : 'all');
  if (alike === undefined) return undefined;
  const [a, b] = [...inputs.values()].map(({ type }) => (type.kind === 'tensor' && type.shape.rest === undefined ? type.shape.axes : undefined));
  if (a === undefined || b === undefined) return undefined;
  if (alike === 'all' && a.length !== b.length) return `one has ${a.length} axes, the other ${b.length}`;
  const pairs = alike === 'all' ? a.map((axis, i) => [axis, b[i]!] as const) : a.length > 0 && b.length > 0 ? [[a.at(-1)!, b.at(-1)!] as const] : [];
  const apart = pairs.find(([x, y]) => constantOf(x.size) !== undefined && constantOf(y.size) !== undefined && constantOf(x.size) !== constantOf(y.size));
  return apart && `an axis is ${showDim(apart[0].size)} in one and ${showDim(apart[1].size)} in the other`;
}

/** What takes probabilities would take scores as well, and give nonsense. */
function checkProbabilities(measure: string, { spec: input, term, expr }: MeasuredInput, scope: ToolScope): boolean {
  if (input.takes !== 'probabilities' || term.type.kind !== 'tensor') return true;
  if (implying(term.type, { kind: 'range', low: 0, high: 1 }) !== undefined) return true;
  const known = showFacts(term.type.facts, scope.checker);
  scope.report(
    toolCodes.report('measure-inputs', { measure, why: `\`${input.name}\` is to be probabilities, but nothing says that this lies in [0, 1]` }, at(scope.module, expr.span), {
      label: known === undefined ? 'nothing is known of its values' : `known: ${known}`,
      notes: ['Of scores it would be a number without a meaning. End the head with `softmax` or `sigmoid`, and let its result say `where range [0, 1]`.'],
    }),
  );
  return false;
}

/**
 * What takes the probability of one class is best where each is 1, if nothing draws the others down. Only of what a sigmoid
 * made is that known: the mean of two heads, or a softmax that is cut off, sums to 1 without a promise of it.
 */
function checkShares(measure: string, { spec, term, expr }: MeasuredInput, call: Expr, scope: ToolScope): boolean {
  const { type } = term;
  if (spec.sums !== true || type.kind !== 'tensor' || !isOfSigmoid(term)) return true;
  const { axes, rest } = type.shape;
  // One column is the probability of the second of two classes.
  if (rest === undefined && (axes.length < 2 || constantOf(axes.at(-1)!.size) === 1)) return true;
  const isLoss = measure === 'cross_entropy';
  scope.report(
    toolCodes.report('measure-inputs', { measure, why: `\`${spec.name}\` is to be a share for each class, of which a row sums to 1, and a sigmoid makes each by itself` }, at(scope.module, expr.span), {
      label: 'of a sigmoid',
      notes: [
        'It is best where each class has probability 1, whichever is the right one: nothing draws the others down.',
        `Where a row has one class, end the head with \`softmax\`, as \`linear_classifier\` of "std/heads" does.${isLoss ? ' Where it has any number of labels, the loss is `binary_cross_entropy`, and the data hold a list of names, or 0 and 1 for each.' : ''}`,
      ],
      // It has no options.
      fixes: isLoss && call.kind === 'CallExpr' && call.args.length === 2 ? [{ title: 'take `binary_cross_entropy`', edits: [{ location: at(scope.module, call.callee.span), text: 'binary_cross_entropy' }] }] : [],
    }),
  );
  return false;
}

// ---------------------------------------------------------------- options

/** The options by name, defaults put in; undefined where one is wrong, which is reported. */
export function readOptions(of: string, specs: Readonly<Record<string, OptionSpec>>, args: readonly Arg[], scope: ToolScope): Options | undefined {
  const given = new Map<string, number | boolean | string>();
  const faults = args.flatMap((arg) => readOption(of, specs, arg, args, given, scope) ?? []);
  faults.forEach(scope.report);
  const defaults = Object.entries(specs).map(([name, spec]) => [name, spec.default] as const);
  return faults.length > 0 || given.size < args.length ? undefined : new Map([...defaults, ...given]);
}

/** What other libraries call the options. */
const otherNames: Readonly<Record<string, string>> = {
  learning_rate: 'lr', learningrate: 'lr', learning: 'lr', alpha: 'lr', rate: 'lr', num_epochs: 'epochs', n_epochs: 'epochs', max_epochs: 'epochs', iterations: 'epochs', steps: 'epochs',
  batch_size: 'batch', bs: 'batch', wd: 'weight_decay', l2: 'weight_decay', decay: 'weight_decay', scheduler: 'schedule', lr_scheduler: 'schedule', warmup_steps: 'warmup',
  validation_split: 'holdout', val_split: 'holdout', early_stopping: 'patience',
};

/** Puts one option among those given; answers with what is wrong with it. */
function readOption(of: string, specs: Readonly<Record<string, OptionSpec>>, arg: Arg, args: readonly Arg[], given: Map<string, number | boolean | string>, scope: ToolScope): Diagnostic | undefined {
  const place = at(scope.module, (arg.name ?? arg.value).span);
  if (arg.name === undefined) return partCodes.report('too-many-arguments', { part: of, takes: 0, given: 1 }, place, { label: 'options are named', notes: optionNote(of, specs) });
  const { text: name } = arg.name;
  const spec = rowOf(specs, name);
  if (spec === undefined) {
    const other = rowOf(otherNames, name.toLowerCase());
    const near = suggest(name, Object.keys(specs)) ?? (other !== undefined && rowOf(specs, other) !== undefined ? other : undefined);
    return partCodes.report('unknown-argument', { part: of, name }, place, { ...mistyped(near, place, 'unknown'), notes: near === undefined ? optionNote(of, specs) : [] });
  }
  if (given.has(name)) return partCodes.report('duplicate-argument', { part: of, name }, place, givenTwice(args, args.indexOf(arg), args.findIndex((other) => other.name?.text === name), scope.module));
  const value = optionValue(spec, arg.value);
  if (value !== undefined) given.set(name, value);
  if (value !== undefined || arg.value.kind === 'MissingExpr') return undefined;
  const written = text(arg.value, scope.env);
  const where = at(scope.module, arg.value.span);
  const near = spec.type === 'word' ? wordMeant(arg.value.kind === 'StringLit' ? arg.value.value : written, spec.of) : undefined;
  return toolCodes.report('option-value', { of, option: name, needs: optionWords(spec), found: `\`${written}\`` }, where, near === undefined ? {} : mistyped(`"${near}"`, where, ''));
}

/** Also a word without its quotes. */
const wordMeant = (written: string, words: readonly string[]): string | undefined => (words.includes(written) ? written : suggest(written, words));

const optionNote = (of: string, specs: Readonly<Record<string, OptionSpec>>): string[] => {
  const names = Object.entries(specs).map(([name, spec]) => `\`${name}: ${typeof spec.default === 'string' ? `"${spec.default}"` : spec.default}\``);
  return [names.length === 0 ? `\`${of}\` has no options.` : `The options of \`${of}\` are ${names.join(', ')}.`];
};

function optionValue(spec: OptionSpec, expr: Expr): number | boolean | string | undefined {
  if (spec.type === 'bool') return expr.kind === 'BoolLit' ? expr.value : undefined;
  if (spec.type === 'word') return expr.kind === 'StringLit' && spec.of.includes(expr.value) ? expr.value : undefined;
  const quantity = quantityOf(expr);
  if (quantity === undefined || (quantity.unit !== 'number' && quantity.unit !== 'share')) return undefined;
  const { value } = quantity;
  const inside = value > (spec.above ?? -Infinity) && value >= (spec.least ?? -Infinity) && value <= (spec.most ?? Infinity);
  return inside && (spec.type === 'number' || Number.isSafeInteger(value)) ? value : undefined;
}

function optionWords(spec: OptionSpec): string {
  if (spec.type === 'bool') return 'true or false';
  if (spec.type === 'word') return spec.of.map((word) => `"${word}"`).join(', ').replace(/, (?=[^,]*$)/, ' or ');
  const kind = spec.type === 'int' ? 'a whole number' : 'a number';
  const bounds = [...(spec.above === undefined ? [] : [`above ${spec.above}`]), ...(spec.least === undefined ? [] : [`of at least ${spec.least}`]), ...(spec.most === undefined ? [] : [`of at most ${spec.most}`])];
  return [kind, bounds.join(' and ')].join(' ').trim();
}
