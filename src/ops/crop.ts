/** The middle of the last axes. */
import { constantOf, showDim } from '../types/dim.ts';
import { showTensor } from '../types/show.ts';
import { elementFacts } from './axes.ts';
import { sinceOf } from './dtypes.ts';
import { inferred, int, ints, refuse, sizesAt, type Emitter, type Operator, type OperatorCall } from './operator.ts';
import { result } from './shapes.ts';
import { atLeast, isBroken, stillOpen } from './size-demands.ts';

const firstAxis = ({ types, attributes }: Pick<OperatorCall, 'types' | 'attributes'>): number => types[0]!.shape.axes.length - sizesAt(attributes, 'sizes').length;

/** What begins at ⌊(size - cut) / 2⌋ of each axis, as ONNX's operator of opset 18 cuts; it does not pad here. */
export const centerCrop: Operator = {
  name: 'CenterCropPad',
  inputs: ['x'],
  attributes: { sizes: { type: 'sizes' } },
  // Where a size is open, it is cut at a place that is computed, which is an input of Slice since opset 10.
  since: (types, attributes) => sinceOf(types[0]!.dtype, types[0]!.shape.axes.slice(firstAxis({ types, attributes })).some(({ size }) => constantOf(size) === undefined) ? 10 : 5),
  infer: ([x], attributes) => {
    const sizes = sizesAt(attributes, 'sizes');
    const { axes, rest } = x!.shape;
    const first = axes.length - sizes.length;
    if (rest !== undefined || sizes.length === 0 || first < 0) return refuse(`\`sizes\` are those of the last axes of ${showTensor(x!)}`);
    const demands = sizes.map((size, i) => atLeast(axes[first + i]!.size, size));
    const small = sizes.findIndex((size, i) => (constantOf(size) ?? 1) < 1 || isBroken(demands[i]!));
    if (small >= 0) return refuse(`${showDim(sizes[small]!)} cannot be cut out of the ${showDim(axes[first + small]!.size)} of an axis of ${showTensor(x!)}`);
    const cut = axes.map((axis, i) => (i < first ? axis : { size: sizes[i - first]!, ...(axis.label === undefined ? {} : { label: axis.label }) }));
    return inferred(result([x!], { axes: cut }, elementFacts(x!)), stillOpen(demands));
  },
  emit: (call, to) => {
    const sizes = sizesAt(call.attributes, 'sizes').map((size) => constantOf(size) ?? 1);
    const first = firstAxis(call);
    const whole = call.types[0]!.shape.axes.slice(first).map(({ size }) => constantOf(size));
    const axes = sizes.map((_, i) => first + i);
    if (whole.some((size) => size === undefined)) return emitOpen(call.inputs[0]!, sizes, first, to);
    const starts = whole.map((size, i) => Math.floor((size! - sizes[i]!) / 2));
    const ends = starts.map((start, i) => start + sizes[i]!);
    if (to.opset < 10) return to.node('Slice', call.inputs, { axes: ints(axes), starts: ints(starts), ends: ints(ends) });
    return to.node('Slice', [call.inputs[0]!, to.ints(starts), to.ints(ends), to.ints(axes)]);
  },
};

/** Places that are computed. Reshape fails where the tensor was smaller, which Slice takes without a word. */
function emitOpen(x: string, sizes: readonly number[], first: number, to: Emitter): string {
  const axes = sizes.map((_, i) => first + i);
  const whole = to.node('Gather', [to.node('Shape', [x]), to.ints(axes)], { axis: int(0) });
  const starts = to.node('Div', [to.node('Sub', [whole, to.ints(sizes)]), to.ints(sizes.map(() => 2))]);
  const ends = to.node('Add', [starts, to.ints(sizes)]);
  const cut = to.node('Slice', [x, starts, ends, to.ints(axes)]);
  return to.node('Reshape', [cut, to.ints([...Array.from({ length: first }, () => 0), ...sizes])]);
}
