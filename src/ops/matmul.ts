import { equalDims, showDim } from '../types/dim.ts';
import { showAxis, showElementType, showTensor } from '../types/show.ts';
import type { Shape, TensorType } from '../types/type.ts';
import { describeDType, floats, sinceOf, wideNumbers, works } from './dtypes.ts';
import { inferred, refuse, type Operator } from './operator.ts';
import { axisFromEnd, result, sameAxis, sameElementType } from './shapes.ts';

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
