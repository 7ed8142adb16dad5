/**
 * How far a sum or norm may be off where nothing else is said: the rounding of its element type, and that of each of its terms.
 * `norm(-1) == 1` means that much. Terms added one after the other are off by at most one rounding each (Higham, Accuracy and
 * Stability of Numerical Algorithms, 4.2), in whatever order.
 */
import { constantOf } from './dim.ts';
import type { DType } from './dtype.ts';
import { dtypesOf } from './element-type.ts';
import type { ReductionStatement } from './fact.ts';
import type { ElementType, TensorType } from './type.ts';

const roundings: Readonly<Record<string, number>> = { f64: 1e-9, f32: 1e-4, f16: 1e-2, bf16: 5e-2 };

/** Kernels compute functions up to the last digits of their dtype: 1.0000002 was seen of a tanh. As a part of the value. */
const lastDigits: Readonly<Record<string, number>> = { f64: 2 ** -49, f32: 2 ** -20, f16: 2 ** -8, bf16: 2 ** -5 };

export const lastDigitsOf = (dtype: ElementType): number =>
  typeof dtype === 'string' ? (lastDigits[dtype] ?? 0) : Math.max(...dtypesOf(dtype).map((member) => lastDigits[member] ?? 0));

/** Of a dtype, or of the coarsest that a family stands for; whole numbers are exact. */
export const roundingOf = (dtype: ElementType): number =>
  typeof dtype === 'string' ? (roundings[dtype] ?? 0) : Math.max(...dtypesOf(dtype).map((member) => roundings[member] ?? 0));

/** The rounding of one operation, relative to its result. */
const units: Readonly<Partial<Record<DType, number>>> = { bf16: 2 ** -9, f16: 2 ** -11, f32: 2 ** -24, f64: 2 ** -53 };
export const unitOf = (dtype: DType | undefined): number => (dtype === undefined ? 0 : (units[dtype] ?? 0));

/** Sums over a size that is not known are taken to be of at most this many terms, as far as rounding goes. */
export const mostTerms = 2 ** 16;

/** How far a sum or a norm may be off by the number of its terms; in the half precisions an open size counts for none. */
export function termsRounding({ axis, value }: Pick<ReductionStatement, 'axis' | 'value'>, { dtype, shape }: Pick<TensorType, 'dtype' | 'shape'>): number {
  const size = shape.axes.at(axis)?.size;
  const known = size && constantOf(size);
  const of = (member: DType): number => (known ?? (member === 'f32' || member === 'f64' ? mostTerms : 0)) * unitOf(member);
  const unit = typeof dtype === 'string' ? of(dtype) : Math.max(...dtypesOf(dtype).map(of));
  return unit * Math.abs(value);
}

/** How far the sum or the norm that a type speaks of may be off. */
export const slackOf = (said: Omit<ReductionStatement, 'kind'>, type: Pick<TensorType, 'dtype' | 'shape'>): number => Math.max(said.tolerance, roundingOf(type.dtype)) + termsRounding(said, type);
