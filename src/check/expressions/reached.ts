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
