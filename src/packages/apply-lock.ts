/** Foreign files against the lock: what is new is added, what changed under an old version is an error. */
import { createHash } from 'node:crypto';
import type { DerivedNetwork, ForeignUse, IdentityUse } from '../check/model.ts';
import { lockCodes } from '../diagnostics/codes/lock.ts';
import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import type { Location } from '../text/source.ts';
import { boundFiles, lockBodies, type LockedBinding } from './bodies.ts';
import { shortDigest } from './digest.ts';
import { isNetwork, reportChange, reportJoining, type Changed } from './identity-change.ts';
import type { Binding, Lock, LockedFile } from './lock.ts';
import { pathFromLock, uriFromLock } from './lock-place.ts';

/**
 * update: add and refresh. locked: nothing may differ from the lock, as in CI.
 * accept: bind versions anew to the files that are there.
 */
export type LockMode = 'update' | 'locked' | 'accept';

export interface LockInput {
  readonly foreign: readonly ForeignUse[];
  readonly identities: readonly IdentityUse[];
  /** URIs of all modules that were checked. */
  readonly modules: ReadonlySet<string>;
  readonly lock: Lock;
  readonly lockUri: string;
  readonly host: Host;
  readonly mode: LockMode;
}

export interface Locked {
  readonly lock: Lock;
  /** Whether the lock is another one, and to be written. Never where there are diagnostics. */
  readonly changed: boolean;
  /** SHA-256 of each foreign file that could be read, by URI. */
  readonly fingerprints: ReadonlyMap<string, string>;
}

/**
 * A new time of an unchanged file is no change of the lock, or every clone would differ from what was committed;
 * unless this much was hashed only to find that out.
 */
const costlyBytes = 64 * 1024 * 1024;

/** Compares what is used with the lock. Files that cannot be read are left to the checker. */
export function applyLock(input: LockInput): Result<Locked> {
  const files = lockFiles(input);
  const identities = lockIdentities(input, files.fingerprints);
  const diagnostics = [...identities.diagnostics, ...files.diagnostics];
  const changed = (files.changed || identities.changed) && diagnostics.length === 0 && input.mode !== 'locked';
  const lock = { ...input.lock, files: files.entries, spaces: identities.spaces, tokenizers: identities.tokenizers };
  return { value: { lock: changed ? lock : input.lock, changed, fingerprints: files.fingerprints }, diagnostics };
}

// ---------------------------------------------------------------- files

function lockFiles(input: LockInput) {
  const entries = new Map([...input.lock.files].filter(([path]) => stillThere(path, input)));
  const fingerprints = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  let changed = entries.size < input.lock.files.size;
  let hashedInVain = 0;
  for (const use of input.foreign) {
    if (fingerprints.has(use.uri)) continue;
    const path = pathFromLock(input.lockUri, use.uri);
    const old = input.lock.files.get(path);
    const now = fileNow(use.uri, old, input.host);
    if (now === undefined) continue;
    fingerprints.set(use.uri, now.sha256);
    entries.set(path, now);
    if (now.sha256 !== old?.sha256) {
      changed = true;
      if (input.mode === 'locked') diagnostics.push(unlocked(use, path, old, now));
    } else if (now.mtimeMs !== old.mtimeMs) hashedInVain += now.bytes;
  }
  return { entries, fingerprints, diagnostics, changed: changed || hashedInVain >= costlyBytes };
}

const stillThere = (path: string, { lockUri, host }: LockInput): boolean => {
  const uri = uriFromLock(lockUri, path);
  return uri !== undefined && host.stat(uri) !== undefined;
};

function fileNow(uri: string, old: LockedFile | undefined, host: Host): LockedFile | undefined {
  const stat = host.stat(uri);
  if (stat === undefined) return undefined;
  const mtimeMs = Math.max(0, Math.trunc(stat.mtimeMs));
  // A host without a clock says 0, which proves nothing.
  if (old !== undefined && mtimeMs !== 0 && old.bytes === stat.size && old.mtimeMs === mtimeMs) return old;
  const digest = host.sha256(uri);
  return digest.ok ? { bytes: stat.size, mtimeMs, sha256: digest.value } : undefined;
}

