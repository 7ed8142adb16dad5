/** Operators that make one number of many, along some axes. */
import { constantOf } from '../types/dim.ts';
import type { Fact } from '../types/fact.ts';
import type { TensorType } from '../types/type.ts';
import { wideOf } from '../types/wide-range.ts';
import { axesFromEnd, axesFromStart, elementFacts, emptyAxis, reduceAxes, someElements, whyNotAxes } from './axes.ts';
import { describeDType, floats, numbers, sinceOf, wideNumbers, works } from './dtypes.ts';
import { flagAt, inferred, int, intsAt, numberAt, refuse, type Operator } from './operator.ts';
import { countOfOnes } from './masks.ts';
import { exactRange, rangeOf } from './range.ts';
import { fromEnd, outOfRange, result } from './shapes.ts';
import { emitReduce } from './written-out.ts';

interface Reduction {
  /** Since when the axes are an input. */
  readonly axesSince: number;
  readonly onlyFloats?: boolean;
  /** Whether there is no answer for an axis without elements. */
  readonly needsElements?: boolean;
  readonly facts: (x: TensorType, axes: readonly number[]) => readonly Fact[];
}

/** How far rounding carries a sum depends on how many it is of; its sign it keeps. */
export function signOf(x: TensorType): readonly Fact[] {
  const range = rangeOf(x);
  const { low, high } = wideOf(range);
  if (!works(x.dtype, floats)) return [];
  return exactRange({ low: low >= 0 ? 0 : -Infinity, high: high <= 0 ? 0 : Infinity, evidence: range.evidence });
}

const either = (facts: readonly Fact[], otherwise: readonly Fact[]): readonly Fact[] => (facts.length > 0 ? facts : otherwise);

const positive = (): readonly Fact[] => [{ kind: 'range', low: 0, high: Infinity, evidence: 'proved' }];

const reductions: Readonly<Record<string, Reduction>> = {
  ReduceL1: { axesSince: 18, onlyFloats: true, facts: positive },
  ReduceL2: { axesSince: 18, onlyFloats: true, facts: positive },
  ReduceMax: { axesSince: 18, needsElements: true, facts: elementFacts },
  ReduceMean: { axesSince: 18, needsElements: true, onlyFloats: true, facts: signOf },
  ReduceMin: { axesSince: 18, needsElements: true, facts: elementFacts },
  ReduceSum: { axesSince: 13, facts: (x, axes) => either(countOfOnes(x, axes, true), signOf(x)) },
};

const keepdims = { type: 'int', default: 1 } as const;

function reduction(name: string, { axesSince, onlyFloats = false, needsElements = false, facts }: Reduction): Operator {
  return {
    name,
    inputs: ['x'],
    attributes: { axes: { type: 'ints' }, keepdims },
    since: ([x]) => sinceOf(x!.dtype, 1),
    infer: ([x], attributes) => {
      const takes = onlyFloats ? floats : wideNumbers;
      if (!works(x!.dtype, takes)) return refuse(describeDType(x!.dtype, onlyFloats ? 'floats' : 'floats and integers of 32 or 64 bits'));
      const axes = axesFromEnd(intsAt(attributes, 'axes'), x!.shape);
      if (axes === undefined || axes.length === 0) return refuse(whyNotAxes(intsAt(attributes, 'axes'), x!));
      const empty = needsElements ? emptyAxis(x!, axes) : undefined;
      if (empty !== undefined) return refuse(empty);
      return inferred(result([x!], reduceAxes(x!.shape, axes, flagAt(attributes, 'keepdims')), facts(x!, axes)), needsElements ? someElements(x!, axes) : []);
    },
    emit: (call, to) => {
      const axes = axesFromStart(intsAt(call.attributes, 'axes'), call.types[0]!.shape.axes.length);
      return emitReduce(name, call.inputs[0]!, axes, flagAt(call.attributes, 'keepdims'), axesSince, to);
    },
  };
}

/** The index of the first greatest element. */
const argMax: Operator = {
  name: 'ArgMax',
  inputs: ['x'],
  attributes: { axis: { type: 'int' }, keepdims },
  since: ([x]) => sinceOf(x!.dtype, 1),
  infer: ([x], attributes) => {
    if (!works(x!.dtype, numbers)) return refuse(describeDType(x!.dtype, 'numbers'));
    const axis = fromEnd(numberAt(attributes, 'axis'), x!.shape);
    if (axis === undefined) return refuse(outOfRange(numberAt(attributes, 'axis'), x!));
    const empty = emptyAxis(x!, [axis]);
    if (empty !== undefined) return refuse(empty);
    const size = constantOf(x!.shape.axes.at(axis)!.size);
    const range: Fact = { kind: 'range', low: 0, high: size === undefined ? Infinity : size - 1, evidence: 'proved' };
    return inferred({ ...result([x!], reduceAxes(x!.shape, [axis], flagAt(attributes, 'keepdims')), [range]), dtype: 'i64' }, someElements(x!, [axis]));
  },
  emit: (call, to) => {
    const [axis] = axesFromStart([numberAt(call.attributes, 'axis')], call.types[0]!.shape.axes.length);
    return to.node('ArgMax', call.inputs, { axis: int(axis!), keepdims: int(Number(flagAt(call.attributes, 'keepdims'))) });
  },
};

export const reductionOperators: readonly Operator[] = [...Object.entries(reductions).map(([name, row]) => reduction(name, row)), argMax];
