/** What a part or backbone takes and gives, as its callers see it. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import type { Symbol } from '../../names/modules.ts';
import type { Arg, CompileTimeKind, Expr, Name, Param, PartDecl, TypeExpr } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { namesIn } from '../../syntax/visit.ts';
import { suggest } from '../../text/suggest.ts';
import { intDim, toldBy } from '../../types/dim.ts';
import { isDType } from '../../types/dtype.ts';
import type { Statement } from '../../types/fact.ts';
import type { FreeNames } from '../../types/match.ts';
import type { TensorType, Type } from '../../types/type.ts';
import { chosenSizes } from '../types/chosen-sizes.ts';
import type { Callable } from '../context.ts';
import { classesOf, identityOf, isKind, lookup, nominalOf, reportRepeatedNames } from '../types/declarations.ts';
import { initializerName, isInitializer, makeInitializer } from './initializers.ts';
import { evaluateType } from '../types/type-expr.ts';
import { forPort, ownParameters, restKey, rootScope, sizeKey, type Report, type TypeScope } from '../types/type-scope.ts';
import { callerDecides, isOwnName } from './own-names.ts';
import { withoutUnboundSizes } from './unbound-sizes.ts';
import { describeValue, expectedKinds, fits, literalValue, unknownValue, type StaticValue } from '../expressions/values.ts';

export interface TensorParameter {
  readonly name: string;
  readonly type: Type;
  readonly location: Location;
  /** What all its elements are where a call does not give it. */
  readonly default?: number;
}
export interface StaticParameter {
  readonly name: string;
  readonly of: CompileTimeKind;
  readonly default?: StaticValue;
  /** A default stands there and is none, which was reported: no call lacks the argument for that. */
  readonly faulty?: boolean;
  readonly location: Location;
}

export interface Signature {
  readonly symbol: Symbol<Callable>;
  readonly tensors: readonly TensorParameter[];
  readonly statics: readonly StaticParameter[];
  /** The names of those that the types of the inputs determine: a bare size, a dtype, a space or tokenizer. */
  readonly inferred: ReadonlySet<string>;
  readonly result: Type;
  readonly resultLocation: Location;
  /** What a caller's arguments determine. */
  readonly free: FreeNames;
  /** What passes from the arguments to the result: keys as of `keptKey`. */
  readonly keeps: ReadonlySet<string>;
  readonly scope: TypeScope;
}

/** `adapter Encode`: for messages. */
export function describePart(symbol: Symbol<Callable>): string {
  const { declaration } = symbol;
  return declaration.kind === 'BackboneDecl' ? 'a backbone' : declaration.role === 'part' ? 'a part' : `${declaration.role === 'adapter' ? 'an' : 'a'} ${declaration.role}`;
}

/** Reads the signature of a part; its body is not looked at. */
export function partSignature(symbol: Symbol<PartDecl>, report: Report): Signature {
  const { declaration, module } = symbol;
  const statics = declaration.params.flatMap((p) => (p.type.kind === 'KindType' ? [staticParameter(p, p.type.name, symbol, report)] : []));
  const scope = rootScope(module, symbol.name, report, ownParameters(declaration.params, module, `${module.uri}#${symbol.name}`));
  reportRepeatedNames(declaration.params, `\`${symbol.name}\``, module, report);
  const tensors = declaration.params.flatMap((p) => (p.type.kind === 'KindType' ? [] : [tensorParameter(p, p.type, scope)]));
  const result = evaluateType(declaration.result, forPort(scope, 'the result'));
  const signature: Signature = {
    symbol,
    tensors,
    statics,
    inferred: inferredNames(statics, tensors, scope),
    result,
    resultLocation: at(module, declaration.result.span),
    free: freeNames(scope, tensors, statics),
    keeps: keptKinds(declaration, symbol, report),
    scope,
  };
  return withoutUnboundSizes(signature, report);
}

/** What a type leaves to whoever uses it, in words; undefined where it is one dtype and one rank. */
export function openPart(type: Type): string | undefined {
  for (const { dtype, shape } of tensorsOf(type)) {
    if (typeof dtype !== 'string') return 'the element type; write `f32`, or another one';
    if (shape.rest !== undefined) return 'the number of axes; give each its size or a name';
  }
  return undefined;
}

