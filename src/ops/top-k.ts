/** The greatest elements of an axis, and where they stand. */
import { constantOf, showDim } from '../types/dim.ts';
import type { Fact } from '../types/fact.ts';
import { showTensor } from '../types/show.ts';
import type { Axis, Shape } from '../types/type.ts';
import { axesFromStart, elementFacts } from './axes.ts';
import { describeDType, floats, wideNumbers, works } from './dtypes.ts';
import { pickedFrom } from './moved-classes.ts';
import { flagAt, inferred, int, numberAt, refuse, sizeAt, type Operator } from './operator.ts';
import { axisFromEnd, fromEnd, outOfRange, result } from './shapes.ts';
import { atLeast, isBroken, stillOpen } from './size-demands.ts';

/** `values`, the greatest first (or the least), and their `indices`; of equal ones the first. */
export const topK: Operator = {
  name: 'TopK',
  inputs: ['x'],
  attributes: { k: { type: 'size' }, axis: { type: 'int', default: -1 }, largest: { type: 'int', default: 1 } },
  since: ([x], attributes) => (works(x!.dtype, floats) && flagAt(attributes, 'largest') ? 1 : 11),
  infer: ([x], attributes) => {
    if (!works(x!.dtype, wideNumbers) || x!.dtype === 'bf16') return refuse(describeDType(x!.dtype, 'floats and integers of 32 or 64 bits'));
    const axis = fromEnd(numberAt(attributes, 'axis'), x!.shape);
    if (axis === undefined) return refuse(outOfRange(numberAt(attributes, 'axis'), x!));
    const [k, { size, label }] = [sizeAt(attributes, 'k'), axisFromEnd(x!.shape, axis)];
    if ((constantOf(k) ?? 1) < 1) return refuse('`k` is 1 or more');
    const demand = atLeast(size, k);
    if (isBroken(demand)) return refuse(`the axis ${axis} of ${showTensor(x!)} has no ${showDim(k)} elements`);
    const place = x!.shape.axes.length + axis;
    const sorted: Axis = { size: k, ...(label === undefined ? {} : { label }) };
    const shapeOf = (of: Axis): Shape => ({ ...x!.shape, axes: x!.shape.axes.with(place, of) });
    const last = constantOf(size);
    const within: Fact = { kind: 'range', low: 0, high: last === undefined ? Infinity : last - 1, evidence: 'proved' };
    const fields = new Map([
      ['values', result([x!], shapeOf(pickedFrom(x!.shape.axes[place]!, undefined, sorted)), elementFacts(x!))],
      ['indices', { ...result([x!], shapeOf(sorted), [within]), dtype: 'i64' as const }],
    ]);
    return inferred({ kind: 'record', fields }, stillOpen([demand]));
  },
  emit: ({ inputs, types, attributes, field }, to) => {
    const axis = int(axesFromStart([numberAt(attributes, 'axis')], types[0]!.shape.axes.length)[0]!);
    const k = constantOf(sizeAt(attributes, 'k')) ?? 1;
    // `k` is an input since opset 10.
    const [values, indices] =
      to.opset < 10
        ? to.nodes('TopK', inputs, { axis, k: int(k) }, 2)
        : to.nodes('TopK', [inputs[0]!, to.ints([k])], { axis, ...(to.opset < 11 ? {} : { largest: int(Number(flagAt(attributes, 'largest'))) }) }, 2);
    return (field === 'values' ? values : indices)!;
  },
};
