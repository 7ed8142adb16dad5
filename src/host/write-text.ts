import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** Writes a small file aside and renames it, keeping its mode and the links that lead to it. Throws system errors. */
export function writeText(path: string, content: string | Uint8Array): void {
  const known = statSync(path, { throwIfNoEntry: false });
  const target = known === undefined ? path : realpathSync(path);
  const aside = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(aside, content, known === undefined ? {} : { mode: known.mode });
    renameSync(aside, target);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
