/** A file to be written as a list of pieces: bytes that are ours, and ranges of files that are copied. */
import type { FileRange } from '../../ir/graph.ts';
import { wireType } from '../read/wire.ts';

export type Piece = Uint8Array | FileRange;

export const isRange = (piece: Piece): piece is FileRange => !(piece instanceof Uint8Array);

export const lengthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0);

/** An unsigned varint. */
function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** Tag and length of a length-delimited record. */
export const recordHead = (number: number, length: number): Uint8Array =>
  Uint8Array.from([...varintBytes(number * 8 + wireType.bytes), ...varintBytes(length)]);

/** A length-delimited record of these pieces. */
export const record = (number: number, pieces: readonly Piece[]): Piece[] => [
  recordHead(number, lengthOf(pieces)),
  ...pieces,
];

/** The same bytes in as few pieces as there can be: neighbouring ranges and neighbouring bytes become one. */
export function joinPieces(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  let bytes: Uint8Array[] = [];
  const flush = (): void => {
    if (bytes.length > 0) joined.push(concatBytes(bytes));
    bytes = [];
  };
  for (const piece of pieces) {
    if (piece.length === 0) continue;
    if (!isRange(piece)) {
      bytes.push(piece);
      continue;
    }
    flush();
    const last = joined.at(-1);
    const continues =
      last !== undefined && isRange(last) && last.uri === piece.uri && last.offset + last.length === piece.offset;
    if (continues) joined[joined.length - 1] = { ...last, length: last.length + piece.length };
    else joined.push(piece);
  }
  flush();
  return joined;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