function unlocked(use: ForeignUse, path: string, old: LockedFile | undefined, now: LockedFile): Diagnostic {
  const remedy = 'Run `mdl check` without --locked, and commit mdl.lock with the change that it belongs to.';
  if (old === undefined) {
    return lockCodes.report('lock-outdated', { what: path }, use.location, { label: 'not locked', notes: [remedy] });
  }
  return lockCodes.report('lock-mismatch', { path }, use.location, {
    label: 'not the locked file',
    notes: [`${path} was ${describeFile(old)} and is now ${describeFile(now)}.`, remedy],
  });
}

const describeFile = ({ bytes, sha256 }: LockedFile): string => `${shortDigest(sha256)} (${bytes.toLocaleString('en-US')} bytes)`;

// ---------------------------------------------------------------- spaces and tokenizers

function lockIdentities(input: LockInput, fingerprints: ReadonlyMap<string, string>) {
  const tables = { space: new Map(input.lock.spaces), tokenizer: new Map(input.lock.tokenizers) };
  const diagnostics: Diagnostic[] = [];
  let changed = false;
  for (const identity of input.identities) {
    const table = tables[identity.kind];
    const key = `${identity.id}@${identity.version}`;
    const before = table.get(key);
    const bodies = lockBodies(identity, before, input, fingerprints);
    const files = lockIdentity(identity, boundFiles(before), input, fingerprints);
    if (identity.version === '' || (files.binding.size === 0 && bodies.binding.size === 0)) continue;
    const found = [...files.diagnostics, ...bodies.diagnostics];
    diagnostics.push(...found);
    if (found.length > 0 || !(files.changed || bodies.changed)) continue;
    changed = true;
    table.set(key, new Map([...files.binding, ...bodies.binding]));
    if (input.mode === 'locked' && files.changed) diagnostics.push(unboundIdentity(identity, key));
  }
  return { spaces: tables.space, tokenizers: tables.tokenizer, diagnostics, changed };
}

/** The files of a space or tokenizer against those that its version is bound to. */
function lockIdentity(identity: IdentityUse, old: Binding | undefined, input: LockInput, fingerprints: ReadonlyMap<string, string>): LockedBinding {
  const now = bindingNow(identity, input, fingerprints);
  const failed = (diagnostic: Diagnostic): LockedBinding => ({ binding: now, changed: false, diagnostics: [diagnostic] });
  if (old !== undefined && input.mode !== 'accept' && now.size > 0) {
    if (isReplaced(identity, old, now, componentsOf(identity, fingerprints), weightsOf(input))) return failed(reportChange(identity, old, now, changedOf(identity, old, now, input, fingerprints)));
    const joining = encodersBeside(identity, old, now, input, fingerprints);
    if (joining.length > 0) return failed(reportJoining(identity, old, joining));
  }
  const isKept = now.size === 0 || (old !== undefined && isSame(old, now));
  return { binding: isKept ? (old ?? now) : merge(identity, old, now), changed: !isKept, diagnostics: [] };
}

function bindingNow({ files, derived }: IdentityUse, { lockUri }: LockInput, fingerprints: ReadonlyMap<string, string>): Binding {
  const whole = files.flatMap((uri): [string, string][] => {
    const digest = fingerprints.get(uri);
    return digest === undefined ? [] : [[pathFromLock(lockUri, uri), digest]];
  });
  const made = derived.flatMap((network): [string, string][] => {
    const digest = digestOf(network, fingerprints);
    return digest === undefined ? [] : [[nameOf(network, lockUri), digest]];
  });
  return new Map([...whole, ...made]);
}

/** `law.mdl#LawLM`: how the lock calls a network with values of ours inside. */
const nameOf = ({ location, name }: DerivedNetwork, lockUri: string): string => `${pathFromLock(lockUri, location.uri)}#${name}`;

/** SHA-256 of what is replaced inside, and of each file of the network; undefined where one of them cannot be read. */
function digestOf({ text, files }: DerivedNetwork, fingerprints: ReadonlyMap<string, string>): string | undefined {
  const digests = files.map((uri) => fingerprints.get(uri));
  return digests.includes(undefined) ? undefined : createHash('sha256').update(JSON.stringify([text, digests])).digest('hex');
}

/** The digests of files that networks with values of ours inside are made of, and that are no encoders of the space by themselves. */
function componentsOf({ files, derived }: IdentityUse, fingerprints: ReadonlyMap<string, string>): ReadonlySet<string | undefined> {
  const whole = new Set(files);
  return new Set(derived.flatMap((network) => network.files).filter((uri) => !whole.has(uri)).map((uri) => fingerprints.get(uri)));
}

