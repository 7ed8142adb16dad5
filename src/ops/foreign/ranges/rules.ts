/** Between which bounds the elements of a node's first output lie, out of those of its inputs. */
import { constantOf } from '../../../types/dim.ts';
import { dtypes } from '../../../types/dtype.ts';
import { numberOf } from '../scalar.ts';
import type { Known } from '../known.ts';
import { axisIn, dtypeAt, floatOf, has, hasAttribute, input, intOf, textOf, type RuleCall } from '../rule.ts';
import { quantisedRanges } from './quantised.ts';
import { absolute, add, between, divide, everything, isEverything, join, largestOf, multiply, negate, rising, rounded, square, subtract, widened, type Interval } from './interval.ts';
import { foldedRanges } from './reductions.ts';

/** What a rule is given: the call, the intervals of its inputs (made when asked for), and what is inferred of its output. */
export interface RangeCall {
  readonly call: RuleCall;
  readonly at: (input: number) => Interval;
  /** Whether an input is a constant: its interval costs reading it. */
  readonly isStored: (input: number) => boolean;
  readonly output: Known;
}
export type RangeRule = (given: RangeCall) => Interval;

const alike = (rule: RangeRule, ...ops: readonly string[]): Readonly<Record<string, RangeRule>> => Object.fromEntries(ops.map((op) => [op, rule]));

/** Units of error of the functions that ONNX Runtime approximates. */
const approximated = 16;

/** Whatever comes in. */
const always = (low: number, high: number): RangeRule => () => between(low, high);
/** The same, where approximations may go past the bounds by their error: of a tanh 1.0000002 was seen. */
const about = (low: number, high: number): RangeRule => ({ output }) => rounded(between(low, high), output.dtype, 4);

/**
 * The intervals of the two inputs; undefined where nothing is known of one of them. The other need not have been asked about
 * then: constants come last, so that a backbone's weights are read only where something bounds what they meet.
 */
function bothAt({ at, isStored }: RangeCall): readonly [Interval, Interval] | undefined {
  const [first, second] = isStored(0) ? [1, 0] : [0, 1];
  const one = at(first);
  if (isEverything(one)) return undefined;
  const other = at(second);
  if (isEverything(other)) return undefined;
  return first === 0 ? [one, other] : [other, one];
}

/** Elements of the first input, in another place or not at all. */
const moved: RangeRule = ({ at }) => at(0);
/** Elements of all inputs. */
const mixed: RangeRule = ({ call, at }) => join(call.inputs.flatMap((tensor, i) => (tensor === undefined ? [] : [at(i)])));

const unary =
  (f: (a: Interval) => Interval, units = 1): RangeRule =>
  ({ at, output }) =>
    rounded(f(at(0)), output.dtype, units);
/** Through a function that never falls, and is approximated. */
const monotone = (f: (x: number) => number): RangeRule => unary((a) => rising(a, f), approximated);
const exact = (f: (x: number) => number): RangeRule => ({ at }) => rising(at(0), f);

const binary =
  (f: (a: Interval, b: Interval) => Interval): RangeRule =>
  (given) => {
    const { call, at, output } = given;
    // A number with itself: the square of what may have either sign has one.
    if (f === multiply && call.node.inputs[0] === call.node.inputs[1]) return rounded(square(at(0)), output.dtype);
    const operands = bothAt(given);
    return operands === undefined ? everything : rounded(f(...operands), output.dtype);
  };

const sum: RangeRule = ({ call, at, output }) => call.inputs.slice(1).reduce((total, _, i) => rounded(add(total, at(i + 1)), output.dtype), at(0));

const quotient: RangeRule = (given) => {
  // Integers towards 0; one of them by 0 ends the run.
  const isWhole = given.output.dtype !== undefined && !/^[fb]/.test(given.output.dtype);
  const operands = isWhole ? undefined : bothAt(given);
  return operands === undefined ? everything : rounded(divide(...operands), dtypeAt(given.call, 0));
};

