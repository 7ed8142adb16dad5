/** The library's formulas in double arithmetic, written from their definitions. */

export type Row = readonly number[];
/** rows by columns */
export type Matrix = readonly Row[];

export const sum = (row: Row): number => row.reduce((a, b) => a + b, 0);
export const mean = (row: Row): number => sum(row) / row.length;
export const dot = (a: Row, b: Row): number => sum(a.map((x, i) => x * b[i]!));
export const norm = (row: Row): number => Math.sqrt(dot(row, row));
export const times = (row: Row, by: number): Row => row.map((x) => x * by);
export const plus = (a: Row, b: Row): Row => a.map((x, i) => x + b[i]!);
export const minus = (a: Row, b: Row): Row => a.map((x, i) => x - b[i]!);
export const columns = (m: Matrix): Matrix => m[0]!.map((_, c) => m.map((row) => row[c]!));
/** x M, of a row and a matrix. */
export const apply = (x: Row, m: Matrix): Row => columns(m).map((column) => dot(x, column));

export const unit = (row: Row): Row => (norm(row) === 0 ? row : times(row, 1 / norm(row)));
export const cosine = (a: Row, b: Row): number => dot(unit(a), unit(b));
export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

export function softmax(row: Row): Row {
  const powers = row.map((x) => Math.exp(x - Math.max(...row)));
  return times(powers, 1 / sum(powers));
}

/** Φ by its integral, with Simpson's rule: the series that runtimes use are others. */
export function normalCdf(x: number): number {
  const steps = 2000;
  const h = x / steps;
  const density = (t: number): number => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let total = density(0) + density(x);
  for (let i = 1; i < steps; i++) total += (i % 2 === 1 ? 4 : 2) * density(i * h);
  return 0.5 + (total * h) / 3;
}

/** Mean 0 and variance 1, `epsilon` added to the variance. */
export function standard(row: Row, epsilon: number): Row {
  const centre = mean(row);
  const variance = mean(row.map((x) => (x - centre) ** 2));
  return row.map((x) => (x - centre) / Math.sqrt(variance + epsilon));
}
