/**
 * First and second moments of paired rows: all that closed forms need of the data, and no more memory for a million rows
 * than for a thousand. Rows are taken in chunks, shifted by the mean of the first chunk, and summed up in double precision:
 * one product of single precision would lose the small eigenvalues.
 */
import { transpose, zeros, type Features, type Matrix } from '../matrix.ts';
import type { Kernels, Precision } from './kernels.ts';
import type { RowPairs, RowPiece } from './row-pairs.ts';

/** All sums are of squares and products about the means. */
export interface Moments {
  readonly count: number;
  readonly meanX: Float64Array;
  readonly meanY: Float64Array;
  /** Xc' Xc. */
  readonly xx: Matrix;
  /** Xc' Yc. */
  readonly xy: Matrix;
  /** Yc' Yc. */
  readonly yy: Matrix;
}

export interface MomentOptions {
  /** Which part each row belongs to, from 0; all belong to one where it is not given. */
  readonly parts?: Uint8Array;
  /** Default f64. f32 takes half the time, and keeps eigenvalues above some 1e-6 of the largest to 1 %. */
  readonly precision?: Precision;
}

const maxChunkRows = 4096;
const maxChunkElements = 2 ** 22;

/** The moments of each part of the rows, in the order of the parts' numbers. */
export async function collectMoments(
  kernels: Kernels,
  pairs: RowPairs,
  { parts = new Uint8Array(pairs.rows), precision = 'f64' }: MomentOptions = {},
): Promise<readonly Moments[]> {
  const count = parts.reduce((most, part) => Math.max(most, part + 1), 1);
  const sums = Array.from({ length: count }, () => createSums(kernels, pairs, precision));
  let row = 0;
  for await (const piece of pairs.pieces()) {
    for (let i = 0; i < piece.x.rows; i++, row++) {
      const part = sums[parts[row]!]!;
      part.add(piece, i);
      if (part.isFull()) await part.flush();
    }
  }
  if (row !== pairs.rows) throw new RangeError(`${pairs.rows} pairs were announced, and ${row} came`);
  const moments: Moments[] = [];
  for (const part of sums) moments.push(await part.finish());
  return moments;
}

interface Side {
  readonly columns: number;
  /** The chunk, filled row by row. */
  readonly rows: Float32Array;
  centre: Float32Array | undefined;
  /** Of the shifted rows. */
  readonly sums: Float64Array;
}

function createSums(kernels: Kernels, { columnsX, columnsY }: RowPairs, precision: Precision) {
  const capacity = Math.max(1, Math.min(maxChunkRows, Math.floor(maxChunkElements / Math.max(1, columnsX + columnsY))));
  const x = createSide(columnsX, capacity);
  const y = createSide(columnsY, capacity);
  let sums = { xx: zeros(columnsX, columnsX), xy: zeros(columnsX, columnsY), yy: zeros(columnsY, columnsY) };
  let [filled, count] = [0, 0];
  // The sums are of the very numbers that the kernel multiplies.
  const round = precision === 'f32' ? Math.fround : (value: number): number => value;

  const flush = async (): Promise<void> => {
    const [a, b] = [x, y].map((side) => shift(side, filled, round)) as [Shifted, Shifted];
    sums = await kernels.accumulate({ x: a.rows, centreX: a.centre, y: b.rows, centreY: b.centre }, sums, precision);
    count += filled;
    filled = 0;
  };
  return {
    add(piece: RowPiece, i: number): void {
      x.rows.set(piece.x.data.subarray(i * columnsX, (i + 1) * columnsX), filled * columnsX);
      y.rows.set(piece.y.data.subarray(i * columnsY, (i + 1) * columnsY), filled * columnsY);
      filled += 1;
    },
    isFull: () => filled === capacity,
    flush,
    async finish(): Promise<Moments> {
      if (filled > 0) await flush();
      const [offX, offY] = [x, y].map((side) => side.sums.map((sum) => (count === 0 ? 0 : sum / count)));
      const { xx, xy, yy } = sums;
      subtractProduct(xx, offX!, offX!, count);
      subtractProduct(xy, offX!, offY!, count);
      subtractProduct(yy, offY!, offY!, count);
      return { count, meanX: mean(x, offX!), meanY: mean(y, offY!), xx, xy, yy };
    },
  };
}

const createSide = (columns: number, capacity: number): Side => ({
  columns,
  rows: new Float32Array(capacity * columns),
  centre: undefined,
  sums: new Float64Array(columns),
});

interface Shifted {
  readonly rows: Features;
  readonly centre: Float32Array;
}

/** The chunk and what it is to be shifted by; the shifted rows are added to the sums. */
function shift(side: Side, filled: number, round: (value: number) => number): Shifted {
  const { columns, sums } = side;
  const data = side.rows.subarray(0, filled * columns);
  const centre = (side.centre ??= columnMeans(data, columns));
  for (let i = 0, at = 0; i < filled; i++)
    for (let j = 0; j < columns; j++, at++) sums[j]! += round(data[at]! - centre[j]!);
  return { rows: { rows: filled, columns, data }, centre };
}

function columnMeans(data: Float32Array, columns: number): Float32Array {
  const sums = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) sums[at % columns]! += data[at]!;
  return Float32Array.from(sums, (sum) => sum / (data.length / columns));
}

const mean = ({ centre }: Side, offset: Float64Array): Float64Array => offset.map((off, j) => off + (centre?.[j] ?? 0));

/** sum -= count a b'. */
function subtractProduct({ data }: Matrix, a: Float64Array, b: Float64Array, count: number): void {
  for (let i = 0, at = 0; i < a.length; i++)
    for (let j = 0; j < b.length; j++, at++) data[at]! -= count * a[i]! * b[j]!;
}

/** The moments of all rows of several parts together (Chan, Golub and LeVeque 1983). */
export function mergeMoments(parts: readonly Moments[]): Moments {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const meanX = weightedMean(parts, count, (part) => part.meanX);
  const meanY = weightedMean(parts, count, (part) => part.meanY);
  const first = parts[0]!;
  const [xx, xy, yy] = [first.xx, first.xy, first.yy].map(({ rows, columns }) => zeros(rows, columns));
  for (const part of parts) {
    const offX = part.meanX.map((value, j) => value - meanX[j]!);
    const offY = part.meanY.map((value, j) => value - meanY[j]!);
    addAbout(xx!, part.xx, offX, offX, part.count);
    addAbout(xy!, part.xy, offX, offY, part.count);
    addAbout(yy!, part.yy, offY, offY, part.count);
  }
  return { count, meanX, meanY, xx: xx!, xy: xy!, yy: yy! };
}

function weightedMean(parts: readonly Moments[], count: number, of: (part: Moments) => Float64Array): Float64Array {
  const result = new Float64Array(of(parts[0]!).length);
  for (const part of parts) for (let j = 0; j < result.length; j++) result[j]! += (of(part)[j]! * part.count) / count;
  return result;
}

function addAbout(sum: Matrix, part: Matrix, a: Float64Array, b: Float64Array, count: number): void {
  const [to, from] = [sum.data, part.data];
  for (let i = 0, at = 0; i < a.length; i++) {
    const factor = count * a[i]!;
    for (let j = 0; j < b.length; j++, at++) to[at]! += from[at]! + factor * b[j]!;
  }
}

/** The moments of the same rows seen from the other side. */
export const swapSides = ({ count, meanX, meanY, xx, xy, yy }: Moments): Moments => ({
  count,
  meanX: meanY,
  meanY: meanX,
  xx: yy,
  xy: transpose(xy),
  yy: xx,
});