const power: RangeRule = ({ call, at, output }) => {
  const exponent = numberOf(input(call, 1).values?.[0]);
  if (input(call, 1).values?.length !== 1 || exponent === undefined) return everything;
  if (exponent === 2) return rounded(square(at(0)), output.dtype, approximated);
  // Of whole numbers a root is cut off.
  const isCut = !Number.isInteger(exponent) && output.dtype !== undefined && dtypes[output.dtype].class !== 'float';
  if (at(0).low < 0 || exponent < 0 || isCut) return everything;
  return rounded(rising(at(0), (x) => x ** exponent), output.dtype, approximated);
};

const extreme =
  (pick: (...all: number[]) => number): RangeRule =>
  ({ call, at }) => {
    const all = call.inputs.map((_, i) => at(i));
    return between(pick(...all.map((a) => a.low)), pick(...all.map((a) => a.high)));
  };

/** min(max(x, least), most). In old opsets these are attributes; where one is missing it is the dtype's own end, which even infinity is cut to. */
const clip: RangeRule = ({ call, at, output }) => {
  const isOld = call.opset < 11;
  const end = (index: number, name: string, missing: Interval): Interval => {
    if (!isOld) return has(call, index) ? at(index) : missing;
    return hasAttribute(call, name) ? between(floatOf(call, name, 0), floatOf(call, name, 0)) : missing;
  };
  const largest = largestOf(output.dtype);
  const [x, least, most] = [at(0), end(1, 'min', between(-Infinity, -largest)), end(2, 'max', between(largest, Infinity))];
  return between(Math.min(Math.max(x.low, least.low), most.low), Math.min(Math.max(x.high, least.high), most.high));
};

const leaky: RangeRule = ({ call, at, output }) => {
  const slope = floatOf(call, 'alpha', 0.01);
  const { low, high } = at(0);
  const f = (x: number): number => (x >= 0 ? x : slope * x);
  return slope < 0 ? everything : rounded(between(f(low), f(high)), output.dtype);
};

/** Sums of as many products as the inner size says. */
const products: RangeRule = (given) => {
  const { call, at, output } = given;
  const isTurned = intOf(call, 'transA', 0) !== 0;
  const size = input(call, 0).dims?.at(isTurned ? 0 : -1);
  const n = size && constantOf(size);
  if (n === undefined || output.dtype === undefined || !/^(f|bf)/.test(output.dtype)) return everything;
  const operands = bothAt(given);
  if (operands === undefined) return everything;
  const { low, high } = multiply(...operands);
  const alpha = floatOf(call, 'alpha', 1);
  const ends = [n * low * alpha, n * high * alpha];
  const largest = Math.max(...ends.map(Math.abs));
  // The products are scaled when they have been summed.
  if (!Number.isFinite(largest) || n * Math.max(Math.abs(low), Math.abs(high)) > largestOf(output.dtype)) return everything;
  const product = widened(between(Math.min(...ends), Math.max(...ends)), n + 2, largest, output.dtype);
  const beta = floatOf(call, 'beta', 1);
  return has(call, 2) ? rounded(add(product, multiply(at(2), between(beta, beta))), output.dtype, 3) : product;
};

/** Below 0 along a curve that falls no deeper than `least`, which has to be below 0. */
const bentBelow =
  (least: (call: RuleCall) => number, above: (call: RuleCall) => number = () => 1): RangeRule =>
  ({ call, at, output }) => {
    const { low, high } = at(0);
    const [floor, slope] = [least(call), above(call)];
    if (!(floor <= 0) || !(slope > 0)) return everything;
    return rounded(between(low >= 0 ? 0 : floor, Math.max(0, high) * slope), output.dtype, approximated);
  };

/** The hidden states of recurrent networks with ONNX's own activations; a GRU's also averages with its first state. */
const hidden: RangeRule = ({ call, at, output }) => {
  if (hasAttribute(call, 'activations')) return everything;
  const first = call.node.op === 'GRU' && has(call, 5) ? at(5) : between(-1, 1);
  return rounded(join([between(-1, 1), first]), output.dtype, approximated);
};

/** Numbers of the input or of the updates; sums and products of them in other modes. */
const scattered =
  (updates: number): RangeRule =>
  ({ call, at }) => (textOf(call, 'reduction', 'none') === 'none' ? join([at(0), at(updates)]) : everything);

