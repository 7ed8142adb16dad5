/**
 * The local history: a line for every run of `fit`, `probe` and `verify`, beside the lock file, for it tells of the same files,
 * and outlives the caches. A line goes out in one write, so that two processes never mix theirs; what is old makes room.
 */
import { appendFileSync, closeSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { parseJson } from '../data/json.ts';
import { absentOr, dictionary, integer, leaf, number, object, oneOf, string, type Shape } from '../data/shape.ts';
import { writeText } from '../host/write-text.ts';
import type { Verdict } from '../align/index.ts';

export const historyName = 'mdl.history.jsonl';

/** Of the file. The newest lines that fit into half of it stay. */
const mostBytes = 4 * 2 ** 20;

/** What one run was, and what came out. */
export interface Run {
  /** `2026-11-22T12:30:00Z` */
  readonly at: string;
  readonly kind: 'fit' | 'probe' | 'verify';
  /** The module that declares it, as a path from the history. */
  readonly file: string;
  readonly name: string;
  /** SHA-256 of all that it rests on, by paths from the history: sources, encoders, weights, data. */
  readonly inputs: Readonly<Record<string, string>>;
  /** `ridge`, or the version of the gates' rules. */
  readonly method: string;
  readonly seed: number;
  readonly rows: number;
  readonly verdict?: Verdict;
  /** Finite numbers, by what they say. */
  readonly scores: Readonly<Record<string, number>>;
  /** Of MDL and of Node. */
  readonly versions: Readonly<Record<string, string>>;
}

const count = integer(0, Number.MAX_SAFE_INTEGER);
const time = leaf('a time as 2026-11-22T12:30:00Z', (v) => typeof v === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(v));
const runShape: Shape = object<Run>({
  at: time,
  kind: oneOf('fit', 'probe', 'verify'),
  file: string,
  name: string,
  inputs: dictionary(string),
  method: string,
  seed: count,
  rows: count,
  verdict: absentOr(oneOf('PASS', 'FAIL', 'INCONCLUSIVE')),
  scores: dictionary(number),
  versions: dictionary(string),
});

export interface History {
  /** The oldest first. */
  readonly runs: readonly Run[];
  /** Lines that are no runs: of another version of MDL, or cut off. */
  readonly unread: number;
}

/** The history in a file; an empty one where there is none. Throws system errors. */
export function readHistory(file: string): History {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  // Whatever wrote more than twice of what is ever kept was not this program.
  if (size === undefined || size > 2 * mostBytes) return { runs: [], unread: size === undefined ? 0 : 1 };
  const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() !== '');
  const runs = lines.flatMap((line): Run[] => {
    const json = parseJson(line);
    return json.ok && runShape(json.value, '') === undefined ? [json.value as Run] : [];
  });
  return { runs, unread: lines.length - runs.length };
}

/** Appends a run; throws system errors. `most` bytes are kept at the most. */
export function appendRun(file: string, run: Run, most = mostBytes): void {
  const line = `${JSON.stringify(run)}\n`;
  withLock(`${file}.lock`, (isMine) => {
    appendFileSync(file, isCutOff(file) ? `\n${line}` : line);
    if (isMine && statSync(file).size > most) writeText(file, newest(readFileSync(file, 'utf8'), most / 2));
  });
}

/** Whether the last line has no end: who wrote it was killed, or edited the file. What is appended would be a part of it. */
function isCutOff(file: string): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return false;
  const handle = openSync(file, 'r');
  try {
    const last = new Uint8Array(1);
    readSync(handle, last, 0, 1, size - 1);
    return last[0] !== '\n'.charCodeAt(0);
  } finally {
    closeSync(handle);
  }
}

/** The last whole lines of so many bytes. */
function newest(text: string, bytes: number): string {
  const lines = text.split('\n').slice(0, -1);
  let [from, size] = [lines.length, 0];
  while (from > 0 && (size += Buffer.byteLength(lines[from - 1]!) + 1) <= bytes) from--;
  return lines.slice(from).map((line) => `${line}\n`).join('');
}

// ---------------------------------------------------------------- two processes

/** An append takes a millisecond: what holds the lock for so long has been killed. */
const stale = 5_000;
const patience = 2 * stale;

/** Works while nobody else does who asks for the same lock; after much patience without it. */
function withLock(lock: string, work: (isMine: boolean) => void): void {
  const isMine = takeLock(lock);
  try {
    work(isMine);
  } finally {
    if (isMine) rmSync(lock, { force: true });
  }
}

function takeLock(lock: string): boolean {
  for (const end = Date.now() + patience; Date.now() < end; wait(2)) {
    try {
      closeSync(openSync(lock, 'wx'));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const taken = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
      if (taken !== undefined && Date.now() - taken > stale) rmSync(lock, { force: true });
    }
  }
  return false;
}

const wait = (milliseconds: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
