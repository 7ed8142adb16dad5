/** Each operator at every opset from 7 to 25: refused before it exists, and the same answer in all its forms. */
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { TensorType } from '../../src/types/type.ts';
import { constantOf, intDim, substituteDim } from '../../src/types/dim.ts';
import { operators } from '../../src/ops/table.ts';
import { compilePart, holdsOf, runPart, type Tensor } from '../stdlib/run-part.ts';

const types = { x: 'f32[2, 3, 4]', y: 'f32[2, 3, 4]', v: 'f32[4]', n: 'f32[2, 4, 3]', i: 'i64[2]', p: 'f32[2, 3, 6, 5]', q: 'f32[4, 3, 3, 2]', g: 'f32[3, 1, 3, 3]', s: 'f32[4, 3, 2]', o: 'f32[batch, 3, h, w]' } as const;
type Name = keyof typeof types;

/** The sizes that `o` has where its type leaves them open. */
const open: Readonly<Record<string, number>> = { batch: 2, h: 6, w: 5 };

const values = (count: number): number[] => Array.from({ length: count }, (_, i) => ((i * 7) % 11) / 4 - 1.375);
const tensors: Readonly<Record<Name, Tensor>> = {
  x: { dims: [2, 3, 4], data: values(24) },
  y: { dims: [2, 3, 4], data: values(24).toReversed() },
  v: { dims: [4], data: [0.5, -1, 2, 0.25] },
  n: { dims: [2, 4, 3], data: values(24) },
  i: { dims: [2], data: [2, 0], dtype: 'i64' },
  p: { dims: [2, 3, 6, 5], data: values(180) },
  q: { dims: [4, 3, 3, 2], data: values(72) },
  g: { dims: [3, 1, 3, 3], data: values(27) },
  s: { dims: [4, 3, 2], data: values(24) },
  o: { dims: [2, 3, 6, 5], data: values(180) },
};

const unary = ['Abs', 'Ceil', 'Erf', 'Exp', 'Floor', 'Gelu', 'HardSigmoid', 'Identity', 'LeakyRelu', 'Neg', 'Reciprocal', 'Relu', 'Sigmoid', 'Softplus', 'Softsign', 'Swish', 'Tanh', 'Softmax', 'LogSoftmax', 'LpNormalization', 'CumSum', 'Flatten'];
const ofTwo = ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'];
const reductions = ['ReduceL1', 'ReduceL2', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceSum'];

const resizes = [
  '',
  ', nearest_mode: "floor", coordinate_transformation_mode: "asymmetric"',
  ', nearest_mode: "ceil", coordinate_transformation_mode: "align_corners"',
  ', nearest_mode: "round_prefer_ceil"',
  ', mode: "linear"',
  ', mode: "linear", coordinate_transformation_mode: "align_corners"',
  ', mode: "linear", coordinate_transformation_mode: "asymmetric"',
  ', mode: "linear", coordinate_transformation_mode: "pytorch_half_pixel"',
  ', mode: "linear", antialias: true',
  ', mode: "linear", antialias: true, exclude_outside: true',
  ', mode: "cubic"',
  ', mode: "cubic", cubic_coeff_a: -0.5, exclude_outside: true',
  ', mode: "cubic", antialias: true',
  ', mode: "cubic", antialias: true, cubic_coeff_a: -0.5, exclude_outside: true',
];

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
  'onnx.Concat(x, y, x, axis: -1)',
  'onnx.Gemm(onnx.Flatten(x), onnx.Flatten(y), transB: true)',
  'onnx.Gemm(onnx.Flatten(x, axis: 2), onnx.Flatten(y, axis: 2), v, alpha: 0.5, beta: 2, transA: true, transB: false)',
  'onnx.Conv(p, q)',
  'onnx.Conv(p, q, v, strides: [2, 1], pads: [1, 0, 2, 1], dilations: [1, 2])',
  'onnx.Conv(p, g, group: 3, pads: [1, 1, 1, 1])',
  'onnx.Conv(x, s)',
  'onnx.Conv(o, q, v)',
  'onnx.MaxPool(p, kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1])',
  'onnx.MaxPool(p, kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1)',
  'onnx.AveragePool(x, kernel_shape: [1], strides: [2], ceil_mode: 1)',
  'onnx.MaxPool(p, kernel_shape: [2, 2], dilations: [2, 3])',
  'onnx.MaxPool(x, kernel_shape: [2])',
  'onnx.AveragePool(p, kernel_shape: [3, 2], pads: [1, 0, 1, 1])',
  'onnx.AveragePool(onnx.Abs(p), kernel_shape: [3, 2], pads: [1, 0, 1, 1], count_include_pad: true)',
  'onnx.GlobalAveragePool(p)',
  'onnx.GlobalMaxPool(p)',
  'onnx.Reshape(x, shape: [6, 2, 2])',
  'onnx.Reshape(o, shape: [batch, 3, h * w])',
  'onnx.Reshape(onnx.Transpose(o, perm: [0, 2, 3, 1]), shape: [batch * h, w, 3])',
  'onnx.Reshape(o, shape: [3, batch, h * w])',
  'onnx.Pad(x, pads: [1, 0, 2, 3])',
  'onnx.Pad(x, pads: [0, 1, 0, 0, 0, 2], value: -1.5)',
  'onnx.Pad(x, pads: [2, 3], mode: "reflect")',
  'onnx.Pad(x, pads: [5, 1], mode: "edge")',
  'onnx.CenterCropPad(p, sizes: [3, 2])',
  'onnx.CenterCropPad(o, sizes: [4, 4])',
  'onnx.TopK(x, k: 2).values',
  'onnx.Cast(onnx.TopK(x, k: 2, axis: 1).indices, to: f32)',
  'onnx.TopK(x, k: 3, largest: false).values',
  ...resizes.flatMap((how) => [`onnx.Resize(p, sizes: [4, 11]${how})`, `onnx.Resize(p, sizes: [13, 2]${how})`]),
  'onnx.Resize(o, sizes: [9, 4], mode: "linear")',
];

