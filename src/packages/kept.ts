/** What a lock keeps of what tools found out, by the module that declares them. */
import type { Outcome } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import { readLockFile } from './check-lock.ts';
import type { Lock, LockedProbe, LockedVerdict } from './lock.ts';
import { pathFromLock, uriFromLock } from './lock-place.ts';

export interface KeptOfModule {
  /** By the names of its `verify` declarations. */
  readonly verdicts: ReadonlyMap<string, LockedVerdict>;
  /** By the names of its `probe` declarations. */
  readonly probes: ReadonlyMap<string, LockedProbe>;
}

export function keptOfModule(uri: string, lockUri: string, lock: Outcome<Lock>): KeptOfModule {
  if (!lock.ok) return { verdicts: new Map(), probes: new Map() };
  const { verdicts, probes } = lock.value;
  return { verdicts: ownOf(uri, lockUri, verdicts), probes: ownOf(uri, lockUri, probes) };
}

function ownOf<T>(uri: string, lockUri: string, kept: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  if (kept.size === 0) return kept;
  const prefix = `${pathFromLock(lockUri, uri)}#`;
  return new Map([...kept].flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])));
}

export interface Kept<T> {
  /** Of the module that declares it. */
  readonly uri: string;
  readonly name: string;
  readonly stored: T;
}
export type KeptProbe = Kept<LockedProbe>;
export type KeptVerdict = Kept<LockedVerdict>;

/** The probes that a lock keeps something of, where their modules still are. */
export const keptProbes = (lockUri: string, host: Host): readonly KeptProbe[] => keptOf(lockUri, host, ({ probes }) => probes);
/** The same of verdicts. */
export const keptVerdicts = (lockUri: string, host: Host): readonly KeptVerdict[] => keptOf(lockUri, host, ({ verdicts }) => verdicts);

function keptOf<T>(lockUri: string, host: Host, of: (lock: Lock) => ReadonlyMap<string, T>): readonly Kept<T>[] {
  const { lock } = readLockFile(lockUri, host);
  if (!lock.ok) return [];
  return [...of(lock.value)].flatMap(([key, stored]): Kept<T>[] => {
    const at = key.lastIndexOf('#');
    const uri = uriFromLock(lockUri, key.slice(0, at));
    return uri?.endsWith('.mdl') === true && host.stat(uri) !== undefined ? [{ uri, name: key.slice(at + 1), stored }] : [];
  });
}

/** Whether something is kept of a declaration of the module. */
export const isKept = ({ kind, name = '' }: { readonly kind: string; readonly name?: string }, { verdicts, probes }: KeptOfModule): boolean =>
  (kind === 'verify' && verdicts.has(name)) || (kind === 'probe' && probes.has(name));
