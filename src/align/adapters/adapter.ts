/** What fitting makes: the weights of a part of the library, and what it would answer. */
import type { Kernels } from '../kernels/kernels.ts';
import { toSingle, type Features, type Matrix } from '../matrix.ts';

/** A tensor as the library's part names it: `mean`, `linear.w`. Row-major. */
export interface WeightTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** The call that reads the weights: `match_moments(epsilon: 1e-6)` of "std/norm". */
export interface PartCall {
  readonly module: 'std/adapters' | 'std/norm' | 'std/heads';
  readonly name: string;
  readonly arguments: Readonly<Record<string, number>>;
}

export interface FittedAdapter {
  readonly method: string;
  readonly part: PartCall;
  readonly tensors: readonly WeightTensor[];
  /** What was chosen on the way, for the record: `lambda`, `rank`. */
  readonly settings: Readonly<Record<string, number>>;
  /** What the part answers to these rows, in single precision as it. */
  predict(kernels: Kernels, x: Features): Promise<Features>;
}

/** y = x w + b, in double precision: what it would be before the weights are rounded. */
export interface AffineMap {
  readonly w: Matrix;
  readonly b: Float64Array;
}

export interface AffineAdapter extends FittedAdapter {
  readonly map: AffineMap;
}

export const vectorTensor = (name: string, values: ArrayLike<number>): WeightTensor => ({
  name,
  dims: [values.length],
  data: Float32Array.from(values),
});

export const matrixTensor = (name: string, { rows, columns, data }: Matrix | Features): WeightTensor => ({
  name,
  dims: [rows, columns],
  data: Float32Array.from(data),
});

interface AffineParts extends Omit<FittedAdapter, 'predict' | 'settings'> {
  readonly settings?: FittedAdapter['settings'];
  readonly map: AffineMap;
}

/** An adapter that answers as its affine map does. */
export function affineAdapter(parts: AffineParts): AffineAdapter {
  const w = toSingle(parts.map.w);
  const b = Float32Array.from(parts.map.b);
  return { settings: {}, ...parts, predict: (kernels, x) => kernels.affine(x, w, b) };
}

/** The bias that carries the mean of x to the mean of y. */
export function biasOf(w: Matrix, meanX: ArrayLike<number>, meanY: ArrayLike<number>): Float64Array {
  const b = Float64Array.from(meanY);
  for (let i = 0, at = 0; i < w.rows; i++) for (let j = 0; j < w.columns; j++, at++) b[j]! -= meanX[i]! * w.data[at]!;
  return b;
}

/** The library's `affine`, for every map that has no part of its own. */
export function asAffine(method: string, map: AffineMap, settings: FittedAdapter['settings'] = {}): AffineAdapter {
  return affineAdapter({
    method,
    part: { module: 'std/adapters', name: 'affine', arguments: { out: map.w.columns } },
    tensors: [matrixTensor('linear.w', map.w), vectorTensor('linear.b', map.b)],
    settings,
    map,
  });
}
