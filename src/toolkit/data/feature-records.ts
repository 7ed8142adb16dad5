/**
 * A file of vectors: a header, then records of an example's digest, its vector, and a check. They are appended as they come, so
 * that after a kill all whole ones are found again; a broken record is only one that is not there. What lies in memory is where
 * each stands.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, futimesSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';

const headerBytes = 8;
const keyBytes = 32;
const checkBytes = 8;
/** What is read of a file at once. */
const blockBytes = 4 * 2 ** 20;

export const nameOf = (key: Buffer): string => key.toString('latin1');

const recordBytes = (width: number): number => keyBytes + 4 * width + checkBytes;

export interface Records {
  /** Numbers of a vector. */
  readonly width: number;
  has(key: Buffer): boolean;
  read(keys: readonly Buffer[]): Float32Array;
  /** Writes those that are not there, and answers how many bytes they took. */
  append(entries: readonly (readonly [key: Buffer, vector: Float32Array])[]): number;
  close(): void;
}

const magic = 'MDLF';

/** A file of records; begun anew where a width is given, undefined where there is none that can be read. The same file stays open: whoever makes room does not take it away. */
export function openRecords(file: string, isNew: boolean, newWidth = 0): Records | undefined {
  const descriptor = openFile(file, isNew);
  if (descriptor === undefined) return undefined;
  // Another process may have begun it a moment ago.
  if (isNew && widthIn(descriptor) !== newWidth) begin(descriptor, newWidth);
  const width = widthIn(descriptor);
  if (width === undefined) {
    closeSync(descriptor);
    return undefined;
  }
  const size = recordBytes(width);
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
      const unknown = [...new Map(entries.map((entry) => [nameOf(entry[0]), entry])).values()].filter(([key]) => !places.has(nameOf(key)));
      const next = Math.floor((fstatSync(descriptor).size - headerBytes) / size);
      writeAll(descriptor, Buffer.concat(unknown.map(([key, vector]) => recordOf(key, vector))));
      for (const [i, [key]] of unknown.entries()) places.set(nameOf(key), next + i);
      return unknown.length * size;
    },
    close: () => closeSync(descriptor),
  };
}

/** Of a file of more than `most` bytes the newer half of so many stays; where nobody can write, all of it. Whoever has the old one open reads on in it. */
export function keepNewest(file: string, most: number): void {
  if (sizeOf(file) <= most) return;
  const aside = `${file}-${process.pid}`;
  try {
    copyEnd(file, aside, most / 2);
    renameSync(aside, file);
  } catch {
    // It stays as large as it is.
    rmSync(aside, { force: true });
  }
}

/** 0 where there is none, or cannot be. */
function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

function copyEnd(file: string, aside: string, most: number): void {
  const [from, to] = [openSync(file, 'r'), openSync(aside, 'w')];
  try {
    const width = widthIn(from) ?? 0;
    const size = recordBytes(width);
    const end = headerBytes + Math.floor((fstatSync(from).size - headerBytes) / size) * size;
    begin(to, width);
    for (let at = end - Math.floor(most / size) * size; at < end; at += blockBytes) writeAll(to, readAt(from, at, Math.min(blockBytes, end - at)));
  } finally {
    closeSync(from);
    closeSync(to);
  }
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
  const record = Buffer.alloc(recordBytes(vector.length));
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
