/** Operators that work on each element of one operand. */
import type { DType } from '../types/dtype.ts';
import type { Ends, Fact } from '../types/fact.ts';
import { lastDigitsOf } from '../types/rounding.ts';
import type { TensorType } from '../types/type.ts';
import { wideOf } from '../types/wide-range.ts';
import { anything, describeDType, floats, numbers, signedNumbers, sinceOf, works } from './dtypes.ts';
import { inferred, refuse, type AttributeSpec, type AttributeValues, type Operator } from './operator.ts';
import { approximateRange, elementwiseRange, exactly, exactRange, rangeOf, type Interval } from './range.ts';
import { result } from './shapes.ts';
import { emitGelu, emitSwish } from './written-out.ts';

interface Unary {
  readonly since: number;
  /** The first opset that takes bf16, where that is not 13. */
  readonly sinceBf16?: number;
  readonly takes?: { readonly dtypes: readonly DType[]; readonly words: string };
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  /** What every result of a floating-point dtype lies in, whatever goes in. */
  readonly within?: readonly [low: number, high: number];
  /** Whether kernels may go past that by the last digits. */
  readonly isApproximate?: true;
  /** Facts that come of those of the operand. */
  readonly facts?: (x: TensorType, attributes: AttributeValues) => readonly Fact[];
  /** Why attributes of the right kind cannot be meant. */
  readonly fault?: (attributes: AttributeValues) => string | undefined;
  readonly emit?: Operator['emit'];
}

const positive = [0, Infinity] as const;

const throughout = (x: TensorType, f: (ends: Ends) => Ends): readonly Fact[] => elementwiseRange([x], (range) => exactRange(exactly([range!], (ends) => f(ends!))));

/** Negation is exact; but the least number of an integer dtype stays itself. */
function negated(x: TensorType): readonly Fact[] {
  return works(x.dtype, floats) ? throughout(x, ({ low, high }) => ({ low: -high + 0, high: -low + 0 })) : [];
}

function absolute(x: TensorType): readonly Fact[] {
  if (!works(x.dtype, floats)) return [];
  return throughout(x, ({ low, high }) => ({ low: low > 0 ? low : high < 0 ? -high : 0, high: Math.max(-low, high) }));
}

/** Elements of the operand, or 0. */
const rectified = (x: TensorType): readonly Fact[] => throughout(x, ({ low, high }) => ({ low: Math.max(low, 0), high: Math.max(high, 0) }));

/** Far more than kernels of any device err by. */
const kernelError = (dtype: TensorType['dtype']): number => Math.max(2 ** -12, 4 * lastDigitsOf(dtype));

/** Where all elements of the operand are one number: what a witness supposes of an input. */
const atOneNumber =
  (f: (x: number) => number) =>
  (x: TensorType): readonly Fact[] => {
    const { low, high, evidence } = rangeOf(x);
    const error = kernelError(x.dtype);
    return low === high && Number.isFinite(low) ? [{ kind: 'range', low: f(low) - error, high: f(low) + error, evidence }] : [];
  };

/** Of numbers up to 1 no logarithm lies above 0; of what kernels put above 1, log(x) is at most x - 1, with room for its own rounding. */
function logarithmRange(x: Interval): readonly Fact[] {
  const { evidence } = x;
  if (x.high <= 0) return [{ kind: 'range', low: -Infinity, high: -Infinity, evidence }];
  const { low, high } = wideOf(x);
  return low < 0 || x.high > 1 ? [] : exactRange({ low: -Infinity, high: 0, wide: { low: -Infinity, high: 2 * Math.max(0, high - 1) }, evidence });
}

const alpha = (value: number): Readonly<Record<string, AttributeSpec>> => ({ alpha: { type: 'float', default: value } });

/**
 * The least values of GELU and SiLU are -0.16997 and -0.27846 (of GELU's tanh form -0.17004); the bounds leave room
 * for the roundings of the half precisions.
 */
const unaryTable: Readonly<Record<string, Unary>> = {
  Identity: { since: 1, takes: { dtypes: anything, words: 'anything' }, facts: (x) => x.facts },
  Abs: { since: 6, takes: { dtypes: numbers, words: 'numbers' }, facts: absolute },
  Ceil: { since: 6, facts: () => [{ kind: 'integer', evidence: 'proved' }] },
  Erf: { since: 9, within: [-1, 1], isApproximate: true },
  Exp: { since: 6, within: positive },
  Floor: { since: 6, facts: () => [{ kind: 'integer', evidence: 'proved' }] },
  Gelu: {
    since: 9,
    attributes: { approximate: { type: 'string', default: 'none' } },
    within: [-0.18, Infinity],
    fault: (attributes) => (['none', 'tanh'].includes(String(attributes.get('approximate'))) ? undefined : '`approximate` is "none" or "tanh"'),
    emit: emitGelu,
  },
  HardSigmoid: { since: 6, sinceBf16: 22, attributes: { ...alpha(0.2), beta: { type: 'float', default: 0.5 } }, within: [0, 1] },
  LeakyRelu: { since: 6, sinceBf16: 16, attributes: alpha(0.01) },
  // Of 0 it is infinite, and of what lies below no number.
  Log: { since: 6, facts: (x) => logarithmRange(rangeOf(x)) },
  Neg: { since: 6, takes: { dtypes: signedNumbers, words: 'numbers with a sign' }, facts: negated },
  Reciprocal: { since: 6 },
  Relu: { since: 6, facts: rectified },
  Sigmoid: { since: 6, within: [0, 1], isApproximate: true, facts: atOneNumber((x) => 1 / (1 + Math.exp(-x))) },
  Softplus: { since: 1, sinceBf16: 22, within: positive },
  // Runtimes divide by a denominator that they have rounded: 1.0000002 was seen.
  Softsign: { since: 1, sinceBf16: 22 },
  Sqrt: { since: 6, within: positive },
  Swish: { since: 7, within: [-0.29, Infinity], emit: emitSwish },
  Tanh: { since: 6, within: [-1, 1], isApproximate: true, facts: atOneNumber(Math.tanh) },
};

function unary(name: string, row: Unary): Operator {
  const { since, takes = { dtypes: floats, words: 'floats' }, attributes = {}, within } = row;
  return {
    name,
    inputs: ['x'],
    attributes,
    since: ([x]) => sinceOf(x!.dtype, x!.dtype === 'bf16' ? Math.max(since, row.sinceBf16 ?? 0) : since),
    infer: ([x], given) => {
      if (!works(x!.dtype, takes.dtypes)) return refuse(describeDType(x!.dtype, takes.words));
      const fault = row.fault?.(given);
      if (fault !== undefined) return refuse(fault);
      const facts = [...(row.facts?.(x!, given) ?? [])];
      if (within !== undefined && works(x!.dtype, floats)) facts.push(...(row.isApproximate ? approximateRange(...within, x!.dtype) : exactRange({ low: within[0], high: within[1], evidence: 'proved' })));
      return inferred(result([x!], x!.shape, facts));
    },
    ...(row.emit ? { emit: row.emit } : {}),
  };
}

export const unaryOperators: readonly Operator[] = Object.entries(unaryTable).map(([name, row]) => unary(name, row));
