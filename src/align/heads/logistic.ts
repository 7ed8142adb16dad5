/** A linear head by multinomial logistic regression: convex, so the same from every start. */
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import { matrixTensor, vectorTensor, affineAdapter, type AffineAdapter } from '../adapters/adapter.ts';
import { tooFewRows } from '../adapters/training.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { cholesky } from '../linear-algebra/cholesky.ts';
import { minimise } from '../linear-algebra/lbfgs.ts';
import { solveLower } from '../linear-algebra/triangular.ts';
import { identity, sumOfSquares, trace, zeros, type Features, type Matrix } from '../matrix.ts';

export interface LogisticOptions {
  readonly classes: number;
  /** lambda of mean cross-entropy + lambda / 2 ||W||²; the bias is free. Default 1 / rows, which is scikit-learn's C = 1. */
  readonly penalty?: number;
  /** Of the largest element of the preconditioned gradient of the mean. Default 1e-7. */
  readonly tolerance?: number;
  /** Default 500. */
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
 * Labels are the numbers of classes, from 0. Refuses fewer rows than twice the classes. Classes that planes divide without an
 * error take many iterations where the penalty is small: `converged` says whether they were enough.
 */
export async function fitLogistic(
  kernels: Kernels,
  x: Features,
  labels: ArrayLike<number>,
  { classes, penalty = 1 / x.rows, tolerance = 1e-7, maxIterations = 500 }: LogisticOptions,
): Promise<Outcome<LogisticHead>> {
  if (x.rows < 2 * classes) return fail(tooFewRows('logistic', x.rows, 2 * classes, 'two for each class'));
  const rows = withOnes(x);
  const targets = oneHot(labels, x.rows, classes);
  const round = await preconditioner(kernels, rows, classes, penalty);
  /** From the coordinates in which the loss is nearly round to weights, whose last row is the bias. */
  const weightsOf = (point: Float64Array): Promise<Matrix> =>
    kernels.productOfTransposed(round, { rows: rows.columns, columns: classes, data: point });

  const minimum = await minimise(
    async (point) => {
      const w = await weightsOf(point);
      const { loss, gradient } = await kernels.softmaxLoss(rows, targets, w);
      const penalised = { ...w, data: w.data.map((value, at) => (isBias(at, w) ? 0 : value)) };
      const data = gradient.data.map((value, at) => value / x.rows + penalty * penalised.data[at]!);
      const value = loss / x.rows + (penalty / 2) * sumOfSquares(penalised);
      return { value, gradient: (await kernels.product(round, { ...gradient, data })).data };
    },
    new Float64Array(rows.columns * classes),
    { tolerance, maxIterations },
  );
  const { value, iterations, converged } = minimum;
  return succeed({ head: headOf(await weightsOf(minimum.point), penalty), loss: value, iterations, converged });
}

const isBias = (at: number, { rows, columns }: Matrix): boolean => at >= (rows - 1) * columns;

function headOf(weights: Matrix, penalty: number): AffineAdapter {
  const { rows, columns, data } = weights;
  const w = { rows: rows - 1, columns, data: data.slice(0, (rows - 1) * columns) };
  const b = data.slice((rows - 1) * columns);
  return affineAdapter({
    method: 'logistic',
    part: { module: 'std/heads', name: 'linear_classifier', arguments: { classes: columns } },
    tensors: [matrixTensor('linear.w', w), vectorTensor('linear.b', b)],
    settings: { penalty },
    map: { w, b },
  });
}

/** The bias is the weight of a column of ones. */
function withOnes({ rows, columns, data }: Features): Matrix {
  const result = zeros(rows, columns + 1);
  for (let i = 0; i < rows; i++) {
    result.data.set(data.subarray(i * columns, (i + 1) * columns), i * (columns + 1));
    result.data[i * (columns + 1) + columns] = 1;
  }
  return result;
}

function oneHot(labels: ArrayLike<number>, rows: number, classes: number): Matrix {
  const result = zeros(rows, classes);
  for (let i = 0; i < rows; i++) result.data[i * classes + labels[i]!] = 1;
  return result;
}

/**
 * The inverse of the Cholesky factor of (1/c)(1 - 1/c) X'X / n + lambda I: what the Hessian would be if all classes were
 * equally likely. Without it, L-BFGS takes as many times more steps as the features are ill-conditioned. It only changes the
 * coordinates, so what rounding does to an inverse costs steps at most; and products with it run on the kernels.
 */
async function preconditioner(kernels: Kernels, x: Matrix, classes: number, penalty: number): Promise<Matrix> {
  const gram = await kernels.productOfTransposed(x, x);
  const scale = ((1 / classes) * (1 - 1 / classes)) / x.rows;
  const scaled = { ...gram, data: gram.data.map((value) => value * scale) };
  // Where the penalty is next to nothing, columns that depend on others would leave no factor.
  const least = (1e-10 * trace(scaled)) / scaled.rows;
  for (let i = 0; i < scaled.rows; i++) scaled.data[i * scaled.rows + i]! += Math.max(penalty, least);
  const factor = cholesky(scaled);
  if (factor === undefined) throw new RangeError('features that are not finite cannot be fitted');
  return solveLower(factor, identity(factor.rows));
}
