/** Files of rows in blocks of whole rows, so that any row can be read again without those before it. */
import type { Outcome } from '../diagnostics/diagnostic.ts';
import type { ByteSource } from '../host/host.ts';
import { chunksOf, maxRowBytes } from './chunks.ts';
import { readExamples, type Example } from './dataset.ts';
import { fileName } from './json.ts';

export interface RowBlock {
  /** The bytes at [start, end). */
  readonly start: number;
  readonly end: number;
}

export interface BlockFile {
  /** Bytes that every block is read behind: the header of a CSV file. */
  readonly header: RowBlock;
  readonly blocks: readonly RowBlock[];
}

const blockBytes = 2 ** 18;
const newline = 0x0a;
const quote = 0x22;
/** What a line holds that CSV passes over, a byte order mark among it. */
const blanks: ReadonlySet<number> = new Set([0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

const hasHeader = (uri: string): boolean => /\.(csv|tsv)$/i.test(fileName(uri));

/** Where blocks of whole rows end; undefined where a row is longer than rows are, or the file cannot be read: who reads it from its beginning finds out why. */
export function blocksOf(source: ByteSource): BlockFile | undefined {
  const quoted = hasHeader(source.uri);
  let header: RowBlock = { start: 0, end: 0 };
  const blocks: RowBlock[] = [];
  let [at, start, isOpen, isBlank] = [0, 0, false, true];
  for (const chunk of chunksOf(source)) {
    if (typeof chunk === 'string') return undefined;
    for (const byte of chunk) {
      at += 1;
      if (byte === quote && quoted) isOpen = !isOpen;
      if (!blanks.has(byte)) isBlank = false;
      if (byte !== newline || isOpen) continue;
      if (quoted && header.end === 0 && !isBlank) {
        header = { start: 0, end: at };
        start = at;
      } else if (at - start >= blockBytes && (!quoted || header.end > 0)) {
        blocks.push({ start, end: at });
        start = at;
      }
    }
    if (at - start > blockBytes + 2 * maxRowBytes) return undefined;
  }
  if (at > start) blocks.push({ start, end: at });
  return { header, blocks };
}

/** The examples of one block. */
export function examplesOf(source: ByteSource, { header }: BlockFile, { start, end }: RowBlock): readonly Outcome<Example>[] {
  const bytes = Buffer.concat([source.read(header.start, header.end), source.read(start, end - start)]);
  return [...readExamples({ uri: source.uri, size: bytes.length, read: (from, length) => bytes.subarray(from, from + length), close: () => {} })];
}
