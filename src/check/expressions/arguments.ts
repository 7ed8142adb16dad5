/** Which argument of a call goes to which parameter. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import { at, type Span } from '../../text/source.ts';
import { nearestArguments } from './other-names.ts';
import type { Bindings } from '../../types/bindings.ts';
import type { Argument } from './call.ts';
import type { Env } from '../env.ts';
import { givenTwice, replaceAt, writtenAt } from '../edits.ts';
import { argumentFix, fieldFixes, fitsAlone } from '../fixes.ts';
import { libraryCallFix } from './foreign-call.ts';
import type { Signature, StaticParameter, TensorParameter } from '../parts/signature.ts';
import { sizeKey } from '../types/type-scope.ts';
import { describeValue, expectedKinds, fits, isStatic, type StaticValue } from './values.ts';

export interface Bound {
  readonly tensors: ReadonlyMap<TensorParameter, Argument>;
  readonly statics: ReadonlyMap<StaticParameter, StaticValue>;
}

/** Undefined where an argument is missing, unknown or of the wrong kind; each is reported. */
export function bindArguments(signature: Signature, args: readonly Argument[], span: Span, env: Env): Bound | undefined {
  const before = new Map<TensorParameter, Argument>();
  const statics = new Map<StaticParameter, StaticValue>();
  const unnamed = unnamedStatic(signature, args);
  const elsewhere = (): readonly Fix[] => libraryCallFix(signature.symbol, namesOf(signature), args, span, env);
  const unplaced = assignPositional(signature, args.filter((arg) => arg !== unnamed), before, elsewhere, env);
  let sound = unplaced === undefined;
  const given = new Set([...before.keys()].map((p) => p.name));
  for (const arg of args) {
    if (arg.name === undefined || arg.name.text === '') continue;
    const name = arg.name.text;
    const tensor = signature.tensors.find((p) => p.name === name);
    const parameter = signature.statics.find((p) => p.name === name);
    if (given.has(name)) sound = reportDuplicate(signature, arg, args, env);
    else if (tensor !== undefined) before.set(tensor, arg);
    else if (parameter !== undefined) sound = bindStatic(signature, parameter, arg, statics, env) && sound;
    else sound = reportUnknown(signature, arg, elsewhere(), env);
    given.add(name);
  }
  const { inferred } = signature;
  for (const parameter of signature.statics) {
    if (parameter.default !== undefined && !given.has(parameter.name) && !inferred.has(parameter.name)) statics.set(parameter, parameter.default);
  }
  const parameters = [...signature.tensors, ...signature.statics];
  const missing = parameters.filter(({ name, default: otherwise }) => !given.has(name) && otherwise === undefined && !inferred.has(name));
  if (missing.length === 0) return sound ? { tensors: before, statics } : undefined;
  // A mistyped name was probably meant for the parameter that it is near to.
  const names = parameters.map((p) => p.name);
  const meant = new Set([...given].flatMap((name) => (names.includes(name) ? [] : nearestArguments(name, names))));
  for (const parameter of missing) {
    const isTold = 'of' in parameter && parameter.faulty === true;
    const unclear = isTold || meant.has(parameter.name) || ('of' in parameter ? unplaced !== undefined && isStatic(unplaced.value) : unnamed !== undefined);
    sound = unclear ? false : reportMissing(signature, parameter, before, span, 'of' in parameter ? unnamed : undefined, env);
  }
  return sound ? { tensors: before, statics } : undefined;
}

/**
 * The compile-time arguments, completed by what the types of the tensors determine and by the defaults of those that
 * they leave open; undefined where one is still missing, which is reported.
 */
