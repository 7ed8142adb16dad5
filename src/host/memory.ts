/** A host without a file system: for tests, and for a page in a browser. */
import { sha256 } from '@noble/hashes/sha2.js';
import { fileCodes } from '../diagnostics/codes/files.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import { decodeText } from './decode.ts';
import type { ByteSource, Host } from './host.ts';
import { createPackageNames } from './package-name.ts';

const root = 'memory:///';
const libraryFolder = 'std:///';

/** Files by their path from the root (`models/x.onnx`), or by their whole URI. */
export type MemoryFiles = Readonly<Record<string, string | Uint8Array>>;

/**
 * A host of these files, whose URIs are `memory:///` and their paths. The record is read anew at each call, so
 * that an edit is a change of it.
 *
 * @param library texts of the standard library by module name: `nn`
 */
export function createMemoryHost(files: MemoryFiles, library: Readonly<Record<string, string>> = {}): Host {
  const bytesOf = (uri: string): Uint8Array | undefined => {
    const content = own(files, uri) ?? own(files, pathIn(root, uri)) ?? own(library, moduleIn(uri));
    return typeof content === 'string' ? new TextEncoder().encode(content) : content;
  };
  const display = (uri: string): string => pathIn(root, uri) ?? uri;
  const missing = (uri: string) => fail(fileCodes.finding('file-not-found', { path: display(uri) }));
  const readText = (uri: string): Outcome<string> => {
    const bytes = bytesOf(uri);
    return bytes === undefined ? missing(uri) : decodeText(bytes, display(uri));
  };

  return {
    readText,
    stat: (uri) => {
      const size = bytesOf(uri)?.length;
      return size === undefined ? undefined : { size, mtimeMs: 0 };
    },
    open: (uri) => {
      const bytes = bytesOf(uri);
      return bytes === undefined ? missing(uri) : succeed(sourceOf(uri, display(uri), bytes));
    },
    sha256: (uri) => {
      const bytes = bytesOf(uri);
      return bytes === undefined ? missing(uri) : succeed(hexadecimal(sha256(bytes)));
    },
    standardModule: (name) => (own(library, name) === undefined ? undefined : `${libraryFolder}${name}.mdl`),
    standardModules: () => Object.keys(library).sort(),
    packageOf: createPackageNames(readText, (uri) => bytesOf(uri) !== undefined),
    realUri: (uri) => uri,
    filesIn: (folder) => {
      const below = pathIn(root, folder) ?? folder;
      return Object.keys(files).filter((path) => path.startsWith(below)).map((path) => path.slice(below.length)).filter((name) => /^[^/]+$/.test(name)).sort();
    },
    foldersIn: (folder) => {
      const below = pathIn(root, folder) ?? folder;
      const inner = Object.keys(files).filter((path) => path.startsWith(below)).map((path) => path.slice(below.length));
      return [...new Set(inner.flatMap((path) => (path.includes('/') ? [path.slice(0, path.indexOf('/'))] : [])))].sort();
    },
    display,
  };
}

function own<T>(record: Readonly<Record<string, T>>, key: string | undefined): T | undefined {
  return key !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

function pathIn(folder: string, uri: string): string | undefined {
  if (!uri.startsWith(folder)) return undefined;
  try {
    return decodeURIComponent(uri.slice(folder.length));
  } catch {
    return undefined;
  }
}

const moduleIn = (uri: string): string | undefined => pathIn(libraryFolder, uri)?.replace(/\.mdl$/, '');

const sourceOf = (uri: string, shown: string, bytes: Uint8Array): ByteSource => ({
  uri,
  shown,
  size: bytes.length,
  read: (offset, length) => bytes.slice(Math.max(0, offset), Math.max(0, offset) + Math.max(0, length)),
  close: () => undefined,
});

const hexadecimal = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
