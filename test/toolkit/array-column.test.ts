/** Columns of .npy files that are read as they are asked for. */
import { expect, test } from 'vitest';
import type { ByteSource } from '../../src/host/host.ts';
import { createRandom } from '../../src/data/random.ts';
import { arrayInFile } from '../../src/toolkit/data/array-column.ts';

/** A file of 64 KiB rows in which every byte says in which row it stands; nothing of it is in memory. */
const rowSize = 2 ** 16;
const start = 80;
function bigFile(rows: number) {
  const reads: number[] = [];
  const source: ByteSource = {
    uri: 'memory:///big.npy',
    size: start + rows * rowSize,
    read(offset, length) {
      reads.push(length);
      const bytes = new Uint8Array(length);
      const first = (offset - start) / rowSize;
      for (let i = 0; i * rowSize < length; i++) bytes.fill((first + i) % 251, i * rowSize, (i + 1) * rowSize);
      return bytes;
    },
    close: () => {},
  };
  return { reads, column: arrayInFile({ dtype: 'u8', dims: [rowSize], rows, start, open: (read) => read(source) }) };
}

const rowsSeen = (bytes: Uint8Array): number[] => Array.from({ length: bytes.length / rowSize }, (_, i) => bytes[i * rowSize]!);

test('row by row a large file is read ahead, a few MiB at a time; a piece in one go', () => {
  const { reads, column } = bigFile(1200);
  const seen = Array.from({ length: 200 }, (_, row) => column.bytes(row, row + 1)[rowSize - 1]);
  expect(seen).toEqual(Array.from({ length: 200 }, (_, row) => row % 251));
  expect(reads).toEqual([4, 4, 4, 4].map((mebibytes) => mebibytes * 2 ** 20));
  expect(rowsSeen(column.bytes(1000, 1100))).toEqual(Array.from({ length: 100 }, (_, i) => (1000 + i) % 251));
  expect(reads.at(-1)).toBe(100 * rowSize);
});

test('rows in any order, and across what was read, are those of the file', () => {
  const { column } = bigFile(1200);
  const random = createRandom(3);
  for (let draw = 0; draw < 60; draw++) {
    const from = random.integer(1190);
    const to = from + 1 + random.integer(9);
    expect(rowsSeen(column.bytes(from, to))).toEqual(Array.from({ length: to - from }, (_, i) => (from + i) % 251));
  }
});

test('a small file is read once', () => {
  const { reads, column } = bigFile(10);
  expect(rowsSeen(column.bytes(7, 9))).toEqual([7, 8]);
  expect(rowsSeen(column.bytes())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(reads).toEqual([10 * rowSize]);
});
