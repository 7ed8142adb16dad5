/** Operators that work along one axis and leave the shape as it is. */
import { constantOf } from '../types/dim.ts';
import type { Fact } from '../types/fact.ts';
import { roundingOf } from '../types/rounding.ts';
import type { TensorType } from '../types/type.ts';
import { wideOf } from '../types/wide-range.ts';
import { axesFromStart } from './axes.ts';
import { describeDType, floats, sinceOf, wideNumbers, works } from './dtypes.ts';
import { inferred, int, numberAt, refuse, type Emitter, type Inference, type Operator, type OperatorCall } from './operator.ts';
import { countOfOnes } from './masks.ts';
import { approximateRange, rangeOf } from './range.ts';
import { describeOperands, fromEnd, outOfRange, result, sameAxis, sameElementType } from './shapes.ts';
import { emitLayerNormalization, emitRmsNormalization } from './written-out.ts';

const lastAxis = { axis: { type: 'int', default: -1 } } as const;

const axisFromStart = ({ attributes, types }: OperatorCall): number => axesFromStart([numberAt(attributes, 'axis')], types[0]!.shape.axes.length)[0]!;

const emitAlongAxis = (op: string) => (call: OperatorCall, to: Emitter): string => to.node(op, call.inputs, { axis: int(axisFromStart(call)) });

/** Along any axis since opset 13; before that along all axes from `axis` on, which is the same for the last one. */
function softmaxLike(name: string, facts: (axis: number, x: TensorType) => readonly Fact[]): Operator {
  return {
    name,
    inputs: ['x'],
    attributes: lastAxis,
    since: ([x], attributes) => (fromEnd(numberAt(attributes, 'axis'), x!.shape) === -1 ? sinceOf(x!.dtype, 1) : 13),
    emit: emitAlongAxis(name),
    infer: ([x], attributes) => alongAxis(x!, numberAt(attributes, 'axis'), facts),
  };
}

function alongAxis(x: TensorType, written: number, facts: (axis: number, x: TensorType) => readonly Fact[]): Inference {
  if (!works(x.dtype, floats)) return refuse(describeDType(x.dtype, 'floats'));
  const axis = fromEnd(written, x.shape);
  return axis === undefined ? refuse(outOfRange(written, x)) : inferred(result([x], x.shape, facts(axis, x)));
}

/** Of n equal numbers each has the same share, but for rounding: what a witness supposes of an input. */
function equalShares(axis: number, x: TensorType): readonly Fact[] | undefined {
  const n = constantOf(x.shape.axes.at(axis)!.size);
  const { low, high, evidence } = rangeOf(x);
  if (n === undefined || n < 1 || low !== high || !Number.isFinite(low)) return undefined;
  const error = roundingOf(x.dtype);
  return [{ kind: 'range', low: Math.max(0, 1 / n - error), high: Math.min(1, 1 / n + error), evidence }];
}

const softmax = softmaxLike('Softmax', (axis, x) => [
  ...(equalShares(axis, x) ?? approximateRange(0, 1, x.dtype)),
  { kind: 'sum', axis, value: 1, tolerance: 0, evidence: 'proved' },
]);

const logSoftmax = softmaxLike('LogSoftmax', () => [{ kind: 'range', low: -Infinity, high: 0, evidence: 'proved' }]);

/** A row of zeros stays one, which `norm` exempts. */
const lpNormalization: Operator = {
  name: 'LpNormalization',
  inputs: ['x'],
  attributes: { ...lastAxis, p: { type: 'int', default: 2 } },
  since: ([x]) => (x!.dtype === 'bf16' ? 22 : 1),
  emit: (call, to) => to.node('LpNormalization', call.inputs, { axis: int(axisFromStart(call)), p: int(numberAt(call.attributes, 'p')) }),
  infer: ([x], attributes) => {
    const p = numberAt(attributes, 'p');
    const inference = alongAxis(x!, numberAt(attributes, 'axis'), (axis, { dtype }) =>
      [...(p === 2 ? [{ kind: 'norm', axis, value: 1, tolerance: 0, evidence: 'proved' } as const] : []), ...approximateRange(-1, 1, dtype)],
    );
    return inference.ok && p !== 1 && p !== 2 ? refuse(`p is 1 or 2, not ${p}`) : inference;
  },
};

const epsilon = { epsilon: { type: 'float', default: 1e-5 } } as const;

/** Rows of the last axis scaled, and moved where there is a bias, by vectors of its size. */
function rowNormalization(name: string, vectors: readonly string[], emit: Operator['emit']): Operator {
  return {
    name,
    inputs: ['x', ...vectors],
    attributes: epsilon,
    since: ([x]) => sinceOf(x!.dtype, 7),
    infer: (inputs, attributes) => {
      const x = inputs[0]!;
      if (!works(x.dtype, floats)) return refuse(describeDType(x.dtype, 'floats'));
      if (numberAt(attributes, 'epsilon') < 0) return refuse('`epsilon` is 0 or more: of a variance that is smaller than it the root would be no number');
      const last = fromEnd(-1, x.shape);
      if (last === undefined) return refuse(outOfRange(-1, x));
      const odd = inputs.slice(1).find(({ dtype, shape }) => {
        const fits = shape.rest === undefined && shape.axes.length === 1 && sameAxis(shape.axes[0]!, x.shape.axes.at(-1)!);
        return !fits || !sameElementType(dtype, x.dtype);
      });
      return odd === undefined ? inferred(result(inputs, x.shape)) : refuse(describeOperands(x, odd));
    },
    ...(emit ? { emit } : {}),
  };
}

/** Each element with all before it. */
const cumSum: Operator = {
  name: 'CumSum',
  inputs: ['x'],
  attributes: lastAxis,
  since: ([x]) => (x!.dtype === 'f16' || x!.dtype === 'bf16' ? 14 : 11),
  infer: ([x], attributes) => {
    if (!works(x!.dtype, wideNumbers)) return refuse(describeDType(x!.dtype, 'floats and integers of 32 or 64 bits'));
    const axis = fromEnd(numberAt(attributes, 'axis'), x!.shape);
    if (axis === undefined) return refuse(outOfRange(numberAt(attributes, 'axis'), x!));
    const range = rangeOf(x!);
    const { evidence } = range;
    const positive: readonly Fact[] = wideOf(range).low >= 0 && works(x!.dtype, floats) ? [{ kind: 'range', low: 0, high: Infinity, evidence }] : [];
    const counted = countOfOnes(x!, [axis], false);
    return inferred(result([x!], x!.shape, counted.length > 0 ? counted : positive));
  },
  emit: (call, to) => to.node('CumSum', [call.inputs[0]!, to.ints([axisFromStart(call)])]),
};

export const rowOperators: readonly Operator[] = [
  softmax,
  logSoftmax,
  lpNormalization,
  rowNormalization('LayerNormalization', ['scale', 'bias'], emitLayerNormalization),
  rowNormalization('RMSNormalization', ['scale'], emitRmsNormalization),
  cumSum,
];