export function inferStatics(signature: Signature, { tensors, statics }: Bound, bindings: Bindings, span: Span, env: Env): Bound | undefined {
  const all = new Map(statics);
  let sound = true;
  for (const parameter of signature.statics) {
    if (all.has(parameter)) continue;
    const value = inferredValue(parameter, signature, bindings) ?? parameter.default;
    if (value !== undefined) all.set(parameter, value);
    else if (parameter.faulty) sound = false;
    else sound = reportMissing(signature, parameter, tensors, span, undefined, env);
  }
  return sound ? { tensors, statics: all } : undefined;
}

function inferredValue({ name, of }: StaticParameter, { scope }: Signature, { sizes, dtypes, nominals }: Bindings): StaticValue | undefined {
  const key = sizeKey(scope, name);
  const [size, dtype, nominal] = [sizes.get(key), dtypes.get(key), nominals.get(key)];
  if (of === 'dtype') return dtype && { kind: 'dtype', dtype };
  if (of === 'space' || of === 'tokenizer') return nominal && { kind: 'nominal', ...nominal };
  return size && (of !== 'labels' || size.classes) ? { kind: 'size', ...size } : undefined;
}

/** Gives positional arguments to the tensors in their order; answers with the first that finds no place. */
function assignPositional(signature: Signature, args: readonly Argument[], tensors: Map<TensorParameter, Argument>, elsewhere: () => readonly Fix[], env: Env): Argument | undefined {
  const positional = args.filter((arg) => arg.name === undefined);
  positional.forEach((arg, i) => {
    const parameter = signature.tensors[i];
    if (parameter !== undefined) tensors.set(parameter, arg);
  });
  const extra = positional[signature.tensors.length];
  if (extra === undefined) return undefined;
  const { value, expr } = extra;
  const fitting = isStatic(value) ? signature.statics.filter((p) => fits(p.of, value) && !args.some((arg) => arg.name?.text === p.name)) : [];
  // What the call needs is likelier to be meant than what has a default.
  const needed = fitting.filter((p) => p.default === undefined);
  const meant = needed.length > 0 ? needed : fitting;
  const [only] = meant;
  const counts = { part: signature.symbol.name, takes: signature.tensors.length, given: positional.length };
  const rewritten = elsewhere();
  const record = only === undefined ? recordFix(signature, positional, args, env) : [];
  env.report(
    partCodes.report('too-many-arguments', counts, at(env.scope.module, expr.span), {
      label: only ? `write \`${only.name}: …\`` : record.length > 0 ? 'they are fields of one record' : 'one too many',
      related: [{ location: at(signature.symbol.module, signature.symbol.declaration.name.span), text: 'declared here' }],
      notes: only ? ['Compile-time arguments are named.'] : [],
      fixes: rewritten.length > 0 ? rewritten : record.length > 0 ? record : only && meant.length === 1 ? [nameFix(only.name, extra, env)] : nameAll(needed, positional.slice(signature.tensors.length), env),
    }),
  );
  return extra;
}

const isBelowZero = (of: keyof typeof expectedKinds, value: StaticValue | Argument['value']): boolean => of === 'int' && value.kind === 'number' && value.value < 0;

function bindStatic(signature: Signature, parameter: StaticParameter, arg: Argument, statics: Map<StaticParameter, StaticValue>, env: Env): boolean {
  if (arg.value.kind === 'unknown') return false;
  if (isStatic(arg.value) && fits(parameter.of, arg.value)) {
    statics.set(parameter, arg.value);
    return true;
  }
  const args = { part: signature.symbol.name, name: parameter.name, expected: isBelowZero(parameter.of, arg.value) ? `${expectedKinds.int}, and none below 0` : expectedKinds[parameter.of], found: describeValue(arg.value) };
  env.report(
    partCodes.report('argument-kind', args, at(env.scope.module, arg.expr.span), {
      related: [{ location: parameter.location, text: `declared as \`${parameter.of}\`` }],
      fixes: kindFix(parameter.of, arg, env),
    }),
  );
  return false;
}

