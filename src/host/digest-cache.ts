/**
 * Digests of files by their state on this machine, kept between runs: the times of a fresh clone are not those of its
 * lock file, and its models are hashed once all the same. Small files have theirs kept, too: where all are known, Node's
 * cryptography need not be loaded, which takes longer than to hash them. A cache is never needed: what cannot be read or written of
 * it is as if it were not there.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FileStat } from './host.ts';
import { makeFolders } from './make-folders.ts';
import { writeText } from './write-text.ts';

interface Entry extends FileStat {
  readonly sha256: string;
}

const largestCount = 500;

export interface DigestCache {
  get(uri: string, stat: FileStat): string | undefined;
  set(uri: string, stat: FileStat, sha256: string): void;
}

export function createDigestCache(folder: string): DigestCache {
  const store = path.join(folder, 'digests.json');
  let entries: Map<string, Entry> | undefined;
  const load = (): Map<string, Entry> => (entries ??= readEntries(store));
  return {
    get: (uri, stat) => {
      const entry = load().get(uri);
      return entry?.size === stat.size && entry.mtimeMs === stat.mtimeMs ? entry.sha256 : undefined;
    },
    set: (uri, stat, sha256) => {
      const known = load();
      known.delete(uri);
      known.set(uri, { size: stat.size, mtimeMs: stat.mtimeMs, sha256 });
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
  const { size, mtimeMs, sha256 } = (entry ?? {}) as Partial<Entry>;
  return typeof size === 'number' && typeof mtimeMs === 'number' && /^[0-9a-f]{64}$/.test(String(sha256));
};

function writeEntries(store: string, entries: readonly (readonly [string, Entry])[]): void {
  try {
    makeFolders(path.dirname(store));
    writeText(store, JSON.stringify(Object.fromEntries(entries)));
  } catch {
    // Nobody can write here; the next run hashes again.
  }
}
