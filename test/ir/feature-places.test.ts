/** Where features come to lie, held against ONNX Runtime: it is given vectors whose numbers are the places of their features, and gives these where they have come to. */
import * as ort from 'onnxruntime-node';
import type { onnx } from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { movedFeatures } from '../../src/ir/feature-places.ts';
import { startReading } from '../../src/ir/infer/constants.ts';
import { attributeTypes, dataTypes, encodeModel, floats, node, readBytes, valueInfo } from '../onnx/models.ts';
import { randomNumbers } from './infer/random/drawing.ts';

const width = 8;
const ints = (name: string, values: readonly number[]): onnx.IAttributeProto => ({ name, type: attributeTypes.INTS, ints: [...values] });
const int = (name: string, i: number): onnx.IAttributeProto => ({ name, type: attributeTypes.INT, i });
const attributes = (...attribute: onnx.IAttributeProto[]): onnx.INodeProto => ({ attribute });

interface Chain {
  readonly nodes: onnx.INodeProto[];
  readonly initializers: onnx.ITensorProto[];
  /** Of the last tensor, behind the axis of the batch. */
  dims: number[];
  last: string;
}

const whole = (chain: Chain, values: readonly number[], dims: readonly number[] = [values.length]): string => {
  const name = `c${chain.initializers.length}`;
  chain.initializers.push({ name, dims: [...dims], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });
  return name;
};

const add = (chain: Chain, op: string, inputs: readonly string[], dims: readonly number[], rest: onnx.INodeProto = {}): string => {
  const name = `t${chain.nodes.length}`;
  chain.nodes.push(node(op, inputs, [name], rest));
  chain.dims = [...dims];
  chain.last = name;
  return name;
};

const slice = (chain: Chain, x: string, dims: readonly number[], axis: number, [start, end, step]: readonly [number, number, number]): string =>
  add(chain, 'Slice', [x, ...[[start], [end], [axis + 1], [step]].map((each) => whole(chain, each))], dims.map((size, i) => (i === axis ? Math.ceil((end < -size ? start + 1 : end - start) / Math.abs(step)) : size)));

/** Each appends some nodes; `pick` gives a whole number below another. */
const steps: readonly ((chain: Chain, pick: (below: number) => number) => void)[] = [
  (chain, pick) => {
    const axis = pick(chain.dims.length);
    slice(chain, chain.last, chain.dims, axis, [chain.dims[axis]! - 1, -100, -1]);
  },
  (chain, pick) => {
    const [axis, x, dims] = [pick(chain.dims.length), chain.last, chain.dims];
    const at = pick(dims[axis]!);
    const parts = [slice(chain, x, dims, axis, [at, dims[axis]!, 1]), slice(chain, x, dims, axis, [0, at, 1])];
    add(chain, 'Concat', parts, dims, attributes(int('axis', axis + 1)));
  },
  (chain, pick) => {
    const axis = pick(chain.dims.length);
    const places = Array.from({ length: chain.dims[axis]! }, (_, i) => i).toSorted(() => pick(3) - 1);
    add(chain, 'Gather', [chain.last, whole(chain, places)], chain.dims, attributes(int('axis', axis + 1)));
  },
  (chain, pick) => {
    const axis = pick(chain.dims.length);
    if (chain.dims.length > 3 || chain.dims[axis]! % 2 !== 0) return;
    const [before, after, half] = [chain.dims.slice(0, axis), chain.dims.slice(axis + 1), chain.dims[axis]! / 2];
    add(chain, 'Reshape', [chain.last, whole(chain, [0, ...before, half, 2, ...after])], [...before, half, 2, ...after]);
  },
  (chain) => {
    if (chain.dims.length < 2) return;
    const [a, b, ...rest] = chain.dims;
    add(chain, 'Reshape', [chain.last, whole(chain, [0, a! * b!, ...rest])], [a! * b!, ...rest]);
  },
  (chain, pick) => {
    const perm = chain.dims.map((_, i) => i).toSorted(() => pick(3) - 1);
    add(chain, 'Transpose', [chain.last], perm.map((axis) => chain.dims[axis]!), attributes(ints('perm', [0, ...perm.map((axis) => axis + 1)])));
  },
  (chain, pick) => {
    const axis = chain.dims.length - 1;
    const by = pick(2);
    const pads = (n: number): number[] => [0, ...chain.dims.map((_, i) => (i === axis ? n : 0))];
    add(chain, 'Pad', [chain.last, whole(chain, [...pads(by), ...pads(1 - by)])], chain.dims.map((size, i) => size + (i === axis ? 1 : 0)));
  },
  (chain, pick) => {
    const axis = pick(chain.dims.length);
    add(chain, 'Tile', [chain.last, whole(chain, [1, ...chain.dims.map((_, i) => (i === axis ? 2 : 1))])], chain.dims.map((size, i) => size * (i === axis ? 2 : 1)));
  },
];

const modelOf = ({ nodes, initializers }: Pick<Chain, 'nodes' | 'initializers'>, inputs = [valueInfo('x', ['batch', 2, width])]): Uint8Array =>
  encodeModel({ node: nodes, initializer: initializers, input: inputs, output: [{ name: nodes.at(-1)!.output![0]!, type: { tensorType: { elemType: dataTypes.FLOAT } } }] });

