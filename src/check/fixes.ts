/** Edits that an error can offer. */
import type { Edit, Fix } from '../diagnostics/diagnostic.ts';
import type { Symbol } from '../names/modules.ts';
import type { Expr, ModelDecl, TypeExpr } from '../syntax/ast.ts';
import { at, type Location, type Span } from '../text/source.ts';
import { noBindings, type Bindings } from '../types/bindings.ts';
import type { AttributeStatement, Statement } from '../types/fact.ts';
import { implying } from '../types/implies.ts';
import { bindFrom, compareTensors, type FreeNames } from '../types/match.ts';
import type { Axis, RecordType, TensorType, Type } from '../types/type.ts';
import { isKind } from './types/declarations.ts';
import { insertAt, replaceAt } from './edits.ts';
import type { Env } from './env.ts';
import { importEdits } from './imports.ts';
import type { Signature, TensorParameter } from './parts/signature.ts';
import type { RecordValue, Value } from './expressions/values.ts';

/** A model's input that is of the wrong contract can be declared with the demanded one. */
export function useContractFix(parameter: TensorParameter, signature: Signature, expr: Expr, env: Env): Fix[] {
  const wanted = parameter.type.kind === 'unknown' ? undefined : parameter.type.contract;
  if (wanted === undefined || expr.kind !== 'NameExpr' || env.symbol.declaration.kind !== 'ModelDecl') return [];
  const declaration: ModelDecl = env.symbol.declaration;
  const input = declaration.members.find((m) => m.kind === 'ModelInput' && m.name.text === expr.name.text);
  // What a type says of its own is not written over.
  if (input?.kind !== 'ModelInput' || input.type.base.kind === 'MissingType' || input.type.facts.length > 0) return [];
  const symbol: Symbol | undefined = signature.symbol.module.names.get(wanted);
  if (!isKind(symbol, 'ContractDecl') || symbol.declaration.params.length > 0) return [];
  const imports = importEdits(wanted, symbol.module.uri, env.scope.module, env.checker.host);
  if (imports === undefined) return [];
  const edit = { location: at(env.scope.module, input.type.span), text: wanted };
  return [{ title: `declare the input as \`${wanted}\``, edits: [edit, ...imports] }];
}

/** Whether a value may become a parameter, seen by itself. */
export function fitsAlone(template: Type, value: Value, free: FreeNames): boolean {
  if (template.kind === 'tensor' && value.kind === 'tensor') return tensorFits(template, value.type, free, noBindings());
  if (template.kind !== 'record' || value.kind !== 'record') return false;
  const bindings = noBindings();
  return [...template.fields].every(([field, type]) => {
    const found = value.type.fields.get(field);
    return found !== undefined && tensorFits(type, found, free, bindings);
  });
}

function tensorFits(template: TensorType, found: TensorType, free: FreeNames, bindings: Bindings): boolean {
  bindFrom(template, found, free, bindings);
  return compareTensors(template, found, bindings).length === 0 && template.facts.every((fact) => implying(found, fact));
}

/** The fields of a record that fit where a tensor is needed. */
export function fieldFixes(template: TensorType, { type }: RecordValue, free: FreeNames, expr: Expr, env: Env): Fix[] {
  const fields = [...type.fields].filter(([, field]) => fitsAlone(template, { kind: 'tensor', type: field }, free));
  return fields.map(([name]) => fieldFix(name, expr, env));
}

/** The call of a part that stands where its value is meant, where one value in scope fits each of its inputs. */
export function callFix(signature: Signature, span: Span, env: Env): Fix[] {
  if (signature.statics.some((parameter) => parameter.default === undefined) || signature.tensors.length === 0) return [];
  const names = signature.tensors.map(({ type }) => {
    const fitting = [...env.locals].filter(([, { value }]) => fitsAlone(type, value, signature.free));
    return fitting.length === 1 ? fitting[0]![0] : undefined;
  });
  // One value for two inputs would be a guess.
  if (names.includes(undefined) || new Set(names).size < names.length) return [];
  const text = `(${names.join(', ')})`;
  return [{ title: `call it: \`${signature.symbol.name}${text}\``, edits: [{ location: at(env.scope.module, { start: span.end, end: span.end }), text }] }];
}

