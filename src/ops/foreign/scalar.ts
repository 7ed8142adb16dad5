/**
 * Elements of small tensors, as shapes are computed from them. Integers, booleans (0 and 1) and floating-point numbers
 * that are whole are sizes; other constants are numbers; a size divided by a number is a fraction.
 */
import { areDifferent, isAtLeast, lowerBound, upperBound } from '../../types/dim-bounds.ts';
import { ceilDivDim, divDim, maxDim, minDim } from '../../types/dim-atoms.ts';
import { exactQuotient } from '../../types/dim-quotient.ts';
import { addDims, constantOf, equalDims, faultOf, intDim, multiplyDims, negateDim, substituteDim, subtractDims, symbolDim, type Dim, type DimSymbol } from '../../types/dim.ts';
import { aroundZero } from '../../types/least-sizes.ts';
import { dtypes, type DType } from '../../types/dtype.ts';

export interface Fraction {
  readonly over: Dim;
  /** A whole number greater than 1. */
  readonly by: number;
}
/** A number is one that is not whole, or not finite. */
export type Scalar = Dim | number | Fraction;

type Maybe = Scalar | undefined;

export const isDim = (value: Maybe): value is Dim => typeof value === 'object' && 'terms' in value;
export const dimOf = (value: Maybe): Dim | undefined => (isDim(value) ? value : undefined);
/** The number that an element certainly is. */
export const numberOf = (value: Maybe): number | undefined => (typeof value === 'number' ? value : isDim(value) ? constantOf(value) : undefined);
export const ofNumber = (value: number): Scalar => (Number.isInteger(value) ? intDim(value) : value);
export const ofBoolean = (value: boolean): Dim => intDim(value ? 1 : 0);

const isFloat = (dtype: DType): boolean => dtypes[dtype].class === 'float';
/** f32 and f64 are computed in as IEEE says; of others only what is exact in them is followed. */
const roundIn = (dtype: DType, value: number): number | undefined =>
  dtype === 'f64' ? value : dtype === 'f32' ? Math.fround(value) : Math.abs(value) <= 256 && Number.isInteger(value) ? value : undefined;

/** A result that is still a size anybody means; integers past 2^53 are not computed with. */
const tidy = (dim: Dim): Dim | undefined => {
  const fault = faultOf(dim);
  return fault === undefined || fault === 'negative' ? dim : undefined;
};
const isExact = (value: Scalar): boolean => !isDim(value) || value.terms.every((t) => Number.isSafeInteger(t.coefficient));

export type Binary = (a: Scalar, b: Scalar, dtype: DType) => Maybe;

/** Both as fractions over one denominator. */
function common(a: Scalar, b: Scalar): { readonly x: Dim; readonly y: Dim; readonly by: number } | undefined {
  if (typeof a === 'number' || typeof b === 'number') return undefined;
  const [m, n] = [isDim(a) ? 1 : a.by, isDim(b) ? 1 : b.by];
  const over = (value: Dim | Fraction): Dim => (isDim(value) ? value : value.over);
  return { x: multiplyDims(over(a), intDim(n)), y: multiplyDims(over(b), intDim(m)), by: m * n };
}

function fraction(over: Dim, by: number): Maybe {
  if (!Number.isSafeInteger(by) || by === 0) return undefined;
  const exact = exactQuotient(over, intDim(by));
  if (exact !== undefined) return tidy(exact);
  const sum = tidy(by < 0 ? negateDim(over) : over);
  return sum && constantOf(sum) === undefined ? { over: sum, by: Math.abs(by) } : undefined;
}

/** An operation on numbers that are both known, rounded as the dtype does; else one on sizes. */
function arithmetic(onNumbers: (a: number, b: number) => number, onDims: (x: Dim, y: Dim) => Dim): Binary {
  return (a, b, dtype) => {
    if (!isExact(a) || !isExact(b)) return undefined;
    const [m, n] = [numberOf(a), numberOf(b)];
    if (m !== undefined && n !== undefined && isFloat(dtype)) {
      const value = roundIn(dtype, onNumbers(m, n));
      return value === undefined ? undefined : ofNumber(value);
    }
    const both = common(a, b);
    return both && (both.by === 1 ? tidy(onDims(both.x, both.y)) : fraction(onDims(both.x, both.y), both.by));
  };
}

export const plus = arithmetic((a, b) => a + b, addDims);
export const minus = arithmetic((a, b) => a - b, subtractDims);
export const smaller = arithmetic(Math.min, (a, b) => minDim(a, b));
export const greater = arithmetic(Math.max, (a, b) => maxDim(a, b));

