/**
 * What a check found out about each module, kept for the next check. A module's findings rest on its text, on the
 * declarations that it imports, and on the foreign files that it names. Names gives a module for which these are as they
 * were as the same object, so that the findings are kept by that object; the files are looked at again. In a module that is
 * made anew, declarations that are as they were are the same symbols, and what was found out about each is kept by these.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import type { ModuleScope, Symbol } from '../names/modules.ts';
import type { Checker } from './context.ts';
import type { FollowedMemory, LargeParts } from './expressions/followed.ts';
import type { Template } from './expressions/templates.ts';
import type { Value } from './expressions/values.ts';
import type { NodeFacts } from './joints/followed-values.ts';
import type { CheckedModel } from './model.ts';
import { filesAmong, gainsSince, lengthsOf, play, stateOf, tablesOf, type Recorded } from './recording.ts';
import type { CheckedTool } from './tools/index.ts';

/** A model as a program, and what was found while it became one. */
export interface LoweredModel {
  readonly model: CheckedModel | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

interface Findings {
  /** What each list and table of the checker gained. */
  readonly lists: readonly (readonly unknown[])[];
  readonly tables: readonly (readonly (readonly [Symbol, unknown])[])[];
  readonly tools: readonly CheckedTool[];
  /** The states of the foreign files that were looked at. */
  readonly files: ReadonlyMap<string, string>;
}

export interface CheckMemory {
  readonly modules: WeakMap<ModuleScope, Findings>;
  readonly declarations: WeakMap<Symbol, Recorded>;
  readonly lowered: WeakMap<Symbol, LoweredModel>;
  readonly followed: FollowedMemory<Value>;
  readonly templates: FollowedMemory<Template>;
  readonly sealedTemplates: FollowedMemory<Template>;
  readonly bodyGraphs: Checker['bodyGraphs'];
  readonly large: LargeParts;
  readonly nodeFacts: NodeFacts;
}

export const createMemory = (): CheckMemory => ({ modules: new WeakMap(), declarations: new WeakMap(), lowered: new WeakMap(), followed: new WeakMap(), templates: new WeakMap(), sealedTemplates: new WeakMap(), bodyGraphs: new WeakMap(), large: new WeakSet(), nodeFacts: new WeakMap() });

/** Checks a module by `check`, or takes what is known of it. */
export function rememberModule(module: ModuleScope, checker: Checker, memory: CheckMemory, check: () => readonly CheckedTool[]): Findings {
  const known = memory.modules.get(module);
  if (known !== undefined) {
    play(known.lists, checker);
    tablesOf(checker).forEach((table, i) => known.tables[i]!.forEach(([symbol, value]) => table.set(symbol, value)));
    return known;
  }
  const lengths = lengthsOf(checker);
  const sizes = tablesOf(checker).map((table) => table.size);
  const tools = check();
  const lists = gainsSince(lengths, checker);
  const findings: Findings = {
    lists,
    tables: tablesOf(checker).map((table, i) => [...table].slice(sizes[i])),
    tools,
    files: filesAmong(lists),
  };
  memory.modules.set(module, findings);
  return findings;
}

/** The program of a model of a checked module; undefined where it cannot become one, which is reported. */
export function rememberLowered(symbol: Symbol, checker: Checker, { lowered }: CheckMemory, lower: () => CheckedModel | undefined): CheckedModel | undefined {
  const known = lowered.get(symbol);
  if (known !== undefined) {
    checker.diagnostics.push(...known.diagnostics);
    return known.model;
  }
  const before = checker.diagnostics.length;
  const model = lower();
  lowered.set(symbol, { model, diagnostics: checker.diagnostics.slice(before) });
  return model;
}

/** Takes over what another memory knows of a module. */
export function takeFindings(module: ModuleScope, from: CheckMemory, into: CheckMemory): void {
  const findings = from.modules.get(module);
  if (findings === undefined || into.modules.has(module)) return;
  into.modules.set(module, findings);
  for (const symbol of module.names.values()) {
    if (symbol.module !== module) continue;
    take(symbol, from.declarations, into.declarations);
    take(symbol, from.lowered, into.lowered);
    take(symbol, from.nodeFacts, into.nodeFacts);
  }
}

function take<T>(symbol: Symbol, from: WeakMap<Symbol, T>, into: WeakMap<Symbol, T>): void {
  const found = from.get(symbol);
  if (found !== undefined) into.set(symbol, found);
}

/** Whether the foreign files that a module names are as they were when it was checked. */
export function isCurrent(module: ModuleScope, memory: CheckMemory, host: Host): boolean {
  const files = memory.modules.get(module)?.files ?? new Map<string, string>();
  return [...files].every(([uri, state]) => stateOf(uri, host) === state);
}
