/** The file system with what is open in the editor laid over it. */
import { succeed } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';

export interface Buffer {
  readonly text: string;
  readonly version: number;
}

/**
 * A host that reads open buffers before files.
 *
 * @param bufferOf the buffer of a normalized URI, undefined where it is not open
 */
export function createOverlayHost(base: Host, bufferOf: (uri: string) => Buffer | undefined): Host {
  return {
    ...base,
    readText: (uri) => {
      const buffer = bufferOf(uri);
      return buffer === undefined ? base.readText(uri) : succeed(buffer.text);
    },
    stat: (uri) => {
      const buffer = bufferOf(uri);
      // No file has a negative time, so that a buffer is never taken for a state of the file.
      return buffer === undefined ? base.stat(uri) : { size: buffer.text.length, mtimeMs: -1 - buffer.version };
    },
  };
}
