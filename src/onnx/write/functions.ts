/** Local functions of several files in one: equal ones are shared, different ones of one name are told apart. */
import type { Operation } from '../../ir/program.ts';
import { operatorKey, type FunctionExtent, type OnnxFile } from '../read/file.ts';
import { claimName } from '../names.ts';

export interface FunctionPlan {
  /** New names by operator key, for each file. */
  readonly operatorsOf: (file: OnnxFile) => ReadonlyMap<string, string>;
  /** What is to be written: every function once. */
  readonly written: readonly { readonly file: OnnxFile; readonly extent: FunctionExtent }[];
}

export interface FunctionUser {
  readonly file: OnnxFile;
  /** The name of the first link of this file, for new names. */
  readonly name: string;
}

/** Whether two functions of one key are the same bytes. */
export type SameBytes = (a: OnnxFile, b: OnnxFile, x: FunctionExtent, y: FunctionExtent) => boolean;

interface Definition {
  readonly user: FunctionUser;
  readonly extent: FunctionExtent;
}

export function planFunctions(
  users: readonly FunctionUser[],
  authored: readonly Operation[],
  sameBytes: SameBytes,
): FunctionPlan {
  const definitions = users.flatMap((user) => user.file.layout.functions.map((extent) => ({ user, extent })));
  const byKey = groupByKey(definitions);
  const ours = new Set(authored.map((node) => operatorKey(node.domain, node.op, '')));
  const meant = new Set([...ours, ...users.flatMap(({ file }) => [...runtimeCalls(file)])]);
  const renamed = new Set<Definition>();
  for (const [key, [first, ...later]] of byKey) {
    const differing = later.filter(
      (other) => !sameBytes(first!.user.file, other.user.file, first!.extent, other.extent),
    );
    for (const definition of meant.has(key) ? [first!, ...later] : differing) renamed.add(definition);
  }
  spread(definitions, byKey, renamed);
  return nameFunctions(definitions, renamed, new Set([...ours, ...users.flatMap(({ file }) => [...keysOf(file)])]));
}

function groupByKey(definitions: readonly Definition[]): ReadonlyMap<string, readonly Definition[]> {
  const groups = new Map<string, Definition[]>();
  for (const definition of definitions) {
    const group = groups.get(definition.extent.key);
    if (group === undefined) groups.set(definition.extent.key, [definition]);
    else group.push(definition);
  }
  return groups;
}

/** Keys that a file calls and does not define: it means what the runtime has under that name. */
function* runtimeCalls(file: OnnxFile): Generator<string> {
  const own = new Set(file.layout.functions.map((extent) => extent.key));
  for (const key of keysOf(file)) if (!own.has(key)) yield key;
}

/** Every operator key that a file defines or calls. */
function* keysOf(file: OnnxFile): Generator<string> {
  yield* file.names.operators;
  for (const { key, calls } of file.layout.functions) {
    yield key;
    yield* calls;
  }
}

/** A shared function that calls a renamed one is no longer the same in both files: it needs a new name, too. */
function spread(
  definitions: readonly Definition[],
  byKey: ReadonlyMap<string, readonly Definition[]>,
  renamed: Set<Definition>,
): void {
  const callers = new Map<string, Definition[]>();
  for (const definition of definitions)
    for (const key of definition.extent.calls) {
      const known = callers.get(key);
      if (known === undefined) callers.set(key, [definition]);
      else known.push(definition);
    }
  // A set that grows while it is walked: each renamed function is asked for its callers once.
  for (const { user, extent } of renamed)
    for (const caller of callers.get(extent.key) ?? []) {
      const isShared = byKey.get(caller.extent.key)!.length > 1;
      if (caller.user === user && isShared) renamed.add(caller);
    }
}

function nameFunctions(
  definitions: readonly Definition[],
  renamed: ReadonlySet<Definition>,
  taken: Set<string>,
): FunctionPlan {
  const operators = new Map<OnnxFile, Map<string, string>>();
  const written: { file: OnnxFile; extent: FunctionExtent }[] = [];
  const writtenKeys = new Set<string>();
  for (const definition of definitions) {
    const { file, name: prefix } = definition.user;
    const { key, domain, name, overload } = definition.extent;
    if (renamed.has(definition)) {
      const free = claimName(`${prefix}/${name}`, (candidate) => taken.has(operatorKey(domain, candidate, overload)));
      taken.add(operatorKey(domain, free, overload));
      operators.set(file, (operators.get(file) ?? new Map<string, string>()).set(key, free));
    } else if (writtenKeys.has(key)) continue;
    else writtenKeys.add(key);
    written.push({ file, extent: definition.extent });
  }
  return { operatorsOf: (file) => operators.get(file) ?? new Map(), written };
}