/** The one value in scope, or field of one, that fits a parameter to which a call gives nothing. */
export function argumentFix(parameter: TensorParameter, { tensors, free }: Signature, call: Span, env: Env): Fix[] {
  // What another input takes as well may be given to that already.
  const fitsOnly = (value: Value): boolean => tensors.every((other) => fitsAlone(other.type, value, free) === (other === parameter));
  const fitting = [...env.locals].flatMap(([name, { value }]) => {
    if (fitsOnly(value)) return [name];
    if (value.kind !== 'record') return [];
    return [...value.type.fields].flatMap(([field, type]) => (fitsOnly({ kind: 'tensor', type }) ? [`${name}.${field}`] : []));
  });
  const [only] = fitting;
  if (only === undefined || fitting.length > 1) return [];
  const text = `${parameter.name}: ${only}`;
  const written = env.scope.module.source.text.slice(call.start, call.end);
  const closed = written.endsWith(')');
  const insert = closed ? `${/\(\s*\)$/.test(written) ? '' : ', '}${text}` : `(${text})`;
  const offset = call.end - (closed ? 1 : 0);
  return [{ title: `give it \`${only}\``, edits: [{ location: at(env.scope.module, { start: offset, end: offset }), text: insert }] }];
}

/** A field of the record that an expression is. A pipe is put in parentheses, or the field would be its last stage's. */
function fieldFix(field: string, expr: Expr, env: Env): Fix {
  const edit = (offset: number, text: string): Edit => ({ location: at(env.scope.module, { start: offset, end: offset }), text });
  const { start, end } = expr.span;
  const edits = expr.kind === 'PipeExpr' ? [edit(start, '('), edit(end, `).${field}`)] : [edit(end, `.${field}`)];
  return { title: `take its field \`${field}\``, edits };
}

/** A field that is a record and fits, or the record with what it lacks: the one value in scope that fits a field. */
export function recordFixes(template: RecordType, { type }: RecordValue, missing: readonly string[], free: FreeNames, expr: Expr, env: Env): Fix[] {
  const inner = [...new Set([...type.fields.keys()].flatMap((path) => (path.includes('.') ? [path.slice(0, path.indexOf('.'))] : [])))];
  const fitting = inner.filter((name) => fitsAlone(template, { kind: 'record', type: fieldsBelow(type, name) }, free));
  if (fitting.length > 0) return fitting.map((name) => fieldFix(name, expr, env));
  const [lacking, another] = missing;
  if (lacking === undefined || another !== undefined || [...template.fields.keys()].some((path) => path.includes('.'))) return [];
  const given = valueFor(template.fields.get(lacking)!, free, env);
  if (given === undefined) return [];
  const { module } = env.scope;
  if (expr.kind === 'RecordExpr' && expr.entries.length > 0) return [{ title: `give it \`${lacking}: ${given}\``, edits: [insertAt(expr.entries.at(-1)!.span.end, `, ${lacking}: ${given}`, module)] }];
  if (expr.kind !== 'NameExpr') return [];
  const text = `{ ${[...template.fields.keys()].map((field) => `${field}: ${field === lacking ? given : `${expr.name.text}.${field}`}`).join(', ')} }`;
  return [{ title: `give it \`${text}\``, edits: [replaceAt(expr.span, text, module)] }];
}

