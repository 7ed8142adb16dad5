/** `mdl check --watch`: again whenever one of the files changes. */
import { watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleOf, type Io } from '../io.ts';
import type { ProjectCheck } from './project.ts';
import { Stop } from '../stop.ts';
import { renderFinding } from '../show/print-diagnostics.ts';

/** An editor writes a file in several steps; this long after the last one it is whole. */
const settleMs = 80;

/** Checks again after each change, until the call's signal says that it is enough. */
export async function watchProject(first: ProjectCheck, check: () => Promise<ProjectCheck>, io: Io): Promise<void> {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void again(), settleMs);
  };
  const follow = (project: ProjectCheck): void => {
    for (const folder of foldersOf(project)) {
      if (!watchers.has(folder)) watchers.set(folder, watch(folder, (_, file) => concerns(file, project) && later()));
    }
  };
  const again = async (): Promise<void> => {
    try {
      io.stderr.write('\n');
      follow(await check());
    } catch (error) {
      // The sources may be gone for a moment, as while a branch is switched.
      if (!(error instanceof Stop)) throw error;
      io.stderr.write(`${renderFinding(error.finding, styleOf(io.stderr, io.env))}\n`);
    }
    announce(io);
  };

  follow(first);
  if (isOvertaken(first)) later();
  announce(io);
  await ended(io.signal);
  clearTimeout(timer);
  for (const watcher of watchers.values()) watcher.close();
}

const announce = (io: Io): void => void io.stderr.write('watching for changes (Ctrl-C ends)\n');

function foldersOf({ entries, sources, foreign }: ProjectCheck): Set<string> {
  const uris = [...entries, ...sources.keys(), ...foreign].filter((uri) => uri.startsWith('file:'));
  return new Set(uris.map((uri) => path.dirname(fileURLToPath(uri))));
}

/** Sources, also new ones, and foreign files; not the lock that a check itself writes. */
function concerns(file: string | null, { foreign }: ProjectCheck): boolean {
  if (file === null || file.endsWith('.mdl')) return true;
  return foreign.some((uri) => path.basename(fileURLToPath(uri)) === file);
}

/** Whether a source was changed after the check had read it, and before anybody watched it. */
const isOvertaken = ({ host, sources }: ProjectCheck): boolean =>
  [...sources].some(([uri, { text }]) => {
    const now = host.readText(uri);
    return now.ok && now.value !== text;
  });

const ended = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
