/**
 * Features on disk, an encoder a file: they cost minutes, and are the same every time. Records are appended as they come, each
 * with a check of its own, so that after a kill all whole ones are found again; a broken file is only one that holds less.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Of all files together. The least recently used make room. */
const mostBytes = 4 * 2 ** 30;
const keyBytes = 32;
const checkBytes = 8;

export interface FeatureCache {
  /** The vector of an example, by its digest. */
  get(key: Buffer): Float32Array | undefined;
  add(entries: readonly (readonly [key: Buffer, vector: Float32Array])[]): void;
}

/** Forgets everything. */
export function memoryCache(): FeatureCache {
  const known = new Map<string, Float32Array>();
  return {
    get: (key) => known.get(key.toString('latin1')),
    add: (entries) => entries.forEach(([key, vector]) => known.set(key.toString('latin1'), vector)),
  };
}

/** What cannot be read or written of the folder is as if it were not there. */
export function openFeatureCache(folder: string, fingerprint: string): FeatureCache {
  const file = path.join(folder, `${fingerprint}.features`);
  const cache = memoryCache();
  let width = load(file, cache);
  return {
    get: cache.get,
    add(entries) {
      cache.add(entries);
      if (entries.length === 0) return;
      try {
        if (width === undefined) {
          width = entries[0]![1].length;
          mkdirSync(folder, { recursive: true });
          makeRoom(folder);
          writeFileSync(file, headerOf(width));
        }
        appendFileSync(file, Buffer.concat(entries.map(([key, vector]) => recordOf(key, vector))));
      } catch {
        // A cache is never needed: a full disk costs time, and no answer.
      }
    },
  };
}

const magic = 'MDLF';

function headerOf(width: number): Buffer {
  const header = Buffer.alloc(8);
  header.write(magic, 'latin1');
  header.writeUInt32LE(width, 4);
  return header;
}

function recordOf(key: Buffer, vector: Float32Array): Buffer {
  const record = Buffer.alloc(keyBytes + 4 * vector.length + checkBytes);
  key.copy(record);
  for (const [i, value] of vector.entries()) record.writeFloatLE(value, keyBytes + 4 * i);
  checkOf(record).copy(record, record.length - checkBytes);
  return record;
}

const checkOf = (record: Buffer): Buffer => createHash('sha256').update(record.subarray(0, record.length - checkBytes)).digest().subarray(0, checkBytes);

/** Reads what is whole, and answers with the width; a file with a broken end is written anew without it. */
function load(file: string, cache: FeatureCache): number | undefined {
  const bytes = read(file);
  if (bytes === undefined || bytes.length < 8 || bytes.toString('latin1', 0, 4) !== magic) return undefined;
  const width = bytes.readUInt32LE(4);
  const size = keyBytes + 4 * width + checkBytes;
  const records = Array.from({ length: Math.floor((bytes.length - 8) / size) }, (_, i) => bytes.subarray(8 + i * size, 8 + (i + 1) * size));
  const whole = records.filter((record) => checkOf(record).equals(record.subarray(record.length - checkBytes)));
  cache.add(whole.map((record) => [Buffer.from(record.subarray(0, keyBytes)), Float32Array.from({ length: width }, (_, i) => record.readFloatLE(keyBytes + 4 * i))]));
  try {
    if (8 + whole.length * size < bytes.length) writeFileSync(file, Buffer.concat([bytes.subarray(0, 8), ...whole]));
    else utimesSync(file, new Date(), new Date());
  } catch {
    // Read-only: what was read is as good.
  }
  return width;
}

function read(file: string): Buffer | undefined {
  try {
    return statSync(file).size <= mostBytes ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the files that were not used for the longest time, until the others fill half of the room. */
function makeRoom(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.features'))
    .map((name) => ({ name, ...pick(statSync(path.join(folder, name))) }))
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  if (files.reduce((sum, { size }) => sum + size, 0) <= mostBytes) return;
  let kept = 0;
  for (const { name, size } of files) {
    kept += size;
    if (kept > mostBytes / 2) rmSync(path.join(folder, name), { force: true });
  }
}

const pick = ({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }) => ({ size, mtimeMs });
