/** Rows of two encoders, example by example, in pieces that fit into memory. */
import type { Features } from '../matrix.ts';

export interface RowPiece {
  readonly x: Features;
  /** As many rows as `x`, of the same examples. */
  readonly y: Features;
}

export interface RowPairs {
  readonly rows: number;
  readonly columnsX: number;
  readonly columnsY: number;
  /** All pieces, from the beginning at every call. A piece is not used after the next was asked for. */
  pieces(): AsyncIterable<RowPiece> | Iterable<RowPiece>;
}

/** Features that lie in memory. Throws where their rows do not pair: that is the caller's mistake. */
export function pairsOf(x: Features, y: Features): RowPairs {
  if (x.rows !== y.rows) throw new RangeError(`${x.rows} rows cannot be paired with ${y.rows}`);
  return { rows: x.rows, columnsX: x.columns, columnsY: y.columns, pieces: () => [{ x, y }] };
}
