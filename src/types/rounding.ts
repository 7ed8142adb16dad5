/**
 * How far a sum or norm may be off where nothing else is said: the rounding of its element type over thousands of
 * terms. `norm(-1) == 1` means that much.
 */
import { dtypeFamilies } from './dtype.ts';
import type { ElementType } from './type.ts';

const roundings: Readonly<Record<string, number>> = { f64: 1e-9, f32: 1e-4, f16: 1e-2, bf16: 5e-2 };

/** Of a dtype, or of the coarsest that a family stands for; whole numbers are exact. */
export const roundingOf = (dtype: ElementType): number =>
  typeof dtype === 'string' ? (roundings[dtype] ?? 0) : Math.max(...dtypeFamilies[dtype.family].map((member) => roundings[member] ?? 0));
