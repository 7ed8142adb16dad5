/** Comparisons in a `where` clause: `color == rgb`, an attribute's value. */
import { nameCodes } from '../diagnostics/codes/names.ts';
import { partCodes } from '../diagnostics/codes/parts.ts';
import { mistyped } from '../diagnostics/mistyped.ts';
import { at, type Symbol } from '../names/modules.ts';
import type { AttributeDecl, CompareFact } from '../syntax/ast.ts';
import { suggest } from '../text/suggest.ts';
import type { AttributeStatement, Statement } from '../types/fact.ts';
import { showStatement, showTensor } from '../types/show.ts';
import type { TensorType } from '../types/type.ts';
import { attributeOf, isKind, lookup, unknownName } from './declarations.ts';
import type { TypeScope } from './type-scope.ts';

export function compareStatement(expr: CompareFact, type: TensorType, scope: TypeScope): Statement | undefined {
  const name = expr.left.text;
  if (name === '' || scope.module.unresolved.has(name)) return undefined;
  const symbol = lookup(expr.left, scope.module);
  if (isKind(symbol, 'AttributeDecl')) return attributeStatement(expr, symbol, type, scope);
  if (expr.right.kind === 'NumberLit' || scope.seen.has(expr.right.text) || scope.seen.has(name)) {
    scope.report(partCodes.report('unsupported', { what: 'a comparison of sizes as a fact' }, at(scope.module, expr.span)));
    return undefined;
  }
  const attributes = [...scope.module.names].filter(([, s]) => isKind(s, 'AttributeDecl')).map(([n]) => n);
  scope.report(unknownName(name, 'attribute', attributes, at(scope.module, expr.left.span)));
  return undefined;
}

function attributeStatement(expr: CompareFact, symbol: Symbol<AttributeDecl>, type: TensorType, scope: TypeScope): Statement | undefined {
  const attribute = attributeOf(symbol);
  const { right } = expr;
  const location = at(scope.module, right.span);
  const written = right.text;
  // A value that the parser had to make up.
  if (written === '') return undefined;
  if (!attribute.values.includes(written)) {
    const near = right.kind === 'Name' ? suggest(written, attribute.values) : undefined;
    const related = [{ location: attribute.location, text: `its values are ${attribute.values.join(', ')}` }];
    scope.report(nameCodes.report('unknown-value', { attribute: attribute.name, value: written }, location, { ...mistyped(near, location, 'unknown'), related }));
    return undefined;
  }
  const statement: AttributeStatement = { kind: 'attribute', attribute, value: written };
  const misplaced = (why: string): undefined => {
    scope.report(partCodes.report('fact-misplaced', { fact: `${attribute.name} ${expr.op} ${written}`, type: showTensor(type), why }, at(scope.module, expr.span)));
    return undefined;
  };
  if (expr.op !== '==') return misplaced('the values of an attribute have no order; write `==`');
  const other = type.facts.find((fact) => fact.kind === 'attribute' && fact.attribute.id === attribute.id && fact.value !== written);
  return other === undefined ? statement : misplaced(`it says ${showStatement(other)} already`);
}
