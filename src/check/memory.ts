/**
 * What a check found out about each module, kept for the next check. A module's findings rest on its text, on the
 * declarations that it imports, and on the foreign files that it names. Names gives a module for which these are as they
 * were as the same object, so that the findings are kept by that object; the files are looked at again.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import type { ModuleScope, Symbol } from '../names/modules.ts';
import type { Node } from '../syntax/ast.ts';
import type { Checker } from './context.ts';
import type { FollowedMemory } from './expressions/followed.ts';
import type { NodeFacts } from './joints/followed-values.ts';
import type { CheckedModel } from './model.ts';
import type { CheckedTool } from './tools/index.ts';
import type { Value } from './expressions/values.ts';

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
  readonly values: ReadonlyMap<Node, Value>;
  /** The states of the foreign files that were looked at. */
  readonly files: ReadonlyMap<string, string>;
  readonly lowered: Map<string, LoweredModel>;
}

export interface CheckMemory {
  readonly modules: WeakMap<ModuleScope, Findings>;
  readonly followed: FollowedMemory;
  readonly nodeFacts: NodeFacts;
}

export const createMemory = (): CheckMemory => ({ modules: new WeakMap(), followed: new WeakMap(), nodeFacts: new WeakMap() });

/** The lists and tables that checking a module adds to, and that another module may read. */
const listsOf = (checker: Checker): readonly unknown[][] => [checker.diagnostics, checker.foreign, checker.bound, checker.reads, checker.weights, checker.looked];
const tablesOf = (checker: Checker): readonly Map<Symbol, unknown>[] => [checker.calls, checker.signatures, checker.bindings, checker.joints];
const ownCallers = ({ tables: [calls] }: Findings): readonly Symbol[] => calls!.map(([symbol]) => symbol);

/** Checks a module by `check`, or takes what is known of it. */
export function rememberModule(module: ModuleScope, checker: Checker, memory: CheckMemory, check: () => readonly CheckedTool[]): Findings {
  const known = memory.modules.get(module);
  if (known !== undefined) {
    listsOf(checker).forEach((list, i) => list.push(...known.lists[i]!));
    tablesOf(checker).forEach((table, i) => known.tables[i]!.forEach(([symbol, value]) => table.set(symbol, value)));
    // What the module calls may stand in one that was made anew around it.
    for (const symbol of ownCallers(known)) checker.calls.set(symbol, new Set([...checker.calls.get(symbol)!].map((callee) => currentOf(callee, checker))));
    return known;
  }
  const lengths = listsOf(checker).map((list) => list.length);
  const sizes = tablesOf(checker).map((table) => table.size);
  checker.values.clear();
  const tools = check();
  const findings: Findings = {
    lists: listsOf(checker).map((list, i) => list.slice(lengths[i])),
    tables: tablesOf(checker).map((table, i) => [...table].slice(sizes[i])),
    tools,
    values: new Map(checker.values),
    files: new Map(checker.looked.slice(lengths.at(-1)).map((uri) => [uri, stateOf(uri, checker.host)])),
    lowered: new Map(),
  };
  memory.modules.set(module, findings);
  return findings;
}

/** The declaration as it is now. */
const currentOf = (symbol: Symbol, { modules }: Checker): Symbol => modules.scopes.get(symbol.module.uri)?.names.get(symbol.name) ?? symbol;

/** The program of a model of a checked module; undefined where it cannot become one, which is reported. */
export function rememberLowered({ name, module }: Symbol, checker: Checker, memory: CheckMemory, lower: () => CheckedModel | undefined): CheckedModel | undefined {
  const { lowered } = memory.modules.get(module)!;
  const known = lowered.get(name);
  if (known !== undefined) {
    checker.diagnostics.push(...known.diagnostics);
    return known.model;
  }
  const before = checker.diagnostics.length;
  const model = lower();
  lowered.set(name, { model, diagnostics: checker.diagnostics.slice(before) });
  return model;
}

/** Whether the foreign files that a module names are as they were when it was checked. */
export function isCurrent(module: ModuleScope, memory: CheckMemory, host: Host): boolean {
  const files = memory.modules.get(module)?.files ?? new Map<string, string>();
  return [...files].every(([uri, state]) => stateOf(uri, host) === state);
}

/** What tells one state of a file from another without reading it. */
function stateOf(uri: string, host: Host): string {
  const stat = host.stat(uri);
  return stat === undefined ? 'absent' : `${stat.size} ${stat.mtimeMs}`;
}
