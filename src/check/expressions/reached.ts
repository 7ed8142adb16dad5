/** What declarations call, directly or through others. */
import type { Symbol } from '../../names/modules.ts';
import type { Checker } from '../context.ts';

/** A declaration and all that it calls, directly or through others. */
export function reachedFrom(symbol: Symbol, checker: Checker): Symbol[] {
  const reached = new Set<Symbol>();
  const visit = (s: Symbol): void => {
    if (reached.has(s)) return;
    reached.add(s);
    for (const callee of checker.calls.get(s) ?? []) visit(callee);
  };
  visit(symbol);
  return [...reached];
}

/** Whether whoever calls a declaration has to have weights for parameters of it, or of what it calls. */
export const leavesParameters = (symbol: Symbol, checker: Checker): boolean => lookBelow(symbol, checker, new Set()).leaves;

/** An answer is settled, and kept, where all declarations that it rests on have been checked: the calls of others are not all known yet. */
function lookBelow(symbol: Symbol, checker: Checker, seen: Set<Symbol>): { readonly leaves: boolean; readonly settled: boolean } {
  const known = checker.leaving.get(symbol);
  if (known !== undefined) return { leaves: known, settled: true };
  if (seen.has(symbol)) return { leaves: false, settled: false };
  seen.add(symbol);
  const { declaration } = symbol;
  const owns = 'weights' in declaration && declaration.weights !== undefined;
  const declares = declaration.kind === 'PartDecl' && (declaration.body?.statements.some(({ kind }) => kind === 'ParamStatement') ?? false);
  const below = owns || declares ? [] : [...(checker.calls.get(symbol) ?? [])].map((callee) => lookBelow(callee, checker, seen));
  const leaves = !owns && (declares || below.some((each) => each.leaves));
  const settled = checker.signatures.has(symbol) && below.every((each) => each.settled);
  if (settled) checker.leaving.set(symbol, leaves);
  return { leaves, settled };
}
