/** Whether a module that nobody asked about imports from one: a verification beside an app, say. */
import type { Host } from '../host/host.ts';
import type { Parse } from '../syntax/parsed.ts';
import { createSource } from '../text/source.ts';
import { resolvePath } from './paths.ts';

/** A tree of more folders is not searched to its end. */
const mostFolders = 200;
/** So many folders above a module are looked at for that of its project. */
const mostAbove = 16;
const skipped: ReadonlySet<string> = new Set(['dist', 'coverage']);
const projectFiles: ReadonlySet<string> = new Set(['mdl.lock', 'package.json']);

/** Whether a module of the same project imports from this one; those in its own folder, and in those below it, are looked at first. */
export function isImportedNear(uri: string, host: Host, parse: Parse): boolean {
  if (!URL.canParse('.', uri)) return false;
  const own = new URL('.', uri).href;
  const folders = [own];
  const known = new Set(folders);
  for (let i = 0; i < mostFolders; i++) {
    const folder = folders[i] ?? (known.has(projectOf(own, host)) ? undefined : projectOf(own, host));
    if (folder === undefined) return false;
    if (i === folders.length) folders.push(folder);
    known.add(folder);
    if ((host.filesIn?.(folder) ?? []).some((name) => name.endsWith('.mdl') && importsFrom(uri, resolvePath(name, folder), host, parse))) return true;
    const below = (host.foldersIn?.(folder) ?? []).filter((name) => !skipped.has(name)).map((name) => resolvePath(`${name}/`, folder)!);
    folders.push(...below.filter((inner) => !known.has(inner)));
    for (const inner of below) known.add(inner);
  }
  return false;
}

/** The nearest folder from this one up that has a lock file or a package.json; the folder itself where there is none. */
function projectOf(folder: string, host: Host): string {
  let above = folder;
  for (let i = 0; i < mostAbove; i++) {
    if (host.filesIn?.(above).some((name) => projectFiles.has(name)) === true) return above;
    const next = new URL('..', above).href;
    if (next === above) break;
    above = next;
  }
  return folder;
}

/** Only a text that has the name of the file is read. */
function importsFrom(uri: string, other: string | undefined, host: Host, parse: Parse): boolean {
  if (other === undefined || other === uri) return false;
  const text = host.readText(other);
  if (!text.ok || !text.value.includes(decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1)))) return false;
  return parse(createSource(other, text.value)).value.imports.some(({ from }) => from.value.startsWith('.') && resolvePath(from.value, other) === uri);
}
