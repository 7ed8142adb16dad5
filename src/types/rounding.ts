/**
 * How far a sum or norm may be off where nothing else is said: the rounding of its element type over thousands of
 * terms. `norm(-1) == 1` means that much.
 */
import { dtypeFamilies } from './dtype.ts';
import type { ElementType } from './type.ts';

const roundings: Readonly<Record<string, number>> = { f64: 1e-9, f32: 1e-4, f16: 1e-2, bf16: 5e-2 };

/** Kernels compute functions up to the last digits of their dtype: 1.0000002 was seen of a tanh. As a part of the value. */
const lastDigits: Readonly<Record<string, number>> = { f64: 2 ** -49, f32: 2 ** -20, f16: 2 ** -8, bf16: 2 ** -5 };

export const lastDigitsOf = (dtype: ElementType): number =>
  typeof dtype === 'string' ? (lastDigits[dtype] ?? 0) : Math.max(...dtypeFamilies[dtype.family].map((member) => lastDigits[member] ?? 0));

/** Of a dtype, or of the coarsest that a family stands for; whole numbers are exact. */
export const roundingOf = (dtype: ElementType): number =>
  typeof dtype === 'string' ? (roundings[dtype] ?? 0) : Math.max(...dtypeFamilies[dtype.family].map((member) => roundings[member] ?? 0));