const opsets = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 25];

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
      expect(found.dims, `opset ${opset}`).toEqual(type.shape.axes.map(({ size }) => constantOf(substituteDim(size, ({ name }) => intDim(open[name]!)))));
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

/** No kernel for it; none for a fusion of ONNX Runtime's own (QuickGelu); and a function of ONNX (Clip) that it expands into what bf16 is too new for. */
const noKernel = /^Error: (?:Could not find an implementation for|Unsupported data type: 16\b|Failed to find kernel for com\.microsoft|.*'tensor\(bfloat16\)'.* in node \(\) is invalid)/s;

/** Kernels for these are few; but what ONNX's own types of an operator forbid is told by another error than a missing kernel, or than the binding's, that has no bf16. */
describe.each(['bf16', 'f16', 'f64'])('in %s', (dtype) => {
  test.each(calls)('%s is what ONNX allows', async (call) => {
    const used = (Object.keys(types) as Name[]).filter((name) => new RegExp(`\\b${name}\\b`).test(call));
    const written = Object.fromEntries(used.map((name) => [name, types[name].replace('f32', dtype)]));
    const bytes = compileOrRefuse(call.replaceAll('f32', dtype), written);
    if (bytes === undefined) return;
    const fault = await ort.InferenceSession.create(bytes).then(() => '', String);
    expect(noKernel.test(fault) ? '' : fault).toBe('');
  });
});

/** Before opset 12 they are written with Equal, which took few integers before opset 11; the first input goes through a network of the opset. */
describe.each(['LessOrEqual', 'GreaterOrEqual'])('onnx.%s of integers', (operator) => {
  test.each(['i8', 'u8', 'i16', 'i32', 'i64'])('of %s is what ONNX allows', async (dtype) => {
    for (const opset of [9, 10, 11, 12, 13]) {
      const { bytes } = compilePart({ module: '', part: '', call: `onnx.${operator}(x, x)`, types: { x: `${dtype}[2, 3]` }, opset });
      const fault = await ort.InferenceSession.create(bytes).then(() => '', String);
      expect(noKernel.test(fault) ? '' : fault, `opset ${opset}`).toBe('');
    }
  });
});

/** Undefined where the checker refuses the operator for such elements. */
function compileOrRefuse(call: string, written: Readonly<Record<string, string>>): Uint8Array | undefined {
  try {
    return compilePart({ module: '', part: '', call, types: written, opset: 13 }).bytes;
  } catch (error) {
    if (String(error).includes('operator-type')) return undefined;
    throw error;
  }
}

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
