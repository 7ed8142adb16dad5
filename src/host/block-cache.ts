/** Digests of the blocks of large source files, by the file's state on this machine, kept between builds. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isSameState, isState, type FileState } from './file-state.ts';
import { makeFolders } from './make-folders.ts';
import { writeText } from './write-text.ts';

/** By the block's number in its file. */
type Blocks = Record<number, string>;

interface Entry extends FileState {
  readonly blocks: Blocks;
}

const largestCount = 20;

export interface BlockCache {
  /** The known blocks of a file in this state, to be filled in. */
  of(uri: string, state: FileState): Blocks;
  /** Writes what has been filled in; what cannot be written is as if it had not been known. */
  save(): void;
}

export function createBlockCache(folder: string): BlockCache {
  const store = path.join(folder, 'blocks.json');
  const touched = new Map<string, { readonly entry: Entry; readonly known: number }>();
  let stored: Map<string, Entry> | undefined;
  return {
    of: (uri, state) => {
      stored ??= readEntries(store);
      const { entry = fresh(uri, state, stored) } = touched.get(uri) ?? {};
      if (!touched.has(uri)) touched.set(uri, { entry, known: Object.keys(entry.blocks).length });
      return entry.blocks;
    },
    save: () => {
      const grown = [...touched].filter(([, { entry, known }]) => Object.keys(entry.blocks).length > known);
      if (grown.length === 0) return;
      // Another build may have written in the meantime.
      const entries = readEntries(store);
      for (const [uri, { entry }] of grown) {
        entries.delete(uri);
        entries.set(uri, entry);
      }
      writeEntries(store, [...entries].slice(-largestCount));
    },
  };
}

function fresh(uri: string, state: FileState, stored: ReadonlyMap<string, Entry>): Entry {
  const entry = stored.get(uri);
  return entry !== undefined && isSameState(entry, state) ? entry : { ...state, blocks: {} };
}

function readEntries(store: string): Map<string, Entry> {
  try {
    const json = JSON.parse(readFileSync(store, 'utf8')) as Record<string, Entry>;
    return new Map(Object.entries(json).filter(([, entry]) => isEntry(entry)));
  } catch {
    return new Map();
  }
}

function isEntry(entry: unknown): boolean {
  const { blocks, ...state } = (entry ?? {}) as Partial<Entry>;
  const isKnown = isState(state) && typeof blocks === 'object' && blocks !== null;
  return isKnown && Object.values(blocks).every((digest) => /^[0-9a-f]{64}$/.test(String(digest)));
}

function writeEntries(store: string, entries: readonly (readonly [string, Entry])[]): void {
  try {
    makeFolders(path.dirname(store));
    writeText(store, JSON.stringify(Object.fromEntries(entries)));
  } catch {
    // Nobody can write here; the next build hashes again.
  }
}
