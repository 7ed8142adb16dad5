/** A host under which some files are others than on the disk: what a change would do is seen before it is made. */
import { sha256 } from '@noble/hashes/sha2.js';
import { succeed } from '../diagnostics/diagnostic.ts';
import { decodeText } from './decode.ts';
import type { ByteSource, Host } from './host.ts';

export interface OverlayHost extends Host {
  /** From now on the file holds this. */
  put(uri: string, content: string | Uint8Array): void;
  /** What was put, by URI, in the order in which the files came. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function createOverlayHost(base: Host): OverlayHost {
  const files = new Map<string, Uint8Array>();
  const times = new Map<string, number>();
  let time = Date.now();
  return {
    ...base,
    files,
    put(uri, content) {
      files.set(uri, typeof content === 'string' ? new TextEncoder().encode(content) : content);
      // A file that was put anew is another one, however fast that was.
      times.set(uri, (time += 1));
    },
    readText: (uri) => mapped(files.get(uri), (bytes) => decodeText(bytes, base.display(uri)), () => base.readText(uri)),
    stat: (uri) => mapped(files.get(uri), (bytes) => ({ size: bytes.length, mtimeMs: times.get(uri)! }), () => base.stat(uri)),
    open: (uri) => mapped(files.get(uri), (bytes) => succeed(sourceOf(uri, bytes)), () => base.open(uri)),
    sha256: (uri) => mapped(files.get(uri), (bytes) => succeed(Buffer.from(sha256(bytes)).toString('hex')), () => base.sha256(uri)),
    realUri: (uri) => (files.has(uri) ? uri : base.realUri(uri)),
    filesIn: (folder) => [...new Set([...(base.filesIn?.(folder) ?? []), ...namesIn(folder, files.keys())])].sort(),
  };
}

const mapped = <T>(bytes: Uint8Array | undefined, own: (bytes: Uint8Array) => T, otherwise: () => T): T => (bytes === undefined ? otherwise() : own(bytes));

const sourceOf = (uri: string, bytes: Uint8Array): ByteSource => ({
  uri,
  size: bytes.length,
  read: (offset, length) => bytes.slice(Math.max(0, offset), Math.max(0, offset) + Math.max(0, length)),
  close: () => {},
});

function* namesIn(folder: string, uris: Iterable<string>): Generator<string> {
  for (const uri of uris) if (new URL('.', uri).href === folder) yield decodeURIComponent(uri.slice(folder.length));
}
