/** Products of matrices. */
import { equalDims, showDim } from '../types/dim.ts';
import { showAxis, showElementType, showTensor } from '../types/show.ts';
import type { Shape, TensorType } from '../types/type.ts';
import { describeDType, floats, sinceOf, wideNumbers, works } from './dtypes.ts';
import { flagAt, float, inferred, int, numberAt, refuse, type Inference, type Operator } from './operator.ts';
import { axisFromEnd, result, sameAxis, sameElementType } from './shapes.ts';
import { dtypeOf } from './written-out.ts';

/** [..., m, k] times [k, n], or times [..., k, n] with the same axes before, is [..., m, n]. */
export const matmul: Operator = {
  name: 'MatMul',
  inputs: ['a', 'b'],
  attributes: {},
  since: ([a]) => (works(a!.dtype, floats) ? sinceOf(a!.dtype, 1) : 9),
  infer: ([a, b]) => {
    if (!sameElementType(a!.dtype, b!.dtype)) {
      return refuse(`one side is ${showElementType(a!.dtype)} and the other ${showElementType(b!.dtype)}; nothing is cast silently`);
    }
    if (!works(a!.dtype, wideNumbers)) return refuse(describeDType(a!.dtype, 'floats and integers of 32 or 64 bits'));
    if (!endsIn(a!, 1)) return refuse(`the last axis of ${showTensor(a!)} is not known`);
    if (!endsIn(b!, 2) || !sameBatch(a!.shape, b!.shape)) {
      return refuse(`the second operand is a matrix [k, n], or one for each matrix of the first, not ${showTensor(b!)}`);
    }
    const inner = axisFromEnd(a!.shape, -1);
    const [k, n] = [axisFromEnd(b!.shape, -2), axisFromEnd(b!.shape, -1)];
    const place = b!.shape.axes.length === 2 ? 'first' : 'second last';
    if (!equalDims(inner.size, k.size)) {
      return refuse(`the last axis of ${showTensor(a!)} has ${showDim(inner.size)}, but the ${place} of ${showTensor(b!)} has ${showDim(k.size)}`);
    }
    if (!sameAxis(inner, k)) return refuse(`the last axis of ${showTensor(a!)} is \`${showAxis(inner)}\`, but the ${place} of ${showTensor(b!)} is \`${showAxis(k)}\``);
    return inferred(result([a!, b!], { ...a!.shape, axes: [...a!.shape.axes.slice(0, -1), n] }));
  },
};

/** Whether the last axes are known to be the last: `...` stands before them. */
const endsIn = ({ shape }: TensorType, count: number): boolean => shape.axes.length - (shape.rest?.at ?? 0) >= count;

/** A single matrix goes with everything; more of them only with as many. */
function sameBatch(a: Shape, b: Shape): boolean {
  if (b.rest === undefined && b.axes.length === 2) return true;
  if (a.axes.length !== b.axes.length || a.rest?.key !== b.rest?.key || a.rest?.at !== b.rest?.at || a.axes.length - (a.rest?.at ?? 0) < 2) return false;
  return b.axes.slice(0, -2).every((axis, i) => sameAxis(axis, a.axes[i]!));
}

/** a b, or of their transposes, times alpha, plus beta times c. */
export const gemm: Operator = {
  name: 'Gemm',
  inputs: ['a', 'b', 'c'],
  optional: 1,
  attributes: {
    alpha: { type: 'float', default: 1 },
    beta: { type: 'float', default: 1 },
    transA: { type: 'int', default: 0 },
    transB: { type: 'int', default: 0 },
  },
  since: ([a]) => (a!.dtype === 'bf16' ? 13 : 7),
  infer: ([a, b, c], attributes) => inferGemm(a!, b!, c, flagAt(attributes, 'transA'), flagAt(attributes, 'transB')),
  emit: (call, to) => {
    const flag = (name: string) => int(Number(flagAt(call.attributes, name)));
    const number = (name: string) => float(numberAt(call.attributes, name));
    // `c` can be left out since opset 11.
    const inputs = call.inputs.length === 3 || to.opset >= 11 ? call.inputs : [...call.inputs, to.scalar(dtypeOf(call), 0)];
    return to.node('Gemm', inputs, { alpha: number('alpha'), beta: number('beta'), transA: flag('transA'), transB: flag('transB') });
  },
};

function inferGemm(a: TensorType, b: TensorType, c: TensorType | undefined, transA: boolean, transB: boolean): Inference {
  if (!works(a.dtype, floats)) return refuse(describeDType(a.dtype, 'floats'));
  const odd = [b, c].find((other) => other !== undefined && !sameElementType(other.dtype, a.dtype));
  if (odd !== undefined) return refuse(`one side is ${showTensor(a)} and the other ${showTensor(odd)}; nothing is cast silently`);
  const flat = [a, b].find(({ shape }) => shape.rest !== undefined || shape.axes.length !== 2);
  if (flat !== undefined) return refuse(`it works on two matrices, and ${showTensor(flat)} is none: MatMul takes more axes`);
  const [m, k] = transA ? a.shape.axes.toReversed() : a.shape.axes;
  const [inner, n] = transB ? b.shape.axes.toReversed() : b.shape.axes;
  if (!equalDims(k!.size, inner!.size)) {
    return refuse(`${showTensor(a)}${transA ? ' turned' : ''} has ${showDim(k!.size)} columns, but ${showTensor(b)}${transB ? ' turned' : ''} has ${showDim(inner!.size)} rows`);
  }
  const shape = { axes: [m!, n!] };
  const suffix = c === undefined || (c.shape.rest === undefined && c.shape.axes.length <= 2 && c.shape.axes.every((axis, i) => equalDims(axis.size, shape.axes[2 - c.shape.axes.length + i]!.size)));
  if (!suffix) return refuse(`${showTensor(c!)} is neither [${showDim(m!.size)}, ${showDim(n!.size)}] nor the end of it`);
  return inferred(result([a, b, ...(c ? [c] : [])], shape));
}
