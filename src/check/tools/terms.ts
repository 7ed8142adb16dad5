/** Expressions of tools: parts and models called on columns of the data. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import { kindName, type Symbol } from '../../names/modules.ts';
import { withArticle } from '../../diagnostics/codes/names.ts';
import type { Arg, Expr, FieldExpr, ModelDecl, NameExpr } from '../../syntax/ast.ts';
import { suggest } from '../../text/suggest.ts';
import { at, type Span } from '../../text/source.ts';
import { noBindings, substituteType } from '../../types/bindings.ts';
import { bareSymbol, symbolDim, symbolsOf } from '../../types/dim.ts';
import { unknownType, type RecordType, type TensorType, type Type } from '../../types/type.ts';
import { fieldsBelow, fieldsUnder, ownFields } from '../../types/fields.ts';
import { showRecord, showTensor } from '../../types/show.ts';
import { callPart, type Argument } from '../expressions/call.ts';
import { evaluateModel, modelEnv } from '../models/check-model.ts';
import type { Callable } from '../context.ts';
import { isKind, lookup, unknownName } from '../types/declarations.ts';
import { givenTwice } from '../edits.ts';
import { evaluate } from '../expressions/expr.ts';
import { usesOf } from '../expressions/misuse.ts';
import { signatureOf } from '../parts/part.ts';
import { tensorsOf, type Signature } from '../parts/signature.ts';
import { isStatic, unknownValue, valueOf, type StaticValue, type Value } from '../expressions/values.ts';
import type { CheckedData, ColumnTerm, Term } from './model.ts';
import type { ToolScope } from './scope.ts';
import { visit } from '../../syntax/visit.ts';

/** The term that an expression stands for; undefined where something is wrong with it, which is reported. */
export function evaluateTerm(expr: Expr, scope: ToolScope): Term | undefined {
  switch (expr.kind) {
    case 'MissingExpr':
      return undefined;
    case 'NameExpr':
      return nameTerm(expr, scope);
    case 'FieldExpr':
      return fieldTerm(expr, scope);
    case 'CallExpr':
      return callTerm(expr.callee, undefined, expr.args, expr.span, scope);
    case 'PipeExpr': {
      const { stage } = expr;
      if (stage.kind === 'MissingExpr') return undefined;
      const [callee, args] = stage.kind === 'CallExpr' ? [stage.callee, stage.args] : [stage, []];
      return callTerm(callee, expr.value, args, expr.span, scope);
    }
    default:
      return refuse(expr, foundIn(expr), scope);
  }
}

const needs = 'it needs a call of a part or a model, or a column of the data: `d.COLUMN`';

/** Says that an expression is no term. */
function refuse(expr: Expr, found: string, scope: ToolScope): undefined {
  scope.report(toolCodes.report('tool-value', { found, needs }, at(scope.module, expr.span)));
  return undefined;
}

const foundIn = (expr: Expr): string =>
  expr.kind === 'BinaryExpr' || expr.kind === 'UnaryExpr' ? 'arithmetic' : expr.kind === 'StringLit' ? 'a text' : expr.kind === 'NumberLit' || expr.kind === 'QuantityLit' ? 'a number' : 'no such value';

/** The columns of a data file that the tool reads elsewhere: what else it has is found out when the tool runs. */
function columnsOf(data: string, { symbol }: ToolScope): readonly string[] {
  const columns = new Set<string>();
  visit(symbol.declaration, { enter: (node) => void (node.kind === 'FieldExpr' && node.object.kind === 'NameExpr' && node.object.name.text === data && columns.add(node.field.text)) });
  return [...columns].slice(0, 3);
}

function nameTerm(expr: NameExpr, scope: ToolScope): Term | undefined {
  const { text: name } = expr.name;
  if (name === '') return undefined;
  const local = scope.locals.get(name);
  if (local !== undefined) {
    local.used = true;
    if (local.value === undefined || 'kind' in local.value) return local.value;
    const end = at(scope.module, { start: expr.span.end, end: expr.span.end });
    scope.report(toolCodes.report('tool-value', { found: `the whole of a data file`, needs: 'name one of its columns' }, at(scope.module, expr.span), { label: `write \`${name}.…\``, related: [{ location: local.value.location, text: 'this file' }], fixes: columnsOf(name, scope).map((column) => ({ title: `take its column \`${column}\``, edits: [{ location: end, text: `.${column}` }] })) }));
    return undefined;
  }
  const symbol = lookup(expr.name, scope.module);
  if (symbol !== undefined) return refuse(expr, withArticle(kindName(symbol.declaration)), scope);
  if (!scope.module.unresolved.has(name)) scope.report(unknownName(name, 'value', [...scope.locals.keys()], at(scope.module, expr.span)));
  return undefined;
}

