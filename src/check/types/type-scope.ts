/** Where the names in a type expression get their meaning. */
import { nameCodes, withArticle } from '../../diagnostics/codes/names.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { kindName, type ModuleScope, type Symbol } from '../../names/modules.ts';
import type { AttributeDecl, DimExpr, LabelsDecl, Name, Param } from '../../syntax/ast.ts';
import { at, type Location, type Span } from '../../text/source.ts';
import type { BoundSize } from '../../types/bindings.ts';
import { divDim, maxDim, minDim, modDim } from '../../types/dim-atoms.ts';
import { addDims, constantOf, faultOf, intDim, multiplyDims, subtractDims, symbolDim, type Dim, type DimFault } from '../../types/dim.ts';
import type { Attribute, NominalUse } from '../../types/fact.ts';
import type { ElementType } from '../../types/type.ts';
import { attributeOf, classesOf, isKind, lookup } from './declarations.ts';
import { nearLabels } from './near-labels.ts';

export type Report = (diagnostic: Diagnostic) => void;

export interface TypeScope {
  readonly module: ModuleScope;
  /** The declaration whose names these are: a part, a model, a backbone. Prefix of the symbols' keys. */
  readonly key: string;
  readonly report: Report;
  /** Compile-time parameters and renamed sizes; undefined where an error was reported. Other names are free here. */
  readonly sizes: ReadonlyMap<string, BoundSize | undefined>;
  readonly nominals: ReadonlyMap<string, NominalUse | undefined>;
  readonly dtypes: ReadonlyMap<string, ElementType | undefined>;
  readonly conventions: ReadonlyMap<string, Convention | undefined>;
  /** Of a contract; NaN while it is checked for itself, undefined where an error was reported. */
  readonly numbers: ReadonlyMap<string, number | undefined>;
  /** The scope that uses this contract: free names are captured from it. */
  readonly outer?: TypeScope;
  /** Where a signature refers to the contract that this is the scope of, perhaps through others. */
  readonly use?: Location;
  /** Names that were looked up, in the order of their first use, with where they stand. */
  readonly seen: Map<string, Location>;
  /** The input or result that the type is of: what it says to be `some` size is its own. */
  readonly port: string;
  /** Sizes of the port that were said to be chosen: a name behind means the same. */
  readonly chosen: Map<string, BoundSize>;
  /** Names given to chosen sizes where values have them. */
  readonly chosenNames: Set<string>;
  /** Parameters that some type reads: dtypes, spaces and tokenizers. */
  readonly read: Set<string>;
  /** Contracts being expanded, to find cycles. */
  readonly expanding: readonly string[];
}

export function rootScope(module: ModuleScope, name: string, report: Report, { sizes, nominals, dtypes, conventions, numbers }: Parameters = noParameters()): TypeScope {
  return { module, key: `${module.uri}#${name}`, report, sizes, nominals, dtypes, conventions, numbers, seen: new Map(), read: new Set(), port: '', chosen: new Map(), chosenNames: new Set(), expanding: [] };
}

/** What compile-time parameters stand for in types, by name. */
export interface Parameters {
  readonly sizes: Map<string, BoundSize | undefined>;
  readonly nominals: Map<string, NominalUse | undefined>;
  readonly dtypes: Map<string, ElementType | undefined>;
  readonly conventions: Map<string, Convention | undefined>;
  readonly numbers: Map<string, number | undefined>;
}

/** A value of an attribute, given for a parameter that is one: `order: color`. */
export interface Convention {
  readonly attribute: Attribute;
  readonly value: string;
}

export const noParameters = (): Parameters => ({ sizes: new Map(), nominals: new Map(), dtypes: new Map(), conventions: new Map(), numbers: new Map() });

