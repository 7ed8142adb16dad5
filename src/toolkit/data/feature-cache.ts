/**
 * Features on disk, an encoder a file: they cost minutes, and are the same every time. Records are appended as they come, each
 * with a check of its own, so that after a kill all whole ones are found again; a broken record is only one that is not there.
 * What lies in memory is where each stands: the vectors are read as they are asked for.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, futimesSync, openSync, readSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../../host/make-folders.ts';

/** Of all files together. The least recently used make room. */
const mostBytes = 4 * 2 ** 30;
const headerBytes = 8;
const keyBytes = 32;
const checkBytes = 8;
/** What is read of a file at once. */
const blockBytes = 4 * 2 ** 20;

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

const nameOf = (key: Buffer): string => key.toString('latin1');

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

/** What cannot be read or written of the folder is as if it were not there: it is kept in memory. */
export function openFeatureCache(folder: string, fingerprint: string): FeatureCache {
  const file = path.join(folder, `${fingerprint}.features`);
  /** What could not be written. */
  const unwritten = memoryCache();
  let records = openRecords(file, false);
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
          makeRoom(folder, file);
          records = openRecords(file, true, width);
        }
        records!.append(entries);
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

// ---------------------------------------------------------------- the file

interface Records {
  readonly width: number;
  has(key: Buffer): boolean;
  read(keys: readonly Buffer[]): Float32Array;
  append(entries: readonly (readonly [key: Buffer, vector: Float32Array])[]): void;
  close(): void;
}

const magic = 'MDLF';

/** A file of records; begun anew where a width is given, undefined where there is none that can be read. The same file stays open: whoever makes room does not take it away. */
function openRecords(file: string, isNew: boolean, newWidth = 0): Records | undefined {
  const descriptor = openFile(file, isNew);
  if (descriptor === undefined) return undefined;
  // Another process may have begun it a moment ago.
  if (isNew && widthIn(descriptor) !== newWidth) begin(descriptor, newWidth);
  const width = widthIn(descriptor);
  if (width === undefined) {
    closeSync(descriptor);
    return undefined;
  }
  const size = keyBytes + 4 * width + checkBytes;
  let places = scan(descriptor, size);
  const startOf = (place: number): number => headerBytes + place * size;

  /** The vectors of keys whose records stand one behind the other; undefined where others stand there now. */
  function readRun(keys: readonly Buffer[], first: number, into: Uint8Array): boolean {
    const bytes = readAt(descriptor!, startOf(first), keys.length * size);
    return keys.every((key, i) => {
      const record = bytes.subarray(i * size, (i + 1) * size);
      into.set(record.subarray(keyBytes, keyBytes + 4 * width!), i * 4 * width!);
      return key.equals(record.subarray(0, keyBytes));
    });
  }

  function read(keys: readonly Buffer[]): Float32Array {
    const found = new Float32Array(keys.length * width!);
    const bytes = new Uint8Array(found.buffer);
    const most = Math.max(1, Math.floor(blockBytes / size));
    for (let from = 0; from < keys.length;) {
      const first = places.get(nameOf(keys[from]!));
      if (first === undefined) throw new Error(`${file} was changed by something else`);
      let to = from + 1;
      while (to < keys.length && to - from < most && places.get(nameOf(keys[to]!)) === first + to - from) to += 1;
      if (!readRun(keys.slice(from, to), first, bytes.subarray(from * 4 * width!))) {
        // Another process appends to the same file: where what it wrote stands is found by reading it.
        places = scan(descriptor!, size);
        return read(keys);
      }
      from = to;
    }
    return found;
  }

  return {
    width,
    has: (key) => places.has(nameOf(key)),
    read,
    append(entries) {
      const next = Math.floor((fstatSync(descriptor).size - headerBytes) / size);
      writeAll(descriptor, Buffer.concat(entries.map(([key, vector]) => recordOf(key, vector))));
      for (const [i, [key]] of entries.entries()) places.set(nameOf(key), next + i);
    },
    close: () => closeSync(descriptor),
  };
}

/** To read and append; to read alone where nothing can be written. */
function openFile(file: string, isNew: boolean): number | undefined {
  if (isNew) return openSync(file, 'a+');
  for (const flags of ['r+', 'r']) {
    try {
      const descriptor = openSync(file, flags);
      if (flags === 'r') return descriptor;
      closeSync(descriptor);
      return openSync(file, 'a+');
    } catch {
      // The next way.
    }
  }
  return undefined;
}

function begin(descriptor: number, width: number): void {
  const header = Buffer.alloc(headerBytes);
  header.write(magic, 'latin1');
  header.writeUInt32LE(width, 4);
  ftruncateSync(descriptor, 0);
  writeAll(descriptor, header);
}

function widthIn(descriptor: number): number | undefined {
  const header = readAt(descriptor, 0, headerBytes);
  return header.length === headerBytes && header.toString('latin1', 0, 4) === magic ? header.readUInt32LE(4) : undefined;
}

function recordOf(key: Buffer, vector: Float32Array): Buffer {
  const record = Buffer.alloc(keyBytes + 4 * vector.length + checkBytes);
  key.copy(record);
  for (const [i, value] of vector.entries()) record.writeFloatLE(value, keyBytes + 4 * i);
  checkOf(record).copy(record, record.length - checkBytes);
  return record;
}

const checkOf = (record: Buffer): Buffer => createHash('sha256').update(record.subarray(0, record.length - checkBytes)).digest().subarray(0, checkBytes);

/** Where the whole records stand, by their keys; the piece of one at the end is cut off. */
function scan(descriptor: number, size: number): Map<string, number> {
  const places = new Map<string, number>();
  const bytes = fstatSync(descriptor).size;
  const count = Math.floor((bytes - headerBytes) / size);
  const step = Math.max(1, Math.floor(blockBytes / size));
  for (let from = 0; from < count; from += step) {
    const block = readAt(descriptor, headerBytes + from * size, Math.min(step, count - from) * size);
    for (let i = 0; (i + 1) * size <= block.length; i++) {
      const record = block.subarray(i * size, (i + 1) * size);
      if (checkOf(record).equals(record.subarray(size - checkBytes))) places.set(nameOf(record.subarray(0, keyBytes)), from + i);
    }
  }
  try {
    if (headerBytes + count * size < bytes) ftruncateSync(descriptor, headerBytes + count * size);
    futimesSync(descriptor, new Date(), new Date());
  } catch {
    // Read-only: what was read is as good.
  }
  return places;
}

function readAt(descriptor: number, from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const read = readSync(descriptor, bytes, at, length - at, from + at);
    if (read === 0) break;
    at += read;
  }
  return bytes.subarray(0, at);
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}

/** Removes the files that were not used for the longest time, until the others fill half of the room; never the one that is begun. */
function makeRoom(folder: string, begun: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.features'))
    .map((name) => ({ file: path.join(folder, name), ...pick(statSync(path.join(folder, name))) }))
    .filter(({ file }) => file !== begun)
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  if (files.reduce((sum, { size }) => sum + size, 0) <= mostBytes) return;
  let kept = 0;
  for (const { file, size } of files) {
    kept += size;
    if (kept > mostBytes / 2) rmSync(file, { force: true });
  }
}

const pick = ({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }) => ({ size, mtimeMs });