function fieldTerm(expr: FieldExpr, scope: ToolScope): Term | undefined {
  const { object, field } = expr;
  if (field.text === '') return undefined;
  const location = at(scope.module, expr.span);
  const data = object.kind === 'NameExpr' ? dataNamed(object, scope) : undefined;
  if (data !== undefined) return { kind: 'column', data, column: field.text, type: unknownType, location };
  const of = evaluateTerm(object, scope);
  if (of === undefined || of.type.kind === 'unknown') return of && { kind: 'field', of, field: field.text, type: unknownType, location };
  const type = of.type.kind === 'record' ? fieldType(of.type, field.text) : undefined;
  if (type !== undefined) return { kind: 'field', of, field: field.text, type, location };
  const names = of.type.kind === 'record' ? ownFields(of.type.fields) : [];
  const place = at(scope.module, field.span);
  const shown = of.type.kind === 'record' ? `a record ${showRecord(of.type)}` : `the tensor ${showTensor(of.type)}`;
  scope.report(partCodes.report('unknown-field', { field: field.text, of: shown }, place, mistyped(suggest(field.text, names) ?? (names.length === 1 ? names[0] : undefined), place, 'no such field')));
  return undefined;
}

function fieldType({ fields }: RecordType, name: string): TensorType | RecordType | undefined {
  const below = fieldsBelow(fields, name);
  return fields.get(name) ?? (below.size === 0 ? undefined : { kind: 'record', fields: below });
}

function dataNamed(expr: NameExpr, scope: ToolScope): CheckedData | undefined {
  const local = scope.locals.get(expr.name.text);
  if (local?.kind !== 'data') return undefined;
  local.used = true;
  return local.value === undefined || 'kind' in local.value ? undefined : local.value;
}

// ---------------------------------------------------------------- calls

/** One argument of a call: a term, or a compile-time value. */
interface ToolArgument {
  readonly name: Arg['name'];
  readonly expr: Expr;
  readonly term: Term | undefined;
  readonly value: StaticValue | undefined;
}

function callTerm(callee: Expr, piped: Expr | undefined, args: readonly Arg[], span: Span, scope: ToolScope): Term | undefined {
  if (callee.kind !== 'NameExpr') return callee.kind === 'MissingExpr' ? undefined : refuse(callee, 'no part', scope);
  if (callee.name.text === '') return undefined;
  const symbol = lookup(callee.name, scope.module);
  const location = at(scope.module, callee.span);
  const given = [...(piped === undefined ? [] : [argumentOf(undefined, piped, scope)]), ...args.map((arg) => argumentOf(arg.name, arg.value, scope))];
  if (isKind(symbol, 'ModelDecl')) return modelTerm(symbol, given, span, scope);
  if (!isKind(symbol, 'PartDecl', 'BackboneDecl')) {
    reportCallee(callee, symbol, scope);
    return undefined;
  }
  const { calls } = scope.checker;
  calls.set(scope.symbol, (calls.get(scope.symbol) ?? new Set()).add(symbol));
  const signature = signatureOf(symbol, scope.checker, location, scope.report);
  return signature && partTerm(symbol, signature, given, span, scope);
}

function reportCallee(callee: NameExpr, symbol: Symbol | undefined, scope: ToolScope): void {
  const { text: name } = callee.name;
  const location = at(scope.module, callee.span);
  if (symbol !== undefined) {
    const related = [{ location: at(symbol.module, symbol.declaration.name.span), text: 'declared here' }];
    scope.report(partCodes.report('not-callable', { name, found: withArticle(kindName(symbol.declaration)) }, location, { related, notes: usesOf(symbol) }));
  } else if (!scope.module.unresolved.has(name)) {
    const callable = [...scope.module.names].filter(([, s]) => isKind(s, 'PartDecl', 'BackboneDecl', 'ModelDecl')).map(([n]) => n);
    scope.report(unknownName(name, 'part', callable, location));
  }
}

/** Literals and the module's labels, spaces and tokenizers are compile-time values; all else is a term. */
function argumentOf(name: Arg['name'], expr: Expr, scope: ToolScope): ToolArgument {
  const literal = expr.kind === 'NumberLit' || expr.kind === 'StringLit' || expr.kind === 'BoolLit' || expr.kind === 'ListExpr' || (expr.kind === 'UnaryExpr' && expr.operand.kind === 'NumberLit');
  const symbol = expr.kind === 'NameExpr' && !scope.locals.has(expr.name.text) ? scope.module.names.get(expr.name.text) : undefined;
  if (!literal && !isKind(symbol, 'LabelsDecl', 'SpaceDecl', 'TokenizerDecl')) return { name, expr, term: evaluateTerm(expr, scope), value: undefined };
  const value = evaluate(expr, scope.env);
  return { name, expr, term: undefined, value: isStatic(value) ? value : undefined };
}