function tensorParameter(param: Param, type: TypeExpr, scope: TypeScope): TensorParameter {
  if (param.default !== undefined) {
    const span = { start: type.span.end, end: param.default.span.end };
    scope.report(partCodes.report('unsupported', { what: 'a default for a tensor' }, at(scope.module, param.default.span), {
      notes: ['Every call gives every tensor. Numbers may have defaults, `scale: float = 1`; for a call without the tensor write a second part.'],
      fixes: [{ title: 'leave out the default', edits: [{ location: at(scope.module, span), text: '' }] }],
    }));
  }
  return { name: param.name.text, type: evaluateType(type, forPort(scope, param.name.text)), location: at(scope.module, param.span) };
}

export function freeNames(scope: TypeScope, tensors: readonly TensorParameter[], statics: readonly StaticParameter[] = []): FreeNames {
  const names = [...scope.seen.keys(), ...statics.map((s) => s.name)];
  return {
    sizes: new Set([...names.map((name) => sizeKey(scope, name)), ...tensors.flatMap((t) => [...chosenSizes(t.type).keys()])]),
    dtypes: new Set(['float', 'int', 'any', ...statics.map((s) => s.name)].map((name) => sizeKey(scope, name))),
    rests: new Set([restKey(scope)]),
    nominals: new Set(statics.map((s) => sizeKey(scope, s.name))),
  };
}

/** What a part may keep, as one word: a space, a tokenizer, or an attribute by its identity. */
export const keptKey = (fact: Statement): string | undefined =>
  fact.kind === 'attribute' ? `attribute ${fact.attribute.id}` : fact.kind === 'space' || fact.kind === 'tokenizer' ? fact.kind : undefined;

function keptKinds(declaration: PartDecl, symbol: Symbol, report: Report): ReadonlySet<string> {
  return new Set(declaration.keeps.flatMap((name) => keptKind(name, symbol.module, report) ?? []));
}

function keptKind(name: Name, module: Symbol['module'], report: Report): string | undefined {
  const { text } = name;
  if (text === 'space' || text === 'tokenizer') return text;
  if (text === '' || module.unresolved.has(text)) return undefined;
  const symbol = lookup(name, module);
  if (isKind(symbol, 'AttributeDecl')) return `attribute ${identityOf(symbol)}`;
  const attributes = [...module.names].filter(([, s]) => isKind(s, 'AttributeDecl')).map(([n]) => n);
  const near = suggest(text, ['space', 'tokenizer', ...attributes]);
  const location = at(module, name.span);
  const notes = near ? [] : ['A part keeps `space`, `tokenizer` or an attribute.'];
  report(partCodes.report('unknown-fact', { name: text }, location, { ...mistyped(near, location, 'unknown'), notes }));
  return undefined;
}

function inferredNames(statics: readonly StaticParameter[], tensors: readonly TensorParameter[], scope: TypeScope): ReadonlySet<string> {
  const keys = new Set(
    tensors.flatMap((t) => tensorsOf(t.type)).flatMap(({ dtype, shape, facts }) => [
      ...shape.axes.map((axis) => toldBy(axis.size)?.symbol.key),
      typeof dtype === 'string' ? undefined : dtype.key,
      ...facts.map((fact) => (fact.kind === 'space' || fact.kind === 'tokenizer' ? fact.nominal.id : undefined)),
    ]),
  );
  return new Set(statics.map((s) => s.name).filter((name) => keys.has(sizeKey(scope, name))));
}

/** The tensors that a type is made of. */
export const tensorsOf = (type: Type): readonly TensorType[] =>
  type.kind === 'tensor' ? [type] : type.kind === 'record' ? [...type.fields.values()] : [];

const pythonFlags: Readonly<Record<string, string>> = { True: 'true', False: 'false', TRUE: 'true', FALSE: 'false', yes: 'true', no: 'false', on: 'true', off: 'false' };

