/** Formulas over pictures, maps and sequences, in double arithmetic, written from their definitions. */
import { sum, times, type Matrix, type Row } from './formulas.ts';

interface Rows {
  readonly rows: Readonly<Record<string, Matrix>>;
}

/** The element of each place of the new order of axes. */
export const permute = (sizes: readonly number[], order: readonly number[]) => ({ rows }: Rows): readonly number[] => {
  const flat = rows['x']!.flat();
  const strides = sizes.map((_, i) => sizes.slice(i + 1).reduce((a, b) => a * b, 1));
  const walk = (axis: number, offset: number): number[] =>
    axis === order.length ? [flat[offset]!] : Array.from({ length: sizes[order[axis]!]! }, (_, i) => walk(axis + 1, offset + i * strides[order[axis]!]!)).flat();
  return walk(0, 0);
};
/** Feature maps of 2 by 3 places, as wide as the last axis: one number for each of them. */
export const eachMap = (by: (values: Row) => number) => ({ rows }: Rows): readonly number[] => {
  const flat = rows['x']!.flat();
  return Array.from({ length: flat.length / 6 }, (_, i) => by(flat.slice(i * 6, i * 6 + 6)));
};
/** Each channel of pictures of 2 by 3 places, resized by weights for each of the places along an axis. */
export const resized = (height: number, width: number, weigh: (from: number, to: number) => Matrix) => ({ rows }: Rows): readonly number[] => {
  const pictures = Array.from({ length: rows['x']!.length / 6 }, (_, i) => rows['x']!.slice(i * 6, i * 6 + 6));
  const [down, across] = [weigh(2, height), weigh(3, width)];
  const at = (picture: Matrix, y: number, x: number, c: number): number =>
    Math.min(Math.max(sum(down[y]!.flatMap((v, i) => across[x]!.map((w, j) => v * w * picture[i * 3 + j]![c]!))), 0), 1);
  return pictures.flatMap((picture) => Array.from({ length: height * width }, (_, i) => picture[0]!.map((_value, c) => at(picture, Math.floor(i / width), i % width, c))).flat());
};
/** Weights of a filter around the centre of each place, wider where it shrinks, of the places there are. */
export const filtered = (support: number, filter: (x: number) => number) => (from: number, to: number): Matrix => {
  const wide = Math.max(1, from / to);
  return Array.from({ length: to }, (_, i) => {
    const centre = ((i + 0.5) * from) / to;
    const row = Array.from({ length: from }, (_value, j) => (Math.abs(j + 0.5 - centre) < support * wide ? filter(Math.abs(j + 0.5 - centre) / wide) : 0));
    return times(row, 1 / sum(row));
  });
};
/** Straight lines between neighbours, the edge beyond which nothing is. */
export const straight = (from: number, to: number): Matrix =>
  Array.from({ length: to }, (_, i) => {
    const place = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    return Array.from({ length: from }, (_value, j) => Math.max(0, 1 - Math.abs(j - place)));
  });
export const nearest = (from: number, to: number): Matrix =>
  Array.from({ length: to }, (_, i) => Array.from({ length: from }, (_value, j) => Number(Math.floor(((i + 0.5) * from) / to) === j)));
export const catmullRom = (x: number): number => (x < 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2);
/** Rows of the last axis of [2, 2, 4, 6]: image by image, channel by channel, 4 rows each. */
export const squares = (rows: Matrix): readonly number[] =>
  [0, 1].flatMap((n) => [0, 1].flatMap((top) => [0, 1, 2].flatMap((left) => [0, 1].flatMap((c) => [0, 1].flatMap((y) => [0, 1].map((x) => rows[n * 8 + c * 4 + top * 2 + y]![left * 2 + x]!))))));

/** Two numbers a feature and channel, slid over a text with a zero before it and one behind it; three features. */
export function alongText(vectors: Matrix, weights: Matrix, bias: Row): Row {
  const zero = vectors[0]!.map(() => 0);
  const padded = [zero, ...vectors, zero];
  // A row of the weights holds the two numbers of one feature and channel.
  const feature = (m: number, c: number, k: number): number => weights[m * zero.length + c]![k]!;
  return padded.slice(1).flatMap((_v, t) => [0, 1, 2].map((m) => bias[m]! + sum([0, 1].flatMap((k) => padded[t + k]!.map((v, c) => v * feature(m, c, k))))));
}

/** Three by three numbers a feature and channel, slid over three maps [2, 2, 3] with zeros around them; two features. */
export function overMap(rows: Matrix, weights: Matrix, bias: Row): Row {
  const at = (n: number, c: number, y: number, x: number): number => (y < 0 || y > 1 ? 0 : (rows[n * 4 + c * 2 + y]![x] ?? 0));
  const weight = (m: number, c: number, ky: number, kx: number): number => weights[m * 6 + c * 3 + ky]![kx]!;
  const steps = [0, 1, 2];
  const one = (n: number, m: number, y: number, x: number): number =>
    bias[m]! + sum([0, 1].flatMap((c) => steps.flatMap((ky) => steps.map((kx) => weight(m, c, ky, kx) * at(n, c, y + ky - 1, x + kx - 1)))));
  return steps.flatMap((n) => [0, 1].flatMap((m) => [0, 1].flatMap((y) => steps.map((x) => one(n, m, y, x)))));
}