function partTerm(symbol: Symbol<Callable>, signature: Signature, given: readonly ToolArgument[], span: Span, scope: ToolScope): Term | undefined {
  const inputs = new Map<string, Term>();
  const statics = new Map<string, StaticValue>();
  const args = given.map((arg, i): Argument => {
    const place = given.slice(0, i).filter((a) => a.name === undefined).length;
    const parameter = arg.name === undefined ? signature.tensors[place] : signature.tensors.find((t) => t.name === arg.name!.text);
    if (arg.term !== undefined && parameter !== undefined) inputs.set(parameter.name, arg.term);
    if (arg.value !== undefined && arg.name !== undefined) statics.set(arg.name.text, arg.value);
    const column = arg.term?.kind === 'column' ? arg.term : undefined;
    const value: Value = arg.value ?? (column && parameter ? columnValue(column, parameter.type) : arg.term ? valueOf(arg.term.type) : unknownValue);
    return { name: arg.name, expr: arg.expr, value, ...(column ? { trusted: true } : {}) };
  });
  const open = given.findIndex(({ term }, i) => term?.kind === 'column' && openRank(args[i]!, i, signature));
  if (open >= 0) {
    const { expr } = given[open]!;
    scope.report(toolkitCodes.report('tool-open', { tool: `\`${scope.tool}\``, why: `\`${symbol.name}\` takes tensors of any number of axes, and of a column nobody says how many it has` }, at(scope.module, expr.span), {
      label: 'this column',
      related: [{ location: at(symbol.module, symbol.declaration.name.span), text: 'this part' }],
      notes: [`Call \`${symbol.name}\` in a part whose input says its axes: \`part Rows(x: f32[batch, 8]) -> f32[batch, 8] { x |> ${symbol.name} }\`.`],
    }));
    return undefined;
  }
  const value = callPart(signature, args, span, scope.env);
  if (given.some((arg) => arg.term === undefined && arg.value === undefined)) return undefined;
  for (const parameter of signature.statics) if (!statics.has(parameter.name) && parameter.default) statics.set(parameter.name, parameter.default);
  const type = value.kind === 'tensor' || value.kind === 'record' ? value.type : unknownType;
  const sigmoids = new Set(value.kind === 'tensor' && value.odds === 'single' ? [''] : []);
  return { kind: 'call', callee: symbol, inputs, statics, sigmoids, type, location: at(scope.module, span) };
}

/** Whether the parameter that an argument goes to leaves open how many axes it has. */
function openRank({ name }: Argument, place: number, { tensors }: Signature): boolean {
  const parameter = name === undefined ? tensors[place] : tensors.find((tensor) => tensor.name === name.text);
  return parameter !== undefined && tensorsOf(parameter.type).some(({ shape }) => shape.rest !== undefined);
}

/**
 * What a column gives a parameter: what that takes. Its rows are those of the data, all its other sizes its own; `port` tells
 * them from those of the same column at another parameter, which may cut its texts into other tokens.
 */
export function columnValue(column: ColumnTerm, type: Type, port?: string): Value {
  if (tensorsOf(type).some((tensor) => tensor.shape.rest !== undefined)) return unknownValue;
  const bindings = noBindings();
  for (const { dtype, shape } of tensorsOf(type)) {
    if (typeof dtype !== 'string') bindings.dtypes.set(dtype.key, dtype.family === 'int' ? 'i64' : 'f32');
    shape.axes.forEach(({ size }, axis) => {
      for (const symbol of symbolsOf(size)) {
        const isRows = axis === 0 && bareSymbol(size) !== undefined;
        const name = port === undefined ? symbol.name : isRows ? 'batch' : `${symbol.name}_${port}`;
        const key = isRows ? `rows of ${column.data.uri}` : `${column.data.uri} ${column.column}/${name}`;
        if (!bindings.sizes.has(symbol.key)) bindings.sizes.set(symbol.key, { size: symbolDim({ key, name, kind: 'rigid' }) });
      }
    });
  }
  return valueOf(substituteType(type, bindings));
}

// ---------------------------------------------------------------- models

/** The data file that a tool most likely means. */
const dataName = ({ locals }: ToolScope): string => [...locals].find(([, { kind }]) => kind === 'data')?.[0] ?? 'd';

