/** Turns pieces into bytes. */
import type { Outcome } from '../../diagnostics/diagnostic.ts';
import type { ByteSource } from '../../host/host.ts';
import { Fault } from '../read/fault.ts';
import { concatBytes, isRange, type Piece } from './pieces.ts';
import { readSource } from '../read/wire.ts';

/** Copies faster than larger chunks, and than streams. */
const defaultChunkBytes = 1024 * 1024;

/**
 * The bytes of the pieces, in chunks of at most `chunkBytes`, so that copying takes no more memory than that. Throws,
 * as `ByteSource.read` does, where a file has become unreadable or shorter: remove what has been written.
 */
export function* readPieces(
  pieces: readonly Piece[],
  open: (uri: string) => Outcome<ByteSource>,
  chunkBytes = defaultChunkBytes,
): Generator<Uint8Array> {
  const sources = new Map<string, ByteSource>();
  try {
    for (const piece of pieces) {
      if (!isRange(piece)) {
        for (let at = 0; at < piece.length; at += chunkBytes) yield piece.subarray(at, at + chunkBytes);
        continue;
      }
      const source = sources.get(piece.uri) ?? openSource(piece.uri, open);
      sources.set(piece.uri, source);
      for (let done = 0; done < piece.length; done += chunkBytes)
        yield readSource(source, piece.offset + done, Math.min(chunkBytes, piece.length - done));
    }
  } finally {
    for (const source of sources.values()) source.close();
  }
}

function openSource(uri: string, open: (uri: string) => Outcome<ByteSource>): ByteSource {
  const opened = open(uri);
  if (!opened.ok) throw new Fault(opened.finding);
  return opened.value;
}

/** All bytes of the pieces at once, for small results. Throws as `readPieces` does. */
export const materialize = (pieces: readonly Piece[], open: (uri: string) => Outcome<ByteSource>): Uint8Array =>
  concatBytes([...readPieces(pieces, open)]);
