/** Operators that move, repeat or leave out elements: their derivative moves them back. */
import { int, ints } from '../operator.ts';
import { countOf, fromStart, intAt, listAt, numbersAt, unbroadcast, written, type GradientCall, type GradientRule, type GradientRules } from './rule.ts';

const first = (derive: (operands: ReturnType<typeof written>, call: GradientCall) => string): GradientRule => (call, input) => (input === 0 ? derive(written(call), call) : undefined);

/** The same elements in the same order. */
const reshaped = first(({ reshape, x, g }, { dims }) => reshape(g, dims(x)));

const transpose = first(({ transpose: turn, x, g }, call) => {
  const order = listAt(call, 'perm') ?? call.dims(x).map((_, axis) => call.dims(x).length - 1 - axis);
  return turn(g, order.map((_, axis) => order.indexOf(axis)));
});

/** From `start` to before `end` along one axis. */
export function sliceAxis(call: GradientCall, value: string, axis: number, start: number, end: number): string {
  const { to } = call;
  if (to.opset < 10) return to.node('Slice', [value], { starts: ints([start]), ends: ints([end]), axes: ints([axis]) });
  return to.node('Slice', [value, to.ints([start]), to.ints([end]), to.ints([axis])]);
}

const concat: GradientRule = (call, input) => {
  const { inputs } = call.node;
  const axis = fromStart(intAt(call, 'axis', 0), call.dims(inputs[0]!).length);
  const start = inputs.slice(0, input).reduce((sum, value) => sum + call.dims(value)[axis]!, 0);
  return sliceAxis(call, call.gradient, axis, start, start + call.dims(inputs[input]!)[axis]!);
};

/** Zeros around a value; `before` and `after` have a number for each axis. */
export function padZeros({ to, dtype }: GradientCall, value: string, before: readonly number[], after: readonly number[]): string {
  const pads = [...before, ...after];
  if (pads.every((size) => size === 0)) return value;
  return to.opset < 11 ? to.node('Pad', [value], { pads: ints(pads) }) : to.node('Pad', [value, to.ints(pads), to.scalar(dtype, 0)]);
}

/** Zeros where elements were left out. */
const sliced: GradientRule = (call, input) => {
  if (input > 0) return undefined;
  const { inputs, outputs } = call.node;
  const [from, to] = [call.dims(inputs[0]!), call.dims(outputs[0]!)];
  const starts = numbersAt(call, 'starts', 1)!;
  const axes = (numbersAt(call, 'axes', 3) ?? starts.map((_, axis) => axis)).map((axis) => fromStart(axis, from.length));
  const steps = inputs[4] === undefined || inputs[4] === '' ? [] : call.numbers(inputs[4])!;
  const before = from.map(() => 0);
  const sizes = [...to];
  let spread = call.gradient;
  for (const [i, axis] of axes.entries()) {
    const [step, size] = [steps[i] ?? 1, from[axis]!];
    const start = Math.min(Math.max(fromStart(starts[i]!, size), 0), step < 0 ? size - 1 : size);
    before[axis] = step < 0 && to[axis]! > 0 ? start + (to[axis]! - 1) * step : start;
    spread = withGaps(call, spread, sizes, axis, step);
    sizes[axis] = to[axis] === 0 ? 0 : (to[axis]! - 1) * Math.abs(step) + 1;
  }
  return padZeros(call, spread, before, from.map((size, axis) => size - before[axis]! - sizes[axis]!));
};

/** The value, of these sizes, in the order of the operand and with zeros for what a step leaves out along the axis. */
function withGaps(call: GradientCall, value: string, sizes: readonly number[], axis: number, step: number): string {
  const [count, gap] = [sizes[axis]!, Math.abs(step)];
  if (step === 1 || count === 0) return value;
  const { reshape } = written(call);
  const { to } = call;
  const ordered = step > 0 ? value : to.node('Slice', [value, to.ints([-1]), to.ints([-count - 1]), to.ints([axis]), to.ints([-1])]);
  if (gap === 1 || count === 1) return ordered;
  const apart = [...sizes.slice(0, axis), count, 1, ...sizes.slice(axis + 1)];
  const zeros = apart.map((_, i) => (i === axis + 1 ? gap - 1 : 0));
  const padded = padZeros(call, reshape(ordered, apart), apart.map(() => 0), zeros);
  return sliceAxis(call, reshape(padded, sizes.map((size, i) => (i === axis ? count * gap : size))), axis, 0, (count - 1) * gap + 1);
}

const expand = first((n, { dims }) => unbroadcast(n.g, dims(n.y), dims(n.x), n));

const tile = first(({ reshape, sum, x, y, g }, { dims }) => {
  const [from, to] = [dims(x), dims(y)];
  const apart = from.flatMap((size, axis) => [to[axis]! / size, size]);
  return reshape(sum(reshape(g, apart), from.map((_, axis) => 2 * axis)), from);
});

/** Each row that was taken gets its gradient back, as often as it was taken: a product with the rows' numbers as one-hot vectors. */
const gather = first(({ reshape, transpose: turn, product, x, g }, call) => {
  const from = call.dims(x);
  const [, indices] = call.node.inputs;
  const axis = fromStart(intAt(call, 'axis', 0), from.length);
  const taken = call.dims(indices!);
  const rank = from.length - 1 + taken.length;
  const places = taken.map((_, i) => axis + i);
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => !places.includes(i));
  const rest = from.filter((_, i) => i !== axis);
  const count = countOf(taken);
  const rows = reshape(turn(g, [...places, ...others]), [count, countOf(rest)]);
  const chosen = call.to.node('OneHot', [reshape(indices!, [count]), call.to.ints([from[axis]!]), call.to.constant(call.dtype, [0, 1], [2])], { axis: int(-1) });
  const back = reshape(product(chosen, rows, { a: true }), [from[axis]!, ...rest]);
  const order = [...rest.keys()].map((i) => i + 1);
  return turn(back, [...order.slice(0, axis), 0, ...order.slice(axis)]);
});

export const layoutRules: GradientRules = {
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Concat: concat,
  Slice: sliced,
  Expand: expand,
  Tile: tile,
  Gather: gather,
};
