/** Operators along an axis: normalisations, and sums from one end. */
import type { Attribute } from '../../ir/graph.ts';
import { floatAt, fromStart, intAt, unbroadcast, written, type GradientCall, type GradientRule, type GradientRules } from './rule.ts';

const axisOf = (call: GradientCall, otherwise: number): number => fromStart(intAt(call, 'axis', otherwise), call.dims(call.node.inputs[0]!).length);

/** The axis that is meant where none is given: the last one since opset 13. Before that axes from the second on were one. */
const softmaxAxis = (call: GradientCall): readonly number[] => {
  const rank = call.dims(call.node.inputs[0]!).length;
  if (call.to.opset >= 13) return [axisOf(call, -1)];
  const first = axisOf(call, 1);
  return Array.from({ length: rank - first }, (_, i) => first + i);
};

const softmax: GradientRule = (call) => {
  const { mul, sub, sum, y, g } = written(call);
  return mul(y, sub(g, sum(mul(g, y), softmaxAxis(call))));
};

const logSoftmax: GradientRule = (call) => {
  const { mul, sub, sum, exp, y, g } = written(call);
  return sub(g, mul(exp(y), sum(g, softmaxAxis(call))));
};

/** x / ‖x‖: what goes along the vector is taken away. A row of zeros stays one, whatever is near it, and has no derivative: 0. */
const lpNormalization: GradientRule = (call) => {
  const { mul, sub, sum, div, sqrt, square, where, greater, x, y, g } = written(call);
  const axes = [axisOf(call, -1)];
  const isSum = intAt(call, 'p', 2) === 1;
  const length = isSum ? sum(call.to.node('Abs', [x]), axes) : sqrt(sum(square(x), axes));
  const direction = isSum ? call.to.node('Sign', [x]) : y;
  const across = sub(g, mul(direction, sum(mul(g, y), axes)));
  return where(greater(length, 0), div(across, where(greater(length, 0), length, 1)), 0);
};

const fromAxis = (call: GradientCall): readonly number[] => {
  const first = axisOf(call, -1);
  return Array.from({ length: call.dims(call.node.inputs[0]!).length - first }, (_, i) => first + i);
};

/** Of (x - mean) / deviation · scale + shift. */
const layerNormalization: GradientRule = (call, input) => {
  const n = written(call);
  const { mul, sub, div, add, mean, sqrt, square, x, g } = n;
  const [, scale] = call.node.inputs;
  const axes = fromAxis(call);
  const centred = sub(x, mean(x, axes));
  const deviation = sqrt(add(mean(square(centred), axes), floatAt(call, 'epsilon', 1e-5)));
  const normal = div(centred, deviation);
  if (input > 0) return unbroadcast(input === 1 ? mul(g, normal) : g, call.dims(x), call.dims(call.node.inputs[input]!), n);
  const scaled = mul(g, scale!);
  return div(sub(sub(scaled, mean(scaled, axes)), mul(normal, mean(mul(scaled, normal), axes))), deviation);
};

/** Of x / √(mean of squares + ε) · scale. */
const rmsNormalization: GradientRule = (call, input) => {
  const n = written(call);
  const { mul, sub, div, add, mean, sqrt, square, x, g } = n;
  const axes = fromAxis(call);
  const size = sqrt(add(mean(square(x), axes), floatAt(call, 'epsilon', 1e-5)));
  const normal = div(x, size);
  if (input === 1) return unbroadcast(mul(g, normal), call.dims(x), call.dims(call.node.inputs[1]!), n);
  const scaled = mul(g, call.node.inputs[1]!);
  return div(sub(scaled, mul(normal, mean(mul(scaled, normal), axes))), size);
};

/** Each element counts in all sums that come after it: the same from the other end. */
const cumSum: GradientRule = (call, input) => {
  if (input > 0) return undefined;
  const flag = (name: string, turn: boolean): Attribute => ({ type: 'int', value: BigInt((intAt(call, name, 0) === 1) !== turn) });
  return call.to.node('CumSum', [call.gradient, call.node.inputs[1]!], { exclusive: flag('exclusive', false), reverse: flag('reverse', true) });
};

export const rowRules: GradientRules = {
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  LpNormalization: lpNormalization,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  CumSum: cumSum,
};