export const times: Binary = (a, b, dtype) => {
  if (!isExact(a) || !isExact(b)) return undefined;
  const [m, n] = [numberOf(a), numberOf(b)];
  if (m !== undefined && n !== undefined) {
    const value = isFloat(dtype) ? roundIn(dtype, m * n) : m * n;
    return value === undefined || (!isFloat(dtype) && !Number.isSafeInteger(value)) ? undefined : ofNumber(value);
  }
  if (isDim(a) && isDim(b)) return tidy(multiplyDims(a, b));
  // A half, a quarter…: exact in floating point as long as the product is.
  const [dim, factor] = isDim(a) ? [a, n] : [dimOf(b), m];
  if (dim === undefined || factor === undefined) return undefined;
  const inverse = 1 / factor;
  if (Number.isInteger(Math.log2(Math.abs(inverse)))) return fraction(dim, inverse);
  return undefined;
};

/** Rounded towards 0, for a positive divisor: of what may have either sign, what is above 0 less what is below. */
function truncated(a: Dim, b: Dim): Dim {
  if (lowerBound(a) >= 0) return divDim(a, b);
  const zero = intDim(0);
  return subtractDims(divDim(maxDim(a, zero), b), divDim(maxDim(negateDim(a), zero), b));
}

/** Integers towards 0, as ONNX Runtime does. */
export const over: Binary = (a, b, dtype) => {
  if (!isExact(a) || !isExact(b)) return undefined;
  const [m, n] = [numberOf(a), numberOf(b)];
  if (isFloat(dtype)) {
    if (m !== undefined && n !== undefined) {
      const value = roundIn(dtype, m / n);
      return value === undefined ? undefined : ofNumber(value);
    }
    if (!isDim(a)) return undefined;
    return n !== undefined ? fraction(a, n) : isDim(b) && lowerBound(b) > 0 ? exactQuotient(a, b) : undefined;
  }
  if (!isDim(a) || !isDim(b)) return undefined;
  if (m !== undefined && n !== undefined) return n === 0 ? undefined : intDim(Math.trunc(m / n) + 0);
  return lowerBound(b) > 0 ? tidy(truncated(a, b)) : undefined;
};

/** ONNX's Mod: the divisor's sign, or the dividend's with `fmod`. */
export const remainder = (fmod: boolean): Binary => (a, b) => {
  if (!isDim(a) || !isDim(b) || !isExact(a) || !isExact(b)) return undefined;
  const [m, n] = [constantOf(a), constantOf(b)];
  if (m !== undefined && n !== undefined) return n === 0 ? undefined : intDim(fmod ? m % n : m - n * Math.floor(m / n));
  if (lowerBound(b) <= 0) return undefined;
  return tidy(subtractDims(a, multiplyDims(b, fmod ? truncated(a, b) : divDim(a, b))));
};

export const power: Binary = (a, b, dtype) => {
  const [m, n] = [numberOf(a), numberOf(b)];
  if (n === 1) return a;
  if (n === 2) return times(a, a, dtype);
  if (m === undefined || n === undefined) return undefined;
  const value = m ** n;
  return Number.isSafeInteger(value) ? intDim(value) : undefined;
};

/** 1 where a size is above 0, and else 0. */
const isAny = (dim: Dim): Dim => minDim(maxDim(dim, intDim(0)), intDim(1));

/** Answers 1 or 0, or with what is one of them at each size: `n mod 2` is 1 of odd ones. */
const comparison = (onNumbers: (a: number, b: number) => boolean, onDims: (a: Dim, b: Dim) => boolean | Dim): Binary => (a, b) => {
  if (!isExact(a) || !isExact(b)) return undefined;
  const [m, n] = [numberOf(a), numberOf(b)];
  if (m !== undefined && n !== undefined) return ofBoolean(onNumbers(m, n));
  const both = common(a, b);
  const answer = both && onDims(both.x, both.y);
  return answer === undefined ? undefined : typeof answer === 'boolean' ? ofBoolean(answer) : tidy(answer);
};
const not01 = (dim: Dim): Dim => subtractDims(intDim(1), dim);
const isAbove = (a: Dim, b: Dim): boolean => lowerBound(subtractDims(a, b)) > 0;

export const equal = comparison(
  (a, b) => a === b,
  (a, b) => (equalDims(a, b) ? true : areDifferent(a, b) ? false : not01(addDims(isAny(subtractDims(a, b)), isAny(subtractDims(b, a))))),
);
export const less = comparison(
  (a, b) => a < b,
  (a, b) => (isAbove(b, a) ? true : isAtLeast(a, b) ? false : isAny(subtractDims(b, a))),
);
export const lessOrEqual = comparison(
  (a, b) => a <= b,
  (a, b) => (isAtLeast(b, a) ? true : isAbove(a, b) ? false : not01(isAny(subtractDims(a, b)))),
);

/** What is 0 or 1 at all sizes; undefined where that is not known. */
const truthOf = (a: Maybe): Dim | undefined => (isDim(a) && lowerBound(a) >= 0 && upperBound(a) <= 1 ? a : undefined);

