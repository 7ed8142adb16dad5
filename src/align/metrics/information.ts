/** What a bridge carries beside the class: the measures that label-clustered noise cannot fake. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Features } from '../matrix.ts';
import { columnMeans, unitRows } from '../rows.ts';
import { nearest } from './neighbours.ts';

/** Each row less the mean of its class, in double precision. */
export function withinClasses({ rows, columns, data }: Features, labels: ArrayLike<number>): Float64Array {
  const sums = new Map<number, Float64Array>();
  const counts = new Map<number, number>();
  for (let i = 0; i < rows; i++) {
    const sum = sums.get(labels[i]!) ?? new Float64Array(columns);
    for (let j = 0; j < columns; j++) sum[j]! += data[i * columns + j]!;
    sums.set(labels[i]!, sum);
    counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1);
  }
  const result = new Float64Array(data.length);
  for (let i = 0, at = 0; i < rows; i++) {
    const [sum, count] = [sums.get(labels[i]!)!, counts.get(labels[i]!)!];
    for (let j = 0; j < columns; j++, at++) result[at] = data[at]! - sum[j]! / count;
  }
  return result;
}

/** Squared error and squared size of the target within the classes, by row: their sums make R². */
export interface WithinClassError {
  readonly error: Float64Array;
  readonly size: Float64Array;
}

/**
 * With `isScaled`, what is predicted gets the one scale that fits best, if it is above 0: a bridge whose answers have length
 * 1 is then not held to the variance that it gave up for that.
 */
export function withinClassError(predicted: Features, target: Features, labels: ArrayLike<number>, isScaled = false): WithinClassError {
  const [a, b] = [withinClasses(predicted, labels), withinClasses(target, labels)];
  if (isScaled) scaleToFit(a, b);
  const error = new Float64Array(target.rows);
  const size = new Float64Array(target.rows);
  for (let at = 0; at < b.length; at++) {
    const row = Math.floor(at / target.columns);
    error[row]! += (a[at]! - b[at]!) ** 2;
    size[row]! += b[at]! ** 2;
  }
  return { error, size };
}

function scaleToFit(a: Float64Array, b: Float64Array): void {
  let [product, square] = [0, 0];
  for (const [at, value] of a.entries()) {
    product += value * b[at]!;
    square += value * value;
  }
  const scale = square > 0 ? Math.max(0, product / square) : 0;
  for (const [at, value] of a.entries()) a[at] = scale * value;
}

/** The part of the variance within classes that is predicted, over these rows. */
export function withinClassR2({ error, size }: WithinClassError, rows?: Uint32Array): number {
  let [errors, sizes] = [0, 0];
  for (let i = 0; i < (rows ?? error).length; i++) {
    const row = rows ? rows[i]! : i;
    errors += error[row]!;
    sizes += size[row]!;
  }
  return 1 - errors / sizes;
}

/** Which predicted rows have their own target as the nearest of all targets, by the cosine about the targets' mean. */
export async function retrieved(kernels: Kernels, predicted: Features, target: Features): Promise<readonly boolean[]> {
  const centre = columnMeans(target);
  const { numbers } = await nearest(kernels, unitRows(predicted, centre), unitRows(target, centre), { k: 1 });
  return Array.from(numbers, (number, i) => number === i);
}
