/** What is known of a tensor of a foreign graph: each part may be unknown, none may be wrong. */
import { faultOf, intDim, multiplyDims, type Dim } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import type { Scalar } from './scalar.ts';

export interface Known {
  readonly dtype?: DType | undefined;
  /** Undefined where not even the rank is known. */
  readonly dims?: readonly Dim[] | undefined;
  /** Shapes of different ranks, of which it has one: as a branch decides. Only where `dims` are not known. */
  readonly oneOf?: readonly (readonly Dim[])[] | undefined;
  /** The elements of a small tensor, row by row; undefined ones are not known. Only beside known dims. */
  readonly values?: readonly (Scalar | undefined)[] | undefined;
  /** Of a sequence the tensors in it, where it is known how many there are; a sequence has no shape of its own. */
  readonly items?: readonly Known[] | undefined;
  /** Of a sequence of open length, in the place of `items`. */
  readonly many?: Many | undefined;
}

/** Tensors that are all alike, or all pieces of one. */
export interface Many {
  /** What they are the pieces of, one behind the other along an axis. */
  readonly whole?: { readonly dims: readonly Dim[]; readonly axis: number } | undefined;
  /** Undefined where nothing has been put in. */
  readonly each: Known | undefined;
  readonly count: Dim;
}

/** Tensors of more elements have their values not followed: shapes are computed from few. */
export const mostValues = 256;
/** Far above any tensor there is. */
export const highestRank = 64;

export const nothing: Known = {};
export const known = (dtype: DType | undefined, dims: readonly Dim[] | undefined): Known => ({ dtype, dims });
export const scalar = (dtype: DType | undefined): Known => ({ dtype, dims: [] });
export const vector = (dtype: DType | undefined, values: readonly (Scalar | undefined)[]): Known =>
  values.length <= mostValues ? { dtype, dims: [intDim(values.length)], values } : { dtype, dims: [intDim(values.length)] };

export const rankOf = (tensor: Known): number | undefined => tensor.dims?.length;

/** The product of sizes; undefined where it grows beyond what anybody means. */
export function productOf(dims: readonly Dim[]): Dim | undefined {
  let product = intDim(1);
  for (const dim of dims) {
    product = multiplyDims(product, dim);
    const fault = faultOf(product);
    if (fault === 'too long' || fault === 'inexact') return undefined;
  }
  return product;
}
