/** Comparisons in a `where` clause: `color == rgb`, an attribute's value, and `h >= 32`, which is about sizes. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import type { Symbol } from '../../names/modules.ts';
import type { AttributeDecl, CompareFact, Name, NumberLit } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { nearest } from '../../text/suggest.ts';
import { intDim, symbolDim, symbolsOf, type Dim } from '../../types/dim.ts';
import type { Attribute, AttributeStatement, SizeStatement, Statement } from '../../types/fact.ts';
import { showStatement, showTensor } from '../../types/show.ts';
import { decideSize } from '../../types/size-bounds.ts';
import type { TensorType } from '../../types/type.ts';
import { attributeOf, isKind, lookup, unknownName } from './declarations.ts';
import { meantRange, sayFix, spellings } from './meant-facts.ts';
import { lookupSize, textOf, type TypeScope } from './type-scope.ts';

/** Whether it is about an attribute rather than about sizes. */
export const isAttributeFact = ({ left }: CompareFact, scope: TypeScope): boolean => isKind(lookup(left, scope.module), 'AttributeDecl') && !isSize(left.text, scope);

export function compareStatement(expr: CompareFact, type: TensorType, scope: TypeScope): Statement | undefined {
  const name = expr.left.text;
  if (name === '' || scope.module.unresolved.has(name)) return undefined;
  const symbol = lookup(expr.left, scope.module);
  if (isKind(symbol, 'AttributeDecl') && !isSize(name, scope)) return attributeStatement(expr, symbol, type, scope);
  return sizeStatement(expr, type, scope);
}

/** Whether a name is a size that was met before, here or where the contract is used. */
function isSize(name: string, scope: TypeScope): boolean {
  for (let user: TypeScope | undefined = scope; user !== undefined; user = user.outer) if (user.seen.has(name) || user.sizes.has(name) || user.chosen.has(name)) return true;
  return isKind(scope.module.names.get(name), 'LabelsDecl');
}

function sizeStatement(expr: CompareFact, type: TensorType, scope: TypeScope): Statement | undefined {
  const unknown = [expr.left, expr.right].find((side): side is Name => side.kind === 'Name' && side.text !== '' && !isSize(side.text, scope));
  if (unknown !== undefined) {
    reportUnknown(unknown, expr, scope);
    return undefined;
  }
  const left = lookupSize(expr.left, scope);
  const right = expr.right.kind === 'Name' ? lookupSize(expr.right, scope) : numberSize(expr.right, expr, type, scope);
  if (left === undefined || right === undefined) return undefined;
  const statement: SizeStatement = { kind: 'size', op: expr.op, left: left.size, right: right.size };
  const isNever = decideSize(statement) === 'refuted';
  if (!isNever && !isOfNothing(statement)) return statement;
  const fact = textOf(expr, scope);
  const shown = showStatement(statement);
  const never = isNever ? 'never holds' : 'holds of no axis that has an element';
  const why = shown === fact ? `it ${never}` : `it is ${shown} here, which ${never}`;
  const location = at(scope.module, expr.span);
  // It is the arguments of the contract that make it false.
  const place = scope.use ? { related: [{ location, text: 'demanded here' }] } : {};
  scope.report(partCodes.report('fact-misplaced', { fact, type: showTensor(type), why }, scope.use ?? location, place));
  return undefined;
}

/** Whether sizes from 1 on are never so: a run has a row. */
function isOfNothing(statement: SizeStatement): boolean {
  const sizes = [...symbolsOf(statement.left), ...symbolsOf(statement.right)];
  return decideSize(statement, sizes.map((symbol) => ({ kind: 'size', op: '>=', left: symbolDim(symbol), right: intDim(1) }))) === 'refuted';
}

