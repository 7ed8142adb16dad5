/**
 * A rotation, perhaps with a reflection, between two centres (Schönemann 1966): the polar factor of Xc'Yc. Spaces of unequal
 * width are standardised first, and the narrower is padded with zeros, which here is to have orthonormal rows or columns only.
 */
import type { Moments } from '../kernels/moments.ts';
import { innerProduct, scaleColumns, scaleRows, sum, sumOfSquares, type Matrix } from '../matrix.ts';
import { polarFactor } from '../linear-algebra/polar.ts';
import { affineAdapter, asAffine, biasOf, matrixTensor, vectorTensor, type AffineAdapter } from './adapter.ts';
import { crossValidate, type SquaresOf } from './cross-validation.ts';
import { deviations } from './match-moments.ts';
import type { AffineMethod, FitContext } from './method.ts';

const method = (name: string, isScaled: boolean): AffineMethod => ({
  name,
  leastRows: () => ({ rows: 20, why: 'or most directions of the rotation are left to chance' }),
  products: (columnsX, columnsY) => (columnsX === columnsY ? ['xy'] : ['xx', 'xy']),
  fit: (context, training) => {
    const fit = (moments: Moments, purpose: 'score' | 'use') => fitOrthogonal(context, moments, { name, isScaled, tolerance: purpose === 'use' ? undefined : scoreTolerance });
    return crossValidate(context.kernels, training, fit, training.columnsX === training.columnsY ? rotatedSquares : undefined);
  },
});

/** Norms and angles about the mean stay as they are. */
export const orthogonal = method('orthogonal', false);
/** One scale more: the one of the least squares, tr(W'X'Y) / ||X W||², which is tr(S) / ||X||² where W is square. */
export const scaledOrthogonal = method('scaled-orthogonal', true);

/** Rotated rows are as long as they were: s² ||X||², with s² the square of the length of any column of W. */
const rotatedSquares: SquaresOf = (_, w, { squaresX }) => (sumOfSquares(w) / w.columns) * sum(squaresX);

/** Of the map of a fold, which is only scored: R² changes by as much, next to a standard error of 1e-3 and more. */
const scoreTolerance = 1e-7;

interface Form {
  readonly name: string;
  readonly isScaled: boolean;
  readonly tolerance: number | undefined;
}

async function fitOrthogonal({ kernels, seed }: FitContext, moments: Moments, { name, isScaled, tolerance }: Form): Promise<AffineAdapter> {
  const options = { seed, ...(tolerance === undefined ? {} : { tolerance }) };
  const { squaresX, squaresY, xy, meanX, meanY, count } = moments;
  if (meanX.length !== meanY.length) {
    const inverse = deviations(squaresX, count).map((value) => (value > 0 ? 1 / value : 0));
    const target = deviations(squaresY, count);
    const correlations = scaleColumns(
      scaleRows(xy, inverse),
      target.map((value) => (value > 0 ? 1 / value : 0)),
    );
    const rotation = await polarFactor(kernels, correlations, options);
    const unscaled = scaleColumns(scaleRows(rotation, inverse), target);
    // What a narrower target leaves out of the source is no part of what is scaled.
    const size = isScaled ? innerProduct(unscaled, await kernels.product(moments.xx, unscaled)) : 0;
    const scale = size > 0 ? innerProduct(unscaled, xy) / size : 1;
    const w = scaled(unscaled, scale);
    return asAffine(name, { w, b: biasOf(w, meanX, meanY) }, isScaled ? { scale } : {});
  }
  const rotation = await polarFactor(kernels, xy, options);
  const scale = isScaled ? innerProduct(rotation, xy) / sum(squaresX) : 1;
  const w = scaled(rotation, scale);
  return affineAdapter({
    method: name,
    part: { module: 'std/adapters', name: 'centred_orthogonal', arguments: {} },
    tensors: [vectorTensor('mean', meanX), matrixTensor('w', w), vectorTensor('target_mean', meanY)],
    settings: isScaled ? { scale } : {},
    map: { w, b: biasOf(w, meanX, meanY) },
  });
}

const scaled = (a: Matrix, factor: number): Matrix => ({ ...a, data: a.data.map((value) => value * factor) });
