/**
 * First and second moments of paired rows: all that closed forms need of the data, and no more memory for a million rows
 * than for a thousand. Rows are taken in chunks, shifted by the mean of the first chunk, and summed up in double precision:
 * one product of single precision would lose the small eigenvalues.
 */
import { transpose, zeros, type Matrix } from '../matrix.ts';
import type { Kernels, Precision, ShiftedRows } from './kernels.ts';
import type { RowPairs, RowPiece } from './row-pairs.ts';

/** Which of the products Xc'Xc, Xc'Yc and Yc'Yc of the rows about their means. */
export type Product = 'xx' | 'xy' | 'yy';

/** All sums are of squares and products about the means. A product that was not asked for throws when it is read. */
export interface Moments {
  readonly count: number;
  readonly meanX: Float64Array;
  readonly meanY: Float64Array;
  /** Of each column of Xc. */
  readonly squaresX: Float64Array;
  readonly squaresY: Float64Array;
  /** Those that were summed up. */
  readonly products: readonly Product[];
  /** Xc' Xc. */
  readonly xx: Matrix;
  /** Xc' Yc. */
  readonly xy: Matrix;
  /** Yc' Yc. */
  readonly yy: Matrix;
}

type Products = Readonly<Partial<Record<Product, Matrix>>>;

const allProducts: readonly Product[] = ['xx', 'xy', 'yy'];

function momentsOf(columns: Pick<Moments, 'count' | 'meanX' | 'meanY' | 'squaresX' | 'squaresY'>, summed: Products): Moments {
  const read = (product: Product): Matrix => {
    const found = summed[product];
    if (found === undefined) throw new Error(`the moments hold no ${product}: it was not asked for`);
    return found;
  };
  return {
    ...columns,
    products: allProducts.filter((product) => summed[product] !== undefined),
    get xx() {
      return read('xx');
    },
    get xy() {
      return read('xy');
    },
    get yy() {
      return read('yy');
    },
  };
}

export interface MomentOptions {
  /** Which products to sum up, at a pass of 2 rows columns² operations each; all of them where nothing is said. */
  readonly products?: readonly Product[];
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
  { products = allProducts, parts = new Uint8Array(pairs.rows), precision = 'f64' }: MomentOptions = {},
): Promise<readonly Moments[]> {
  const count = parts.reduce((most, part) => Math.max(most, part + 1), 1);
  const sums = Array.from({ length: count }, () => createSums(kernels, pairs, { products, precision }));
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
  /** Of the shifted rows, column by column; and of their squares. */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

function createSums(kernels: Kernels, { columnsX, columnsY }: RowPairs, { products, precision }: Required<Pick<MomentOptions, 'products' | 'precision'>>) {
  const capacity = Math.max(1, Math.min(maxChunkRows, Math.floor(maxChunkElements / Math.max(1, columnsX + columnsY))));
  const x = createSide(columnsX, capacity);
  const y = createSide(columnsY, capacity);
  const sides = { x, y };
  const sums: Partial<Record<Product, Matrix>> = {};
  for (const product of products) sums[product] = zeros(sides[leftOf(product)].columns, sides[rightOf(product)].columns);
  let [filled, count] = [0, 0];
  // The sums are of the very numbers that the kernel multiplies.
  const round = precision === 'f32' ? Math.fround : (value: number): number => value;

  const flush = async (): Promise<void> => {
    const rows = { x: shift(x, filled, round), y: shift(y, filled, round) };
    for (const product of products) sums[product] = await kernels.accumulate(sums[product]!, rows[leftOf(product)], rows[rightOf(product)], precision);
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
      const off = { x: offsetOf(x, count), y: offsetOf(y, count) };
      for (const product of products) subtractProduct(sums[product]!, off[leftOf(product)], off[rightOf(product)], count);
      return momentsOf({ count, meanX: mean(x, off.x), meanY: mean(y, off.y), squaresX: squaresAbout(x, off.x, count), squaresY: squaresAbout(y, off.y, count) }, sums);
    },
  };
}

/** Xc'Yc is `xy`: the side whose columns are its rows, and the one whose columns are its columns. */
const leftOf = (product: Product): 'x' | 'y' => product[0] as 'x' | 'y';
const rightOf = (product: Product): 'x' | 'y' => product[1] as 'x' | 'y';