function numberSize({ value }: NumberLit, expr: CompareFact, type: TensorType, scope: TypeScope): { readonly size: Dim } | undefined {
  if (Number.isNaN(value)) return undefined;
  if (Number.isSafeInteger(value) && value >= 0) return { size: intDim(value) };
  return reportMisplaced(expr, textOf(expr, scope), type, 'a size is a whole number that is not below zero', scope);
}

function reportMisplaced(expr: CompareFact, fact: string, type: TensorType, why: string, scope: TypeScope): undefined {
  scope.report(partCodes.report('fact-misplaced', { fact, type: showTensor(type), why }, at(scope.module, expr.span)));
  return undefined;
}

/** A name that is neither a size of the type nor an attribute. */
function reportUnknown(name: Name, expr: CompareFact, scope: TypeScope): void {
  const { op, left, right } = expr;
  const location = at(scope.module, expr.span);
  if (name === left && name.text !== 'range' && Object.hasOwn(spellings, name.text)) {
    const spelling = right.kind === 'NumberLit' && op === '==' ? `${name.text}(-1) == ${right.text}` : spellings[name.text]!;
    return scope.report(partCodes.report('fact-incomplete', { name: name.text, spelling }, location, { fixes: [sayFix(spelling, location)] }));
  }
  const range = name === left && right.kind === 'NumberLit' ? meantRange(name.text, op, right.text) : undefined;
  const attributes = [...scope.module.names].filter(([, s]) => isKind(s, 'AttributeDecl')).map(([n]) => n);
  const sizes = new Set<string>();
  for (let user: TypeScope | undefined = scope; user !== undefined; user = user.outer) for (const size of [...user.seen.keys(), ...user.sizes.keys()]) sizes.add(size);
  const isAttribute = name === left && op === '==' && right.kind === 'Name' && !isSize(right.text, scope);
  const unknown = unknownName(name.text, isAttribute ? 'attribute' : 'size', isAttribute ? attributes : [...sizes], at(scope.module, name.span));
  const bounds = range === undefined ? [] : [`A comparison is one of sizes; what the values lie between is a range: \`${range}\`.`];
  scope.report({ ...unknown, notes: [...unknown.notes, ...bounds], fixes: [...unknown.fixes, ...(range === undefined ? [] : [sayFix(range, location)])] });
}

export function unknownValue(attribute: Attribute, written: string, location: Location, isName: boolean): Diagnostic {
  const near = isName ? nearest(written, attribute.values) : [];
  const related = [{ location: attribute.location, text: `its values are ${attribute.values.join(', ')}` }];
  return nameCodes.report('unknown-value', { attribute: attribute.name, value: written }, location, { ...mistyped(near, location, 'unknown'), related });
}

function attributeStatement(expr: CompareFact, symbol: Symbol<AttributeDecl>, type: TensorType, scope: TypeScope): Statement | undefined {
  const attribute = attributeOf(symbol);
  const { right } = expr;
  const location = at(scope.module, right.span);
  const written = right.text;
  // A value that the parser had to make up.
  if (written === '') return undefined;
  const parameter = scope.conventions.get(written);
  if (scope.conventions.has(written)) scope.read.add(written);
  // The argument for the parameter was faulty.
  if (scope.conventions.has(written) && parameter === undefined) return undefined;
  if (parameter?.attribute.id !== attribute.id && !attribute.values.includes(written)) {
    scope.report(unknownValue(attribute, written, location, right.kind === 'Name'));
    return undefined;
  }
  const statement: AttributeStatement = { kind: 'attribute', attribute, value: parameter?.attribute.id === attribute.id ? parameter.value : written };
  const misplaced = (why: string): undefined => reportMisplaced(expr, textOf(expr, scope), type, why, scope);
  if (expr.op !== '==') return misplaced('the values of an attribute have no order; write `==`');
  const other = type.facts.find((fact) => fact.kind === 'attribute' && fact.attribute.id === attribute.id && fact.value !== written);
  return other === undefined ? statement : misplaced(`it says ${showStatement(other)} already`);
}
