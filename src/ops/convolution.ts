/** Convolutions over one, two or three axes behind [batch, channels]. */
import { constantOf, equalDims, intDim, multiplyDims, showDim, type Dim } from '../types/dim.ts';
import { showTensor } from '../types/show.ts';
import type { TensorType } from '../types/type.ts';
import { describeDType, floats, works } from './dtypes.ts';
import { inferred, int, ints, refuse, sizeAt, type Operator } from './operator.ts';
import { result, sameElementType } from './shapes.ts';
import { slide, windowAttributes, windowOf, writtenWindow } from './windows.ts';

const kernelOf = (w: TensorType): readonly Dim[] => w.shape.axes.slice(2).map(({ size }) => size);

/** [N, C, …] and weights [M, C / group, kernel…], with a bias [M] or without one. */
export const conv: Operator = {
  name: 'Conv',
  inputs: ['x', 'w', 'b'],
  optional: 1,
  attributes: { ...windowAttributes, group: { type: 'size', default: intDim(1) } },
  since: ([x]) => (x!.dtype === 'bf16' ? 22 : 1),
  infer: ([x, w, b], attributes) => {
    const fault = faultOf(x!, w!, b, sizeAt(attributes, 'group'));
    if (fault !== undefined) return refuse(fault);
    const [batch, channels, ...axes] = x!.shape.axes;
    const moved = slide(x!, axes, windowOf(kernelOf(w!), attributes));
    if (typeof moved === 'string') return refuse(moved);
    const features = { size: w!.shape.axes[0]!.size, ...(channels!.label === undefined ? {} : { label: channels!.label }) };
    return inferred(result([x!, w!, ...(b ? [b] : [])], { axes: [batch!, features, ...moved.axes] }), moved.demands);
  },
  emit: (call, to) => {
    const { strides, pads, dilations } = writtenWindow(windowOf(kernelOf(call.types[1]!), call.attributes));
    const group = int(constantOf(sizeAt(call.attributes, 'group')) ?? 1);
    return to.node('Conv', call.inputs, { strides: ints(strides), pads: ints(pads), dilations: ints(dilations), group });
  },
};

function faultOf(x: TensorType, w: TensorType, b: TensorType | undefined, group: Dim): string | undefined {
  const odd = [w, b].find((other) => other !== undefined && !sameElementType(other.dtype, x.dtype));
  if (!works(x.dtype, floats)) return describeDType(x.dtype, 'floats');
  if (odd !== undefined) return `one side is ${showTensor(x)} and the other ${showTensor(odd)}; nothing is cast silently`;
  const rank = x.shape.axes.length;
  if (x.shape.rest !== undefined || rank < 3 || rank > 5) return `it works on [batch, channels] and one to three axes, not on ${showTensor(x)}`;
  if (w.shape.rest !== undefined || w.shape.axes.length !== rank) return `the weights of ${showTensor(x)} have ${rank} axes, not those of ${showTensor(w)}`;
  const channels = x.shape.axes[1]!.size;
  const [features, fanIn] = w.shape.axes.map(({ size }) => size);
  if (!equalDims(channels, multiplyDims(fanIn!, group))) {
    return `${showTensor(x)} has ${showDim(channels)} channels, but ${showTensor(w)} takes ${showDim(multiplyDims(fanIn!, group))}`;
  }
  const [count, groups] = [constantOf(features!), constantOf(group)];
  if (count !== undefined && groups !== undefined && count % groups !== 0) return `${count} features cannot be made by ${groups} groups of the same size`;
  const fits = b === undefined || (b.shape.rest === undefined && b.shape.axes.length === 1 && equalDims(b.shape.axes[0]!.size, features!));
  return fits ? undefined : `the bias is one number for each of the ${showDim(features!)} features, not ${showTensor(b!)}`;
}
