/** Whether two samples come from one distribution. */
import { permutationP } from '../align/statistics/permutation.ts';
import { createRandom, permutation } from '../data/random.ts';
import type { Vectors } from './record.ts';

export interface TwoSample {
  /** From 0 to 1. */
  readonly distance: number;
  readonly p: number;
}

/** The greatest distance of the two distribution functions (Kolmogorov 1933; Smirnov 1948; p by Stephens 1970). */
export function kolmogorovSmirnov(first: Float64Array, second: Float64Array): TwoSample {
  const [a, b] = [Float64Array.from(first).sort(), Float64Array.from(second).sort()];
  let [i, j, distance] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= value) i += 1;
    while (j < b.length && b[j]! <= value) j += 1;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  const root = Math.sqrt((a.length * b.length) / (a.length + b.length));
  return { distance, p: kolmogorovTail((root + 0.12 + 0.11 / root) * distance) };
}

/** 2 sum (-1)^(k-1) exp(-2 k² x²). */
export function kolmogorovTail(x: number): number {
  // Below, the series converges slowly, and the tail is 1 to 9 digits.
  if (x < 0.27) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * (k * x) ** 2);
  return Math.min(1, Math.max(0, sum));
}

/**
 * Energy distance (Székely and Rizzo 2004) over the mean distance between the samples: 0 where they are alike, up to 1. The
 * p is by permutation of all rows. Both have the same columns, in units that can be compared.
 */
export function energyDistance(first: Vectors, second: Vectors, { seed, permutations = 999 }: { readonly seed: number; readonly permutations?: number }): TwoSample {
  const [m, n] = [first.rows, second.rows];
  const distances = distancesOf(first, second);
  const coefficientOf = coefficients(distances, m, n);
  const found = coefficientOf(Uint32Array.from({ length: m + n }, (_, i) => i));
  const random = createRandom(seed);
  let exceeded = 0;
  // What differs by rounding alone is as large: rows that are the same come in any order.
  for (let i = 0; i < permutations; i++) if (!(coefficientOf(permutation(m + n, random)) < found - rounding)) exceeded += 1;
  return { distance: Math.max(0, found), p: permutationP(exceeded, permutations) };
}

const rounding = 1e-12;

/**
 * The first m rows of an order against the others. Only distances within the smaller part are summed up: what lies between both, and within the
 * other, follows from the sums of rows.
 */
function coefficients(distances: Float32Array, m: number, n: number): (order: Uint32Array) => number {
  const rows = m + n;
  const sums = new Float64Array(rows);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < rows; j++, at++) sums[i]! += distances[at]!;
  const all = sums.reduce((sum, value) => sum + value, 0) / 2;
  return (order) => {
    const part = m <= n ? order.subarray(0, m) : order.subarray(m);
    let [within, ofRows] = [0, 0];
    for (let i = 0; i < part.length; i++) {
      const at = part[i]! * rows;
      ofRows += sums[part[i]!]!;
      for (let j = 0; j < i; j++) within += distances[at + part[j]!]!;
    }
    const between = ofRows - 2 * within;
    const others = all - within - between;
    const [firsts, seconds] = m <= n ? [within, others] : [others, within];
    const mean = between / (m * n);
    return mean === 0 ? 0 : (2 * mean - (2 * firsts) / (m * m) - (2 * seconds) / (n * n)) / (2 * mean);
  };
}

function distancesOf(first: Vectors, second: Vectors): Float32Array {
  const rows = first.rows + second.rows;
  const { columns } = first;
  const data = new Float32Array(rows * columns);
  data.set(first.data);
  data.set(second.data, first.data.length);
  const distances = new Float32Array(rows * rows);
  for (let i = 1; i < rows; i++)
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += (data[i * columns + c]! - data[j * columns + c]!) ** 2;
      distances[i * rows + j] = distances[j * rows + i] = Math.sqrt(sum);
    }
  return distances;
}
