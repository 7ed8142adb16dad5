/** Where the names in a type expression get their meaning. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ModuleScope } from '../names/modules.ts';
import type { DimExpr, Name } from '../syntax/ast.ts';
import type { BoundSize } from '../types/bindings.ts';
import { addDims, intDim, multiplyDims, subtractDims, symbolDim } from '../types/dim.ts';
import type { Nominal } from '../types/fact.ts';
import { at } from '../names/modules.ts';
import { nameCodes } from '../diagnostics/codes/names.ts';
import { kindNames } from '../names/modules.ts';
import { classesOf, isKind, lookup } from './declarations.ts';

export type Report = (diagnostic: Diagnostic) => void;

export interface TypeScope {
  readonly module: ModuleScope;
  /** The declaration whose names these are: a part, a model, a backbone. Prefix of the symbols' keys. */
  readonly key: string;
  readonly report: Report;
  /** A compile-time parameter or a renamed size; undefined for a name that is free here. */
  readonly sizes: ReadonlyMap<string, BoundSize>;
  readonly nominals: ReadonlyMap<string, Nominal>;
  /** The scope that uses this contract: free names are captured from it. */
  readonly outer?: TypeScope;
  /** Names that were looked up, in the order of their first use, with where they stand. */
  readonly seen: Map<string, Name>;
  /** Contracts being expanded, to find cycles. */
  readonly expanding: readonly string[];
}

export function rootScope(module: ModuleScope, name: string, report: Report, sizes: ReadonlyMap<string, BoundSize> = new Map()): TypeScope {
  return { module, key: `${module.uri}#${name}`, report, sizes, nominals: new Map(), seen: new Map(), expanding: [] };
}

export const sizeKey = (scope: TypeScope, name: string): string => `${scope.key}/${name}`;
export const restKey = (scope: TypeScope): string => `${scope.key}/...`;

/** A name among the sizes: a parameter, labels, or a free name, which is captured by the scope that uses a contract. */
export function lookupSize(name: Name, scope: TypeScope): BoundSize {
  if (!scope.seen.has(name.text)) scope.seen.set(name.text, name);
  const known = scope.sizes.get(name.text);
  if (known !== undefined) return known;
  const symbol = lookup(name, scope.module);
  if (isKind(symbol, 'LabelsDecl')) {
    const classes = classesOf(symbol);
    return { size: intDim(classes.values.length), classes };
  }
  if (symbol !== undefined && symbol.module === scope.module) {
    const found = kindNames[symbol.declaration.kind];
    scope.report(
      nameCodes.report('wrong-kind', { name: name.text, found, expected: 'size' }, at(scope.module, name.span), {
        label: 'used as a size',
        notes: ['A size is a number, a name of your choice, or a `labels` declaration.'],
      }),
    );
  }
  if (scope.outer !== undefined) return lookupSize(name, scope.outer);
  return { size: symbolDim({ key: sizeKey(scope, name.text), name: name.text, kind: 'rigid' }) };
}

const arithmetic = { '+': addDims, '-': subtractDims, '*': multiplyDims } as const;

export function evaluateSize(expr: DimExpr, scope: TypeScope): BoundSize {
  switch (expr.kind) {
    case 'DimInt':
      return { size: intDim(expr.value) };
    case 'DimName':
      return lookupSize(expr.name, scope);
    case 'DimBinary':
      return { size: arithmetic[expr.op](evaluateSize(expr.left, scope).size, evaluateSize(expr.right, scope).size) };
  }
}
