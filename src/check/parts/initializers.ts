/** What a `param` begins with before it is fitted: the initialisers by name, their arguments, and what they can fill. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope } from '../../names/modules.ts';
import type { CallExpr, Expr, NameExpr, ParamStatement } from '../../syntax/ast.ts';
import { suggest } from '../../text/suggest.ts';
import { at, type Location, type Span } from '../../text/source.ts';
import { dtypes, hasConstants, holds } from '../../types/dtype.ts';
import { dtypesOf } from '../../types/element-type.ts';
import { showTensor } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import { spanOf } from '../expressions/arguments.ts';
import type { Argument } from '../expressions/call.ts';
import { unknownName } from '../types/declarations.ts';
import { givenTwice, replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import type { Report } from '../types/type-scope.ts';
import { describeValue, isStatic, numberOf, type StaticValue, type Value } from '../expressions/values.ts';

/**
 * The first value of a parameter. A matrix is [in, out] here; what has more axes is a kernel of ONNX's Conv,
 * [out, in, ...]: the fans of `xavier` and `kaiming` are counted so.
 */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  /** Evenly from [low, high). */
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  /** Evenly from ±gain sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010, eq. 16). */
  | { readonly kind: 'xavier'; readonly gain: number }
  /** Normal with the deviation gain / sqrt(fan in); He et al. 2015 have a gain of sqrt(2). */
  | { readonly kind: 'kaiming'; readonly gain: number }
  /** `scale` on the diagonal, 0 elsewhere. */
  | { readonly kind: 'identity'; readonly scale: number }
  /** Rows or columns that are orthonormal, times `gain`; the first axis against all others (Saxe et al. 2014). */
  | { readonly kind: 'orthogonal'; readonly gain: number };

/** Where an initialiser is written. */
interface Place {
  readonly module: ModuleScope;
  readonly report: Report;
}

type Arguments = Readonly<Record<string, number>>;

interface InitializerRow {
  /** What it makes, for messages and editors. */
  readonly words: string;
  /** Arguments in their order, with their defaults; undefined where there is none. */
  readonly takes: Readonly<Record<string, number | undefined>>;
  readonly make: (args: Arguments) => Initializer;
  /** Why these arguments mean nothing; undefined where they do. */
  readonly fault?: (args: Arguments) => string | undefined;
  /** The axes that it needs, in words, and whether a parameter of so many has them. */
  readonly axes?: { readonly words: string; readonly fit: (rank: number) => boolean };
}

const matrix = { words: 'a matrix', fit: (rank: number) => rank === 2 };
const fans = { words: 'two axes or more', fit: (rank: number) => rank >= 2 };

const table: Readonly<Record<string, InitializerRow>> = {
  zeros: { words: 'every element 0', takes: {}, make: () => ({ kind: 'constant', value: 0 }) },
  ones: { words: 'every element 1', takes: {}, make: () => ({ kind: 'constant', value: 1 }) },
  constant: { words: 'every element `value`', takes: { value: undefined }, make: ({ value }) => ({ kind: 'constant', value: value! }) },
  normal: {
    words: 'a normal distribution',
    takes: { std: undefined, mean: 0 },
    make: ({ mean, std }) => ({ kind: 'normal', mean: mean!, std: std! }),
    fault: ({ std }) => (std! > 0 ? undefined : '`std` has to be above 0'),
  },
  uniform: {
    words: 'evenly from `low` to `high`',
    takes: { low: undefined, high: undefined },
    make: ({ low, high }) => ({ kind: 'uniform', low: low!, high: high! }),
    fault: ({ low, high }) => (low! < high! ? undefined : '`low` has to be below `high`'),
  },
  xavier: { words: 'evenly, as wide as keeps the variance of both ways (Glorot and Bengio 2010)', takes: { gain: 1 }, make: ({ gain }) => ({ kind: 'xavier', gain: gain! }), axes: fans },
  kaiming: { words: 'normal, as wide as keeps the variance through a ReLU (He et al. 2015)', takes: { gain: Math.SQRT2 }, make: ({ gain }) => ({ kind: 'kaiming', gain: gain! }), axes: fans },
  identity: { words: '`scale` on the diagonal', takes: { scale: 1 }, make: ({ scale }) => ({ kind: 'identity', scale: scale! }), axes: matrix },
  orthogonal: { words: 'a random rotation (Saxe et al. 2014)', takes: { gain: 1 }, make: ({ gain }) => ({ kind: 'orthogonal', gain: gain! }), axes: fans },
};