/** The one value in scope, or field of one, that fits a type. */
function valueFor(template: TensorType, free: FreeNames, env: Env): string | undefined {
  const fitting = [...env.locals].flatMap(([name, { value }]) => {
    if (value.kind === 'tensor') return fitsAlone(template, value, free) ? [name] : [];
    return value.kind === 'record' ? [...value.type.fields].flatMap(([field, type]) => (fitsAlone(template, { kind: 'tensor', type }, free) ? [`${name}.${field}`] : [])) : [];
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}

const fieldsBelow = ({ fields }: RecordType, name: string): RecordType => ({
  kind: 'record', fields: new Map([...fields].flatMap(([path, type]) => (path.startsWith(`${name}.`) ? [[path.slice(name.length + 1), type] as const] : []))),
});

/** The record whose field an expression is, where that has all the fields that are needed. */
export function wholeFix(template: RecordType, expr: Expr, env: Env): Fix[] {
  if (expr.kind !== 'FieldExpr' || expr.object.kind !== 'NameExpr') return [];
  const whole = env.locals.get(expr.object.name.text)?.value;
  if (whole?.kind !== 'record') return [];
  const fits = [...template.fields].every(([field, type]) => {
    const found = whole.type.fields.get(field);
    return found && compareTensors(type, found).every(({ kind }) => kind === 'size') && type.facts.every((fact) => implying(found, fact));
  });
  const location = at(env.scope.module, { start: expr.object.span.end, end: expr.span.end });
  return fits ? [{ title: `pass the whole of \`${expr.object.name.text}\``, edits: [{ location, text: '' }] }] : [];
}

/** The parts in scope that make of the value what is demanded, as an encoder makes an embedding of tokens. */
export function encodeFixes(template: TensorType, value: Value, free: FreeNames, expr: Expr, env: Env): Fix[] {
  const written = env.scope.module.source.text.slice(expr.span.start, expr.span.end);
  const parts = [...env.checker.signatures.values()].filter(({ symbol, tensors, statics, result, free: own }) => {
    const callable = env.scope.module.names.get(symbol.name) === symbol && symbol !== env.symbol && !env.locals.has(symbol.name);
    const takes = tensors.length === 1 && statics.every((s) => s.default !== undefined) && fitsAlone(tensors[0]!.type, value, own);
    return callable && takes && result.kind === 'tensor' && fitsAlone(template, { kind: 'tensor', type: result }, free);
  });
  const location = at(env.scope.module, expr.span);
  return parts.map(({ symbol: { name } }) => ({ title: `give it \`${name}(${written})\``, edits: [{ location, text: `${name}(${written})` }] }));
}

/** The names of the parts in scope that make the one value of an attribute of the other. */
export function converters(demand: AttributeStatement, found: AttributeStatement | undefined, env: Env): readonly string[] {
  if (found === undefined) return [];
  const says = (type: Type | undefined, wanted: AttributeStatement): boolean =>
    type?.kind === 'tensor' && type.facts.some((fact) => fact.kind === 'attribute' && fact.attribute.id === wanted.attribute.id && fact.value === wanted.value);
  const parts = [...env.checker.signatures.values()].filter(({ symbol, tensors, statics, result }) => {
    const callable = env.scope.module.names.get(symbol.name) === symbol && symbol !== env.symbol;
    return callable && tensors.length === 1 && statics.every((s) => s.default !== undefined) && says(tensors[0]!.type, found) && says(result, demand);
  });
  return parts.map(({ symbol }) => symbol.name);
}

/** Those of other modules: what this one says beside them may be as wrong as what is told of. */
export const importedConverters = (demand: AttributeStatement, found: AttributeStatement | undefined, env: Env): readonly string[] =>
  converters(demand, found, env).filter((name) => env.scope.module.names.get(name)?.module !== env.scope.module);

/** What `l2_normalize` promises. */
const promisedTolerance = 1e-3;

/** Unit vectors can be made. */
export function normalizeFix(fact: Statement, expr: Expr, env: Env): Fix[] {
  if (fact.kind !== 'norm' || fact.axis !== -1 || fact.value !== 1 || fact.tolerance < promisedTolerance) return [];
  const { host } = env.checker;
  const library = host.standardModule('norm');
  if (library === undefined || env.locals.has('l2_normalize')) return [];
  const imports = importEdits('l2_normalize', library, env.scope.module, host);
  if (imports === undefined) return [];
  const location = at(env.scope.module, { start: expr.span.end, end: expr.span.end });
  return [{ title: 'divide each row by its norm', edits: [{ location, text: ' |> l2_normalize' }, ...imports] }];
}

/** A model's input with the classes that are demanded, where it says others. */
export function labelsFix(wanted: Axis, found: Axis, expr: Expr, env: Env): Fix[] {
  const { declaration } = env.symbol;
  const name = expr.kind === 'NameExpr' ? expr.name.text : undefined;
  const input = declaration.kind === 'ModelDecl' ? declaration.members.find((member) => member.kind === 'ModelInput' && member.name.text === name) : undefined;
  return input?.kind === 'ModelInput' ? relabel(input.type, found, wanted, env) : [];
}

/** One list of classes in the place of another on the axes of a type that is written out. */
export function relabel({ base }: TypeExpr, from: Axis, { classes }: Axis, { scope: { module }, checker }: Env): Fix[] {
  if (base.kind !== 'TensorTypeExpr' || from.classes === undefined || classes === undefined) return [];
  const places = base.dims.flatMap((dim) => (dim.kind === 'DimItem' && dim.size.kind === 'DimName' && isDeclaredAt(module.names.get(dim.size.name.text), from.classes!.location) ? [dim.size.span] : []));
  const known = [...module.names].find(([, symbol]) => isDeclaredAt(symbol, classes.location))?.[0];
  const imports = known === undefined ? importEdits(classes.name, classes.location.uri, module, checker.host) : [];
  if (places.length === 0 || imports === undefined) return [];
  return [{ title: `write \`${known ?? classes.name}\``, edits: [...places.map((span) => replaceAt(span, known ?? classes.name, module)), ...imports] }];
}

const isDeclaredAt = (symbol: Symbol | undefined, { uri, span }: Location): boolean => symbol !== undefined && symbol.module.uri === uri && symbol.declaration.name.span.start === span.start;
