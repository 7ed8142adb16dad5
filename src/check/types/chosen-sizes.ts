/**
 * Sizes that a part chooses: `some n`. In a result nobody but the part knows it: each call gives another one, which is
 * the same in all fields of that result. In an input it is whatever the value has, whichever other inputs say `n`.
 */
import { noBindings, substituteType, type Bindings } from '../../types/bindings.ts';
import { symbolDim, symbolsOf, type DimSymbol } from '../../types/dim.ts';
import { bindFrom, noFreeNames } from '../../types/match.ts';
import type { TensorType, Type } from '../../types/type.ts';
import { tensorsOf } from '../parts/signature.ts';
import type { TypeScope } from './type-scope.ts';

/** The sizes that a type leaves to its part, by key. */
export function chosenSizes(type: Type): ReadonlyMap<string, DimSymbol> {
  const chosen = new Map<string, DimSymbol>();
  for (const { shape } of tensorsOf(type)) {
    for (const { size } of shape.axes) for (const symbol of symbolsOf(size)) if (symbol.kind === 'chosen') chosen.set(symbol.key, symbol);
  }
  return chosen;
}

/** Adds a new size to the bindings for each that the part chooses at one call; answers whether there is any. */
export function chooseSizes(type: Type, bindings: Bindings, scope: TypeScope): boolean {
  const chosen = chosenSizes(type);
  for (const [key, { name }] of chosen) {
    const own = freshName(name, scope);
    bindings.sizes.set(key, { size: symbolDim({ key: `${scope.key}/chosen/${own}`, name: own, kind: 'rigid' }) });
  }
  return chosen.size > 0;
}

/** The type with sizes of its own in the place of those that it leaves open. */
export function withOwnSizes(type: Type, scope: TypeScope): Type {
  const bindings = noBindings();
  chooseSizes(type, bindings, scope);
  return bindings.sizes.size === 0 ? type : substituteType(type, bindings);
}

/** What the body of a part chose, where its result says `some`. */
export function bindChosen(declared: TensorType, found: TensorType, bindings: Bindings): void {
  bindFrom(declared, found, { ...noFreeNames, sizes: new Set(chosenSizes(declared).keys()) }, bindings);
}

/** `n`, or `n_2` where the scope has another size of the name. */
function freshName(name: string, { seen, chosenNames }: TypeScope): string {
  let own = name;
  for (let i = 2; seen.has(own) || chosenNames.has(own); i++) own = `${name}_${i}`;
  chosenNames.add(own);
  return own;
}
