/** Whether a module that nobody asked about imports from one: a verification beside an app, say. */
import type { Host } from '../host/host.ts';
import { resolvePath } from './paths.ts';

/** A tree of more folders is not searched to its end. */
const mostFolders = 200;
const skipped: ReadonlySet<string> = new Set(['dist', 'coverage']);

/** An import of a file, where it stands at the start of a line. What stands in a comment over several lines counts, too: it only keeps a warning back. */
const imports = /^[ \t]*import\s*\{[^}]*\}\s*from\s*"(\.[^"]+)"/gm;

/** Whether a module in the same folder, or in one below it, imports from this one. */
export function isImportedNear(uri: string, host: Host): boolean {
  if (!URL.canParse('.', uri)) return false;
  const folders = [new URL('.', uri).href];
  for (let i = 0; i < folders.length && i < mostFolders; i++) {
    const folder = folders[i]!;
    if ((host.filesIn?.(folder) ?? []).some((name) => name.endsWith('.mdl') && importsFrom(uri, resolvePath(name, folder), host))) return true;
    folders.push(...(host.foldersIn?.(folder) ?? []).filter((name) => !skipped.has(name)).map((name) => resolvePath(`${name}/`, folder)!));
  }
  return false;
}

function importsFrom(uri: string, other: string | undefined, host: Host): boolean {
  if (other === undefined || other === uri) return false;
  const text = host.readText(other);
  return text.ok && [...text.value.matchAll(imports)].some(([, specifier]) => resolvePath(specifier!, other) === uri);
}
