/** Dense matrices, row-major. Small ones, and all that is summed up, are double; features are single. */

/** Double precision: weights on their way, Gram matrices, decompositions. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Features of an encoder: a row an example. */
export interface Features {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

export const zeros = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  data: new Float64Array(rows * columns),
});

export function identity(size: number): Matrix {
  const result = zeros(size, size);
  for (let i = 0; i < size; i++) result.data[i * size + i] = 1;
  return result;
}

export function transpose({ rows, columns, data }: Matrix): Matrix {
  const result = zeros(columns, rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result.data[j * rows + i] = data[i * columns + j]!;
  return result;
}

/** A matrix with each element made from those at its place. */
export function combine(a: Matrix, b: Matrix, make: (a: number, b: number) => number): Matrix {
  const result = zeros(a.rows, a.columns);
  for (let i = 0; i < result.data.length; i++) result.data[i] = make(a.data[i]!, b.data[i]!);
  return result;
}

/** Row i multiplied by `factors[i]`. */
export function scaleRows(a: Matrix, factors: ArrayLike<number>): Matrix {
  const result = zeros(a.rows, a.columns);
  for (let i = 0, at = 0; i < a.rows; i++)
    for (let j = 0; j < a.columns; j++, at++) result.data[at] = a.data[at]! * factors[i]!;
  return result;
}

/** Column j multiplied by `factors[j]`. */
export function scaleColumns(a: Matrix, factors: ArrayLike<number>): Matrix {
  const result = zeros(a.rows, a.columns);
  for (let i = 0, at = 0; i < a.rows; i++)
    for (let j = 0; j < a.columns; j++, at++) result.data[at] = a.data[at]! * factors[j]!;
  return result;
}

/** The first `count` columns. */
export function firstColumns(a: Matrix, count: number): Matrix {
  const result = zeros(a.rows, count);
  for (let i = 0; i < a.rows; i++)
    result.data.set(a.data.subarray(i * a.columns, i * a.columns + count), i * count);
  return result;
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

/** The sum of the squares of all elements: the square of the Frobenius norm. */
export function sumOfSquares({ data }: { readonly data: ArrayLike<number> }): number {
  let total = 0;
  for (let i = 0; i < data.length; i++) total += data[i]! * data[i]!;
  return total;
}

/** The sum of products of the elements at equal places: the trace of A'B. */
export function innerProduct(a: Matrix, b: Matrix): number {
  let total = 0;
  for (let i = 0; i < a.data.length; i++) total += a.data[i]! * b.data[i]!;
  return total;
}

/** A square matrix's trace. */
export function trace({ rows, data }: Matrix): number {
  let total = 0;
  for (let i = 0; i < rows; i++) total += data[i * rows + i]!;
  return total;
}

/** Some rows of features, in the order of their numbers. */
export function selectRows(features: Features, rows: ArrayLike<number>): Features {
  const { columns } = features;
  const data = new Float32Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++)
    data.set(features.data.subarray(rows[i]! * columns, (rows[i]! + 1) * columns), i * columns);
  return { rows: rows.length, columns, data };
}

export const toDouble = ({ rows, columns, data }: Features): Matrix => ({
  rows,
  columns,
  data: Float64Array.from(data),
});

export const toSingle = ({ rows, columns, data }: Matrix): Features => ({
  rows,
  columns,
  data: Float32Array.from(data),
});
