/** How the variance of a space is spread over its directions. */
import type { Kernels } from '../kernels/kernels.ts';
import { symmetricEigen, symmetricEigenvalues } from '../linear-algebra/symmetric-eigen.ts';
import type { Matrix } from '../matrix.ts';

export interface Spread {
  /** Variance along each principal direction, the largest first. */
  readonly variances: Float64Array;
  /** exp of the entropy of the singular values' shares: from 1 to the width (RankMe; Garrido et al. 2023). */
  readonly rankMe: number;
  /** The sum of the eigenvalues over the largest (NESum; He and Ozay 2022). */
  readonly neSum: number;
}

export interface Spectrum extends Spread {
  /** A column for each variance: orthonormal. */
  readonly directions: Matrix;
}

/** From the sums of squares and products about the mean, of `count` rows. */
export async function spectrumOf(kernels: Kernels, scatter: Matrix, count: number): Promise<Spectrum> {
  const { values, vectors } = await symmetricEigen(kernels, scatter);
  return { ...spreadFrom(values, count), directions: vectors };
}

/** The same, where nobody asks in which directions. */
export const spreadOf = async (kernels: Kernels, scatter: Matrix, count: number): Promise<Spread> => spreadFrom(await symmetricEigenvalues(kernels, scatter), count);

/** From the eigenvalues, the largest first; zeros among them may be missing. */
export function spreadFrom(values: Float64Array, count: number): Spread {
  const variances = values.map((value) => Math.max(0, value) / count);
  const singular = variances.map(Math.sqrt);
  const total = singular.reduce((sum, value) => sum + value, 0);
  const shares = singular.map((value) => value / total);
  const entropy = shares.reduce((sum, share) => sum - (share > 0 ? share * Math.log(share) : 0), 0);
  const neSum = variances.reduce((sum, value) => sum + value, 0) / variances[0]!;
  return { variances, rankMe: Math.exp(entropy), neSum };
}

/** The share of the variance in which two spectra overlap, direction by direction: 1 where they have the same shape. */
export function spectralOverlap(a: Spectrum, b: Spectrum): number {
  const shares = ({ variances }: Spectrum): Float64Array => {
    const total = variances.reduce((sum, value) => sum + value, 0);
    return variances.map((value) => value / total);
  };
  const [p, q] = [shares(a.variances.length >= b.variances.length ? a : b), shares(a.variances.length >= b.variances.length ? b : a)];
  return p.reduce((sum, share, i) => sum + Math.min(share, q[i] ?? 0), 0);
}
