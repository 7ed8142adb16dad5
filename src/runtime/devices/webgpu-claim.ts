/**
 * WebGPU belongs to one thread of a process: a second one that uses it, too, ends the process without a word. Threads share
 * no memory that they have not been given, so the claim is a file with the process's number, made by whoever comes first.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';

const claimFile = (): string => join(tmpdir(), `mdl-webgpu-${process.pid}`);

let claimed = false;

/** Claims WebGPU for this thread until the process ends. Answers why it cannot be had, or undefined where it can. */
export function claimWebgpu(): string | undefined {
  if (claimed) return undefined;
  const file = claimFile();
  removeStale(file);
  try {
    writeFileSync(file, String(threadId), { flag: 'wx' });
    if (isMainThread) process.once('exit', () => rmSync(file, { force: true }));
  } catch (error) {
    const refusal = whyNot(error, file);
    if (refusal !== undefined) return refusal;
  }
  claimed = true;
  return undefined;
}

function whyNot(error: unknown, file: string): string | undefined {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
    const owner = readFileSync(file, 'utf8');
    return owner === String(threadId) ? undefined : `${owner === '0' ? 'the main thread' : `the worker ${owner}`} of this process uses webgpu, and only one thread can`;
  }
  // Nothing can be written, so nobody can have claimed it; one thread is the only one that needs no claim.
  return isMainThread ? undefined : `only the main thread can use webgpu where ${tmpdir()} cannot be written`;
}

/** A process of the same number that was killed may have left its claim. */
function removeStale(file: string): void {
  const started = Date.now() - process.uptime() * 1000;
  const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  // Clocks of files may be coarse by some milliseconds, and nobody claims anything in the first of them.
  if (made !== undefined && made < started - 1000) rmSync(file, { force: true });
}