/** Averages of neighbours; cubic ones go beyond them. */
const resized: RangeRule = ({ call, at, output }) => {
  const isCut = textOf(call, 'coordinate_transformation_mode', '') === 'tf_crop_and_resize';
  if (textOf(call, 'mode', 'nearest') === 'cubic' || isCut) return everything;
  const largest = Math.max(Math.abs(at(0).low), Math.abs(at(0).high));
  return Number.isFinite(largest) ? widened(at(0), approximated, largest, output.dtype) : at(0);
};

/** Padding brings a number in, 0 unless it is given. */
const pad: RangeRule = ({ call, at }) => {
  const constant = call.opset < 11 ? between(floatOf(call, 'value', 0), floatOf(call, 'value', 0)) : has(call, 2) ? at(2) : between(0, 0);
  return join([at(0), constant]);
};

const cast: RangeRule = ({ call, at, output }) => {
  const from = dtypeAt(call, 0);
  if (output.dtype === undefined || from === 'string' || output.dtype === 'string') return everything;
  // A NaN becomes whatever the machine makes of it.
  if (from !== undefined && /^f|^bf/.test(from) && /^[iu]/.test(output.dtype)) return everything;
  return rounded(at(0), output.dtype);
};

/** x less the logarithm of a sum of exponentials: of n numbers that is at most their greatest and log n more. */
const logSoftmax: RangeRule = ({ call, at, output }) => {
  const high = rounded(between(0, 1), output.dtype, approximated).high - 1;
  const dims = input(call, 0).dims;
  const axis = dims && axisIn(intOf(call, 'axis', call.opset < 13 ? 1 : -1), dims.length);
  // Before, all axes from it on were one.
  const along = axis === undefined ? undefined : dims!.slice(axis, call.opset < 13 ? undefined : axis + 1);
  const n = along?.reduce((all, dim) => all * (constantOf(dim) ?? NaN), 1) ?? NaN;
  const { low, high: most } = at(0);
  const least = low - most - Math.log(n);
  if (!Number.isFinite(least)) return between(-Infinity, high);
  return between(widened(between(least, 0), n + approximated, Math.max(1, Math.abs(low), Math.abs(most), -least), output.dtype).low, high);
};

/** Averages of neighbours at places that are given; cubic ones go beyond them, and beyond the image there may be zeros. */
const sampled: RangeRule = ({ call, at, output }) => {
  if (textOf(call, 'mode', 'linear').endsWith('cubic')) return everything;
  const image = textOf(call, 'padding_mode', 'zeros') === 'zeros' ? join([at(0), between(0, 0)]) : at(0);
  const largest = Math.max(Math.abs(image.low), Math.abs(image.high));
  return Number.isFinite(largest) ? widened(image, approximated, largest, output.dtype) : image;
};

const argument: RangeRule = ({ call }) => {
  const axis = intOf(call, 'axis', 0);
  const size = input(call, 0).dims?.at(axis);
  const n = size && constantOf(size);
  return between(0, n === undefined ? Infinity : Math.max(0, n - 1));
};

const gelu = -0.1701;
const hardSwish = -0.3751;