const rowOf = (name: string): InitializerRow | undefined => (Object.hasOwn(table, name) ? table[name] : undefined);

/** What each initialiser makes, by name. */
export const initializerWords = (): ReadonlyMap<string, string> => new Map(Object.entries(table).map(([name, row]) => [name, row.words]));

export const isInitializer = (name: string): boolean => rowOf(name) !== undefined;

/** An initialiser by its name, or called: `zeros`, `normal(std: 0.02)`. The name is one of the table's. */
export function makeInitializer(name: string, args: readonly Argument[], span: Span, place: Place): StaticValue | undefined {
  const row = rowOf(name)!;
  const given = readArguments(name, row, args, span, place);
  if (given === undefined) return undefined;
  const fault = row.fault?.(given);
  if (fault === undefined) return { kind: 'initializer', name, initializer: row.make(given) };
  place.report(partCodes.report('initializer-misfit', { name, why: fault }, at(place.module, span), { fixes: swappedEnds(given, args, place.module) }));
  return undefined;
}

/** The two ends of a range in each other's place. */
function swappedEnds({ low, high }: Arguments, args: readonly Argument[], module: ModuleScope): Fix[] {
  const [first, second] = ['low', 'high'].map((name) => args.find((arg) => arg.name?.text === name)?.expr);
  if (low === undefined || high === undefined || low <= high || first === undefined || second === undefined) return [];
  return [{ title: 'swap them', edits: [replaceAt(first.span, writtenAt(second, module), module), replaceAt(second.span, writtenAt(first, module), module)] }];
}

/** The arguments by name, defaults put in; undefined where something is wrong with them, which is reported. */
function readArguments(name: string, row: InitializerRow, args: readonly Argument[], span: Span, place: Place): Arguments | undefined {
  const values = new Map<string, number>();
  const faults = args.flatMap((arg) => readArgument(name, row, arg, args, values, place) ?? []);
  if (faults.length > 0 || args.some((arg) => arg.value.kind === 'unknown')) {
    faults.forEach(place.report);
    return undefined;
  }
  for (const [parameter, otherwise] of Object.entries(row.takes)) {
    if (!values.has(parameter) && otherwise !== undefined) values.set(parameter, otherwise);
  }
  const [parameter] = Object.keys(row.takes).filter((n) => !values.has(n));
  if (parameter === undefined) return Object.fromEntries(values);
  const demanded = Object.keys(row.takes).filter((n) => row.takes[n] === undefined);
  place.report(partCodes.report('missing-argument', { part: name, parameter }, at(place.module, span), { label: `write \`${name}(${demanded.map((n) => `${n}: …`).join(', ')})\`` }));
  return undefined;
}

