/** The host of the command line, the language server and builds: the file system. */
import { opendirSync, readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import { createDigestCache, type DigestCache } from './digest-cache.ts';
import { decodeText, largestSource, tooLarge } from './decode.ts';
import { stateOf } from './file-state.ts';
import type { FileStat, Host } from './host.ts';
import { keepTexts, ownBuild } from './kept-texts.ts';
import { createPackageNames } from './package-name.ts';
import { hashFile, openFile, pathOf, unreadable } from './read-file.ts';

export interface NodeHostOptions {
  /** What paths are shown relative to; the process's working directory where it is not given. */
  readonly cwd?: string;
  /** The folder of the standard library; the package's own where it is not given. */
  readonly stdlib?: string;
  /** A folder in which digests of files, and what was inferred of them, are kept between runs; nothing is where it is not given. */
  readonly cache?: string;
}

// Sources and bundles stand at the same depth below the package's root.
const ownLibrary = fileURLToPath(new URL('../../stdlib/', import.meta.url));

/** A host whose URIs are `file:///…`. Only regular files can be read; sources have at most 8 MiB. */
export function createNodeHost({ cwd = process.cwd(), stdlib = ownLibrary, cache }: NodeHostOptions = {}): Host {
  let modules: readonly string[] | undefined;
  const standardModules = (): readonly string[] => (modules ??= listModules(stdlib));
  const display = (uri: string): string => displayPath(uri, cwd, stdlib);
  const digests = cache === undefined ? undefined : createDigestCache(cache);
  const build = ownBuild();
  const readText = (uri: string): Outcome<string> => readSource(uri, display(uri));

  return {
    readText,
    stat: (uri) => statFile(uri),
    open: (uri) => openFile(uri, display(uri)),
    sha256: (uri) => hashOnce(uri, display(uri), digests),
    standardModule: (name) =>
      standardModules().includes(name) ? pathToFileURL(path.join(stdlib, `${name}.mdl`)).href : undefined,
    standardModules,
    packageOf: createPackageNames(readText, (uri) => statFile(uri) !== undefined),
    realUri,
    filesIn: (folder) => namesIn(folder, (entry) => !entry.isDirectory()),
    foldersIn: (folder) => namesIn(folder, (entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules'),
    ...(cache === undefined || build === undefined ? {} : { kept: keepTexts(path.join(cache, 'inferred'), build) }),
    display,
  };
}

function hashOnce(uri: string, shown: string, digests: DigestCache | undefined): Outcome<string> {
  const stats = statsOf(uri);
  if (digests === undefined || stats === undefined) return hashFile(uri, shown);
  const state = stateOf(stats);
  const known = digests.get(uri, state);
  if (known !== undefined) return succeed(known);
  const digest = hashFile(uri, shown);
  if (digest.ok) digests.set(uri, state, digest.value);
  return digest;
}

function readSource(uri: string, shown: string): Outcome<string> {
  const opened = openFile(uri, shown);
  if (!opened.ok) return opened;
  const source = opened.value;
  try {
    if (source.size > largestSource) return fail(tooLarge(shown, source.size));
    return decodeText(source.read(0, source.size), shown);
  } catch (error) {
    return fail(unreadable(error, shown));
  } finally {
    source.close();
  }
}

/** The size and time of a regular file; undefined for anything else. */
function statFile(uri: string): FileStat | undefined {
  const stats = statsOf(uri);
  return stats && { size: stats.size, mtimeMs: stats.mtimeMs };
}

function statsOf(uri: string): Stats | undefined {
  const file = pathOf(uri);
  if (file === undefined) return undefined;
  try {
    const stats = statSync(file);
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}

/** npm links packages of a workspace, pnpm all: Node resolves what a package imports from where it really lies. */
function realUri(uri: string): string {
  const file = pathOf(uri);
  if (file === undefined) return uri;
  try {
    return pathToFileURL(realpathSync(file)).href;
  } catch {
    return uri;
  }
}

/** A folder of more files is none in which a name is looked for. */
const mostFiles = 1000;

function namesIn(folder: string, isWanted: (entry: Dirent) => boolean): readonly string[] {
  const place = pathOf(folder);
  if (place === undefined) return [];
  try {
    const open = opendirSync(place);
    try {
      const names: string[] = [];
      for (let entry = open.readSync(); entry !== null && names.length < mostFiles; entry = open.readSync()) {
        if (isWanted(entry)) names.push(entry.name);
      }
      return names.sort();
    } finally {
      open.closeSync();
    }
  } catch {
    return [];
  }
}

function listModules(stdlib: string): readonly string[] {
  try {
    const files = readdirSync(stdlib).filter((file) => file.endsWith('.mdl'));
    return files.map((file) => file.slice(0, -'.mdl'.length)).sort();
  } catch {
    return [];
  }
}

/** Below the working folder by its path from there; the library's modules by the name that imports them; else whole. */
function displayPath(uri: string, cwd: string, stdlib: string): string {
  const file = pathOf(uri);
  if (file === undefined) return uri;
  const own = below(cwd, file);
  const library = below(stdlib, file);
  return own ?? (library === undefined ? file : `std/${library}`);
}

function below(folder: string, file: string): string | undefined {
  const relative = path.relative(folder, file);
  return relative !== '' && !/^\.\.([\\/]|$)/.test(relative) && !path.isAbsolute(relative) ? relative.split(path.sep).join('/') : undefined;
}
