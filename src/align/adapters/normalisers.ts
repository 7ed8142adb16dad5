/** Normalisers as methods: they look at the source alone, and are scored by how near rows left out come to what they promise. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import type { Matrix } from '../matrix.ts';
import type { AffineAdapter } from './adapter.ts';
import { scoreOf } from './cross-validation.ts';
import type { AffineMethod } from './method.ts';
import { standardise } from './standardise.ts';
import { withoutFold } from './training.ts';
import { whitening } from './whitening.ts';

const normaliser = (name: string, measure: string, make: (kernels: Kernels, moments: Moments) => AffineAdapter | Promise<AffineAdapter>, near: (covariance: Matrix) => number): AffineMethod => ({
  name,
  measure,
  products: () => ['xx'],
  leastRows: () => ({ rows: 20, why: 'or variances are told by a handful of rows' }),
  misfit: (columnsX, columnsY) => (columnsX === columnsY ? undefined : `it keeps the width, and the loss compares ${columnsX} columns with ${columnsY}`),
  fit: async ({ kernels }, training) => {
    const folds: number[] = [];
    for (const [k, held] of training.folds.entries()) {
      const { w } = (await make(kernels, withoutFold(training, k))).map;
      const scatter = await kernels.productOfTransposed(w, await kernels.product(held.xx, w));
      folds.push(near({ ...scatter, data: scatter.data.map((value) => value / held.count) }));
    }
    return { adapter: await make(kernels, training.all), score: scoreOf(folds), maps: [] };
  },
});

/** 1 less the mean distance of a variance from 1. */
const unitVariances = ({ rows, data }: Matrix): number => {
  let off = 0;
  for (let j = 0; j < rows; j++) off += Math.abs(data[j * rows + j]! - 1) / rows;
  return 1 - off;
};

/** 1 less the distance of the covariance from I, over the norm of I. */
const unitCovariance = ({ rows, data }: Matrix): number => {
  let off = 0;
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < rows; j++, at++) off += (data[at]! - (i === j ? 1 : 0)) ** 2;
  return 1 - Math.sqrt(off / rows);
};

export const standardising = normaliser('standardise', 'nearness of held-out variances to 1', (_, moments) => standardise(moments), unitVariances);
export const whitened = normaliser('whitening', 'nearness of the held-out covariance to I', whitening, unitCovariance);
