/** What a contract's names stand for at one use of it. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Arg, ContractDecl, ContractRef, Expr, Param } from '../../syntax/ast.ts';
import { suggest } from '../../text/suggest.ts';
import type { BoundSize } from '../../types/bindings.ts';
import type { Attribute, NominalUse } from '../../types/fact.ts';
import { dtypeFamilies, isDType, isDTypeFamily, type DType, type DTypeFamily } from '../../types/dtype.ts';
import { dtypesOf } from '../../types/element-type.ts';
import type { ElementType } from '../../types/type.ts';
import { unknownValue } from './compare-fact.ts';
import { attributeOf, isKind, lookup, lookupKind, nominalOf } from './declarations.ts';
import { elementType } from './element-type.ts';
import { givenTwice, writtenAt } from '../edits.ts';
import { literalNumber } from '../files/input-default.ts';
import { attributeOfKind, evaluateSize, labelsSize, lookupSize, noParameters, type Convention, type Parameters, type TypeScope } from './type-scope.ts';
import { writtenSize } from './written-size.ts';

/**
 * Parameters get their arguments, or their defaults, which are read as the contract's body is and may name the parameters before them;
 * other named arguments rename the contract's free sizes.
 */
export function contractScope(symbol: Symbol<ContractDecl>, ref: ContractRef, outer: TypeScope, id: string): TypeScope {
  const parameters = noParameters();
  const inner: TypeScope = { ...outer, ...parameters, module: symbol.module, outer, use: outer.use ?? at(outer.module, ref.span), seen: new Map(), chosen: new Map(), read: new Set(), expanding: [...outer.expanding, id] };
  const params = new Map(symbol.declaration.params.map((p) => [p.name.text, p]));
  const given = namedArguments(symbol, ref, outer);
  for (const [name, arg] of given) {
    if (params.has(name)) continue;
    if (isDTypeFamily(name)) parameters.dtypes.set(name, familyArgument(arg.value, symbol, name, outer));
    else parameters.sizes.set(name, sizeArgument(arg.value, symbol, name, outer));
  }
  // What a default names too early is told at the contract; here it must not be taken for a size of the caller.
  for (const param of params.values()) setUnknown(parameters, param);
  // An argument that could not be placed was probably meant for the parameter that lacks one.
  const unplaced = ref.args.length > given.size;
  for (const [name, param] of params) {
    const arg = given.get(name);
    if (arg !== undefined) setParameter(parameters, param, arg.value, symbol, outer);
    else if (param.default !== undefined) setParameter(parameters, param, param.default, symbol, inner);
    else if (!unplaced) reportMissing(param, symbol, ref, outer);
  }
  return inner;
}

/** Gives a parameter its value; `scope` is where that is written. */
export function setParameter({ sizes, nominals, dtypes, conventions, numbers }: Parameters, param: Param, value: Expr, symbol: Symbol<ContractDecl>, scope: TypeScope): void {
  const name = param.name.text;
  const attribute = attributeOfKind(param.type, symbol.module);
  if (attribute !== undefined) return void conventions.set(name, conventionArgument(value, attributeOf(attribute), symbol, name, scope));
  switch (kindOf(param)) {
    case 'int':
      return void sizes.set(name, sizeArgument(value, symbol, name, scope));
    case 'labels':
      return void sizes.set(name, labelsArgument(value, symbol, name, scope));
    case 'float':
      return void numbers.set(name, numberArgument(value, symbol, name, scope));
    case 'dtype':
      return void dtypes.set(name, dtypeArgument(value, symbol, name, scope));
    default:
      return void nominals.set(name, nominalArgument(value, param, symbol, scope));
  }
}

/** What lacks its argument, or has none yet, is not missed a second time. */
function setUnknown({ sizes, nominals, dtypes, conventions, numbers }: Parameters, param: Param): void {
  const kind = kindOf(param);
  if (kind === 'float') numbers.set(param.name.text, undefined);
  if (kind === undefined) conventions.set(param.name.text, undefined);
  if (kind === 'int' || kind === 'labels') sizes.set(param.name.text, undefined);
  else if (kind === 'dtype') dtypes.set(param.name.text, undefined);
  else nominals.set(param.name.text, undefined);
}

const kindOf = (param: Param) => (param.type.kind === 'KindType' ? param.type.name : undefined);

