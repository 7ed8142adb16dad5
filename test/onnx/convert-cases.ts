/** One graph a rule of conversion: written for an old operator set, and what becomes of it under a newer one unconverted. */
import type { onnx } from 'onnx-proto';
import type * as ort from 'onnxruntime-node';
import { attributeTypes, dataTypes, floats, graphAttribute, node, valueInfo, type Dims } from './models.ts';
import { f32, i64 } from './oracles.ts';

export interface ConvertCase {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly graph: onnx.IGraphProto;
  readonly functions?: onnx.IFunctionProto[];
  readonly feeds: Record<string, ort.Tensor>;
  /** What ONNX Runtime does with the old nodes under the new number. */
  readonly unconverted: 'differs' | 'fails';
}

export const int = (name: string, i: number): onnx.IAttributeProto => ({ name, type: attributeTypes.INT, i });
export const ints = (name: string, values: number[]): onnx.IAttributeProto => ({ name, type: attributeTypes.INTS, ints: values });
export const float = (name: string, f: number): onnx.IAttributeProto => ({ name, type: attributeTypes.FLOAT, f });
export const floatList = (name: string, values: number[]): onnx.IAttributeProto => ({
  name,
  type: attributeTypes.FLOATS,
  floats: values,
});
export const text = (name: string, value: string): onnx.IAttributeProto => ({
  name,
  type: attributeTypes.STRING,
  s: Buffer.from(value),
});

/** Numbers that are all different and of both signs. */
export const wave = (dims: number[]): ort.Tensor =>
  f32(
    dims,
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.fround(3 * Math.sin(i * 1.7 + 0.3))),
  );

interface Single {
  readonly op: string;
  readonly attributes?: onnx.IAttributeProto[];
  readonly dims: number[];
  /** Declared dims of x, where they are not the fed ones. */
  readonly declared?: Dims;
  readonly constants?: onnx.ITensorProto[];
  readonly outputs?: string[];
  readonly rank?: number;
}

/** y = op(x, constants). */
function single({ op, attributes = [], dims, declared, constants = [], outputs = ['y'], rank }: Single): Pick<ConvertCase, 'graph' | 'feeds'> {
  const anonymous = Array.from({ length: rank ?? dims.length }, (_, i) => `o${i}`);
  return {
    graph: {
      node: [node(op, ['x', ...constants.map(({ name }) => name!)], outputs, { attribute: attributes })],
      input: [valueInfo('x', declared ?? dims)],
      output: [valueInfo('y', anonymous)],
      initializer: constants,
    },
    feeds: { x: wave(dims) },
  };
}

const unranked = (name: string): onnx.IValueInfoProto => ({ name, type: { tensorType: { elemType: dataTypes.FLOAT } } });
const axes = (op: string, from: number, to: number, more: onnx.IAttributeProto[] = []): ConvertCase => ({
  name: `${op} ${from} to ${to}: axes`,
  from,
  to,
  ...single({ op, attributes: [ints('axes', [1]), ...more], dims: [2, 3, 4], rank: op === 'Unsqueeze' ? 4 : more.length > 0 ? 2 : 3 }),
  unconverted: 'fails',
});

