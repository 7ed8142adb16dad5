import { equalDims, showDim } from '../types/dim.ts';
import { showAxis, showElementType, showTensor } from '../types/show.ts';
import { describeDType, floats, sinceOf, wideNumbers, works } from './dtypes.ts';
import { inferred, refuse, type Operator } from './operator.ts';
import { axisFromEnd, result, sameAxis, sameElementType } from './shapes.ts';

/** [..., m, k] times [k, n] is [..., m, n]. A second operand of higher rank is not needed by anything here. */
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
    if (a!.shape.axes.length < 1 || (a!.shape.rest && a!.shape.rest.at === a!.shape.axes.length)) {
      return refuse(`the last axis of ${showTensor(a!)} is not known`);
    }
    if (b!.shape.rest !== undefined || b!.shape.axes.length !== 2) {
      return refuse(`the second operand is a matrix [k, n], not ${showTensor(b!)}`);
    }
    const inner = axisFromEnd(a!.shape, -1);
    const [k, n] = b!.shape.axes;
    if (!equalDims(inner.size, k!.size)) {
      return refuse(`the last axis of ${showTensor(a!)} has ${showDim(inner.size)}, but the first of ${showTensor(b!)} has ${showDim(k!.size)}`);
    }
    if (!sameAxis(inner, k!)) return refuse(`the last axis of ${showTensor(a!)} is \`${showAxis(inner)}\`, but the first of ${showTensor(b!)} is \`${showAxis(k!)}\``);
    return inferred(result([a!, b!], { ...a!.shape, axes: [...a!.shape.axes.slice(0, -1), n!] }));
  },
};