/** The arguments by name; one without a name, and a second of one name, are reported. */
function namedArguments(symbol: Symbol<ContractDecl>, ref: ContractRef, scope: TypeScope): Map<string, Arg> {
  const given = new Map<string, Arg>();
  for (const arg of ref.args) {
    const name = arg.name?.text;
    if (name === undefined) reportUnnamed(symbol, arg, scope);
    else if (given.has(name)) scope.report(partCodes.report('duplicate-argument', { part: symbol.name, name }, at(scope.module, arg.name!.span), givenTwice(ref.args, ref.args.indexOf(arg), ref.args.findIndex((other) => other.name?.text === name), scope.module)));
    else if (!isMistyped(name, arg, symbol, ref, scope)) given.set(name, arg);
  }
  return given;
}

/** Whether a name is near to that of a parameter that is not given; it is reported then. */
function isMistyped(name: string, arg: Arg, symbol: Symbol<ContractDecl>, ref: ContractRef, scope: TypeScope): boolean {
  const params = symbol.declaration.params.map((p) => p.name.text);
  if (params.includes(name) || isDTypeFamily(name)) return false;
  const near = suggest(name, params.filter((p) => !ref.args.some((a) => a.name?.text === p)));
  if (near === undefined) return false;
  const location = at(scope.module, arg.name!.span);
  scope.report(partCodes.report('unknown-argument', { part: symbol.name, name }, location, mistyped(near, location, 'unknown')));
  return true;
}

function reportUnnamed(symbol: Symbol<ContractDecl>, arg: Arg, scope: TypeScope): void {
  if (arg.value.kind === 'MissingExpr') return;
  const { params } = symbol.declaration;
  const location = at(scope.module, arg.span);
  const start = { uri: location.uri, span: { start: arg.span.start, end: arg.span.start } };
  const written = scope.module.source.text.slice(arg.span.start, arg.span.end);
  const name = params.length === 1 ? params[0]!.name.text : undefined;
  scope.report(
    partCodes.report('unknown-argument', { part: symbol.name, name: written }, location, {
      label: 'a contract takes its arguments by name',
      fixes: name === undefined ? [] : [{ title: `write \`${name}: ${written}\``, edits: [{ location: start, text: `${name}: ` }] }],
    }),
  );
}

function reportMissing(param: Param, symbol: Symbol<ContractDecl>, ref: ContractRef, scope: TypeScope): void {
  const name = param.name.text;
  scope.report(
    partCodes.report('missing-argument', { part: symbol.name, parameter: name }, at(scope.module, ref.span), {
      label: `write \`${symbol.name}(${name}: …)\``,
      related: [{ location: at(symbol.module, param.span), text: 'declared here' }],
    }),
  );
}

/** Undefined where it is none, which is reported; what else a contract cannot have yet is reported at the contract. */
function nominalArgument(value: Expr, param: Param, symbol: Symbol<ContractDecl>, scope: TypeScope): NominalUse | undefined {
  const kind = kindOf(param);
  if ((kind !== 'space' && kind !== 'tokenizer') || value.kind === 'MissingExpr') return undefined;
  if (value.kind === 'NameExpr' || value.kind === 'VersionedName') {
    const versions = value.kind === 'VersionedName' ? value.versions.map((v) => v.text) : [];
    const given = scope.nominals.get(value.name.text);
    scope.read.add(value.name.text);
    if (scope.nominals.has(value.name.text)) return given && { ...given, versions: versions.length > 0 ? versions : given.versions };
    const found = lookupKind(value.name, scope.module, [kind === 'space' ? 'SpaceDecl' : 'TokenizerDecl'], kind, scope.report);
    return found && { nominal: nominalOf(found), versions };
  }
  return misfit(value, symbol, param.name.text, `a ${kind}`, scope);
}

function misfit(value: Expr, symbol: Symbol<ContractDecl>, name: string, expected: string, scope: TypeScope): undefined {
  const args = { part: symbol.name, name, expected, found: value.kind === 'NameExpr' && isDType(value.name.text) ? `the element type ${value.name.text}` : describeExpr(value, scope) };
  if (value.kind !== 'MissingExpr') scope.report(partCodes.report('argument-kind', args, at(scope.module, value.span)));
  return undefined;
}

/** What an argument is, in words. */
function describeExpr(value: Expr, { module }: TypeScope): string {
  const written = writtenAt(value, module).replace(/\s+/g, ' ');
  const shown = written.length > 40 ? `${written.slice(0, 37)}...` : written;
  return value.kind === 'NumberLit' ? `the number ${shown}` : value.kind === 'StringLit' ? `the text ${shown}` : value.kind === 'BoolLit' ? shown : `\`${shown}\``;
}

