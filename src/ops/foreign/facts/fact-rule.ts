/** What a rule about the values of a foreign tensor is given. */
import { constantOf } from '../../../types/dim.ts';
import { dtypes, type DType } from '../../../types/dtype.ts';
import { between, rounded } from '../ranges/interval.ts';
import type { RangeCall } from '../ranges/rules.ts';
import { input, type RuleCall } from '../rule.ts';
import type { ValueFacts } from './value-facts.ts';

/** The elements of a constant, row by row. */
export interface Numbers {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

export interface FactCall extends RangeCall {
  /** Which of the node's outputs is asked about. */
  readonly outputIndex: number;
  /** All that is known of an input. */
  readonly factsAt: (input: number) => ValueFacts;
  /** A constant near enough to be read; undefined where the input is none, or too large. */
  readonly numbersAt: (input: number) => Numbers | undefined;
}
/** What holds beside the range, which has rules of its own; a range given here is an additional one. */
export type FactRule = (given: FactCall) => Partial<ValueFacts>;

export { mostTerms } from '../../../types/rounding.ts';

export const fixedSize = (call: RuleCall, i: number, axisFromEnd: number): number | undefined => {
  const dim = input(call, i).dims?.at(axisFromEnd);
  return dim && constantOf(dim);
};

export const isFloat = (dtype: DType | undefined): boolean => dtype !== undefined && dtypes[dtype].class === 'float';

/** An upper bound of what some roundings make of a number below `size`, as an absolute error. */
export const errorOf = (size: number, dtype: DType | undefined, units: number): number => (size === Infinity ? Infinity : rounded(between(0, size), dtype, units).high - size);

/** How many numbers one axis of a constant has, where all others have one: what is broadcast along that axis. */
export function vectorAlong({ dims, data }: Numbers): { readonly axis: number; readonly data: Float64Array } | undefined {
  const long = dims.flatMap((size, i) => (size === 1 ? [] : [i]));
  if (long.length > 1) return undefined;
  return { axis: long.length === 0 ? 0 : long[0]! - dims.length, data };
}
