/** Sums of products of quantised numbers, each less its zero point: whole numbers. */
import { constantOf, type Dim } from '../../../types/dim.ts';
import { has, input, textOf, intsOf } from '../rule.ts';
import { between, everything, join, multiply, rounded, subtract, type Interval } from './interval.ts';
import type { RangeCall, RangeRule } from './rules.ts';

/** An operand less its zero point; without one it is as it is. */
const shifted = ({ call, at }: RangeCall, operand: number, zero: number): Interval => (has(call, zero) ? subtract(at(operand), at(zero)) : at(operand));

/** `n` products; what overflows has no bounds. */
function sumOf(n: number | undefined, a: Interval, b: Interval, given: RangeCall): Interval {
  if (n === undefined) return everything;
  const { low, high } = multiply(a, b);
  return Number.isFinite(low) && Number.isFinite(high) ? rounded(between(n * low, n * high), given.output.dtype) : everything;
}

const matmulInteger: RangeRule = (given) => {
  const size = input(given.call, 0).dims?.at(-1);
  return sumOf(size && constantOf(size), shifted(given, 0, 2), shifted(given, 1, 3), given);
};

/** Padding is with the zero point: it adds nothing. */
const convInteger: RangeRule = (given) => {
  const { call } = given;
  const weights = input(call, 1).dims?.slice(1);
  const n = weights?.reduce<number | undefined>((all, size: Dim) => (all === undefined ? undefined : (constantOf(size) ?? NaN) * all), 1);
  const isPadded = textOf(call, 'auto_pad', 'NOTSET') !== 'NOTSET' || intsOf(call, 'pads')?.some((pad) => pad !== 0) === true;
  const x = shifted(given, 0, 2);
  return sumOf(n === undefined || Number.isNaN(n) ? undefined : n, isPadded ? join([x, between(0, 0)]) : x, shifted(given, 1, 3), given);
};

export const quantisedRanges: Readonly<Record<string, RangeRule>> = { MatMulInteger: matmulInteger, ConvInteger: convInteger };