function labelsArgument(value: Expr, symbol: Symbol<ContractDecl>, name: string, scope: TypeScope): BoundSize | undefined {
  if (value.kind !== 'NameExpr') return misfit(value, symbol, name, 'labels', scope);
  scope.read.add(value.name.text);
  if (scope.sizes.has(value.name.text)) return scope.sizes.get(value.name.text);
  const labels = lookupKind(value.name, scope.module, ['LabelsDecl'], 'labels declaration', scope.report);
  return labels && labelsSize(labels);
}

function dtypeArgument(value: Expr, symbol: Symbol<ContractDecl>, name: string, scope: TypeScope): ElementType | undefined {
  const written = value.kind === 'NameExpr' ? value.name.text : undefined;
  if (written === undefined) return misfit(value, symbol, name, 'an element type', scope);
  return elementType({ text: written, span: value.span }, scope);
}

/** Which element type `float`, `int` or `any` of the contract is: one of these, or one that is open here and surely among them. */
function familyArgument(value: Expr, symbol: Symbol<ContractDecl>, name: DTypeFamily, scope: TypeScope): ElementType | undefined {
  const dtype = dtypeArgument(value, symbol, name, scope);
  const members: readonly DType[] = dtypeFamilies[name];
  if (dtype === undefined || dtypesOf(dtype).every((one) => members.includes(one))) return dtype;
  return misfit(value, symbol, name, `one of ${dtypeFamilies[name].join(', ')}`, scope);
}

/** A number, or a parameter that is one. */
function numberArgument(value: Expr, symbol: Symbol<ContractDecl>, name: string, scope: TypeScope): number | undefined {
  const written = literalNumber(value);
  if (written !== undefined && value.kind !== 'BoolLit') return written;
  if (value.kind !== 'NameExpr' || !scope.numbers.has(value.name.text)) return misfit(value, symbol, name, 'a number', scope);
  scope.read.add(value.name.text);
  return scope.numbers.get(value.name.text);
}

/** A value of the attribute, or a parameter of the same. */
function conventionArgument(value: Expr, attribute: Attribute, symbol: Symbol<ContractDecl>, name: string, scope: TypeScope): Convention | undefined {
  if (value.kind !== 'NameExpr') return misfit(value, symbol, name, `a value of the attribute \`${attribute.name}\``, scope);
  const written = value.name.text;
  const given = scope.conventions.get(written);
  scope.read.add(written);
  if (given !== undefined && given.attribute.id === attribute.id) return given;
  if (attribute.values.includes(written)) return { attribute, value: written };
  // The argument for the parameter was faulty.
  if ((scope.conventions.has(written) && given === undefined) || written === '') return undefined;
  scope.report(unknownValue(attribute, written, at(scope.module, value.span), true));
  return undefined;
}

function sizeArgument(value: Expr, symbol: Symbol<ContractDecl>, name: string, scope: TypeScope): BoundSize | undefined {
  if (value.kind === 'NameExpr') {
    const labels = scope.sizes.has(value.name.text) ? undefined : lookup(value.name, scope.module);
    if (isKind(labels, 'LabelsDecl')) return labelsSize(labels);
    // A size may have any name that is bound where it stands; that of an element type is another mistake.
    if (isDType(value.name.text) && !scope.sizes.has(value.name.text) && !scope.seen.has(value.name.text)) return misfit(value, symbol, name, 'a size', scope);
    return lookupSize(value.name, scope);
  }
  const written = writtenSize(value);
  return written === undefined ? misfit(value, symbol, name, 'a size', scope) : evaluateSize(written, scope);
}

/** A named argument that is neither a parameter nor a size of the contract. */
export function reportUnusedRenames(symbol: Symbol<ContractDecl>, ref: ContractRef, inner: TypeScope, outer: TypeScope): void {
  const params = symbol.declaration.params.map((p) => p.name.text);
  for (const arg of ref.args) {
    if (arg.name === undefined || params.includes(arg.name.text) || inner.seen.has(arg.name.text) || (isDTypeFamily(arg.name.text) && inner.read.has(arg.name.text))) continue;
    const near = suggest(arg.name.text, [...params, ...inner.seen.keys()]);
    const location = at(outer.module, arg.name.span);
    const takes = [...params, ...inner.seen.keys(), ...[...inner.read].filter(isDTypeFamily)].map((name) => `\`${name}\``);
    outer.report(
      partCodes.report('unknown-argument', { part: symbol.name, name: arg.name.text }, location, {
        ...mistyped(near, location, 'neither a parameter nor a size of it'),
        notes: takes.length === 0 ? [] : [`It has ${takes.join(', ')}.`],
      }),
    );
  }
}
