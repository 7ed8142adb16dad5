/** A file's bytes from its beginning to its end, a piece at a time: it may be larger than memory. */
import type { ByteSource } from '../host/host.ts';

const chunkBytes = 2 ** 16;

/** A row of a data set that is longer is none: the file is something else. */
export const maxRowBytes = 2 ** 24;

/** The pieces, or the reason why there is no next one: then nothing follows. */
export function* chunksOf(source: ByteSource): Generator<Uint8Array | string, void, void> {
  for (let offset = 0; offset < source.size;) {
    const chunk = readChunk(source, offset);
    yield chunk;
    if (typeof chunk === 'string') return;
    offset += chunk.length;
  }
}

function readChunk(source: ByteSource, offset: number): Uint8Array | string {
  try {
    const chunk = source.read(offset, chunkBytes);
    return chunk.length > 0 ? chunk : `the file ends at byte ${offset} of ${source.size}`;
  } catch (error) {
    return `the file cannot be read on (${error instanceof Error ? error.message : String(error)})`;
  }
}
