/**
 * Declarations that an edit of their module leaves as they were, at their place: those above the edit which mention
 * nothing that has changed. They stay the same symbols in the module that was made anew, so that what was found out of
 * them holds, and modules that import no others need not be made anew.
 */
import type { Declaration, Module } from '../syntax/ast.ts';
import type { ModuleScope, Symbol } from './modules.ts';

/** The tree of an edited text, with the nodes that the module had for declarations that are the same, places and all. */
export function sharingNodes(before: ModuleScope, after: Module, text: string): Module {
  const same = commonLength(before.source.text, text);
  const old = before.ast.declarations;
  return { ...after, declarations: after.declarations.map((declaration, i) => (old[i] !== undefined && old[i].span.end <= same && isEqual(old[i], declaration) ? old[i] : declaration)) };
}

/** Gives a module that was made anew the symbols that it had, where they mean the same. */
export function carryOver(before: ModuleScope, after: ModuleScope): void {
  const kept = sameMeaning(before, after);
  for (const symbol of kept) {
    symbol.module = after;
    after.names.set(symbol.name, symbol);
  }
}

function sameMeaning(before: ModuleScope, after: ModuleScope): ReadonlySet<Symbol> {
  if (before.package !== after.package) return new Set();
  const own = [...before.names.values()].filter((symbol) => symbol.module === before);
  const kept = new Set(own.filter((symbol) => after.names.get(symbol.name)?.declaration === symbol.declaration));
  const means = (name: string): boolean => {
    const [old, now] = [before.names.get(name), after.names.get(name)];
    if (old === undefined || now === undefined) return old === now && before.unresolved.has(name) === after.unresolved.has(name);
    return old === now || kept.has(old);
  };
  const mentions = mentionsOf(kept);
  const changed = [...mentions.keys()].filter((name) => !means(name));
  // What mentions a declaration that is not carried over is not either.
  for (const name of changed) {
    for (const symbol of mentions.get(name) ?? []) if (kept.delete(symbol)) changed.push(symbol.name);
  }
  return kept;
}

/** By name, the symbols whose declarations mention it. */
function mentionsOf(symbols: Iterable<Symbol>): ReadonlyMap<string, readonly Symbol[]> {
  const mentions = new Map<string, Symbol[]>();
  for (const symbol of symbols) {
    for (const word of wordsOf(symbol)) {
      const known = mentions.get(word);
      if (known === undefined) mentions.set(word, [symbol]);
      else known.push(symbol);
    }
  }
  return mentions;
}

const words = new WeakMap<Declaration, readonly string[]>();

/** All that may be a name in a declaration, words of its texts and comments too. */
function wordsOf({ declaration, module }: Symbol): readonly string[] {
  const known = words.get(declaration);
  if (known !== undefined) return known;
  const { start, end } = declaration.span;
  const found = [...new Set(module.source.text.slice(start, end).match(/[A-Za-z_]\w*/g))];
  words.set(declaration, found);
  return found;
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
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
