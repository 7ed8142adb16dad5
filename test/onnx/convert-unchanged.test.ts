/** Changes of operators that have no rule, and that ONNX's recorded cases do not reach: ONNX Runtime answers the same bits under both numbers. */
import type { onnx } from 'onnx-proto';
import type * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { describeKernelGaps, withoutKernel } from '../../src/emit/kernel-gaps.ts';
import { int, ints, text, wave } from './convert-cases.ts';
import { dataTypes, encodeModel, node, valueInfo } from './models.ts';
import { bitsOf, f32, i64, runModel } from './oracles.ts';
import { operation, program } from './programs.ts';

interface Unchanged {
  readonly op: string;
  readonly versions: readonly number[];
  readonly attributes?: readonly onnx.IAttributeProto[];
  readonly inputs: readonly ort.Tensor[];
}

const heads = [int('q_num_heads', 1), int('kv_num_heads', 1)];
const attended = [wave([1, 2, 4]), wave([1, 3, 4]), wave([1, 3, 4])];

/** What has no number in the target: each cast rounds, cuts or saturates by a rule of its own. */
const odd = f32([9], [0.1, -0, 0.5, 1.5, 2.5, -2.5, 65519, 65520, -1e9]);
const castTo = (to: number, input = odd): Unchanged => ({ op: 'Cast', versions: [7, 9, 13, 19, 21, 23, 24, 25], attributes: [int('to', to)], inputs: [input] });

const cases: readonly Unchanged[] = [
  castTo(dataTypes.INT32),
  castTo(dataTypes.BOOL),
  castTo(dataTypes.FLOAT16, f32([4], [NaN, Infinity, -Infinity, 1e-8])),
  castTo(dataTypes.FLOAT16),
  castTo(dataTypes.FLOAT, i64([3], [2 ** 24 + 1, 2 ** 53 + 2, -1])),
  { op: 'Attention', versions: [23, 24, 25], attributes: heads, inputs: attended },
  { op: 'Attention', versions: [23, 24, 25], attributes: [...heads, int('is_causal', 1)], inputs: attended },
  { op: 'Attention', versions: [23, 24, 25], attributes: heads, inputs: [...attended, f32([2, 3], [0, -1e4, 0, 0, 0, -1e4])] },
  { op: 'DeformConv', versions: [19, 22], attributes: [ints('kernel_shape', [1, 1])], inputs: [wave([1, 1, 2, 2]), wave([1, 1, 1, 1]), f32([1, 2, 2, 2], Array.from({ length: 8 }, () => 0.25))] },
  { op: 'DepthToSpace', versions: [7, 10, 11, 13], attributes: [int('blocksize', 2)], inputs: [wave([1, 4, 2, 2])] },
  { op: 'LpNormalization', versions: [7, 21, 22], attributes: [int('p', 1)], inputs: [wave([2, 3])] },
  { op: 'LpPool', versions: [7, 10, 11, 17, 18, 21, 22], attributes: [ints('kernel_shape', [2, 2]), int('p', 1)], inputs: [wave([1, 1, 4, 4])] },
  { op: 'LpPool', versions: [7, 10, 11, 17, 18, 21, 22], attributes: [ints('kernel_shape', [3, 3]), ints('strides', [2, 2]), text('auto_pad', 'SAME_UPPER')], inputs: [wave([1, 1, 5, 5])] },
  { op: 'MaxRoiPool', versions: [7, 21], attributes: [ints('pooled_shape', [2, 2])], inputs: [wave([1, 1, 4, 4]), f32([1, 5], [0, 0, 0, 3, 3])] },
  { op: 'Mish', versions: [18, 21, 22], inputs: [wave([5])] },
  { op: 'ReduceSum', versions: [7, 10, 11, 12], attributes: [ints('axes', [1])], inputs: [wave([2, 3])] },
  { op: 'RoiAlign', versions: [16, 21], attributes: [int('output_height', 2), int('output_width', 2)], inputs: [wave([1, 1, 4, 4]), f32([1, 4], [0, 0.5, 3, 2.7]), i64([1], [0])] },
  { op: 'Squeeze', versions: [7, 10, 11, 12], attributes: [ints('axes', [0])], inputs: [wave([1, 3])] },
  // Before 11 the axis was said to be padded otherwise where the padding is odd; ONNX Runtime never did so.
  { op: 'ConvTranspose', versions: [7, 10, 11, 21, 22], attributes: [ints('strides', [2]), ints('output_shape', [4]), ints('kernel_shape', [3])], inputs: [wave([1, 1, 2]), wave([1, 1, 3])] },
  { op: 'OneHot', versions: [9, 10, 11], inputs: [i64([3], [-1, 0, 5]), i64([1], [3]), f32([2], [0, 1])] },
];

test.each(cases)('$op at $versions', async ({ versions, ...example }) => {
  const answers = new Set<string>();
  for (const version of versions) answers.add(bitsOf((await runAt(version, example))['y']));
  expect(answers.size).toBe(1);
});

test('a build says what ONNX Runtime cannot run at its opset', () => {
  const at = (opset: number) => describeKernelGaps(program({ inputs: [], outputs: [], steps: [operation('RoiAlign', ['x', 'rois', 'batch'], ['y'])], types: {}, opset }));
  expect(at(21)).toEqual([]);
  expect(at(23)).toEqual([expect.stringContaining('cannot run RoiAlign of opset 23')]);
});

/** Random operators are asked for their shape alone. */
const kernels: readonly Omit<Unchanged, 'versions'>[] = [
  ...cases.filter(({ op }) => op in withoutKernel),
  { op: 'GlobalLpPool', inputs: [wave([1, 1, 4, 4])] },
  { op: 'Bernoulli', inputs: [f32([2], [0.5, 0.5])] },
  { op: 'Multinomial', inputs: [wave([1, 3])] },
  ...['RandomNormal', 'RandomUniform'].map((op) => ({ op, attributes: [ints('shape', [2])], inputs: [] })),
  ...['RandomNormalLike', 'RandomUniformLike'].map((op) => ({ op, inputs: [wave([2])] })),
];

test('what is said to have no kernel has none, and has one before', async () => {
  expect(kernels.map(({ op }) => op).sort()).toEqual(Object.keys(withoutKernel).sort());
  for (const example of kernels) {
    const first = withoutKernel[example.op]!;
    await expect(runAt(first, example)).rejects.toThrow('Could not find an implementation');
    expect(Object.keys(await runAt(first - 1, example))).toEqual(['y']);
  }
});

function runAt(version: number, { op, attributes = [], inputs }: Omit<Unchanged, 'versions'>): Promise<Record<string, ort.Tensor>> {
  const elementTypes: Readonly<Record<string, number>> = { float32: dataTypes.FLOAT, int64: dataTypes.INT64 };
  const names = inputs.map((_, i) => `x${i}`);
  const graph = {
    node: [node(op, names, ['y'], { attribute: [...attributes] })],
    input: inputs.map((input, i) => valueInfo(names[i]!, [...input.dims], elementTypes[input.type])),
    output: [{ name: 'y' }],
  };
  const feeds = Object.fromEntries(names.map((name, i) => [name, inputs[i]!]));
  return runModel(encodeModel(graph, { irVersion: 8, opsetImport: [{ domain: '', version }] }), feeds);
}
