import { fail, type Finding, type Outcome } from '../diagnostics/diagnostic.ts';

/** What tells one state of a file from another without reading it. */
export interface FileStat {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970; 0 where the host has no clock. */
  readonly mtimeMs: number;
}

/** Random access to a file's bytes, for files too large to hold. */
export interface ByteSource {
  readonly uri: string;
  /** What messages call it: a path that the user can open. */
  readonly shown?: string;
  /** Bytes. */
  readonly size: number;
  /** The bytes at [offset, offset + length), fewer at the file's end. Throws if the file has become unreadable. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

/**
 * The front end's only view of the world: synchronous, so that a check is a plain function.
 * Files are named by absolute URIs (`file:///…`, `memory:///…`).
 */
export interface Host {
  /** The text of a UTF-8 file; a finding if it is missing, unreadable or not UTF-8. */
  readText(uri: string): Outcome<string>;
  stat(uri: string): FileStat | undefined;
  open(uri: string): Outcome<ByteSource>;
  /** Lower-case hexadecimal SHA-256 of a file's bytes. */
  sha256(uri: string): Outcome<string>;
  /** The URI of `std/NAME`, or undefined where the library has no such module. */
  standardModule(name: string): string | undefined;
  /** Names of the library's modules, for suggestions. */
  standardModules(): readonly string[];
  /** The name of the package that holds a file (its nearest package.json's `name`), or "" where there is none. */
  packageOf(uri: string): string;
  /** The URI of a file behind the links that lead to it; the same where there are none, or no file. */
  realUri(uri: string): string;
  /** The names of the files in a folder, as many as a suggestion can use; left out by hosts that cannot list. */
  filesIn?(folder: string): readonly string[];
  /** The names of the folders in a folder, likewise; hidden ones are left out. */
  foldersIn?(folder: string): readonly string[];
  /** What this very build of the compiler made before and could make again; left out by hosts that keep nothing between runs. */
  readonly kept?: KeptTexts;
  /** How a URI is shown to the user: relative to the working directory where it lies below it. */
  display(uri: string): string;
}

/** Texts by name. */
export interface KeptTexts {
  read(name: string): string | undefined;
  /** A text that cannot be written is none the next time. */
  write(name: string, text: string): void;
}

/** What `read` makes of a file, which is closed behind it; `unreadable` is the finding for one that fails on the way, by its shown name. */
export function withSource<T>(host: Host, uri: string, read: (source: ByteSource) => Outcome<T>, unreadable: (file: string, reason: string) => Finding): Outcome<T> {
  const source = host.open(uri);
  if (!source.ok) return source;
  try {
    return read(source.value);
  } catch (error) {
    return fail(unreadable(host.display(uri), error instanceof Error ? error.message : String(error)));
  } finally {
    source.value.close();
  }
}
