/** Regular files of the file system: nothing else is opened, so that nothing blocks. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fileCodes } from '../diagnostics/codes/files.ts';
import { fail, succeed, type Finding, type Outcome } from '../diagnostics/diagnostic.ts';
import type { ByteSource } from './host.ts';
import { reasonOf } from './system-error.ts';

const chunkBytes = 1024 * 1024;

/** The path of a `file:` URI; undefined for any other, and for one that no path can be made of. */
export function pathOf(uri: string): string | undefined {
  try {
    const path = fileURLToPath(uri);
    return path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}

/** Opens a regular file for random access. `shown` is its name in findings. */
export function openFile(uri: string, shown: string): Outcome<ByteSource> {
  const opened = openDescriptor(uri, shown);
  return opened.ok ? succeed(sourceOf(uri, shown, opened.value, fstatSync(opened.value).size)) : opened;
}

/** Opens a regular file; its descriptor is the caller's to close. */
export function openDescriptor(uri: string, shown: string): Outcome<number> {
  const path = pathOf(uri);
  if (path === undefined) return fail(fileCodes.finding('file-not-found', { path: shown }));
  let file: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe waits for its writer.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(file);
    if (stat.isFile()) return succeed(file);
    closeSync(file);
    return fail(fileCodes.finding('file-not-regular', { path: shown, found: kindOf(stat) }));
  } catch (error) {
    if (file !== undefined) closeSync(file);
    return fail(unreadable(error, shown));
  }
}

function sourceOf(uri: string, shown: string, file: number, size: number): ByteSource {
  let open = true;
  return {
    uri,
    shown,
    size,
    read(offset, length) {
      const from = Math.max(0, Math.min(Math.trunc(offset) || 0, size));
      const wanted = Math.max(0, Math.min(Math.trunc(length) || 0, size - from));
      const bytes = new Uint8Array(wanted);
      let filled = 0;
      while (filled < wanted) {
        const count = readSync(file, bytes, filled, wanted - filled, from + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled < wanted ? bytes.subarray(0, filled) : bytes;
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** Lower-case hexadecimal SHA-256 of a file, read through one buffer. */
export function hashFile(uri: string, shown: string): Outcome<string> {
  const opened = openDescriptor(uri, shown);
  if (!opened.ok) return opened;
  const file = opened.value;
  // Loaded when it is needed: most checks find every file as it was, and hash nothing.
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  try {
    const buffer = new Uint8Array(chunkBytes);
    for (let count = -1; count !== 0; ) {
      count = readSync(file, buffer, 0, chunkBytes, null);
      hash.update(buffer.subarray(0, count));
    }
    return succeed(hash.digest('hex'));
  } catch (error) {
    return fail(unreadable(error, shown));
  } finally {
    closeSync(file);
  }
}

export function unreadable(error: unknown, shown: string): Finding {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return fileCodes.finding('file-not-found', { path: shown });
  if (code === 'EISDIR') return fileCodes.finding('file-not-regular', { path: shown, found: 'a folder' });
  if (code === 'ENXIO') return fileCodes.finding('file-not-regular', { path: shown, found: 'a socket or a device' });
  return fileCodes.finding('file-unreadable', { path: shown, reason: reasonOf(error) });
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder';
  if (stat.isFIFO()) return 'a pipe';
  if (stat.isSocket()) return 'a socket';
  return 'a device';
}