/**
 * Whether something else stands where a bound file stood: the same path with other bytes, or a path given up for
 * unknown bytes. A file beside the first one, or an old file under a new name, replaces nothing. Locks of before bind
 * networks with values of ours inside by the base's file: that is given up for the whole. Weights of a bridge, which were fitted into the space,
 * take no network's place: it may be named by a module that is not checked.
 */
function isReplaced(identity: IdentityUse, old: Binding, now: Binding, components: ReadonlySet<string | undefined>, weights: ReadonlySet<string>): boolean {
  const known = new Set(old.values());
  const unknown = [...now].filter(([, digest]) => !known.has(digest));
  if (identity.kind === 'tokenizer') return unknown.length > 0;
  const joins = unknown.every(([path]) => weights.has(path));
  const givenUp = [...old].some(([path, digest]) => !now.has(path) && !components.has(digest) && !(joins && isNetwork(path)));
  return unknown.some(([path]) => old.has(path)) || (unknown.length > 0 && givenUp);
}

/** The paths of weights that belong to parts of ours. */
const weightsOf = ({ foreign, lockUri }: LockInput): ReadonlySet<string> => new Set(foreign.flatMap(({ role, uri }) => (role === 'weights' ? [pathFromLock(lockUri, uri)] : [])));

/**
 * Encoders that a space gets beside those that its version is bound to. Weights of a bridge may join: they were fitted into the space.
 * An encoder may be the same one in eight bits, or the other tower of two, or any other: only who made it knows.
 */
function encodersBeside(identity: IdentityUse, old: Binding, now: Binding, { foreign, lockUri }: LockInput, fingerprints: ReadonlyMap<string, string>): readonly Location[] {
  if (identity.kind === 'tokenizer') return [];
  const known = new Set(old.values());
  const isNew = (name: string): boolean => now.has(name) && !known.has(now.get(name)!);
  const uses = foreign.filter(({ role, uri }) => role === 'backbone' && identity.files.includes(uri) && isNew(pathFromLock(lockUri, uri)));
  const files = [...new Map(uses.map((use) => [use.uri, use.location])).values()];
  const components = componentsOf(identity, fingerprints);
  const isOfBefore = [...old.values()].every((digest) => components.has(digest));
  const derived = isOfBefore ? [] : identity.derived.filter((network) => isNew(nameOf(network, lockUri)));
  return [...files, ...derived.map(({ location }) => location)];
}

/** Whether nothing that is used now is new to the lock. */
const isSame = (old: Binding, now: Binding): boolean => [...now].every(([path, digest]) => old.get(path) === digest);

/** A tokenizer has one file. A space keeps what it was bound to beside what it is bound to now. */
function merge(identity: IdentityUse, old: Binding | undefined, now: Binding): Binding {
  if (old === undefined || identity.kind === 'tokenizer') return now;
  const digests = new Set(now.values());
  const kept = [...old].filter(([path, digest]) => !now.has(path) && !digests.has(digest));
  return new Map([...kept, ...now]);
}

function unboundIdentity(identity: IdentityUse, key: string): Diagnostic {
  return lockCodes.report('lock-outdated', { what: `the ${identity.kind} ${key}` }, identity.location, {
    label: 'not bound to these files yet',
    notes: ['Run `mdl check` without --locked, and commit mdl.lock.'],
  });
}

/** What is not as the lock has it; one literal names a network's file and those beside it. */
function changedOf({ kind, files, derived }: IdentityUse, old: Binding, now: Binding, { foreign, lock, lockUri }: LockInput, fingerprints: ReadonlyMap<string, string>): Changed {
  const known = new Set(old.values());
  const isOther = (name: string): boolean => now.has(name) && !known.has(now.get(name)!);
  const uses = foreign.filter(({ uri, role }) => files.includes(uri) && (role === 'tokenizer') === (kind === 'tokenizer') && isOther(pathFromLock(lockUri, uri)));
  const inside = new Set(derived.flatMap((network) => network.files));
  const changed = [...inside].flatMap((uri): [string, readonly [string, string]][] => {
    const path = pathFromLock(lockUri, uri);
    const [before, digest] = [lock.files.get(path)?.sha256, fingerprints.get(uri)];
    return before === undefined || digest === undefined || before === digest ? [] : [[path, [before, digest]]];
  });
  return {
    uses: [...new Map(uses.map((use) => [`${use.location.uri} ${use.location.span.start}`, use])).values()],
    derived: derived.filter((network) => isOther(nameOf(network, lockUri))),
    inside: new Map(changed),
  };
}
