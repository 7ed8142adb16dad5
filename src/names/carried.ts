/**
 * Declarations that an edit of their module leaves as they were, at their place: those above the edit which mention
 * nothing that has changed. A module that imports no others need not be made anew.
 */
import type { ModuleScope, Symbol } from './modules.ts';

/** Symbols of modules that were made anew, to those that took their place. */
export type Carried = ReadonlyMap<Symbol, Symbol>;

/** The own symbols of a module that mean the same after it was made anew; `others` are those of the modules that it imports. */
export function carriedOver(before: ModuleScope, after: ModuleScope, others: Carried): Carried {
  if (before.package !== after.package) return new Map();
  const same = commonLength(before.source.text, after.source.text);
  const carried = new Map<Symbol, Symbol>();
  for (const [name, old] of before.names) {
    const now = after.names.get(name);
    if (now === undefined || old.module !== before || now.module !== after) continue;
    if (old.declaration.span.end <= same && isEqual(old.declaration, now.declaration)) carried.set(old, now);
  }
  const means = (name: string): boolean => {
    const [old, now] = [before.names.get(name), after.names.get(name)];
    if (old === undefined || now === undefined) return old === now && before.unresolved.has(name) === after.unresolved.has(name);
    return old === now || carried.get(old) === now || others.get(old) === now;
  };
  const words = new Map([...carried.keys()].map((symbol) => [symbol, wordsOf(symbol)]));
  // What mentions a declaration that is not carried over is not either.
  for (let count = -1; count !== carried.size; ) {
    count = carried.size;
    for (const symbol of carried.keys()) if (!words.get(symbol)!.every(means)) carried.delete(symbol);
  }
  return carried;
}

/** All that may be a name in a declaration, words of its texts and comments too. */
function wordsOf({ declaration: { span }, module }: Symbol): readonly string[] {
  return [...new Set(module.source.text.slice(span.start, span.end).match(/[A-Za-z_]\w*/g))];
}

function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}

/** Whether two trees are the same, places and all: recovery from a mistake further down may read the same text otherwise. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [own, other] = [Object.entries(a), Object.entries(b)];
  return own.length === other.length && own.every(([key, value]) => isEqual(value, (b as Record<string, unknown>)[key]));
}