/** A number for a truth value, or either of them in quotes. */
function kindFix(of: StaticParameter['of'], { value, expr }: Argument, env: Env): Fix[] {
  const said = value.kind === 'text' ? value.value.trim() : value.kind === 'number' ? String(value.value) : '';
  const meant = of === 'bool' ? { 0: 'false', 1: 'true', false: 'false', true: 'true' }[said] : (of === 'int' || of === 'float') && value.kind === 'text' && /^-?\d+(\.\d+)?$/.test(said) && (of === 'float' || !said.includes('.')) ? said : undefined;
  return meant === undefined ? [] : [{ title: `write \`${meant}\``, edits: [replaceAt(expr.span, meant, env.scope.module)] }];
}

/** An argument with its name. */
export const spanOf = ({ name, expr }: Argument): { readonly span: Span } => ({ span: { start: name?.span.start ?? expr.span.start, end: expr.span.end } });

function reportDuplicate(signature: Signature, arg: Argument, args: readonly Argument[], env: Env): false {
  const name = arg.name!.text;
  const place = signature.tensors.findIndex((parameter) => parameter.name === name);
  const first = args.find((other) => other.name?.text === name) ?? args.filter((other) => other.name === undefined)[place];
  env.report(partCodes.report('duplicate-argument', { part: signature.symbol.name, name }, at(env.scope.module, arg.name!.span), givenTwice(args.map(spanOf), args.indexOf(arg), args.findIndex((other) => other === first), env.scope.module)));
  return false;
}

const namesOf = ({ tensors, statics }: Signature): string[] => [...tensors, ...statics].map((p) => p.name);

function reportUnknown(signature: Signature, arg: Argument, elsewhere: readonly Fix[], env: Env): false {
  const names = namesOf(signature);
  const ends = arg.expr.kind === 'ListExpr' ? names.filter((name) => name === `${arg.name!.text}_low` || name === `${arg.name!.text}_high`) : [];
  const near = ends.length > 0 ? [] : nearestArguments(arg.name!.text, names);
  const location = at(env.scope.module, arg.name!.span);
  env.report(
    partCodes.report('unknown-argument', { part: signature.symbol.name, name: arg.name!.text }, location, {
      ...mistyped(near, location, 'unknown'),
      notes: near.length > 0 || names.length === 0 ? [] : [`Its parameters are ${names.map((n) => `\`${n}\``).join(', ')}.`],
      ...(elsewhere.length > 0 ? { fixes: elsewhere } : ends.length > 0 ? { label: `here they are ${ends.map((n) => `\`${n}\``).join(' and ')}`, notes: [], fixes: endsFix(ends, arg, env) } : {}),
    }),
  );
  return false;
}

/** `from: [0, 255]` where there are `from_low` and `from_high`. */
function endsFix(ends: readonly string[], { name, expr }: Argument, { scope: { module } }: Env): Fix[] {
  if (expr.kind !== 'ListExpr' || expr.items.length !== ends.length) return [];
  const written = expr.items.map((item, i) => `${ends[i]}: ${writtenAt(item, module)}`).join(', ');
  return [{ title: `write \`${written}\``, edits: [replaceAt({ start: name!.span.start, end: expr.span.end }, written, module)] }];
}

function reportMissing(signature: Signature, parameter: TensorParameter | StaticParameter, given: Bound['tensors'], span: Span, unnamed: Argument | undefined, env: Env): false {
  const args = { part: signature.symbol.name, parameter: parameter.name };
  const how = 'of' in parameter ? [`Compile-time arguments are named: \`${parameter.name}: …\`, ${expectedKinds[parameter.of]}.`] : [];
  env.report(
    partCodes.report('missing-argument', args, at(env.scope.module, unnamed?.expr.span ?? span), {
      label: `write \`${parameter.name}: …\``,
      related: [{ location: parameter.location, text: 'declared here' }],
      notes: how,
      fixes: unnamed !== undefined ? [nameFix(parameter.name, unnamed, env)] : 'of' in parameter ? [] : withFields(argumentFix(parameter, signature, span, env), signature, given, env),
    }),
  );
  return false;
}