const createSide = (columns: number, capacity: number): Side => ({
  columns,
  rows: new Float32Array(capacity * columns),
  centre: undefined,
  sums: new Float64Array(columns),
  squares: new Float64Array(columns),
});

/** The chunk and what it is to be shifted by; the shifted rows are added to the sums. */
function shift(side: Side, filled: number, round: (value: number) => number): ShiftedRows {
  const { columns, sums, squares } = side;
  const data = side.rows.subarray(0, filled * columns);
  const centre = (side.centre ??= columnMeans(data, columns));
  for (let i = 0, at = 0; i < filled; i++) {
    for (let j = 0; j < columns; j++, at++) {
      const shifted = round(data[at]! - centre[j]!);
      sums[j]! += shifted;
      squares[j]! += shifted * shifted;
    }
  }
  return { rows: { rows: filled, columns, data }, centre };
}

function columnMeans(data: Float32Array, columns: number): Float32Array {
  const sums = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) sums[at % columns]! += data[at]!;
  return Float32Array.from(sums, (sum) => sum / (data.length / columns));
}

/** What the shifted rows still are away from their mean. */
const offsetOf = ({ sums }: Side, count: number): Float64Array => sums.map((sum) => (count === 0 ? 0 : sum / count));
const mean = ({ centre }: Side, offset: Float64Array): Float64Array => offset.map((off, j) => off + (centre?.[j] ?? 0));
const squaresAbout = ({ squares }: Side, offset: Float64Array, count: number): Float64Array => squares.map((sum, j) => Math.max(0, sum - count * offset[j]! ** 2));

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
  const [squaresX, squaresY] = [new Float64Array(meanX.length), new Float64Array(meanY.length)];
  const summed: Partial<Record<Product, Matrix>> = {};
  for (const part of parts) {
    const off = { x: part.meanX.map((value, j) => value - meanX[j]!), y: part.meanY.map((value, j) => value - meanY[j]!) };
    addSquares(squaresX, part.squaresX, off.x, part.count);
    addSquares(squaresY, part.squaresY, off.y, part.count);
    for (const product of part.products) addAbout((summed[product] ??= zeros(part[product].rows, part[product].columns)), part[product], off[leftOf(product)], off[rightOf(product)], part.count);
  }
  return momentsOf({ count, meanX, meanY, squaresX, squaresY }, summed);
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

function addSquares(sum: Float64Array, part: Float64Array, off: Float64Array, count: number): void {
  for (let j = 0; j < sum.length; j++) sum[j]! += part[j]! + count * off[j]! ** 2;
}

/** The same rows, their squares and products about 0 and no longer about their means. */
export function momentsAboutOrigin(moments: Moments): Moments {
  const { count, meanX, meanY, products } = moments;
  const [squaresX, squaresY] = [moments.squaresX.slice(), moments.squaresY.slice()];
  addSquares(squaresX, new Float64Array(meanX.length), meanX, count);
  addSquares(squaresY, new Float64Array(meanY.length), meanY, count);
  const means = { x: meanX, y: meanY };
  const summed: Partial<Record<Product, Matrix>> = {};
  for (const product of products) {
    const whole = zeros(moments[product].rows, moments[product].columns);
    addAbout(whole, moments[product], means[leftOf(product)], means[rightOf(product)], count);
    summed[product] = whole;
  }
  return momentsOf({ count, meanX: new Float64Array(meanX.length), meanY: new Float64Array(meanY.length), squaresX, squaresY }, summed);
}

/** The moments of the same rows seen from the other side. */
export function swapSides(moments: Moments): Moments {
  const { count, meanX, meanY, squaresX, squaresY, products } = moments;
  const summed: Partial<Record<Product, Matrix>> = {};
  if (products.includes('yy')) summed.xx = moments.yy;
  if (products.includes('xy')) summed.xy = transpose(moments.xy);
  if (products.includes('xx')) summed.yy = moments.xx;
  return momentsOf({ count, meanX: meanY, meanY: meanX, squaresX: squaresY, squaresY: squaresX }, summed);
}
