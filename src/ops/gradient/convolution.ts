/** Convolutions and means over places. */
import { ints, int } from '../operator.ts';
import { notation } from '../notation.ts';
import { countOf, intAt, listAt, written, type GradientCall, type GradientRule, type GradientRules } from './rule.ts';

interface Windows {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Before each axis, then behind each. */
  readonly pads: readonly number[];
}

const windowsOf = (call: GradientCall, axes: number): Windows => ({
  strides: listAt(call, 'strides') ?? Array.from({ length: axes }, () => 1),
  dilations: listAt(call, 'dilations') ?? Array.from({ length: axes }, () => 1),
  pads: listAt(call, 'pads') ?? Array.from({ length: 2 * axes }, () => 0),
});

const conv: GradientRule = (call, input) => {
  const n = notation(call.to, call.dtype);
  const [x, w] = call.node.inputs as [string, string];
  const windows = windowsOf(call, call.dims(x).length - 2);
  if (input === 0) return byOperand(call, w, call.dims(w).slice(2), intAt(call, 'group', 1), windows);
  if (input === 1) return byKernel(call, x, call.dims(w), windows);
  const others = call.dims(x).map((_, axis) => axis).filter((axis) => axis !== 1);
  return n.reshape(n.sum(call.gradient, others), [call.dims(w)[0]!]);
};

/** The transposed convolution; places at the end that no window reached are padded. */
function byOperand(call: GradientCall, w: string, kernel: readonly number[], group: number, { strides, dilations, pads }: Windows): string {
  const [from, to] = [call.dims(call.node.inputs[0]!), call.dims(call.node.outputs[0]!)];
  const axes = from.length - 2;
  const reached = (i: number): number => (to[i + 2]! - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1 - pads[i]! - pads[i + axes]!;
  const rest = strides.map((_, i) => from[i + 2]! - reached(i));
  return call.to.node('ConvTranspose', [call.gradient, w], { strides: ints(strides), dilations: ints(dilations), pads: ints(pads), group: int(group), output_padding: ints(rest) });
}

/**
 * The operand convolved with the gradient: examples take the part of channels, and steps and dilations change places. Groups
 * are made one by one.
 */
function byKernel(call: GradientCall, x: string, kernel: readonly number[], { strides, dilations, pads }: Windows): string {
  const n = notation(call.to, call.dtype);
  const groups = intAt(call, 'group', 1);
  const turned = [1, 0, ...kernel.slice(2).map((_, i) => i + 2)];
  const part = (value: string, group: number, size: number): string =>
    groups === 1 ? value : call.to.node('Slice', [value, call.to.ints([group * size]), call.to.ints([(group + 1) * size]), call.to.ints([1])]);
  const made = Array.from({ length: groups }, (_, group) => {
    const data = n.transpose(part(x, group, kernel[1]!), turned);
    const weights = n.transpose(part(call.gradient, group, kernel[0]! / groups), turned);
    return call.to.node('Conv', [data, weights], { strides: ints(dilations), dilations: ints(strides), pads: ints(pads) });
  });
  const whole = made.length === 1 ? made[0]! : call.to.node('Concat', made, { axis: int(1) });
  const axes = kernel.slice(2).map((_, i) => i + 2);
  const cut = call.to.node('Slice', [whole, call.to.ints(axes.map(() => 0)), call.to.ints(kernel.slice(2)), call.to.ints(axes)]);
  return n.transpose(cut, turned);
}

/** Each place counts alike in the mean of all. */
const globalAverage: GradientRule = (call) => {
  const { mul, expand, x, g } = written(call);
  const dims = call.dims(x);
  return expand(mul(g, 1 / countOf(dims.slice(2))), dims);
};

/** A mean of windows is a convolution of each channel with equal weights. */
const average: GradientRule = (call) => {
  const kernel = listAt(call, 'kernel_shape')!;
  const channels = call.dims(call.node.inputs[0]!)[1]!;
  const equal = call.to.constant(call.dtype, Array.from({ length: channels * countOf(kernel) }, () => 1 / countOf(kernel)), [channels, 1, ...kernel]);
  return byOperand(call, equal, kernel, channels, windowsOf(call, kernel.length));
};

/** Of places that are equally large each has a share. */
const globalMaximum: GradientRule = (call) => {
  const { where, greater, sub, sum, div, x, y, g } = written(call);
  const places = call.dims(x).map((_, axis) => axis).slice(2);
  const isLess = greater(sub(y, x), 0);
  return where(isLess, 0, div(g, sum(where(isLess, 0, 1), places)));
};

export const convolutionRules: GradientRules = { Conv: conv, AveragePool: average, GlobalAveragePool: globalAverage, GlobalMaxPool: globalMaximum };