export const rangeRules: Readonly<Record<string, RangeRule>> = {
  ...alike(moved, 'Identity', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten', 'Slice', 'Split', 'Expand', 'Tile', 'Gather', 'GatherElements', 'GatherND', 'DepthToSpace', 'SpaceToDepth'),
  ...alike(moved, 'TopK', 'Compress', 'Unique', 'ReverseSequence'),
  ...alike(({ at }) => join([at(0), between(0, 0)]), 'Trilu', 'CenterCropPad'),
  ...alike(mixed, 'Concat'),
  Where: ({ at }) => join([at(1), at(2)]),
  Pad: pad,
  // In training some elements are 0 and the others larger.
  Dropout: (given) => (has(given.call, 2) ? everything : given.at(0)),

  ...alike(always(0, 1), 'Softmax', 'Hardmax', 'And', 'Or', 'Xor', 'Not', 'Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'IsNaN', 'IsInf'),
  Bernoulli: always(0, 1),
  ...alike(always(0, Infinity), 'Shape', 'Size', 'NonZero', 'NonMaxSuppression'),
  ...alike(about(0, 1), 'Sigmoid', 'HardSigmoid'),
  ...alike(about(-1, 1), 'Tanh', 'Erf', 'Sin', 'Cos', 'Softsign', 'LpNormalization'),
  Atan: about(-Math.PI / 2, Math.PI / 2),
  LogSoftmax: logSoftmax,
  ...alike(argument, 'ArgMax', 'ArgMin'),
  OneHot: ({ at }) => at(2),
  ...alike(() => between(-1, 1), 'Sign'),

  Relu: exact((x) => Math.max(0, x)),
  ...alike(exact(Math.floor), 'Floor'),
  ...alike(exact(Math.ceil), 'Ceil'),
  Round: ({ at }) => between(Math.floor(at(0).low), Math.ceil(at(0).high)),
  Abs: ({ at, output }) => (output.dtype !== undefined && /^[iu]/.test(output.dtype) ? everything : absolute(at(0))),
  Neg: unary(negate),
  LeakyRelu: leaky,
  Exp: monotone(Math.exp),
  Sinh: monotone(Math.sinh),
  Asinh: monotone(Math.asinh),
  Acosh: monotone((x) => Math.acosh(Math.max(1, x))),
  Atanh: monotone((x) => Math.atanh(Math.min(1, Math.max(-1, x)))),
  Cosh: unary((a) => rising(absolute(a), Math.cosh), approximated),
  Sqrt: monotone((x) => Math.sqrt(Math.max(0, x))),
  Log: monotone((x) => Math.log(Math.max(0, x))),
  Softplus: ({ at, output }) => between(0, rounded(between(0, at(0).high > 700 ? at(0).high + 1 : Math.log1p(Math.exp(at(0).high))), output.dtype, approximated).high),
  ...alike(({ at }) => between(gelu, Math.max(0, at(0).high)), 'Gelu', 'com.microsoft.Gelu'),
  // x sigmoid(1.702 x), unless the attribute says otherwise.
  'com.microsoft.QuickGelu': ({ call, at }) => (floatOf(call, 'alpha', 1.702) >= 1 ? between(-0.2785, Math.max(0, at(0).high)) : everything),
  ...alike(() => between(gelu, Infinity), 'com.microsoft.BiasGelu', 'com.microsoft.FastGelu'),
  Swish: ({ call, at }) => (floatOf(call, 'alpha', 1) >= 1 ? between(-0.2785, Math.max(0, at(0).high)) : everything),
  Mish: ({ at }) => between(-0.3089, Math.max(0, at(0).high)),
  HardSwish: ({ at }) => between(hardSwish, Math.max(0, at(0).high)),
  Reciprocal: ({ at, output }) => rounded(divide(between(1, 1), at(0)), output.dtype, approximated),
  Clip: clip,

  Add: binary(add),
  Sub: binary(subtract),
  Mul: binary(multiply),
  Div: quotient,
  Pow: power,
  Sum: sum,
  Max: extreme(Math.max),
  Min: extreme(Math.min),

  ...foldedRanges,
  ...alike(products, 'MatMul', 'Gemm'),
  ...alike(hidden, 'LSTM', 'GRU', 'RNN'),
  ScatterElements: scattered(2),
  Scatter: scattered(2),
  ScatterND: scattered(2),
  ...alike(resized, 'Resize', 'Upsample'),
  GridSample: sampled,
  ...quantisedRanges,
  MaxUnpool: ({ at }) => join([at(0), between(0, 0)]),
  Elu: bentBelow((call) => -floatOf(call, 'alpha', 1)),
  Celu: bentBelow((call) => -floatOf(call, 'alpha', 1)),
  Selu: bentBelow((call) => -floatOf(call, 'gamma', 1.0507009873554805) * floatOf(call, 'alpha', 1.6732632423543772), (call) => floatOf(call, 'gamma', 1.0507009873554805)),
  ThresholdedRelu: ({ at }) => join([at(0), between(0, 0)]),
  PRelu: ({ at, output }) => {
    const { low, high } = at(0);
    const below = multiply(between(Math.min(low, 0), Math.min(high, 0)), at(1));
    return rounded(join([between(Math.max(low, 0), Math.max(high, 0)), below]), output.dtype);
  },
  EyeLike: always(0, 1),
  CastLike: (given) => cast(given),
  ...alike(about(0, 1), 'HannWindow', 'HammingWindow'),
  ...alike(about(-Math.PI / 2, Math.PI / 2), 'Asin'),
  Acos: about(0, Math.PI),
  Cast: cast,
};
