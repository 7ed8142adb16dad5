/**
 * Digests of files by their state on this machine, kept between runs: the times of a fresh clone are not those of its
 * lock file, and its models are hashed once all the same. Small files have theirs kept, too: where all are known, Node's
 * cryptography need not be loaded, which takes longer than to hash them. A cache is never needed: what cannot be read or written of
 * it is as if it were not there.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isSameState, isState, type FileState } from './file-state.ts';
import { makeFolders } from './make-folders.ts';
import { writeText } from './write-text.ts';

interface Entry extends FileState {
  readonly sha256: string;
}

const largestCount = 500;

export interface DigestCache {
  get(uri: string, state: FileState): string | undefined;
  set(uri: string, state: FileState, sha256: string): void;
}

export function createDigestCache(folder: string): DigestCache {
  const store = path.join(folder, 'digests.json');
  let entries: Map<string, Entry> | undefined;
  const load = (): Map<string, Entry> => (entries ??= readEntries(store));
  return {
    get: (uri, state) => {
      const entry = load().get(uri);
      return entry !== undefined && isSameState(entry, state) ? entry.sha256 : undefined;
    },
    set: (uri, state, sha256) => {
      const known = load();
      known.delete(uri);
      known.set(uri, { ...state, sha256 });
      writeEntries(store, [...known].slice(-largestCount));
    },
  };
}

function readEntries(store: string): Map<string, Entry> {
  try {
    const json: unknown = JSON.parse(readFileSync(store, 'utf8'));
    return new Map(Object.entries(json as Record<string, Entry>).filter(([, entry]) => isEntry(entry)));
  } catch {
    return new Map();
  }
}

const isEntry = (entry: unknown): boolean => {
  const { sha256, ...state } = (entry ?? {}) as Partial<Entry>;
  return isState(state) && /^[0-9a-f]{64}$/.test(String(sha256));
};

function writeEntries(store: string, entries: readonly (readonly [string, Entry])[]): void {
  try {
    makeFolders(path.dirname(store));
    writeText(store, JSON.stringify(Object.fromEntries(entries)));
  } catch {
    // Nobody can write here; the next run hashes again.
  }
}
