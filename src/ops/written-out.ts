/** Operators written out in older ones, for opsets in which they do not exist yet. */
import type { DType } from '../types/dtype.ts';
import { float, int, ints, numberAt, type Emitter, type OperatorCall } from './operator.ts';

/** In a program every family has become a dtype. */
export const dtypeOf = (call: OperatorCall, input = 0): DType => call.types[input]!.dtype as DType;

/** x Φ(x), or Hendrycks and Gimpel's approximation of it by a tanh. ONNX has it since opset 20. */
export function emitGelu(call: OperatorCall, to: Emitter): string {
  const x = call.inputs[0]!;
  const approximate = String(call.attributes.get('approximate'));
  if (to.opset >= 20) return to.node('Gelu', [x], { approximate: { type: 'string', value: approximate } });
  const number = (value: number): string => to.scalar(dtypeOf(call), value);
  const curve = approximate === 'tanh' ? to.node('Tanh', [tanhArgument(x, to, number)]) : to.node('Erf', [to.node('Mul', [x, number(Math.SQRT1_2)])]);
  return to.node('Mul', [to.node('Mul', [x, number(0.5)]), to.node('Add', [curve, number(1)])]);
}

/** √(2/π) (x + 0.044715 x³) */
function tanhArgument(x: string, to: Emitter, number: (value: number) => string): string {
  const cube = to.node('Mul', [to.node('Mul', [x, x]), x]);
  const sum = to.node('Add', [x, to.node('Mul', [cube, number(0.044715)])]);
  return to.node('Mul', [sum, number(Math.sqrt(2 / Math.PI))]);
}

/** x σ(x). ONNX has it since opset 24, and runtimes later than that. */
export function emitSwish(call: OperatorCall, to: Emitter): string {
  const x = call.inputs[0]!;
  return to.node('Mul', [x, to.node('Sigmoid', [x])]);
}

/** A reduction over axes counted from the start, which are an input since `axesSince`. */
export function emitReduce(op: string, x: string, axes: readonly number[], keep: boolean, axesSince: number, to: Emitter): string {
  const keepdims = int(Number(keep));
  return to.opset >= axesSince ? to.node(op, [x, to.ints(axes)], { keepdims }) : to.node(op, [x], { axes: ints(axes), keepdims });
}

export const meanAxesSince = 18;

/** (x - mean) / √(variance + ε) · scale + bias. ONNX has it since opset 17. */
export function emitLayerNormalization(call: OperatorCall, to: Emitter): string {
  const [x, scale, bias] = call.inputs as [string, string, string];
  const epsilon = numberAt(call.attributes, 'epsilon');
  if (to.opset >= 17) return to.node('LayerNormalization', [x, scale, bias], { axis: int(-1), epsilon: float(epsilon) });
  const last = [call.types[0]!.shape.axes.length - 1];
  const mean = (value: string): string => emitReduce('ReduceMean', value, last, true, meanAxesSince, to);
  const centred = to.node('Sub', [x, mean(x)]);
  const variance = mean(to.node('Mul', [centred, centred]));
  const deviation = to.node('Sqrt', [to.node('Add', [variance, to.scalar(dtypeOf(call), epsilon)])]);
  return to.node('Add', [to.node('Mul', [to.node('Div', [centred, deviation]), scale]), bias]);
}

/** x / √(mean of squares + ε) · scale. ONNX has it since opset 23, and runtimes later than that. */
export function emitRmsNormalization(call: OperatorCall, to: Emitter): string {
  const [x, scale] = call.inputs as [string, string];
  const last = [call.types[0]!.shape.axes.length - 1];
  const squares = emitReduce('ReduceMean', to.node('Mul', [x, x]), last, true, meanAxesSince, to);
  const root = to.node('Sqrt', [to.node('Add', [squares, to.scalar(dtypeOf(call), numberAt(call.attributes, 'epsilon'))])]);
  return to.node('Mul', [to.node('Div', [x, root]), scale]);
}
