/** Each operator at every opset from 7 to 21: refused before it exists, and the same answer in all its forms. */
import { describe, expect, test } from 'vitest';
import type { TensorType } from '../../src/types/type.ts';
import { constantOf } from '../../src/types/dim.ts';
import { operators } from '../../src/ops/table.ts';
import { compilePart, holdsOf, runPart, type Tensor } from '../stdlib/run-part.ts';

const types = { x: 'f32[2, 3, 4]', y: 'f32[2, 3, 4]', v: 'f32[4]', n: 'f32[2, 4, 3]', i: 'i64[2]' } as const;
type Name = keyof typeof types;

const values = (count: number): number[] => Array.from({ length: count }, (_, i) => ((i * 7) % 11) / 4 - 1.375);
const tensors: Readonly<Record<Name, Tensor>> = {
  x: { dims: [2, 3, 4], data: values(24) },
  y: { dims: [2, 3, 4], data: values(24).toReversed() },
  v: { dims: [4], data: [0.5, -1, 2, 0.25] },
  n: { dims: [2, 4, 3], data: values(24) },
  i: { dims: [2], data: [2, 0], dtype: 'i64' },
};

const unary = ['Abs', 'Ceil', 'Erf', 'Exp', 'Floor', 'Gelu', 'HardSigmoid', 'Identity', 'LeakyRelu', 'Neg', 'Reciprocal', 'Relu', 'Sigmoid', 'Softplus', 'Softsign', 'Swish', 'Tanh', 'Softmax', 'LogSoftmax', 'LpNormalization', 'CumSum', 'Flatten'];
const ofTwo = ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'];
const reductions = ['ReduceL1', 'ReduceL2', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceSum'];

/** Truth values go out as 0 and 1. */
const asNumber = (call: string): string => `onnx.Cast(${call}, to: f32)`;
const isTruth = /^(?:Equal|Greater|Less)/;

const calls: readonly string[] = [
  ...unary.map((op) => `onnx.${op}(x)`),
  ...ofTwo.map((op) => (isTruth.test(op) ? asNumber(`onnx.${op}(x, y)`) : `onnx.${op}(x, y)`)),
  ...reductions.flatMap((op) => [`onnx.${op}(x, axes: [-1])`, `onnx.${op}(x, axes: [0, 2], keepdims: false)`]),
  'onnx.Log(onnx.Abs(x))',
  'onnx.Sqrt(onnx.Abs(x))',
  'onnx.Pow(onnx.Abs(x), 1.5)',
  'onnx.Gelu(x, approximate: "tanh")',
  'onnx.Clip(x, -1, 0.5)',
  'onnx.Where(onnx.Not(onnx.And(onnx.Greater(x, 0), onnx.Or(onnx.Less(y, 1), onnx.Equal(y, x)))), x, 0)',
  'onnx.MatMul(x, n)',
  'onnx.LayerNormalization(x, v, v)',
  'onnx.RMSNormalization(x, v)',
  'onnx.ArgMax(x, axis: -2)',
  'onnx.Transpose(x, perm: [2, 0, 1])',
  'onnx.Transpose(x, perm: [-1, -2])',
  'onnx.Unsqueeze(x, axes: [0, -1])',
  'onnx.Squeeze(onnx.Unsqueeze(x, axes: [1]), axes: [-3])',
  'onnx.Expand(onnx.ReduceMax(x, axes: [-1]), like: x)',
  'onnx.Tile(x, axis: 1, times: 2)',
  'onnx.Concat(x, y, axis: -2)',
  'onnx.Slice(x, axis: -1, start: 1, end: 3)',
  'onnx.Gather(x, i, axis: 1)',
  'onnx.CastLike(i, like: x)',
];

const opsets = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];

describe('at every opset', () => {
  test.each(calls)('%s', async (call) => {
    const used = (Object.keys(types) as Name[]).filter((name) => new RegExp(`\\b${name}\\b`).test(call));
    const inputs = Object.fromEntries(used.map((name) => [name, tensors[name]]));
    let first: Tensor | undefined;
    for (const opset of opsets) {
      const { bytes, output, tooOld } = attempt(call, used, opset);
      if (tooOld) {
        expect(first, `refused at opset ${opset}, but not before it`).toBe(undefined);
        continue;
      }
      const found = await runPart(bytes!, inputs);
      const type = output as TensorType;
      expect(found.dims, `opset ${opset}`).toEqual(type.shape.axes.map(({ size }) => constantOf(size)));
      for (const fact of type.facts) expect(holdsOf(fact, found, 1e-6), `${fact.kind} at opset ${opset}`).toBe(true);
      first ??= found;
      // Forms differ in the order of their roundings.
      const apart = Math.max(...found.data.map((value, i) => Math.abs(value - first!.data[i]!)));
      expect(apart, `opset ${opset}`).toBeLessThanOrEqual(8 * 2 ** -23 * Math.max(1, ...found.data.map(Math.abs)));
    }
    expect(first).not.toBe(undefined);
  });

  test('no operator is left out', () => {
    const left = [...operators.keys()].filter((name) => !calls.some((call) => call.includes(`onnx.${name}(`)));
    expect(left).toEqual([]);
  });
});

/** The first input goes through a network of the opset; it is the whole word of that name. */
function attempt(call: string, used: readonly Name[], opset: number) {
  try {
    const { bytes, output } = compilePart({ module: '', part: '', call, types: Object.fromEntries(used.map((name) => [name, types[name]])), opset });
    return { bytes, output: output.type, tooOld: false };
  } catch (error) {
    if (String(error).includes('opset-too-old')) return { tooOld: true };
    throw error;
  }
}
