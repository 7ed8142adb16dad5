/** What other libraries call the arguments of parts and operators. */
import { nearest } from '../../text/suggest.ts';

const otherNames: Readonly<Record<string, readonly string[]>> = {
  dim: ['axis', 'axes'], dims: ['axes', 'axis'], keepdim: ['keepdims'], keep_dims: ['keepdims'], out_features: ['out'], out_channels: ['out', 'channels'], units: ['out'], features: ['out'],
  hidden_size: ['hidden', 'out'], attention_mask: ['mask'], key_padding_mask: ['mask'], eps: ['epsilon'], input: ['x'], inputs: ['x'], tensor: ['x'], kernel_size: ['kernel', 'kernel_shape'],
  stride: ['strides'], padding: ['pads'], dilation: ['dilations'], img: ['image'], pixels: ['image'], std: ['deviation'], size: ['to'], dtype: ['to'],
};

/** The arguments that were probably meant: those whose names are alike, or what another library's name stands for. */
export function nearestArguments(name: string, known: readonly string[]): readonly string[] {
  const near = nearest(name, known);
  if (near.length > 0) return near;
  const other = Object.hasOwn(otherNames, name) ? otherNames[name]!.find((each) => known.includes(each)) : undefined;
  return other === undefined ? [] : [other];
}
