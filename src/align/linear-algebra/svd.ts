/** A = U diag(values) V', thin, by the polar decomposition A = R H and the eigenvectors of H (Higham and Papadimitriou 1994). */
import type { Kernels } from '../kernels/kernels.ts';
import { combine, transpose, type Matrix } from '../matrix.ts';
import { polarFactor, type PolarOptions } from './polar.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

export interface Svd {
  /** Orthonormal columns, as many as the smaller side of A. */
  readonly u: Matrix;
  /** The largest first, none negative. */
  readonly values: Float64Array;
  readonly v: Matrix;
}

/** The seed chooses directions that belong to the singular value 0. Absolute error: some 1e-15 of the largest value. */
export async function thinSvd(kernels: Kernels, a: Matrix, options: PolarOptions): Promise<Svd> {
  if (a.rows < a.columns) {
    const { u, values, v } = await thinSvd(kernels, transpose(a), options);
    return { u: v, values, v: u };
  }
  const polar = await polarFactor(kernels, a, options);
  const h = await kernels.productOfTransposed(polar, a);
  const { values, vectors } = await symmetricEigen(kernels, combine(h, transpose(h), (x, y) => (x + y) / 2));
  return { u: await kernels.product(polar, vectors), values: values.map((value) => Math.max(value, 0)), v: vectors };
}
