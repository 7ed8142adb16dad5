/** Comparisons, truth values, and choices by them. */
import type { DType } from '../types/dtype.ts';
import { showElementType } from '../types/show.ts';
import type { TensorType } from '../types/type.ts';
import { anything, describeDType, floats, numbers, sinceOf, works } from './dtypes.ts';
import { inferred, refuse, type Emitter, type Operator, type OperatorCall } from './operator.ts';
import { comparedMask, joinedMasks } from './masks.ts';
import { exactRange, hull, rangeOf } from './range.ts';
import { broadcast, describeOperands, result, sameElementType } from './shapes.ts';

const comparable: readonly DType[] = [...numbers, 'bool'];
const equalSinceSeven = new Set<TensorType['dtype']>(['bool', 'i32', 'i64']);

interface Comparison {
  readonly takes: readonly DType[];
  readonly words: string;
  readonly since: (a: TensorType) => number;
  readonly emit?: Operator['emit'];
}

const orderedSince = (a: TensorType): number => (works(a.dtype, floats) ? sinceOf(a.dtype, 7) : 9);

/** Since opset 12; before that two comparisons, since the opposite of the other order is true of NaN too. */
const orEqual = (op: 'Greater' | 'Less') => ({ inputs: [a, b] }: OperatorCall, to: Emitter): string =>
  to.opset >= 12 ? to.node(`${op}OrEqual`, [a!, b!]) : to.node('Or', [to.node(op, [a!, b!]), to.node('Equal', [a!, b!])]);

/** Before opset 12 as old as its `Equal`, which took few integers up to opset 10. */
const orEqualSince = ({ dtype }: TensorType): number => (dtype === 'bf16' ? 16 : equalSinceSeven.has(dtype) ? 9 : 11);

const comparisons: Readonly<Record<string, Comparison>> = {
  Equal: { takes: comparable, words: 'numbers and truth values', since: (a) => (equalSinceSeven.has(a.dtype) ? 7 : sinceOf(a.dtype, 11)) },
  Greater: { takes: numbers, words: 'numbers', since: orderedSince },
  GreaterOrEqual: { takes: numbers, words: 'numbers', since: orEqualSince, emit: orEqual('Greater') },
  Less: { takes: numbers, words: 'numbers', since: orderedSince },
  LessOrEqual: { takes: numbers, words: 'numbers', since: orEqualSince, emit: orEqual('Less') },
  And: { takes: ['bool'], words: 'truth values', since: () => 7 },
  Or: { takes: ['bool'], words: 'truth values', since: () => 7 },
};

function comparison(name: string, { takes, words, since, emit }: Comparison): Operator {
  return {
    name,
    inputs: ['a', 'b'],
    attributes: {},
    since: ([a]) => since(a!),
    infer: ([a, b]) => {
      const shape = sameElementType(a!.dtype, b!.dtype) ? broadcast(a!.shape, b!.shape) : undefined;
      if (shape === undefined) return refuse(describeOperands(a!, b!));
      if (!works(a!.dtype, takes)) return refuse(describeDType(a!.dtype, words));
      return inferred({ ...result([a!, b!], shape, [...comparedMask(name, a!, b!), ...joinedMasks(name, a!, b!)]), dtype: 'bool' });
    },
    ...(emit ? { emit } : {}),
  };
}

const not: Operator = {
  name: 'Not',
  inputs: ['x'],
  attributes: {},
  since: () => 1,
  infer: ([x]) => (x!.dtype === 'bool' ? inferred(result([x!], x!.shape)) : refuse(describeDType(x!.dtype, 'truth values'))),
};

/** `a` where the condition holds, else `b`; each of the three may be the end of another's shape. */
const where: Operator = {
  name: 'Where',
  inputs: ['condition', 'a', 'b'],
  ownDType: ['condition'],
  attributes: {},
  since: ([, a]) => sinceOf(a!.dtype, a!.dtype === 'bf16' ? 16 : 9),
  infer: ([condition, a, b]) => {
    if (condition!.dtype !== 'bool') return refuse(`the condition is bool, not ${showElementType(condition!.dtype)}`);
    if (!works(a!.dtype, anything)) return refuse(describeDType(a!.dtype, 'anything'));
    const both = sameElementType(a!.dtype, b!.dtype) ? broadcast(a!.shape, b!.shape) : undefined;
    if (both === undefined) return refuse(describeOperands(a!, b!));
    const shape = broadcast(both, condition!.shape);
    if (shape === undefined) return refuse(describeOperands({ ...a!, shape: both }, { ...condition!, dtype: a!.dtype }));
    return inferred(result([a!, b!, condition!], shape, exactRange(hull([rangeOf(a!), rangeOf(b!)]))));
  },
};

export const logicOperators: readonly Operator[] = [...Object.entries(comparisons).map(([name, row]) => comparison(name, row)), not, where];
