/** The room that files of features take together. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

/** Where all take more than `most` bytes, removes those that were not used for the longest time, until the others fill half of that; never the one that is written. */
export function makeRoom(folder: string, written: string, most: number): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.features'))
    .map((name) => stateOf(path.join(folder, name)))
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  if (files.reduce((sum, { size }) => sum + size, 0) <= most) return;
  let kept = 0;
  for (const { file, size } of files.filter((other) => other.file !== written)) {
    kept += size;
    if (kept > most / 2) rmSync(file, { force: true });
  }
}

function stateOf(file: string): { readonly file: string; readonly size: number; readonly mtimeMs: number } {
  const { size, mtimeMs } = statSync(file);
  return { file, size, mtimeMs };
}