/** A model called on columns of the data: its inputs take nothing else. */
function modelTerm(symbol: Symbol<ModelDecl>, given: readonly ToolArgument[], span: Span, scope: ToolScope): Term | undefined {
  const ports = evaluateModel(symbol, modelEnv(symbol, scope.checker, () => {}, undefined, undefined), () => undefined);
  const inputs = new Map<string, Term>();
  let sound = true;
  const wrong = (diagnostic: Parameters<ToolScope['report']>[0]): void => {
    sound = false;
    scope.report(diagnostic);
  };
  given.forEach((arg, i) => {
    const input = arg.name === undefined ? ports.inputs[i]?.name : ports.inputs.find((p) => p.name === arg.name!.text)?.name;
    const location = at(scope.module, (arg.name ?? arg.expr).span);
    const names = ports.inputs.map((p) => p.name);
    if (input === undefined && arg.name !== undefined) wrong(partCodes.report('unknown-argument', { part: symbol.name, name: arg.name.text }, location, mistyped(suggest(arg.name.text, names), location, 'unknown')));
    else if (input === undefined) wrong(partCodes.report('too-many-arguments', { part: symbol.name, takes: names.length, given: given.length }, location, { label: 'one too many' }));
    else if (inputs.has(input)) wrong(partCodes.report('duplicate-argument', { part: symbol.name, name: input }, location, givenTwice(given.map(({ name, expr }) => ({ span: { start: (name ?? expr).span.start, end: expr.span.end } })), i, given.findIndex((other, j) => j < i && (other.name?.text === input || (other.name === undefined && ports.inputs[j]?.name === input))), scope.module)));
    else if (arg.value !== undefined || (arg.term !== undefined && arg.term.kind !== 'column')) wrong(toolCodes.report('tool-value', { found: 'no column of the data', needs: `\`${symbol.name}\` is a model, and reads \`${input}\` from the data: \`${dataName(scope)}.${input}\`` }, location));
    else if (arg.term !== undefined) inputs.set(input, arg.term);
    else sound = false;
  });
  const missing = ports.inputs.find((p) => !inputs.has(p.name));
  const [state] = ports.states;
  if (state !== undefined) wrong(toolCodes.report('tool-value', { found: 'a model with a state', needs: `each row of the data is an example by itself, and \`${symbol.name}\` carries \`${state.name}\` from run to run` }, at(scope.module, span), { related: [{ location: at(symbol.module, symbol.declaration.name.span), text: 'this model' }], notes: ['Call the parts that it is made of, with what they need of the state as a column of the data.'] }));
  if (sound && missing !== undefined) wrong(partCodes.report('missing-argument', { part: symbol.name, parameter: missing.name }, at(scope.module, span)));
  if (!sound) return undefined;
  const sigmoids = new Set(ports.outputs.flatMap(({ name, value }) => (value.kind === 'tensor' && value.odds === 'single' ? [name] : [])));
  return { kind: 'call', callee: symbol, inputs, statics: new Map(), sigmoids, type: outputsOf(ports.outputs), location: at(scope.module, span) };
}

/** A model's outputs as a record; unknown where one of them is at fault. */
function outputsOf(outputs: readonly { readonly name: string; readonly type: Type }[]): RecordType | typeof unknownType {
  if (outputs.some(({ type }) => type.kind === 'unknown')) return unknownType;
  const fields = outputs.flatMap(({ name, type }): (readonly [string, TensorType])[] => (type.kind === 'tensor' ? [[name, type]] : type.kind === 'record' ? [...fieldsUnder(name, type.fields)] : []));
  return { kind: 'record', fields: new Map(fields) };
}

/** The data files that a term reads. */
export function dataOf(term: Term): readonly CheckedData[] {
  if (term.kind === 'column') return [term.data];
  if (term.kind === 'field') return dataOf(term.of);
  return [...new Set([...term.inputs.values()].flatMap(dataOf))];
}

/** Whether a sigmoid made it, as far as the bodies of parts are looked into. */
export function isOfSigmoid(term: Term): boolean {
  const [call, field] = term.kind === 'field' ? [term.of, term.field] : [term, ''];
  return call.kind === 'call' && call.sigmoids?.has(field) === true;
}

/** The declarations that a term calls. */
export function calledBy(term: Term): readonly Symbol[] {
  if (term.kind === 'column') return [];
  if (term.kind === 'field') return calledBy(term.of);
  return [term.callee, ...[...term.inputs.values()].flatMap(calledBy)];
}

/** Whether two terms are the same value of the same rows. */
export function isSameTerm(a: Term, b: Term): boolean {
  if (a === b) return true;
  if (a.kind === 'column') return b.kind === 'column' && a.data === b.data && a.column === b.column;
  if (a.kind === 'field') return b.kind === 'field' && a.field === b.field && isSameTerm(a.of, b.of);
  if (b.kind !== 'call' || a.callee !== b.callee || a.inputs.size !== b.inputs.size) return false;
  // Compile-time arguments of two calls that are written apart are not compared.
  return a.statics.size + b.statics.size === 0 && [...a.inputs].every(([name, input]) => b.inputs.has(name) && isSameTerm(input, b.inputs.get(name)!));
}
