/** What a contract's names stand for at one use of it. */
import { partCodes } from '../diagnostics/codes/parts.ts';
import { mistyped } from '../diagnostics/mistyped.ts';
import { at, type Symbol } from '../names/modules.ts';
import type { Arg, ContractDecl, ContractRef, Expr, Param } from '../syntax/ast.ts';
import { suggest } from '../text/suggest.ts';
import type { BoundSize } from '../types/bindings.ts';
import { intDim } from '../types/dim.ts';
import type { Nominal } from '../types/fact.ts';
import { classesOf, isKind, lookup, lookupKind, nominalOf } from './declarations.ts';
import { lookupSize, type TypeScope } from './type-scope.ts';

/** Parameters get their arguments; other named arguments rename the contract's free sizes. */
export function contractScope(symbol: Symbol<ContractDecl>, ref: ContractRef, outer: TypeScope, id: string): TypeScope {
  const sizes = new Map<string, BoundSize | undefined>();
  const nominals = new Map<string, Nominal | undefined>();
  const params = new Map(symbol.declaration.params.map((p) => [p.name.text, p]));
  const given = namedArguments(symbol, ref, outer);
  // An argument that could not be placed was probably meant for the parameter that lacks one.
  const unplaced = ref.args.length > given.size;
  for (const [name, param] of params) {
    const value = given.get(name)?.value ?? param.default;
    if (value === undefined && !unplaced) reportMissing(param, symbol, ref, outer);
    if (kindOf(param) === 'int') sizes.set(name, value && sizeArgument(value, symbol, name, outer));
    else nominals.set(name, value && nominalArgument(value, param, symbol, outer));
  }
  for (const [name, arg] of given) if (!params.has(name)) sizes.set(name, sizeArgument(arg.value, symbol, name, outer));
  return { ...outer, module: symbol.module, sizes, nominals, outer, use: outer.use ?? at(outer.module, ref.span), seen: new Map(), expanding: [...outer.expanding, id] };
}

const kindOf = (param: Param) => (param.type.kind === 'KindType' ? param.type.name : undefined);

/** The arguments by name; one without a name, and a second of one name, are reported. */
function namedArguments(symbol: Symbol<ContractDecl>, ref: ContractRef, scope: TypeScope): Map<string, Arg> {
  const given = new Map<string, Arg>();
  for (const arg of ref.args) {
    const name = arg.name?.text;
    const location = at(scope.module, arg.span);
    if (name === undefined) reportUnnamed(symbol, arg, scope);
    else if (given.has(name)) scope.report(partCodes.report('duplicate-argument', { part: symbol.name, name }, location, { label: 'given before' }));
    else if (!isMistyped(name, arg, symbol, ref, scope)) given.set(name, arg);
  }
  return given;
}

/** Whether a name is near to that of a parameter that is not given; it is reported then. */
function isMistyped(name: string, arg: Arg, symbol: Symbol<ContractDecl>, ref: ContractRef, scope: TypeScope): boolean {
  const params = symbol.declaration.params.map((p) => p.name.text);
  if (params.includes(name)) return false;
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
function nominalArgument(value: Expr, param: Param, symbol: Symbol<ContractDecl>, scope: TypeScope): Nominal | undefined {
  const kind = kindOf(param);
  if ((kind !== 'space' && kind !== 'tokenizer') || value.kind === 'MissingExpr' || value.kind === 'VersionedName') return undefined;
  if (value.kind === 'NameExpr') {
    if (scope.nominals.has(value.name.text)) return scope.nominals.get(value.name.text);
    const found = lookupKind(value.name, scope.module, [kind === 'space' ? 'SpaceDecl' : 'TokenizerDecl'], kind, scope.report);
    return found && nominalOf(found);
  }
  const args = { part: symbol.name, name: param.name.text, expected: `a ${kind}`, found: 'an expression' };
  scope.report(partCodes.report('argument-kind', args, at(scope.module, value.span)));
  return undefined;
}

function sizeArgument(value: Expr, symbol: Symbol<ContractDecl>, name: string, scope: TypeScope): BoundSize | undefined {
  if (value.kind === 'NumberLit' && Number.isSafeInteger(value.value)) return { size: intDim(value.value) };
  if (value.kind === 'NameExpr') {
    const labels = scope.sizes.has(value.name.text) ? undefined : lookup(value.name, scope.module);
    if (isKind(labels, 'LabelsDecl')) return { size: intDim(classesOf(labels).values.length), classes: classesOf(labels) };
    return lookupSize(value.name, scope);
  }
  if (value.kind !== 'MissingExpr') {
    const args = { part: symbol.name, name, expected: 'a size', found: 'another expression' };
    scope.report(partCodes.report('argument-kind', args, at(scope.module, value.span), { label: 'a number or a name is needed' }));
  }
  return undefined;
}

/** A named argument that is neither a parameter nor a size of the contract. */
export function reportUnusedRenames(symbol: Symbol<ContractDecl>, ref: ContractRef, inner: TypeScope, outer: TypeScope): void {
  const params = symbol.declaration.params.map((p) => p.name.text);
  for (const arg of ref.args) {
    if (arg.name === undefined || params.includes(arg.name.text) || inner.seen.has(arg.name.text)) continue;
    const near = suggest(arg.name.text, [...params, ...inner.seen.keys()]);
    const location = at(outer.module, arg.name.span);
    outer.report(
      partCodes.report('unknown-argument', { part: symbol.name, name: arg.name.text }, location, {
        ...mistyped(near, location, 'neither a parameter nor a size of it'),
      }),
    );
  }
}
