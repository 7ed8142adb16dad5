/** What other libraries call the arguments of parts and operators. */
import { suggest } from '../../text/suggest.ts';

const otherNames: Readonly<Record<string, readonly string[]>> = {
  dim: ['axis', 'axes'], dims: ['axes', 'axis'], keepdim: ['keepdims'], keep_dims: ['keepdims'], out_features: ['out'], out_channels: ['out', 'channels'], units: ['out'], features: ['out'],
  hidden_size: ['hidden', 'out'], attention_mask: ['mask'], key_padding_mask: ['mask'], eps: ['epsilon'], input: ['x'], inputs: ['x'], tensor: ['x'], kernel_size: ['kernel', 'kernel_shape'],
  stride: ['strides'], padding: ['pads'], dilation: ['dilations'], img: ['image'], pixels: ['image'], std: ['deviation'], size: ['to'], dtype: ['to'],
};

/** The argument that was probably meant: one whose name is alike, or what another library's name stands for. */
export const suggestArgument = (name: string, known: readonly string[]): string | undefined =>
  suggest(name, known) ?? (Object.hasOwn(otherNames, name) ? otherNames[name]!.find((other) => known.includes(other)) : undefined);