/** With the field of each record that stands where a tensor is taken, `p.x |> mean_pool(mask: p.mask)`; no edit where it is not plain which, for it would lead to the next error. */
function withFields(fixes: readonly Fix[], { free }: Signature, given: Bound['tensors'], env: Env): readonly Fix[] {
  const records = [...given].flatMap(([{ type }, { value, expr }]) => (type.kind === 'tensor' && value.kind === 'record' ? [fieldFixes(type, value, free, expr, env)] : []));
  const edits = records.flatMap(([first, ...others]) => (first === undefined || others.length > 0 ? [] : [first.edits]));
  return edits.length < records.length ? [] : fixes.map((fix) => ({ ...fix, edits: [...edits.flat(), ...fix.edits] }));
}

/** The compile-time value that stands without a name where a tensor is taken, and can only be meant for the one parameter that lacks one. */
function unnamedStatic(signature: Signature, args: readonly Argument[]): Argument | undefined {
  const positional = args.filter((arg) => arg.name === undefined);
  // One too many is reported as that.
  if (positional.length > signature.tensors.length) return undefined;
  const [lacking, another] = signature.statics.filter((p) => p.default === undefined && !args.some((arg) => arg.name?.text === p.name));
  if (lacking === undefined || another !== undefined) return undefined;
  const fitting = positional.filter(({ value }) => isStatic(value) && fits(lacking.of, value));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** `f(ids, mask)` where `f` takes a record of these: the values as its fields, in their order. */
function recordFix({ tensors, free }: Signature, positional: readonly Argument[], args: readonly Argument[], env: Env): readonly Fix[] {
  const [parameter, another] = tensors;
  const { module } = env.scope;
  if (parameter?.type.kind !== 'record' || another !== undefined || positional.length !== args.length) return [];
  const fields = [...parameter.type.fields];
  const piped = positional.some(({ expr }, i) => i > 0 && expr.span.start < positional[i - 1]!.expr.span.end);
  const named = positional.map(({ expr }) => (expr.kind === 'NameExpr' ? expr.name.text : expr.kind === 'FieldExpr' ? expr.field.text : ''));
  // By their names where these are the fields', else in their order.
  const byName = fields.every(([field]) => named.includes(field));
  const order = fields.map(([field], i) => (byName ? named.indexOf(field) : i));
  const fitting = fields.every(([field, type], i) => !field.includes('.') && positional[order[i]!] !== undefined && fitsAlone(type, positional[order[i]!]!.value, free));
  if (piped || positional.length !== fields.length || !fitting) return [];
  const text = `{ ${fields.map(([field], i) => `${field}: ${writtenAt(positional[order[i]!]!.expr, module)}`).join(', ')} }`;
  return [{ title: `give it \`${text}\``, edits: [replaceAt({ start: positional[0]!.expr.span.start, end: positional.at(-1)!.expr.span.end }, text, module)], ...(byName ? {} : { doubtful: true as const }) }];
}

/** Names for as many values as parameters are needed, in their order, where each fits. */
function nameAll(needed: readonly StaticParameter[], extras: readonly Argument[], env: Env): Fix[] {
  if (needed.length !== extras.length || !extras.every(({ value }, i) => isStatic(value) && fits(needed[i]!.of, value))) return [];
  const edits = extras.flatMap((extra, i) => nameFix(needed[i]!.name, extra, env).edits);
  return [{ title: `name them ${needed.map(({ name }) => `\`${name}\``).join(', ')}`, edits }];
}

function nameFix(name: string, { expr }: Argument, env: Env): Fix {
  const start = at(env.scope.module, { start: expr.span.start, end: expr.span.start });
  return { title: `name it \`${name}\``, edits: [{ location: start, text: `${name}: ` }] };
}