function staticParameter(param: Param, of: CompileTimeKind, symbol: Symbol, report: Report): StaticParameter {
  const location = at(symbol.module, param.span);
  const value = param.default && literal(param.default, { symbol, of, report });
  // The names of a failed import are not looked at again.
  const silent = param.default === undefined || param.default.kind === 'MissingExpr' || (param.default.kind === 'NameExpr' && symbol.module.unresolved.has(param.default.name.text)) || (of === 'initializer' && callsInitializer(param.default));
  if (!silent && (value === undefined || !fits(of, value))) {
    const found = value === undefined ? 'an expression' : describeValue(value);
    const own = namesIn(param.default!).find(({ text }) => text !== param.name.text && isOwnName(text, symbol));
    const meant = param.default!.kind === 'NameExpr' && of === 'bool' ? pythonFlags[param.default!.name.text] : undefined;
    const place = meant !== undefined ? mistyped(meant, at(symbol.module, param.default!.span), '') : own !== undefined ? callerDecides(own.text, param, symbol) : { label: 'its default', notes: ['A default is a number, a text, true, false, labels, an element type, a space, a tokenizer, or an initialiser.'] };
    report(partCodes.report('argument-kind', { part: symbol.name, name: param.name.text, expected: expectedKinds[of], found }, at(symbol.module, param.default!.span), place));
  }
  return { name: param.name.text, of, location, ...(value ? { default: value } : param.default === undefined ? {} : { faulty: true }) };
}

/** Whether a default names an initialiser: what is wrong with it is told then. */
function callsInitializer(expr: Expr): boolean {
  const named = initializerName(expr);
  return named !== undefined && isInitializer((named.kind === 'CallExpr' ? named.callee : named).name.text);
}

/** The parameter that a default is for. */
interface Default {
  readonly symbol: Symbol;
  readonly of: CompileTimeKind;
  readonly report: Report;
}

/** A value that needs no scope but the module's declarations. */
function literal(expr: Expr, place: Default): StaticValue | undefined {
  switch (expr.kind) {
    case 'NumberLit':
    case 'StringLit':
    case 'BoolLit':
      return literalValue(expr);
    case 'UnaryExpr': {
      const operand = literal(expr.operand, place);
      return operand?.kind === 'number' ? { kind: 'number', value: -operand.value } : undefined;
    }
    case 'NameExpr': {
      const symbol = lookup(expr.name, place.symbol.module);
      if (symbol === undefined && place.of === 'initializer') return defaultInitializer(expr.name, [], expr, place);
      if (symbol === undefined && isDType(expr.name.text)) return { kind: 'dtype', dtype: expr.name.text };
      if (isKind(symbol, 'SpaceDecl', 'TokenizerDecl')) return { kind: 'nominal', nominal: nominalOf(symbol), versions: [] };
      if (!isKind(symbol, 'LabelsDecl')) return undefined;
      const classes = classesOf(symbol);
      return { kind: 'size', size: intDim(classes.values.length), classes };
    }
    case 'VersionedName': {
      const symbol = lookup(expr.name, place.symbol.module);
      if (!isKind(symbol, 'SpaceDecl', 'TokenizerDecl')) return undefined;
      return { kind: 'nominal', nominal: nominalOf(symbol), versions: expr.versions.map((version) => version.text) };
    }
    case 'CallExpr':
      return place.of === 'initializer' && expr.callee.kind === 'NameExpr' ? defaultInitializer(expr.callee.name, expr.args, expr, place) : undefined;
    default:
      return undefined;
  }
}

function defaultInitializer(name: Name, args: readonly Arg[], expr: Expr, place: Default): StaticValue | undefined {
  const { symbol: { module }, report } = place;
  if (!isInitializer(name.text)) return undefined;
  const values = args.map((arg) => ({ name: arg.name, expr: arg.value, value: literal(arg.value, place) ?? unknownValue }));
  return makeInitializer(name.text, values, expr.span, { module, report });
}

/** The space that a value is said to lie in, by its id; undefined where its caller says which. */
export function spaceOf(type: Type): string | undefined {
  const [id] = tensorsOf(type).flatMap(({ facts }: TensorType) => facts.flatMap((fact) => (fact.kind === 'space' && !fact.nominal.parameter ? [fact.nominal.id] : [])));
  return id;
}
