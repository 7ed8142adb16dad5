/** Rows that are kept while the moments are summed up: what a bridge does to single rows is judged on them. */
import { createRandom, shuffle } from '../../data/random.ts';
import type { RowPairs, RowPiece } from '../kernels/row-pairs.ts';
import type { Features } from '../matrix.ts';

/** Pairs of one fold. */
export interface HeldRows {
  /** Where they stand among all pairs. */
  readonly indices: Uint32Array;
  readonly x: Features;
  readonly y: Features;
}

/** Of both sides of a fold together: 8 MiB, and more than a thousand rows at any width in use. */
const mostNumbers = 2 ** 21;

/** The rows of a fold, or as many by the seed as the bound allows; in their order. */
function rowsOfFold(fold: number, { rows, columnsX, columnsY }: RowPairs, folds: Uint8Array, seed: number): Uint32Array {
  const most = Math.max(1, Math.floor(mostNumbers / (columnsX + columnsY)));
  const all = Uint32Array.from({ length: rows }, (_, i) => i).filter((row) => folds[row] === fold);
  return all.length <= most ? all : shuffle(all, createRandom(seed)).subarray(0, most).sort();
}

/** Passes the pairs on once, and keeps some of each fold as they go by. */
export function keepHeldRows(pairs: RowPairs, folds: Uint8Array, seed: number): { readonly pairs: RowPairs; readonly held: readonly HeldRows[] } {
  const held = Array.from({ length: folds.reduce((most, fold) => Math.max(most, fold + 1), 1) }, (_, fold): HeldRows => {
    const indices = rowsOfFold(fold, pairs, folds, seed);
    return { indices, x: emptyRows(indices.length, pairs.columnsX), y: emptyRows(indices.length, pairs.columnsY) };
  });
  return {
    held,
    pairs: {
      ...pairs,
      async *pieces() {
        const filled = held.map(() => 0);
        let from = 0;
        for await (const piece of pairs.pieces()) {
          for (const [fold, rows] of held.entries()) filled[fold] = fill(rows, filled[fold]!, piece, from);
          from += piece.x.rows;
          yield piece;
        }
      },
    },
  };
}

const emptyRows = (rows: number, columns: number): Features => ({ rows, columns, data: new Float32Array(rows * columns) });

/** Copies those of the piece that begins with row `from`; how many are there then. */
function fill({ indices, x, y }: HeldRows, filled: number, piece: RowPiece, from: number): number {
  let at = filled;
  for (; at < indices.length && indices[at]! < from + piece.x.rows; at++) {
    const row = indices[at]! - from;
    for (const [kept, given] of [[x, piece.x], [y, piece.y]] as const) kept.data.set(given.data.subarray(row * kept.columns, (row + 1) * kept.columns), at * kept.columns);
  }
  return at;
}
