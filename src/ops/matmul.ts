import { equalDims, showDim } from '../types/dim.ts';
import { showElementType, showTensor } from '../types/show.ts';
import { inferred, refuse, type Operator } from './operator.ts';
import { axisFromEnd, result, sameElementType } from './shapes.ts';

/** [..., m, k] times [k, n] is [..., m, n]. A second operand of higher rank is not needed by anything here. */
export const matmul: Operator = {
  name: 'MatMul',
  inputs: ['a', 'b'],
  attributes: {},
  since: 1,
  infer: ([a, b]) => {
    if (!sameElementType(a!.dtype, b!.dtype)) {
      return refuse(`one side is ${showElementType(a!.dtype)} and the other ${showElementType(b!.dtype)}; nothing is cast silently`);
    }
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
    return inferred(result([a!, b!], { ...a!.shape, axes: [...a!.shape.axes.slice(0, -1), n!] }));
  },
};
