/** A linear head by multinomial logistic regression: convex, so the same from every start. */
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import { matrixTensor, vectorTensor, affineAdapter, type AffineAdapter } from '../adapters/adapter.ts';
import { tooFewRows } from '../adapters/training.ts';
import type { Kernels, Precision } from '../kernels/kernels.ts';
import { collectMoments, type Moments } from '../kernels/moments.ts';
import { pairsOf } from '../kernels/row-pairs.ts';
import { minimise, type Digits, type Evaluated } from '../linear-algebra/lbfgs.ts';
import { invertPositive } from '../linear-algebra/positive-inverse.ts';
import { sumOfSquares, trace, type Features, type Matrix } from '../matrix.ts';

export interface LogisticOptions {
  readonly classes: number;
  /** lambda of mean cross-entropy + lambda / 2 ||W||²; the bias is free. Default 1 / rows, which is scikit-learn's C = 1. */
  readonly penalty?: number;
  /** What may be left to be gained of the loss, as a part of it, by the curvature that was seen; really it may be some ten times as much. Default 1e-8. */
  readonly tolerance?: number;
  /** Default 2,000. */
  readonly maxIterations?: number;
}

export interface LogisticHead {
  /** Its weights are those of `linear_classifier` of "std/heads"; it predicts logits. */
  readonly head: AffineAdapter;
  /** The mean cross-entropy with its penalty. */
  readonly loss: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Labels are the numbers of classes, from 0, or the shares of all classes, a row each. Refuses fewer rows than twice the classes. Classes that planes divide without an
 * error take many iterations where the penalty is small: `converged` says whether they were enough.
 */
export async function fitLogistic(
  kernels: Kernels,
  x: Features,
  labels: ArrayLike<number> | Features,
  { classes, penalty = 1 / x.rows, tolerance = 1e-8, maxIterations = 2000 }: LogisticOptions,
): Promise<Outcome<LogisticHead>> {
  if (x.rows < 2 * classes) return fail(tooFewRows('logistic', { rows: x.rows }, 2 * classes, 'two for each class'));
  const targets = 'columns' in labels ? labels : oneHot(labels, x.rows, classes);
  const [moments] = await collectMoments(kernels, pairsOf(x, targets), { precision: 'f32', products: ['xx'] });
  const shape = { columns: x.columns, classes, meanX: moments!.meanX };
  const precondition = await preconditioner(kernels, moments!, classes, penalty);
  const evaluate = (point: Float64Array, digits: Digits): Promise<Evaluated> => lossAt(kernels, x, targets, penalty, point, shape, digits === 'few' ? 'f32' : 'f64');
  const minimum = await minimise(evaluate, new Float64Array((x.columns + 1) * classes), { tolerance, maxIterations, precondition, fewDigits: singleRounding });
  const { w, b } = weightsOf(minimum.point, shape);
  const { value, iterations, converged } = minimum;
  return succeed({ head: headOf({ rows: x.columns, columns: classes, data: w }, b, penalty), loss: value, iterations, converged });
}

/** Of the mean of losses that are computed in single precision, and summed in double: what is left of 2^-24 of logits over many rows. */
const singleRounding = 1e-8;

interface Shape {
  readonly columns: number;
  readonly classes: number;
  readonly meanX: Float64Array;
}

/** A point is the weights, row by row, then what the logits are at the mean of the rows: so the two do not depend on each other. */
function weightsOf(point: Float64Array, { columns, classes, meanX }: Shape): { readonly w: Float64Array; readonly b: Float64Array } {
  const w = point.subarray(0, columns * classes);
  const b = point.slice(columns * classes);
  for (let i = 0; i < columns; i++) for (let k = 0; k < classes; k++) b[k]! -= meanX[i]! * w[i * classes + k]!;
  return { w, b };
}

/** Rows that go through at once; sums over more are taken in double precision. */
const pieceRows = 8192;

async function lossAt(kernels: Kernels, x: Features, y: Features, penalty: number, point: Float64Array, shape: Shape, precision: Precision): Promise<Evaluated> {
  const { classes, meanX } = shape;
  const { w, b } = weightsOf(point, shape);
  const gradient = new Float64Array(point.length);
  let loss = 0;
  for (let from = 0; from < x.rows; from += pieceRows) {
    const part = await kernels.softmaxLoss(piece(x, from), piece(y, from), { w, b }, precision);
    loss += part.loss;
    for (let at = 0; at < w.length; at++) gradient[at]! += part.w[at]!;
    for (let k = 0; k < classes; k++) gradient[w.length + k]! += part.b[k]!;
  }
  let squares = 0;
  for (let at = 0; at < w.length; at++) {
    const byBias = meanX[Math.floor(at / classes)]! * gradient[w.length + (at % classes)]!;
    gradient[at] = (gradient[at]! - byBias) / x.rows + penalty * w[at]!;
    squares += w[at]! ** 2;
  }
  for (let k = 0; k < classes; k++) gradient[w.length + k]! /= x.rows;
  return { value: loss / x.rows + (penalty / 2) * squares, gradient };
}

function piece({ rows, columns, data }: Features, from: number): Features {
  const to = Math.min(rows, from + pieceRows);
  return { rows: to - from, columns, data: data.subarray(from * columns, to * columns) };
}

function headOf(w: Matrix, b: Float64Array, penalty: number): AffineAdapter {
  return affineAdapter({
    method: 'logistic',
    part: { module: 'std/heads', name: 'linear_classifier', arguments: { classes: w.columns } },
    tensors: [matrixTensor('linear.w', w), vectorTensor('linear.b', b)],
    settings: { penalty },
    map: { w, b },
  });
}

function oneHot(labels: ArrayLike<number>, rows: number, classes: number): Features {
  const data = new Float32Array(rows * classes);
  for (let i = 0; i < rows; i++) data[i * classes + labels[i]!] = 1;
  return { rows, columns: classes, data };
}

/** Of the mean square of the eigenvalues over the square of their mean, which is 1 where all are alike; of noise in twice as many rows as columns it is 1.5. */
const flatSpectrum = 2;

/**
 * The inverse of (1/c)(1 - 1/c) Xc'Xc / n + lambda I: of what the second derivatives would be if all classes were equally likely. Without
 * it, L-BFGS takes as many times more steps as the features are ill-conditioned; where the spectrum is flat it saves none. Its own errors cost steps at most.
 */
async function preconditioner(kernels: Kernels, { xx, count }: Moments, classes: number, penalty: number): Promise<(vector: Float64Array) => Promise<Float64Array>> {
  const spread = (1 / classes) * (1 - 1 / classes);
  const scaled = { ...xx, data: xx.data.map((value) => (value * spread) / count) };
  // Where the penalty is next to nothing, columns that depend on others would leave no inverse: the sums are of single precision.
  const least = (1e-6 * trace(scaled)) / scaled.rows;
  for (let i = 0; i < scaled.rows; i++) scaled.data[i * scaled.rows + i]! += Math.max(penalty, least);
  if (scaled.rows * sumOfSquares(scaled) < flatSpectrum * trace(scaled) ** 2) return async (vector) => vector;
  const inverse = await invertPositive(kernels, scaled);
  if (inverse === undefined) throw new RangeError('features that are not finite cannot be fitted');
  return async (vector) => {
    const result = vector.map((value) => value / spread);
    const { data } = await kernels.product(inverse, { rows: xx.rows, columns: classes, data: vector.subarray(0, xx.rows * classes) });
    result.set(data);
    return result;
  };
}
