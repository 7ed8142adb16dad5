/** Local functions of several files in one: equal ones are shared, different ones of one name are told apart. */
import type { Operation } from '../ir/program.ts';
import { operatorKey, type FunctionExtent, type OnnxFile } from './file.ts';
import { claimName } from './names.ts';

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
  const ours = new Set(authored.map((node) => operatorKey(node.domain, node.op, '')));
  const renamed = new Set(
    definitions.filter((definition, index) => {
      const { key } = definition.extent;
      const earlier = definitions.slice(0, index).filter((other) => other.extent.key === key);
      const differs = earlier.some(
        (other) => !sameBytes(other.user.file, definition.user.file, other.extent, definition.extent),
      );
      return differs || ours.has(key) || users.some((user) => callsForeign(user.file, key));
    }),
  );
  spread(definitions, renamed);
  return nameFunctions(definitions, renamed, new Set([...ours, ...users.flatMap(({ file }) => [...keysOf(file)])]));
}

/** Every operator key that a file defines or calls. */
function* keysOf(file: OnnxFile): Generator<string> {
  yield* file.names.operators;
  for (const { key, calls } of file.layout.functions) {
    yield key;
    yield* calls;
  }
}

/** A file calls an operator of that key and means not a function of its own but one that the runtime has. */
function callsForeign(file: OnnxFile, key: string): boolean {
  if (file.layout.functions.some((own) => own.key === key)) return false;
  return file.names.operators.has(key) || file.layout.functions.some((own) => own.calls.has(key));
}

/** A shared function that calls a renamed one is no longer the same in both files: it needs a new name, too. */
function spread(definitions: readonly Definition[], renamed: Set<Definition>): void {
  const isShared = ({ user, extent }: Definition): boolean =>
    definitions.some((other) => other.extent.key === extent.key && other.user !== user);
  const callsRenamed = ({ user, extent }: Definition): boolean =>
    [...renamed].some((other) => other.user === user && extent.calls.has(other.extent.key));
  for (let before = -1; before < renamed.size;) {
    before = renamed.size;
    for (const definition of definitions)
      if (!renamed.has(definition) && isShared(definition) && callsRenamed(definition)) renamed.add(definition);
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
    const { key } = definition.extent;
    if (renamed.has(definition)) {
      const [domain = '', name = '', overload = ''] = key.split(':');
      const free = claimName(`${prefix}/${name}`, (candidate) => taken.has(operatorKey(domain, candidate, overload)));
      taken.add(operatorKey(domain, free, overload));
      operators.set(file, (operators.get(file) ?? new Map<string, string>()).set(key, free));
    } else if (writtenKeys.has(key)) continue;
    else writtenKeys.add(key);
    written.push({ file, extent: definition.extent });
  }
  return { operatorsOf: (file) => operators.get(file) ?? new Map(), written };
}