/** The one where the truth value is 1, else the other; the one alone where it is as large as the other wherever that is chosen. */
export function choice(truth: Maybe, yes: Dim, no: Dim): Dim | undefined {
  const by = truthOf(truth);
  const bounds = by && aroundZero(by);
  const isOne = (symbol: DimSymbol): boolean => {
    const at = (dim: Dim): Dim => substituteDim(dim, ({ key }) => (key === symbol.key ? symbolDim(symbol) : undefined));
    return equalDims(at(yes), at(no));
  };
  if (bounds !== undefined && isOne(bounds.atMost)) return yes;
  if (bounds !== undefined && isOne(bounds.above)) return no;
  return by && tidy(addDims(no, multiplyDims(by, subtractDims(yes, no))));
}

/** `and`, `or`, `xor` of 0 and 1. One known side may decide. */
export const and: (a: Maybe, b: Maybe) => Maybe = (a, b) => {
  const [m, n] = [numberOf(a), numberOf(b)];
  if (m === 0 || n === 0) return intDim(0);
  const [x, y] = [truthOf(a), truthOf(b)];
  return x && y && tidy(multiplyDims(x, y));
};
export const or: (a: Maybe, b: Maybe) => Maybe = (a, b) => {
  const [m, n] = [numberOf(a), numberOf(b)];
  if (m === 1 || n === 1) return intDim(1);
  const [x, y] = [truthOf(a), truthOf(b)];
  return x && y && tidy(not01(multiplyDims(not01(x), not01(y))));
};
export const xor: Binary = (a, b) => {
  const [m, n] = [numberOf(a), numberOf(b)];
  return m === undefined || n === undefined ? undefined : ofBoolean(m !== n);
};

export type Unary = (a: Scalar, dtype: DType) => Maybe;

const rounding = (onNumber: (a: number) => number, onFraction: (x: Dim, by: Dim) => Dim): Unary => (a) => {
  if (isDim(a)) return a;
  return typeof a === 'number' ? ofNumber(onNumber(a)) : tidy(onFraction(a.over, intDim(a.by)));
};
export const floor = rounding(Math.floor, divDim);
export const ceil = rounding(Math.ceil, ceilDivDim);
export const negate: Unary = (a) => {
  if (typeof a === 'number') return -a;
  if (!isExact(a)) return undefined;
  return isDim(a) ? negateDim(a) : { over: negateDim(a.over), by: a.by };
};
export const absolute: Unary = (a) => {
  const value = numberOf(a);
  if (value !== undefined) return ofNumber(Math.abs(value));
  return isDim(a) && lowerBound(a) >= 0 ? a : isDim(a) ? maxDim(a, negateDim(a)) : undefined;
};
export const squareRoot: Unary = (a, dtype) => {
  const value = numberOf(a);
  const root = value === undefined || value < 0 ? undefined : roundIn(dtype, Math.sqrt(value));
  return root === undefined ? undefined : ofNumber(root);
};
export const not: Unary = (a) => {
  const [value, truth] = [numberOf(a), truthOf(a)];
  return value === undefined ? truth && not01(truth) : ofBoolean(value === 0);
};
export const sign: Unary = (a) => {
  const value = numberOf(a);
  if (value !== undefined) return Number.isNaN(value) ? undefined : intDim(Math.sign(value) + 0);
  return isDim(a) && lowerBound(a) > 0 ? intDim(1) : undefined;
};

/** What a value becomes in another dtype; unknown where it may not fit. */
export function convert(a: Maybe, to: DType): Maybe {
  if (a === undefined) return undefined;
  const row = dtypes[to];
  const value = numberOf(a);
  if (row.class === 'bool') return value === undefined ? (isDim(a) && (lowerBound(a) > 0 || lowerBound(negateDim(a)) > 0) ? intDim(1) : truthOf(a)) : ofBoolean(value !== 0);
  if (row.class === 'float') {
    if (value === undefined) return to === 'f32' || to === 'f64' ? a : undefined;
    const rounded = roundIn(to, value);
    return rounded === undefined ? undefined : ofNumber(rounded);
  }
  if (row.class !== 'int' && row.class !== 'uint') return undefined;
  if (value !== undefined) {
    const cut = Math.trunc(value) + 0;
    const low = row.class === 'int' ? -(2 ** (row.bits - 1)) : 0;
    // 2^63 stands for the greatest i64, which no double is.
    const end = low + 2 ** row.bits;
    return cut >= low && (cut < end || (cut === end && row.bits === 64)) ? intDim(cut) : undefined;
  }
  if (row.bits < 32) return undefined;
  if (isDim(a)) return row.class === 'int' || lowerBound(a) >= 0 ? a : undefined;
  return typeof a === 'object' && (row.class === 'int' || lowerBound(a.over) >= 0) ? tidy(truncated(a.over, intDim(a.by))) : undefined;
}