const reductions = ['ReduceL1', 'ReduceL2', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd', 'ReduceSumSquare'];

export const convertCases: readonly ConvertCase[] = [
  { name: 'Softmax 12 to 13: axes are one from the first', from: 12, to: 13, ...single({ op: 'Softmax', dims: [2, 3, 4] }), unconverted: 'differs' },
  { name: 'Softmax 12 to 13: of unknown rank', from: 12, to: 13, ...single({ op: 'Softmax', attributes: [int('axis', 0)], dims: [2, 3] }), unconverted: 'differs' },
  { name: 'Softmax 11 to 17: an axis from the end', from: 11, to: 17, ...single({ op: 'Softmax', attributes: [int('axis', -2)], dims: [2, 3, 4] }), unconverted: 'differs' },
  { name: 'LogSoftmax 9 to 13', from: 9, to: 13, ...single({ op: 'LogSoftmax', dims: [2, 3, 4] }), unconverted: 'differs' },
  { name: 'Hardmax 11 to 13', from: 11, to: 13, ...single({ op: 'Hardmax', dims: [2, 3, 4] }), unconverted: 'differs' },
  axes('Unsqueeze', 11, 13),
  axes('ReduceSum', 12, 13),
  ...reductions.map((op) => axes(op, 13, 18)),
  axes('ReduceMean', 17, 18, [int('keepdims', 0)]),
  {
    // Of a positive number, so that the logarithm exists.
    name: 'ReduceLogSum 11 to 18',
    from: 11,
    to: 18,
    graph: {
      node: [node('Abs', ['x'], ['a']), node('ReduceLogSum', ['a'], ['y'], { attribute: [ints('axes', [0])] })],
      input: [valueInfo('x', ['n', 3])],
      output: [valueInfo('y', [1, 3])],
    },
    feeds: { x: wave([2, 3]) },
    unconverted: 'fails',
  },
  { name: 'Squeeze 11 to 13', from: 11, to: 13, ...single({ op: 'Squeeze', attributes: [ints('axes', [1])], dims: [2, 1, 3], rank: 2 }), unconverted: 'fails' },
  { name: 'Clip 7 to 11: both bounds', from: 7, to: 11, ...single({ op: 'Clip', attributes: [float('min', -1), float('max', 2)], dims: [2, 3] }), unconverted: 'fails' },
  {
    name: 'Clip 10 to 13: the bound that is not written cuts infinities',
    from: 10,
    to: 13,
    ...single({ op: 'Clip', attributes: [float('min', -1)], dims: [2] }),
    feeds: { x: f32([2], [Infinity, -Infinity]) },
    unconverted: 'fails',
  },
  { name: 'Pad 8 to 11: with a value', from: 8, to: 11, ...single({ op: 'Pad', attributes: [ints('pads', [0, 1, 0, 2]), float('value', 5)], dims: [2, 2] }), unconverted: 'fails' },
  { name: 'Pad 8 to 18: by reflection', from: 8, to: 18, ...single({ op: 'Pad', attributes: [ints('pads', [0, 1, 0, 2]), text('mode', 'reflect')], dims: [2, 3] }), unconverted: 'fails' },
  { name: 'Slice 9 to 10', from: 9, to: 10, ...single({ op: 'Slice', attributes: [ints('starts', [1]), ints('ends', [-1]), ints('axes', [1])], dims: [2, 5] }), unconverted: 'fails' },
  { name: 'Slice 7 to 13: no axes', from: 7, to: 13, ...single({ op: 'Slice', attributes: [ints('starts', [0, 1]), ints('ends', [1, 9000])], dims: [2, 5] }), unconverted: 'fails' },
  {
    name: 'Split 11 to 13',
    from: 11,
    to: 13,
    ...single({ op: 'Split', attributes: [ints('split', [1, 4]), int('axis', 1)], dims: [2, 5], outputs: ['first', 'y'] }),
    unconverted: 'fails',
  },
  { name: 'Split 13 to 18: equal parts', from: 13, to: 18, ...single({ op: 'Split', attributes: [int('axis', 1)], dims: [2, 6], outputs: ['first', 'y'] }), unconverted: 'fails' },
  { name: 'TopK 9 to 10', from: 9, to: 11, ...single({ op: 'TopK', attributes: [int('k', 2)], dims: [2, 6], outputs: ['y', 'index'] }), unconverted: 'fails' },
  { name: 'Upsample 7 to 9', from: 7, to: 9, ...single({ op: 'Upsample', attributes: [floatList('scales', [1, 1, 2, 2])], dims: [1, 1, 2, 3] }), unconverted: 'fails' },
  { name: 'Upsample 9 to 10', from: 9, to: 10, ...single({ op: 'Upsample', dims: [1, 1, 2, 3], constants: [floats('s', [4], [1, 1, 2, 3])] }), unconverted: 'fails' },
  {
    name: 'Upsample 9 to 13: linear',
    from: 9,
    to: 13,
    ...single({ op: 'Upsample', attributes: [text('mode', 'linear')], dims: [1, 1, 2, 3], constants: [floats('s', [4], [1, 1, 2, 2])] }),
    unconverted: 'fails',
  },
  { name: 'Resize 10 to 11: grown to the nearest', from: 10, to: 11, ...single({ op: 'Resize', dims: [1, 1, 4, 4], constants: [floats('s', [4], [1, 1, 1.6, 2.5])] }), unconverted: 'fails' },
  { name: 'Resize 10 to 13: shrunk to the nearest', from: 10, to: 13, ...single({ op: 'Resize', dims: [1, 1, 7, 5], constants: [floats('s', [4], [1, 1, 0.6, 0.5])] }), unconverted: 'fails' },
  { name: 'Resize 10 to 13: grown and shrunk', from: 10, to: 13, ...single({ op: 'Resize', dims: [1, 1, 7, 5], constants: [floats('s', [4], [1, 1, 0.6, 1.7])] }), unconverted: 'fails' },
  {
    name: 'Resize 10 to 19: linear, by scales that are computed',
    from: 10,
    to: 19,
    graph: {
      node: [node('Add', ['s', 's'], ['scales']), node('Resize', ['x', 'scales'], ['y'], { attribute: [text('mode', 'linear')] })],
      input: [valueInfo('x', [1, 1, 4, 4])],
      output: [valueInfo('y', [1, 1, 'h', 'w'])],
      initializer: [floats('s', [4], [0.5, 0.5, 0.8, 1.25])],
    },
    feeds: { x: wave([1, 1, 4, 4]) },
    unconverted: 'fails',
  },
  {
    name: 'Resize 11 to 13: sizes, beside scales that turn out to be empty',
    from: 11,
    to: 13,
    graph: {
      node: [node('Slice', ['s', 'zero', 'zero'], ['scales']), node('Resize', ['x', 'roi', 'scales', 'sizes'], ['y'])],
      input: [valueInfo('x', [1, 1, 4, 5])],
      output: [valueInfo('y', [1, 1, 'h', 'w'])],
      initializer: [floats('s', [4], [1, 1, 2, 2]), floats('roi', [0], []), { name: 'zero', dims: [1], dataType: dataTypes.INT64, int64Data: [0] }, { name: 'sizes', dims: [4], dataType: dataTypes.INT64, int64Data: [1, 1, 7, 3] }],
    },
    feeds: { x: wave([1, 1, 4, 5]) },
    unconverted: 'fails',
  },
  {
    name: 'BatchNormalization 7 to 9 and on to 14',
    from: 7,
    to: 14,
    ...single({
      op: 'BatchNormalization',
      attributes: [int('spatial', 1)],
      dims: [2, 3, 2],
      constants: ['scale', 'bias', 'mean', 'var'].map((name, i) => floats(name, [3], [1 + i, 2, 3 - i / 2])),
    }),
    unconverted: 'fails',
  },
  { name: 'Dropout 7 to 12', from: 7, to: 12, ...single({ op: 'Dropout', attributes: [float('ratio', 0.25)], dims: [2, 3] }), unconverted: 'fails' },
  { name: 'Dropout 10 to 13 with a mask that nobody reads', from: 10, to: 13, ...single({ op: 'Dropout', attributes: [float('ratio', 0.25)], dims: [2, 3], outputs: ['y', 'mask'] }), unconverted: 'fails' },
  {
    name: 'Scatter 9 to 11',
    from: 9,
    to: 11,
    graph: {
      node: [node('Scatter', ['x', 'i', 'u'], ['y'], { attribute: [int('axis', 1)] })],
      input: [valueInfo('x', [1, 4]), valueInfo('i', [1, 2], dataTypes.INT64)],
      output: [valueInfo('y', [1, 4])],
      initializer: [floats('u', [1, 2], [10, 20])],
    },
    feeds: { x: wave([1, 4]), i: i64([1, 2], [3, 0]) },
    unconverted: 'fails',
  },
  {
    name: 'RoiAlign 10 to 16',
    from: 10,
    to: 16,
    graph: {
      node: [
        node('RoiAlign', ['x', 'rois', 'batch'], ['y'], { attribute: [int('output_height', 2), int('output_width', 2), int('sampling_ratio', 2)] }),
      ],
      input: [valueInfo('x', [1, 1, 4, 4]), valueInfo('batch', [1], dataTypes.INT64)],
      output: [valueInfo('y', [1, 1, 2, 2])],
      initializer: [floats('rois', [1, 4], [0.6, 0.4, 3.1, 2.7])],
    },
    feeds: { x: wave([1, 1, 4, 4]), batch: i64([1], [0]) },
    unconverted: 'differs',
  },
  {
    name: 'GridSample 16 to 20',
    from: 16,
    to: 20,
    ...single({ op: 'GridSample', attributes: [text('mode', 'bilinear')], dims: [1, 1, 3, 3], constants: [floats('grid', [1, 1, 2, 2], [0.1, -0.4, 0.7, 0.2])] }),
    unconverted: 'fails',
  },
  { name: 'DFT 17 to 20', from: 17, to: 20, ...single({ op: 'DFT', attributes: [int('axis', 1)], dims: [1, 4, 3, 1] }), unconverted: 'fails' },
  {
    name: 'GroupNormalization 18 to 21',
    from: 18,
    to: 21,
    ...single({
      op: 'GroupNormalization',
      attributes: [int('num_groups', 2)],
      dims: [2, 4, 3],
      constants: [floats('scale', [2], [1, 10]), floats('bias', [2], [0, 5])],
    }),
    unconverted: 'fails',
  },
  {
    name: 'in branches, of tensors from around them',
    from: 11,
    to: 13,
    graph: {
      node: [
        node('If', ['c'], ['y'], {
          attribute: [
            graphAttribute('then_branch', { name: 't', node: [node('Softmax', ['x'], ['s'])], output: [unranked('s')] }),
            graphAttribute('else_branch', { name: 'e', node: [node('Squeeze', ['x'], ['q'], { attribute: [ints('axes', [0])] }), node('Unsqueeze', ['q'], ['z'], { attribute: [ints('axes', [0])] })], output: [unranked('z')] }),
          ],
        }),
      ],
      input: [valueInfo('x', [1, 3, 4])],
      output: [valueInfo('y', ['a', 'b', 'c'])],
      initializer: [{ name: 'c', dims: [], dataType: dataTypes.BOOL, int32Data: [1] }],
    },
    feeds: { x: wave([1, 3, 4]) },
    unconverted: 'fails',
  },
  {
    name: 'in a local function',
    from: 15,
    to: 18,
    graph: {
      node: [node('Centred', ['x'], ['y'], { domain: 'local' })],
      input: [valueInfo('x', [2, 3])],
      output: [valueInfo('y', [2, 3])],
    },
    functions: [
      {
        name: 'Centred',
        domain: 'local',
        input: ['a'],
        output: ['b'],
        opsetImport: [{ domain: '', version: 15 }],
        node: [node('ReduceMean', ['a'], ['m'], { attribute: [ints('axes', [1])] }), node('Sub', ['a', 'm'], ['b'])],
      },
    ],
    feeds: { x: wave([2, 3]) },
    unconverted: 'fails',
  },
];
