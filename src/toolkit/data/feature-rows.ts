/** Vectors of examples in pieces: what closed forms sum up, and what a step of training sees, need not lie in memory. */
import type { Features, RowPairs, RowPieces } from '../../align/index.ts';
import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { Progress } from '../progress.ts';
import { placeOfRow, type Table } from './table.ts';

export interface FeatureRows {
  readonly rows: number;
  readonly columns: number;
  /** The rows from `from` to before `to`. */
  read(from: number, to: number): Features;
  /** Some rows, in any order; undefined where only one after the other is quick. */
  readonly pick?: (rows: ArrayLike<number>) => Float32Array;
  /** Whether they lie in memory as it is. */
  readonly isHeld?: true;
}

export const rowsInMemory = ({ rows, columns, data }: Features): FeatureRows => ({
  rows,
  columns,
  read: (from, to) => ({ rows: to - from, columns, data: data.subarray(from * columns, to * columns) }),
  isHeld: true,
});

/** All of them, in memory. */
export const wholeOf = (features: FeatureRows): Features => features.read(0, features.rows);

export const pieceRows = 4096;

/** One after the other, of one side alone. */
export const piecesOfRows = ({ rows, columns, read }: FeatureRows): RowPieces => ({
  rows,
  columns,
  *pieces() {
    for (let from = 0; from < rows; from += pieceRows) yield read(from, Math.min(rows, from + pieceRows));
  },
});

/** Piece by piece, with what is told of how far that is. */
export function pairsOfRows(x: FeatureRows, y: FeatureRows, words: string, progress: Progress): RowPairs {
  return {
    rows: x.rows,
    columnsX: x.columns,
    columnsY: y.columns,
    *pieces() {
      for (let from = 0; from < x.rows; from += pieceRows) {
        if (x.rows > pieceRows) progress.update(words, from, x.rows);
        const to = Math.min(x.rows, from + pieceRows);
        yield { x: x.read(from, to), y: y.read(from, to) };
      }
      progress.clear();
    },
  };
}

/** The finding of NaN or infinity, with the first row of the data that holds one: the row is what is to be looked at. Other findings as they are. */
export function namingRow(finding: Finding, table: Table, ...sides: readonly FeatureRows[]): Finding {
  if (finding.code !== 'features-not-finite') return finding;
  const row = Math.min(...sides.map(firstNotFinite));
  return Number.isFinite(row) ? { ...finding, notes: [firstSuch(table, row), ...finding.notes] } : finding;
}

export const firstSuch = (table: Table, row: number): string => `The first that does is ${placeOfRow(table, row)}.`;

function firstNotFinite({ rows, columns, read }: FeatureRows): number {
  for (let from = 0; from < rows; from += pieceRows) {
    const at = read(from, Math.min(rows, from + pieceRows)).data.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) return from + Math.floor(at / columns);
  }
  return Infinity;
}
