/** A linear map between two encoders' vectors by ridge regression, and the file that holds it. */
import { writeFile } from 'node:fs/promises';

/**
 * The w and b that make the mean of |x w + b - y|² + lambda |w|² least (Hoerl and Kennard 1970), by the normal equations of centred
 * rows and a Cholesky factor, in double arithmetic. Lambda is relative to the mean variance of the inputs.
 *
 * @param {Float32Array[]} xs a row for each pair
 * @param {Float32Array[]} ys
 */
export function ridge(xs, ys, lambda = 1e-3) {
  const [n, p, q] = [xs.length, xs[0].length, ys[0].length];
  const [mx, my] = [meanOf(xs), meanOf(ys)];
  const gram = Array.from({ length: p }, () => new Float64Array(p));
  const cross = Array.from({ length: p }, () => new Float64Array(q));
  for (let row = 0; row < n; row++) {
    const [x, y] = [xs[row].map((v, i) => v - mx[i]), ys[row].map((v, i) => v - my[i])];
    for (let i = 0; i < p; i++) {
      for (let j = 0; j <= i; j++) gram[i][j] += x[i] * x[j];
      for (let j = 0; j < q; j++) cross[i][j] += x[i] * y[j];
    }
  }
  const ridgeTerm = (lambda * gram.reduce((sum, line, i) => sum + line[i], 0)) / p;
  for (let i = 0; i < p; i++) gram[i][i] += ridgeTerm;
  const w = solve(cholesky(gram), cross);
  const b = my.map((value, j) => value - mx.reduce((sum, m, i) => sum + m * w[i][j], 0));
  return { w, b };
}

const meanOf = (rows) => Array.from(rows[0], (_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);

/** The lower triangle l with l lᵀ = a, of a's lower triangle, in its place. */
function cholesky(a) {
  for (let j = 0; j < a.length; j++) {
    for (let i = j; i < a.length; i++) {
      let sum = a[i][j];
      for (let k = 0; k < j; k++) sum -= a[i][k] * a[j][k];
      a[i][j] = i === j ? Math.sqrt(sum) : sum / a[j][j];
    }
  }
  return a;
}

/** l lᵀ x = b, in b's place. */
function solve(l, b) {
  const n = l.length;
  const subtract = (i, k, by) => b[i].forEach((_, j) => (b[i][j] -= by * b[k][j]));
  const divide = (i) => b[i].forEach((_, j) => (b[i][j] /= l[i][i]));
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtract(i, k, l[i][k]);
    divide(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtract(i, k, l[k][i]);
    divide(i);
  }
  return b;
}

/** Writes the map as safetensors, `w` and `b` under these keys. */
export async function writeMap(file, { w, b }, keys) {
  const tensors = [
    [keys.w, [w.length, w[0].length], w.flatMap((row) => [...row])],
    [keys.b, [b.length], [...b]],
  ];
  const header = {};
  let offset = 0;
  for (const [name, shape, values] of tensors) header[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += 4 * values.length)] };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  await writeFile(file, Buffer.concat([length, json, ...tensors.map(([, , values]) => Buffer.from(Float32Array.from(values).buffer))]));
}

/** The rows of an output [rows, width]. */
export const rowsOf = ({ data, dims }) => Array.from({ length: dims[0] }, (_, i) => data.subarray(i * dims[1], (i + 1) * dims[1]));
