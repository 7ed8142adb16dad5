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
export function leavesParameters(symbol: Symbol, checker: Checker, seen = new Set<Symbol>()): boolean {
  const { declaration } = symbol;
  if (seen.has(symbol) || ('weights' in declaration && declaration.weights !== undefined)) return false;
  seen.add(symbol);
  const own = declaration.kind === 'PartDecl' && (declaration.body?.statements.some(({ kind }) => kind === 'ParamStatement') ?? false);
  return own || [...(checker.calls.get(symbol) ?? [])].some((callee) => leavesParameters(callee, checker, seen));
}
