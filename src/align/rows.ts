/** Loops over the rows and columns of features. */
import type { Features, Matrix } from './matrix.ts';

/** The mean of each column, in double precision. */
export function columnMeans({ rows, columns, data }: Features | Matrix): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++, at++) sums[j]! += data[at]!;
  return sums.map((sum) => (rows === 0 ? 0 : sum / rows));
}

/** The Euclidean norm of each row. */
export const rowNorms = ({ rows, columns, data }: Features): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let at = i * columns; at < (i + 1) * columns; at++) sum += data[at]! * data[at]!;
    return Math.sqrt(sum);
  });

/** Each row less the centre. */
export function centreRows({ rows, columns, data }: Features, centre: ArrayLike<number>): Features {
  const result = new Float32Array(data.length);
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, at++) result[at] = data[at]! - centre[j]!;
  return { rows, columns, data: result };
}

/** Each row less the centre, divided by what is then its norm; a row of zeros stays one. */
export function unitRows(features: Features, centre: ArrayLike<number> = new Float64Array(features.columns)): Features {
  const centred = centreRows(features, centre);
  const norms = rowNorms(centred);
  const { columns, data } = centred;
  for (let i = 0, at = 0; i < features.rows; i++)
    for (let j = 0; j < columns; j++, at++) data[at] = norms[i] === 0 ? 0 : data[at]! / norms[i]!;
  return centred;
}