/** Puts one argument among the values; answers with what is wrong with it. */
function readArgument(part: string, row: InitializerRow, arg: Argument, args: readonly Argument[], values: Map<string, number>, { module }: Place): Diagnostic | undefined {
  const names = Object.keys(row.takes);
  const location = at(module, arg.expr.span);
  if (arg.name === undefined) {
    const [only, another] = names.filter((n) => row.takes[n] === undefined);
    const start = at(module, { start: arg.expr.span.start, end: arg.expr.span.start });
    return partCodes.report('too-many-arguments', { part, takes: 0, given: 1 }, location, {
      label: names.length === 0 ? 'takes nothing' : `write \`${only ?? names[0]}: …\``,
      fixes: only === undefined || another !== undefined ? [] : [{ title: `name it \`${only}\``, edits: [{ location: start, text: `${only}: ` }] }],
    });
  }
  const { text: name } = arg.name;
  const place = at(module, arg.name.span);
  if (!names.includes(name)) {
    const near = suggest(name, names);
    return partCodes.report('unknown-argument', { part, name }, place, {
      ...mistyped(near, place, 'unknown'),
      notes: near || names.length === 0 ? [] : [`Its arguments are ${names.map((n) => `\`${n}\``).join(', ')}.`],
    });
  }
  if (values.has(name)) return partCodes.report('duplicate-argument', { part, name }, place, givenTwice(args.map(spanOf), args.indexOf(arg), args.findIndex((other) => other.name?.text === name), module));
  const number = isStatic(arg.value) ? numberOf(arg.value) : undefined;
  if (number !== undefined) values.set(name, number);
  else if (arg.value.kind !== 'unknown') return partCodes.report('argument-kind', { part, name, expected: 'a number', found: describeValue(arg.value) }, location);
  return undefined;
}

// ---------------------------------------------------------------- what a parameter begins with

/** The initialiser that a value stands for: a number is a constant. */
export function initializerOf(value: Value): Initializer | undefined {
  if (value.kind === 'initializer') return value.initializer;
  const number = isStatic(value) ? numberOf(value) : undefined;
  return number === undefined ? undefined : { kind: 'constant', value: number };
}

/** Says what is wrong with the value behind a parameter's `=`; `type` is the parameter's, in the body for itself. */
export function checkInitialValue(statement: ParamStatement, init: Expr, value: Value, type: TensorType, env: Env): void {
  if (value.kind === 'unknown' || ((value.kind === 'initializer' || value.kind === 'number') && value.assumed)) return;
  const location = at(env.scope.module, init.span);
  const { text: name } = statement.name;
  if (initializerOf(value) === undefined) {
    const notes = [`It begins with a number or with one of ${Object.keys(table).map((n) => `\`${n}\``).join(', ')}.`];
    env.report(partCodes.report('initializer-expected', { name, found: describeValue(value) }, location, { notes }));
    return;
  }
  const misfit = misfitOf(value, type);
  if (misfit === undefined) return;
  const related = [{ location: at(env.scope.module, statement.type.span), text: `\`${name}\` is ${showTensor(type)}` }];
  env.report(partCodes.report('initializer-misfit', misfit, location, { related }));
}

/** The same for a value that a caller gave, told at the call. */
export function misfitAt(value: Value, type: TensorType, declared: Location, site: Location): ReturnType<typeof partCodes.report> | undefined {
  const misfit = misfitOf(value, type);
  return misfit && partCodes.report('initializer-misfit', misfit, site, { label: 'given by this call', related: [{ location: declared, text: `fills this, ${showTensor(type)}` }] });
}

function misfitOf(value: Value, { dtype, shape }: TensorType): { name: string; why: string } | undefined {
  const elements = dtypesOf(dtype);
  const shown = typeof dtype === 'string' ? dtype : dtype.family;
  const initializer = initializerOf(value);
  if (initializer === undefined) return undefined;
  if (initializer.kind === 'constant') {
    const misfit = elements.find((member) => !holds(member, initializer.value) && !(member === 'bool' && (initializer.value === 0 || initializer.value === 1)));
    return misfit && { name: value.kind === 'initializer' ? value.name : String(initializer.value), why: hasConstants(misfit) ? `${misfit} does not hold ${initializer.value}` : `no constants of ${misfit} are written; take f32, and cast what is computed` };
  }
  const { name } = value as { readonly name: string };
  if (elements.some((member) => dtypes[member].class !== 'float')) return { name, why: `it makes fractions, which ${shown} does not hold` };
  const { axes } = rowOf(name)!;
  if (axes === undefined || shape.rest !== undefined || axes.fit(shape.axes.length)) return undefined;
  const count = shape.axes.length;
  return { name, why: `it needs ${axes.words}, but this has ${count === 0 ? 'no axis' : count === 1 ? 'one axis' : `${count} axes`}` };
}

// ---------------------------------------------------------------- names

/** The name of an initialiser that a parameter's value begins with, where nothing in scope has that name. */
export function initializerName(init: Expr): (NameExpr | (CallExpr & { readonly callee: NameExpr })) | undefined {
  if (init.kind === 'NameExpr') return init;
  return init.kind === 'CallExpr' && init.callee.kind === 'NameExpr' ? (init as CallExpr & { callee: NameExpr }) : undefined;
}

/** Tells of a name that is neither in scope nor an initialiser's. */
export const unknownInitializer = (name: string, location: Location) => unknownName(name, 'initialiser', Object.keys(table), location);
