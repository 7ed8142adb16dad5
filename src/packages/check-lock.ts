/** What a compilation uses, held against the lock of its entries: what `mdl check` writes afterwards, and an editor only shows. */
import type { ForeignUse, IdentityUse } from '../check/model.ts';
import { lockCodes } from '../diagnostics/codes/lock.ts';
import { locate, type Diagnostic, type Outcome } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import { createSource, emptySpan, type Location, type SourceText } from '../text/source.ts';
import { applyLock, type Locked, type LockMode } from './apply-lock.ts';
import { emptyLock, readLock, type Lock } from './lock.ts';

/** What of a compilation a lock is about. */
export interface LockedUses {
  readonly foreign: readonly ForeignUse[];
  readonly identities: readonly IdentityUse[];
  readonly sources: ReadonlyMap<string, SourceText>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface LockCheck {
  /** The lock as it is on disk; an empty one where there is none. */
  readonly lock: Outcome<Lock>;
  /** Its text, where there is one. */
  readonly source?: SourceText;
  /** Undefined where the lock cannot be read, or has to be there and is not. */
  readonly locked?: Locked;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the lock and compares. Writes nothing. */
export function checkLock(uses: LockedUses, lockUri: string, host: Host, mode: LockMode): LockCheck {
  const read = readLockFile(lockUri, host);
  const beginning = { uri: lockUri, span: emptySpan };
  if (!read.lock.ok) return { ...read, diagnostics: [locate(read.lock.finding, beginning)] };
  if (mode === 'locked' && read.source === undefined && uses.foreign.length > 0) {
    const missing = lockCodes.report('lock-missing', { path: host.display(lockUri) }, beginning, {
      notes: ['Run `mdl check` without --locked, and commit the file that it writes.'],
    });
    return { ...read, diagnostics: [missing] };
  }
  const { value, diagnostics } = applyLock({ foreign: soundUses(uses), identities: uses.identities, modules: new Set(uses.sources.keys()), lock: read.lock.value, lockUri, host, mode });
  return { ...read, locked: value, diagnostics };
}

/** A file whose header is wrong may be anything, of any size: it is not hashed. */
function soundUses({ foreign, diagnostics }: LockedUses): readonly ForeignUse[] {
  const placeOf = ({ uri, span }: Location): string => `${uri} ${span.start} ${span.end}`;
  const wrong = new Set(diagnostics.filter((d) => d.severity === 'error').map((d) => placeOf(d.location)));
  const unsound = new Set(foreign.filter((use) => wrong.has(placeOf(use.location))).map((use) => use.uri));
  return foreign.filter((use) => !unsound.has(use.uri));
}

/** The lock as it is on disk; an empty one where there is none. */
export function readLockFile(lockUri: string, host: Host): Pick<LockCheck, 'lock' | 'source'> {
  if (host.stat(lockUri) === undefined) return { lock: { ok: true, value: emptyLock } };
  const text = host.readText(lockUri);
  return text.ok ? { lock: readLock(text.value), source: createSource(lockUri, text.value) } : { lock: text };
}
