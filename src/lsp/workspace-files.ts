/** The modules below the workspace's folders. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Folders are left out beyond this many, so that a workspace at a disk's root does not hang. */
const mostFolders = 5_000;
const mostModules = 2_000;
const skipped: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage']);

/** URIs, nearest to the root first. What cannot be read is left out. */
export function listModules(roots: readonly string[]): string[] {
  const found: string[] = [];
  const folders = [...roots];
  for (let i = 0; i < folders.length && i < mostFolders && found.length < mostModules; i++) {
    for (const entry of entriesOf(folders[i]!)) {
      const file = path.join(folders[i]!, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name)) folders.push(file);
      else if (entry.isFile() && entry.name.endsWith('.mdl')) found.push(pathToFileURL(file).href);
    }
  }
  return found.slice(0, mostModules);
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
