/** Columns of .npy files: rows of an array, read as they are asked for, so that no file has to fit into memory. */
import type { ByteSource } from '../../host/host.ts';
import { bytesOf, type DType } from '../../types/dtype.ts';

export interface ArrayColumn {
  readonly kind: 'array';
  readonly dtype: DType;
  /** Without the rows. */
  readonly dims: readonly number[];
  /** Little endian, of the rows from `from` to before `to`; of all rows without them. */
  bytes(from?: number, to?: number): Uint8Array;
  /** Of some rows in any order, in new memory. */
  pick(rows: ArrayLike<number>): Uint8Array;
}

/** Row by row, each from where it stands. */
function pickFrom(rows: ArrayLike<number>, size: number, rowAt: (row: number) => Uint8Array): Uint8Array {
  const picked = new Uint8Array(rows.length * size);
  for (let i = 0; i < rows.length; i++) picked.set(rowAt(rows[i]!), i * size);
  return picked;
}

export const rowBytes = ({ dtype, dims }: Pick<ArrayColumn, 'dtype' | 'dims'>): number => bytesOf(dtype, dims.reduce((product, dim) => product * dim, 1));

/** An array in memory. */
export function arrayInMemory(dtype: DType, dims: readonly number[], all: Uint8Array): ArrayColumn {
  const size = rowBytes({ dtype, dims });
  const bytes = (from = 0, to = all.length / size): Uint8Array => all.subarray(from * size, to * size);
  return { kind: 'array', dtype, dims, bytes, pick: (picked) => pickFrom(picked, size, (row) => bytes(row, row + 1)) };
}

/** Files up to this size are read once. */
const mostKept = 64 * 2 ** 20;
/** What is read ahead of a larger one, for those who take row by row. */
const windowBytes = 4 * 2 ** 20;

export interface ArrayFile {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly rows: number;
  /** Where the elements begin. */
  readonly start: number;
  /** Opens the file for one reading, and closes it. */
  readonly open: <T>(read: (source: ByteSource) => T) => T;
}

/** The rows of a file. What `open` throws passes through. */
export function arrayInFile({ dtype, dims, rows, start, open }: ArrayFile): ArrayColumn {
  const size = rowBytes({ dtype, dims });
  const window = rows * size <= mostKept ? rows : Math.max(1, Math.floor(windowBytes / size));
  let [first, last, held] = [0, 0, new Uint8Array(0)];
  const read = (from: number, to: number): Uint8Array => open((source) => source.read(start + from * size, (to - from) * size));
  return {
    kind: 'array',
    dtype,
    dims,
    bytes(from = 0, to = rows) {
      if (to - from > window) return read(from, to);
      if (from < first || to > last) {
        [first, last] = [from, Math.min(rows, from + window)];
        if (window === rows) first = 0;
        held = new Uint8Array(read(first, last));
      }
      return held.subarray((from - first) * size, (to - first) * size);
    },
    pick(picked) {
      // Rows of a small file are there; of a larger one each is read by itself, and nothing ahead of it.
      if (window === rows) return pickFrom(picked, size, (row) => this.bytes(row, row + 1));
      return open((source) => pickFrom(picked, size, (row) => source.read(start + row * size, size)));
    },
  };
}