/** The parameters of a declaration in its own types: each may be anything of its kind. */
export function ownParameters(params: readonly Param[], module: ModuleScope, key: string): Parameters {
  const parameters = noParameters();
  for (const { name, type, span } of params) {
    const kind = type.kind === 'KindType' ? type.name : undefined;
    const id = `${key}/${name.text}`;
    const attribute = attributeOfKind(type, module);
    if (attribute !== undefined) parameters.conventions.set(name.text, { attribute: attributeOf(attribute), value: name.text });
    if (kind === 'int' || kind === 'labels') parameters.sizes.set(name.text, { size: symbolDim({ key: id, name: name.text, kind: 'rigid' }) });
    else if (kind === 'dtype') parameters.dtypes.set(name.text, { key: id, family: 'any', parameter: name.text });
    else if (kind === 'space' || kind === 'tokenizer') {
      const nominal = { kind, id, name: name.text, version: '0.0.0', compatible: [], location: at(module, span), parameter: true } as const;
      parameters.nominals.set(name.text, { nominal, versions: [] });
    }
  }
  return parameters;
}

/** The attribute that a parameter is a value of; its name stands where others have a kind or a type. */
export function attributeOfKind(type: Param['type'], module: ModuleScope): Symbol<AttributeDecl> | undefined {
  const named = type.kind === 'TypeExpr' && type.facts.length === 0 && type.base.kind === 'ContractRef' && type.base.args.length === 0 ? module.names.get(type.base.name.text) : undefined;
  if (!isKind(named, 'AttributeDecl')) return undefined;
  module.used.add(named.name);
  return named;
}

/** The scope for the type of one input, or of the result, which chooses sizes of its own. */
export const forPort = (scope: TypeScope, port: string): TypeScope => ({ ...scope, port, chosen: new Map() });

/** `some n`: a size of the port that has nothing to do with other sizes of the name. */
export function chosenSize({ text: name }: Name, scope: TypeScope): BoundSize {
  const size: BoundSize = { size: symbolDim({ key: `${scope.key}/some ${name} of ${scope.port}`, name, kind: 'chosen' }) };
  scope.chosen.set(name, size);
  return size;
}

/** What is written at a place, for messages. */
export const textOf = ({ span }: { readonly span: Span }, { module }: Pick<TypeScope, 'module'>): string => module.source.text.slice(span.start, span.end).replace(/\s+/g, ' ');

export const sizeKey = (scope: TypeScope, name: string): string => `${scope.key}/${name}`;
export const restKey = (scope: TypeScope): string => `${scope.key}/...`;

/** A name among the sizes: a parameter, labels, or a free name. Undefined where an error was or is reported. */
export function lookupSize(name: Name, scope: TypeScope): BoundSize | undefined {
  if (name.text === '' || scope.module.unresolved.has(name.text)) return undefined;
  const location = at(scope.module, name.span);
  if (scope.chosen.has(name.text)) return scope.chosen.get(name.text);
  const isFirst = !scope.seen.has(name.text);
  if (isFirst) scope.seen.set(name.text, location);
  if (scope.sizes.has(name.text)) return scope.sizes.get(name.text);
  const symbol = lookup(name, scope.module);
  if (isKind(symbol, 'LabelsDecl')) return labelsSize(symbol);
  const near = symbol === undefined && isFirst && scope.outer === undefined ? nearLabels(name.text, location, scope.module) : undefined;
  if (near !== undefined) scope.report(near);
  if (symbol === undefined) return name.text === 'None' ? reportNone(name, scope) : captureSize(name.text, location, scope);
  const found = kindName(symbol.declaration);
  scope.report(
    nameCodes.report('wrong-kind', { name: name.text, found, expected: 'size' }, location, {
      label: 'used as a size',
      related: [{ location: at(symbol.module, symbol.declaration.name.span), text: `declared as ${withArticle(found)}` }],
      notes: ['A size is a number, a name of your choice, or a `labels` declaration.'],
    }),
  );
  return undefined;
}

