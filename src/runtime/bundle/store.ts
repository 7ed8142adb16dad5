/** Where the files of a bundle are: in a folder, or in memory under their names. */
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteSource } from '../../host/host.ts';

/** Methods throw what the file system throws; the errors of a missing file have the code ENOENT. */
export interface BundleStore {
  /** Bytes. */
  size(name: string): Promise<number>;
  /** The bytes at [from, to), piece by piece. */
  pieces(name: string, from: number, to: number): AsyncIterable<Uint8Array>;
  /** Random access, for what is read here and there. */
  open(name: string): ByteSource;
  /** What ONNX Runtime makes a session of. */
  locate(name: string): string | Uint8Array;
}

export function folderStore(folder: string): BundleStore {
  return {
    async size(name) {
      const found = await stat(join(folder, name));
      if (!found.isFile()) throw new Error('it is not a file');
      return found.size;
    },
    pieces: (name, from, to) =>
      to > from ? createReadStream(join(folder, name), { start: from, end: to - 1, highWaterMark: 2 ** 20 }) : nothing(),
    open: (name) => openInFolder(join(folder, name), name),
    locate: (name) => join(folder, name),
  };
}

async function* nothing(): AsyncGenerator<never> {}

function openInFolder(path: string, name: string): ByteSource {
  const file = openSync(path, 'r');
  const { size } = fstatSync(file);
  return {
    uri: name,
    size,
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const count = readSync(file, bytes, filled, bytes.length - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return bytes.subarray(0, filled);
    },
    close: () => closeSync(file),
  };
}

/** Files by their names relative to the bundle: `manifest.json`, `model.onnx`. */
export function memoryStore(files: ReadonlyMap<string, Uint8Array>): BundleStore {
  const find = (name: string): Uint8Array => {
    const bytes = files.get(name);
    if (bytes === undefined) throw Object.assign(new Error(`there is no ${name}`), { code: 'ENOENT' });
    return bytes;
  };
  return {
    size: async (name) => find(name).length,
    async *pieces(name, from, to) {
      yield find(name).subarray(from, to);
    },
    open: (name) => {
      const bytes = find(name);
      return { uri: name, size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length), close: () => undefined };
    },
    locate: find,
  };
}