/** What ONNX Runtime makes of the numbers 1 to 8, which a zero that is let in is none of: the first place that holds another feature, where all rows agree. */
async function seen(bytes: Uint8Array, output: string): Promise<string | undefined> {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, graphOptimizationLevel: 'disabled' });
  const batch = 5;
  const x = Float32Array.from({ length: batch * 2 * width }, (_, i) => 1 + (i % width));
  const { dims, data } = (await session.run({ x: new ort.Tensor('float32', x, [batch, 2, width]) }))[output]!;
  const size = dims.at(-1)!;
  const held = Array.from({ length: size }, (_, place) => [...new Set([...(data as Float32Array)].filter((value, i) => i % size === place && value !== 0))]);
  const place = held.findIndex(([value], at) => value !== undefined && value !== at + 1 && at < width);
  return size === 1 || place < 0 || held.some((values) => values.length > 1) ? undefined : `gives feature ${held[place]![0]! - 1} in place ${place}, counted from 0`;
}

const found = (bytes: Uint8Array, output: string): string | undefined => {
  const model = readBytes(bytes);
  const moved = movedFeatures(model, { output, axis: -1, word: 'feature' }, new Map([['x', { dims: [undefined, 2, width], axis: -1 }]]), startReading(() => undefined));
  return moved?.how;
};

describe('what moves elements', () => {
  test('as ONNX Runtime moves them, in 120 graphs', async () => {
    const random = randomNumbers(322);
    const pick = (below: number): number => Math.floor(random() * below);
    const told = { moved: 0, kept: 0 };
    for (let i = 0; i < 120; i++) {
      const chain: Chain = { nodes: [], initializers: [], dims: [2, width], last: 'x' };
      for (let left = 1 + pick(4); left > 0; left--) steps[pick(steps.length)]!(chain, pick);
      if (chain.nodes.length === 0) continue;
      const bytes = modelOf(chain);
      const expected = await seen(bytes, chain.last);
      told[expected === undefined ? 'kept' : 'moved']++;
      expect(found(bytes, chain.last), JSON.stringify(chain.nodes.map(({ opType, input }) => [opType, input]))).toBe(expected);
    }
    expect(Math.min(told.moved, told.kept)).toBeGreaterThan(24);
  });
});

describe('what computes', () => {
  const cases: readonly (readonly [title: string, nodes: onnx.INodeProto[], how: string | undefined])[] = [
    ['a running sum along the features', [node('CumSum', ['x', 'last'], ['y'])], 'adds each feature to those behind it'],
    ['a running sum along the rows', [node('CumSum', ['x', 'one'], ['y'])], undefined],
    ['features sorted', [node('TopK', ['x', 'eight'], ['y', 'places'])], 'sorts the features by their values'],
    ['the greatest rows of each feature', [node('TopK', ['x', 'one1'], ['y', 'places'], attributes(int('axis', 1)))], undefined],
    ['a threshold read off the sorted', [node('TopK', ['x', 'eight'], ['s', 'places']), node('Gather', ['s', 'two'], ['t'], attributes(int('axis', -1))), node('GreaterOrEqual', ['x', 't'], ['is']), node('Where', ['is', 'x', 'zero'], ['y'])], undefined],
    ['a product with a matrix that is an input', [node('MatMul', ['x', 'm'], ['y'])], 'makes each feature a mixture of all'],
    ['a weighting of rows', [node('Transpose', ['x'], ['t'], attributes(ints('perm', [0, 2, 1]))), node('MatMul', ['x', 't'], ['s']), node('Softmax', ['s'], ['p']), node('MatMul', ['p', 'x'], ['y'])], undefined],
    ['vectors with those turned', [node('Slice', ['x', 'seven', 'far', 'last1', 'back'], ['t']), node('Add', ['x', 't'], ['y'])], 'makes one of features of different places'],
    ['vectors weighed by those turned', [node('Slice', ['x', 'seven', 'far', 'last1', 'back'], ['t']), node('Mul', ['x', 't'], ['y'])], undefined],
    ['a mean over rows, less the mean of all features', [node('ReduceMean', ['x'], ['r'], attributes(ints('axes', [1]))), node('ReduceMean', ['r'], ['n'], attributes(ints('axes', [-1]))), node('Sub', ['r', 'n'], ['y'])], undefined],
    ['features turned behind arithmetic', [node('Tanh', ['x'], ['t']), node('Slice', ['t', 'seven', 'far', 'last1', 'back'], ['y'])], 'gives feature 7 in place 0, counted from 0'],
    ['a gate of the first feature', [node('Slice', ['x', 'zero1', 'one1', 'last1'], ['g']), node('Sigmoid', ['g'], ['s']), node('Mul', ['x', 's'], ['y'])], undefined],
    ['what nobody follows', [node('Slice', ['x', 'seven', 'far', 'last1', 'back'], ['t']), node('Own', ['t'], ['y'], { domain: 'own' })], undefined],
  ];
  const single = (name: string, value: number, dims: number[] = []): onnx.ITensorProto => ({ name, dims, dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.of(BigInt(value)).buffer) });
  const initializers = [single('last', -1), single('one', 1), single('two', 2, [1]), single('eight', 8, [1]), single('one1', 1, [1]), single('zero1', 0, [1]), single('seven', 7, [1]), single('far', -100, [1]), single('last1', -1, [1]), single('back', -1, [1]), floats('zero', [], [0])];

  test.each(cases)('%s', (_, nodes, how) => {
    const bytes = encodeModel(
      { node: nodes, initializer: initializers, input: [valueInfo('x', ['batch', 2, width]), valueInfo('m', [width, width])], output: [valueInfo('y', ['batch', 2, width])] },
      { opsetImport: [{ domain: '', version: 14 }, { domain: 'own', version: 1 }] },
    );
    expect(found(bytes, 'y')).toBe(how);
  });
});