/** How many classes there are, by their names; undefined where none could be read, which is an error of its own. */
export function labelsSize(symbol: Symbol<LabelsDecl>): BoundSize | undefined {
  const classes = classesOf(symbol);
  return classes.values.length === 0 ? undefined : { size: intDim(classes.values.length), classes };
}

/** `f32[None, None, 8]` of other libraries: sizes of one name would be one size. */
function reportNone({ text: name, span }: Name, { module, report }: TypeScope): undefined {
  const before = module.source.text.slice(0, span.start);
  const others = before.slice(before.lastIndexOf('[')).split(/\bNone\b/).length - 1;
  const meant = /\[\s*$/.test(before) ? 'batch' : `n${others < 2 ? '' : others}`;
  const location = at(module, span);
  report(nameCodes.report('unknown-name', { name, what: 'size' }, location, {
    label: 'give it a name',
    notes: ['A size that each run decides has a name of your choice, and sizes of one name are equal: `f32[batch, seq, 8]`.'],
    // Whether it is the size of this name that stands elsewhere, only the author knows.
    fixes: [{ title: `write \`${meant}\``, edits: [{ location, text: meant }], doubtful: true }],
  }));
}

/** A contract's free name is a size of whoever uses it; what else has that name there does not matter. */
function captureSize(name: string, location: Location, scope: TypeScope): BoundSize | undefined {
  for (let user = scope.outer; user !== undefined; user = user.outer) {
    if (!user.seen.has(name)) user.seen.set(name, location);
    if (user.sizes.has(name)) return user.sizes.get(name);
  }
  return { size: symbolDim({ key: sizeKey(scope, name), name, kind: 'rigid' }) };
}

const arithmetic = { '+': addDims, '-': subtractDims, '*': multiplyDims, div: divDim, mod: modDim } as const;
const extremes = { min: minDim, max: maxDim } as const;

/** The size on an axis. Undefined where an error was or is reported. */
export function evaluateSize(expr: DimExpr, scope: TypeScope): BoundSize | undefined {
  const size = evaluateTerm(expr, scope);
  const fault = size && faultOf(size.size);
  if (fault === undefined) return size;
  reportSize(expr, fault, scope);
  return undefined;
}

function evaluateTerm(expr: DimExpr, scope: TypeScope): BoundSize | undefined {
  switch (expr.kind) {
    case 'DimInt':
      // Anything but a whole number is a syntax error already.
      return Number.isSafeInteger(expr.value) ? { size: intDim(expr.value) } : undefined;
    case 'DimName':
      return lookupSize(expr.name, scope);
    case 'DimBinary': {
      const left = evaluateTerm(expr.left, scope);
      const right = evaluateTerm(expr.right, scope);
      if (left === undefined || right === undefined) return undefined;
      if ((expr.op === 'div' || expr.op === 'mod') && (constantOf(right.size) ?? 1) <= 0) {
        reportSize(expr, 'divided', scope);
        return undefined;
      }
      return sound(arithmetic[expr.op](left.size, right.size), expr, scope);
    }
    case 'DimCall': {
      const args = expr.args.map((arg) => evaluateTerm(arg, scope)?.size);
      return args.includes(undefined) ? undefined : sound(extremes[expr.callee](...(args as readonly Dim[])), expr, scope);
    }
  }
}

/** Below zero may be the way to a size; what is too large only grows. */
function sound(size: Dim, expr: DimExpr, scope: TypeScope): BoundSize | undefined {
  const fault = faultOf(size);
  if (fault === undefined || fault === 'negative') return { size };
  reportSize(expr, fault, scope);
  return undefined;
}

function reportSize(expr: DimExpr, fault: DimFault | 'divided', scope: TypeScope): void {
  const text = scope.module.source.text.slice(expr.span.start, expr.span.end);
  // The parentheses at its ends are not part of an expression's span.
  const size = text.length > 40 || /[()]/.test(text) ? 'this size' : `\`${text}\``;
  scope.report(partCodes.report('invalid-size', { size, fault }, at(scope.module, expr.span)));
}
