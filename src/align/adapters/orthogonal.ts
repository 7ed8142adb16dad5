/**
 * A rotation, perhaps with a reflection, between two centres (Schönemann 1966): the polar factor of Xc'Yc. Between spaces of unequal
 * width it has orthonormal rows or columns only, as if the narrower were padded with zeros (Gower and Dijksterhuis 2004). Columns
 * are taken as they are, or each divided by its deviation on both sides: then no column outweighs the others, and it is no rotation.
 */
import type { Moments } from '../kernels/moments.ts';
import { innerProduct, scaleColumns, scaleRows, sum, sumOfSquares, type Matrix } from '../matrix.ts';
import { polarFactor } from '../linear-algebra/polar.ts';
import { affineAdapter, asAffine, biasOf, matrixTensor, vectorTensor, type AffineAdapter } from './adapter.ts';
import { crossValidate, type SquaresOf } from './cross-validation.ts';
import { deviations } from './match-moments.ts';
import type { AffineMethod, FitContext } from './method.ts';

interface Form {
  readonly name: string;
  readonly isScaled: boolean;
  readonly isStandardised: boolean;
}

const method = (form: Form): AffineMethod => {
  const keepsLengths = (columnsX: number, columnsY: number): boolean => !form.isStandardised && columnsX <= columnsY;
  return {
    name: form.name,
    leastRows: () => ({ rows: 20, why: 'or most directions of the rotation are left to chance' }),
    products: (columnsX, columnsY) => (keepsLengths(columnsX, columnsY) ? ['xy'] : ['xx', 'xy']),
    fit: (context, training) => {
      const fit = (moments: Moments, purpose: 'score' | 'use') => fitOrthogonal(context, moments, form, purpose === 'use' ? undefined : scoreTolerance);
      return crossValidate(context.kernels, training, fit, keepsLengths(training.columnsX, training.columnsY) ? rotatedSquares : undefined);
    },
  };
};

/** Norms and angles about the mean stay as they are, but for what a narrower space has no room for. */
export const orthogonal = method({ name: 'orthogonal', isScaled: false, isStandardised: false });
/** One scale more: the one of the least squares, tr(W'X'Y) / ||X W||², which is tr(S) / ||X||² where W has orthonormal rows. */
export const scaledOrthogonal = method({ name: 'scaled-orthogonal', isScaled: true, isStandardised: false });
/** Between standardised columns, and back to the target's deviations: for spaces of which a few columns are far larger than the others. */
export const standardisedOrthogonal = method({ name: 'standardised-orthogonal', isScaled: false, isStandardised: true });
export const scaledStandardisedOrthogonal = method({ name: 'scaled-standardised-orthogonal', isScaled: true, isStandardised: true });

/** Rotated rows are as long as they were: s² ||X||², with s² the square of the length of any row of W. */
const rotatedSquares: SquaresOf = (_, w, { squaresX }) => (sumOfSquares(w) / w.rows) * sum(squaresX);

/** Of the map of a fold, which is only scored: R² changes by as much, next to a standard error of 1e-3 and more. */
const scoreTolerance = 1e-7;

async function fitOrthogonal({ kernels, seed }: FitContext, moments: Moments, { name, isScaled, isStandardised }: Form, tolerance: number | undefined): Promise<AffineAdapter> {
  const options = { seed, ...(tolerance === undefined ? {} : { tolerance }) };
  const { squaresX, xy, meanX, meanY } = moments;
  const turn = isStandardised ? await standardisedTurn(moments, (correlations) => polarFactor(kernels, correlations, options)) : await polarFactor(kernels, xy, options);
  // What a narrower target leaves out of the source is no part of what is scaled.
  const sizeOf = async (): Promise<number> => (isStandardised || xy.rows > xy.columns ? innerProduct(turn, await kernels.product(moments.xx, turn)) : sum(squaresX));
  const size = isScaled ? await sizeOf() : 0;
  const scale = size > 0 ? innerProduct(turn, xy) / size : 1;
  const w = scaled(turn, scale);
  const map = { w, b: biasOf(w, meanX, meanY) };
  const settings = isScaled ? { scale } : {};
  if (isStandardised || xy.rows !== xy.columns) return asAffine(name, map, settings);
  return affineAdapter({
    method: name,
    part: { module: 'std/adapters', name: 'centred_orthogonal', arguments: {} },
    tensors: [vectorTensor('mean', meanX), matrixTensor('w', w), vectorTensor('target_mean', meanY)],
    settings,
    map,
  });
}

/** D_x^-1 R D_y, with R the rotation between both sides divided by their deviations; a column without variance is left out. */
async function standardisedTurn({ squaresX, squaresY, xy, count }: Moments, rotationOf: (correlations: Matrix) => Promise<Matrix>): Promise<Matrix> {
  const [inverse, inverseTarget] = [squaresX, squaresY].map((squares) => deviations(squares, count).map((value) => (value > 0 ? 1 / value : 0))) as [Float64Array, Float64Array];
  const rotation = await rotationOf(scaleColumns(scaleRows(xy, inverse), inverseTarget));
  return scaleColumns(scaleRows(rotation, inverse), deviations(squaresY, count));
}

const scaled = (a: Matrix, factor: number): Matrix => ({ ...a, data: a.data.map((value) => value * factor) });
