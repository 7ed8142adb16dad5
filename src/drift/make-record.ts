/** The record of a space's vectors. */
import { createRandom, permutation } from '../data/random.ts';
import type { SpaceRecord, Vectors } from './record.ts';

const mostRows = 1000;
const mostElements = 2 ** 18;
const parts = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

export function recordOf(vectors: Vectors, seed: number): SpaceRecord {
  const { columns, rows, data } = vectors;
  const mean = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) mean[at % columns]! += data[at]! / rows;
  const deviation = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) deviation[at % columns]! += (data[at]! - mean[at % columns]!) ** 2 / rows;
  const norms = rowsOf(vectors, (row) => Math.hypot(...row)).sort();
  return {
    columns,
    mean: Array.from(mean, short),
    deviation: Array.from(deviation, (value) => short(Math.sqrt(value))),
    norms: parts.map((part) => short(norms[Math.round(part * (rows - 1))]!)),
    sample: sampleOf(vectors, seed),
  };
}

/** Rows drawn by chance, as many as a record holds. */
export function sampleOf({ rows, columns, data }: Vectors, seed: number): Vectors {
  const count = Math.max(1, Math.min(rows, mostRows, Math.floor(mostElements / columns)));
  const chosen = permutation(rows, createRandom(seed)).subarray(0, count);
  const sample = new Float32Array(count * columns);
  chosen.forEach((row, i) => sample.set(data.subarray(row * columns, (row + 1) * columns), i * columns));
  return { rows: count, columns, data: sample };
}

/** A number for each row. */
export const rowsOf = ({ rows, columns, data }: Vectors, of: (row: Float32Array) => number): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => of(data.subarray(i * columns, (i + 1) * columns)));

/** As single precision tells them apart. */
const short = (value: number): number => Number(value.toPrecision(8));
