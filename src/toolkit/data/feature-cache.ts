/** Features on disk, an encoder a file: they cost minutes, and are the same every time. The vectors are read as they are asked for. */
import path from 'node:path';
import { makeFolders } from '../../host/make-folders.ts';
import { keepNewest, nameOf, openRecords, type Records } from './feature-records.ts';
import { makeRoom } from './feature-room.ts';

/** Of all files together. */
const mostBytes = 4 * 2 ** 30;

export interface FeatureCache {
  /** Numbers of a vector; undefined as long as there is none. */
  width(): number | undefined;
  /** Whether the vector of an example is there, by its digest. */
  has(key: Buffer): boolean;
  /** The vectors of examples that are there, one behind the other. */
  read(keys: readonly Buffer[]): Float32Array;
  add(entries: readonly (readonly [key: Buffer, vector: Float32Array])[]): void;
  /** Nothing is asked of it any more. */
  close(): void;
}

/** Forgets everything. */
export function memoryCache(): FeatureCache {
  const known = new Map<string, Float32Array>();
  let width: number | undefined;
  return {
    width: () => width,
    has: (key) => known.has(nameOf(key)),
    read(keys) {
      const found = new Float32Array(keys.length * (width ?? 0));
      for (const [i, key] of keys.entries()) found.set(known.get(nameOf(key))!, i * width!);
      return found;
    },
    add(entries) {
      for (const [key, vector] of entries) known.set(nameOf(key), vector);
      width ??= entries[0]?.[1].length;
    },
    close: () => {},
  };
}

/** How often room is made while as much is added as may lie there. */
const looks = 16;

/**
 * What cannot be read or written of the folder is as if it were not there: it is kept in memory. All files of the folder take at most
 * `most` bytes, and what is added between two looks at them; a file that has grown beyond that by itself begins with the newer part of it.
 */
export function openFeatureCache(folder: string, fingerprint: string, most = mostBytes): FeatureCache {
  const file = path.join(folder, `${fingerprint}.features`);
  /** What could not be written. */
  const unwritten = memoryCache();
  keepNewest(file, most);
  let records = openRecords(file, false);
  /** Since room was made; the first addition looks at once. */
  let added = Infinity;
  return {
    width: () => unwritten.width() ?? records?.width,
    has: (key) => unwritten.has(key) || records?.has(key) === true,
    read: (keys) => (records === undefined || unwritten.width() !== undefined ? readBoth(keys, unwritten, records) : records.read(keys)),
    add(entries) {
      if (entries.length === 0) return;
      const width = entries[0]![1].length;
      try {
        if (records?.width !== width) {
          records?.close();
          makeFolders(folder);
          records = openRecords(file, true, width);
        }
        if (added > most / looks) {
          makeRoom(folder, file, most);
          added = 0;
        }
        added += records!.append(entries);
      } catch {
        // A cache is never needed: a full disk costs memory and time, and no answer.
        unwritten.add(entries);
      }
    },
    close: () => records?.close(),
  };
}

function readBoth(keys: readonly Buffer[], unwritten: FeatureCache, records: Records | undefined): Float32Array {
  const width = unwritten.width() ?? records?.width ?? 0;
  const found = new Float32Array(keys.length * width);
  for (const [i, key] of keys.entries()) found.set(unwritten.has(key) ? unwritten.read([key]) : records!.read([key]), i * width);
  return found;
}
