/** What a lock keeps of what tools found out, by the module that declares them. */
import type { Outcome } from '../diagnostics/diagnostic.ts';
import type { Lock, LockedProbe, LockedVerdict } from './lock.ts';
import { pathFromLock } from './lock-place.ts';

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

/** Whether something is kept of a declaration of the module. */
export const isKept = ({ kind, name = '' }: { readonly kind: string; readonly name?: string }, { verdicts, probes }: KeptOfModule): boolean =>
  (kind === 'verify' && verdicts.has(name)) || (kind === 'probe' && probes.has(name));
