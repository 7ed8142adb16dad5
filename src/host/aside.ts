/** A folder made aside and renamed when it is whole, so that nobody ever sees half of it. */
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileCodes } from '../diagnostics/codes/files.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { hearSignals } from './hear-signals.ts';
import { makeFolders } from './make-folders.ts';

export interface Aside {
  readonly folder: string;
  /** Puts the folder in the target's place. */
  commit(): Promise<void>;
  /** Removes what was not committed. */
  discard(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Begins a folder for what is thrown away again, where the system keeps such things; by user, for they are shared between all. Throws system errors. */
export function createScratch(name: string): Aside {
  const user = process.getuid?.();
  return createAside(path.join(tmpdir(), user === undefined ? name : `${name}-${user}`));
}

/** Begins a folder beside the target; a signal or an exit before `commit` removes it. Throws system errors. */
export function createAside(target: string): Aside {
  const final = existsSync(target) ? realpathSync(target) : target;
  const folder = path.join(path.dirname(final), `.${path.basename(final)}.${process.pid}.tmp`);
  const discard = (): void => {
    rmSync(folder, { recursive: true, force: true });
    release();
  };
  const die = (signal: NodeJS.Signals): void => {
    discard();
    process.kill(process.pid, signal);
  };
  const release = (): void => {
    process.off('exit', discard);
    for (const signal of signals) process.off(signal, die);
  };

  makeFolders(path.dirname(final));
  sweep(final);
  rmSync(folder, { recursive: true, force: true });
  process.on('exit', discard);
  for (const signal of signals) process.on(signal, die);
  mkdirSync(folder);
  return {
    folder,
    discard,
    async commit() {
      await hearSignals();
      replace(final, folder);
      // Whoever listens is not killed: a signal that nobody had been told of when the listening ends would be lost.
      await hearSignals();
      release();
    },
  };
}

/** Removes what builds of the same target left behind whose processes were killed. */
function sweep(target: string): void {
  const parent = path.dirname(target);
  const prefix = `.${path.basename(target)}.`;
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix) ? /^(\d+)\.tmp$/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) removeLeftover(path.join(parent, name));
  }
}

function removeLeftover(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It is another user's, or another process is removing it, too: nothing here needs the room.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is alive, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Why a folder must not be replaced: it holds something else than a bundle. `shown` is its name in findings. */
export function occupied(target: string, shown: string): Finding | undefined {
  if (!existsSync(target)) return undefined;
  const ours = statSync(target).isDirectory() && (readdirSync(target).length === 0 || isBundle(target));
  return ours ? undefined : fileCodes.finding('write-occupied', { path: shown }, ['Name another folder, as `mdl build` does by --out, or move away what lies there.']);
}

function isBundle(folder: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
    const format = typeof manifest === 'object' && manifest !== null && 'format' in manifest ? manifest.format : undefined;
    return typeof format === 'string' && format.startsWith('mdl-bundle@');
  } catch {
    return false;
  }
}

function replace(target: string, folder: string): void {
  if (!existsSync(target)) return renameSync(folder, target);
  const old = `${folder}.old`;
  renameSync(target, old);
  try {
    renameSync(folder, target);
  } catch (error) {
    renameSync(old, target);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}
