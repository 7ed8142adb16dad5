/** Convolutions and means over places. */
import { ints, int } from '../operator.ts';
import { notation } from '../notation.ts';
import { countOf, intAt, listAt, stringAt, written, type GradientCall, type GradientRule, type GradientRules } from './rule.ts';

interface Windows {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Before each axis, then behind each. */
  readonly pads: readonly number[];
}

function windowsOf(call: GradientCall, kernel: readonly number[]): Windows {
  const ones = kernel.map(() => 1);
  const [strides, dilations] = [listAt(call, 'strides') ?? ones, listAt(call, 'dilations') ?? ones];
  return { strides, dilations, pads: padsOf(call, kernel, strides, dilations) };
}

/** As they stand there, or as the operator finds them by itself. */
function padsOf(call: GradientCall, kernel: readonly number[], strides: readonly number[], dilations: readonly number[]): readonly number[] {
  const form = stringAt(call, 'auto_pad', 'NOTSET');
  if (form === 'NOTSET') return listAt(call, 'pads') ?? [...kernel, ...kernel].map(() => 0);
  const [from, to] = [call.node.inputs[0]!, call.node.outputs[0]!].map((value) => call.dims(value).slice(2)) as [number[], number[]];
  const all = kernel.map((size, i) => (form === 'VALID' ? 0 : Math.max(0, (to[i]! - 1) * strides[i]! + dilations[i]! * (size - 1) + 1 - from[i]!)));
  const less = all.map((size) => Math.floor(size / 2));
  const more = all.map((size, i) => size - less[i]!);
  return form === 'SAME_LOWER' ? [...more, ...less] : [...less, ...more];
}

const conv: GradientRule = (call, input) => {
  const n = notation(call.to, call.dtype);
  const [x, w] = call.node.inputs as [string, string];
  const windows = windowsOf(call, call.dims(w).slice(2));
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

/**
 * A mean of windows is a convolution of each channel with equal weights. Where it is one of the places inside only, it is that divided by the share of them in each window, which is
 * what the operator makes of ones among zeros.
 */
const average: GradientRule = (call) => {
  const { to, node, dtype, dims } = call;
  const [x] = node.inputs as [string];
  const kernel = listAt(call, 'kernel_shape')!;
  const windows = windowsOf(call, kernel);
  const [, channels, ...places] = dims(x) as [number, number, ...number[]];
  const equal = to.constant(dtype, Array.from({ length: channels * countOf(kernel) }, () => 1 / countOf(kernel)), [channels, 1, ...kernel]);
  if (intAt(call, 'count_include_pad', 0) === 1 || windows.pads.every((size) => size === 0)) return byOperand(call, equal, kernel, channels, windows);
  const ones = to.constant(dtype, Array.from({ length: countOf(places) }, () => 1), [1, 1, ...places]);
  const shares = to.node('AveragePool', [ones], { kernel_shape: ints(kernel), strides: ints(windows.strides), pads: ints(windows.pads), count_include_pad: int(1) });
  return byOperand({ ...call, gradient: to.node('Div', [call.gradient, shares]) }, equal, kernel, channels, windows);
};

/** Of places that are equally large each has a share. */
const globalMaximum: GradientRule = (call) => {
  const { where, greater, sub, sum, div, x, y, g } = written(call);
  const places = call.dims(x).map((_, axis) => axis).slice(2);
  const isLess = greater(sub(y, x), 0);
  return where(isLess, 0, div(g, sum(where(isLess, 0, 1), places)));
};

export const convolutionRules: GradientRules = { Conv: conv, AveragePool: average, GlobalAveragePool: globalAverage, GlobalMaxPool: globalMaximum };
