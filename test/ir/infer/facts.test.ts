/** Facts of tensors on models made here: what is to be known of the output, and that no run contradicts it. */
import * as ort from 'onnxruntime-node';
import type { onnx } from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { inferModel } from '../../../src/ir/infer/index.ts';
import { tensorFacts, type ValueFacts } from '../../../src/ir/infer/facts.ts';
import { isMask, longest, oneHotAxis, prefixAxis } from '../../../src/ops/foreign/facts/value-facts.ts';
import { attributeTypes, dataTypes, encodeModel, floats, node, readBytes, valueInfo } from '../../onnx/models.ts';
import { factContradictions } from './fact-contradictions.ts';
import { randomNumbers } from './random/drawing.ts';
import { observe } from './random/graphs.ts';

const n = 8;
const ints = (name: string, values: readonly number[]): onnx.IAttributeProto => ({ name, type: attributeTypes.INTS, ints: [...values] });
const int = (name: string, value: number): onnx.IAttributeProto => ({ name, type: attributeTypes.INT, i: value });
const withAttributes = (...attribute: onnx.IAttributeProto[]): onnx.INodeProto => ({ attribute });
const random = randomNumbers(11);
const gamma = Array.from({ length: n }, () => random() * 2 - 1);
const beta = Array.from({ length: n }, () => random() * 2 - 1);
const weights = Array.from({ length: n * 3 }, () => random() * 2 - 1);

const turned = Array.from({ length: 4 * 2 * 2 * 2 }, () => random() * 2 - 1);

const constants = [
  floats('wt', [4, 2, 2, 2], turned),
  floats('gamma', [n], gamma), floats('beta', [n], beta), floats('w', [n, 3], weights), floats('b', [3], [1, -1, 0]), floats('one', [], [1]), floats('two', [], [2]), floats('three', [], [3]), floats('half', [], [0.5]),
  floats('eps', [], [1e-12]), floats('eps5', [], [1e-5]), floats('zero', [], [0]), floats('six', [], [6]), floats('root2', [], [Math.SQRT2]), floats('p', [], [Math.sqrt(2 / Math.PI)]), floats('q', [], [0.044715]),
  floats('mean', [4, 1, 1], [0.4, 0.5, 0.6, 0.5]), floats('std', [4, 1, 1], [0.2, 0.25, 0.3, 0.2]), floats('offOn', [2], [0, 1]),
  { name: 'depth', dims: [1], dataType: dataTypes.INT64, int64Data: [n] },
];

const mean = (x: string, y: string): onnx.INodeProto => node('ReduceMean', [x], [y], withAttributes(ints('axes', [-1])));
/** LayerNorm as PyTorch's older exporter writes it. */
const layerNorm = [
  mean('x', 'm'), node('Sub', ['x', 'm'], ['d']), node('Pow', ['d', 'two'], ['s']), mean('s', 'v'), node('Add', ['v', 'eps5'], ['e']), node('Sqrt', ['e'], ['r']), node('Div', ['d', 'r'], ['z']),
];
const affine = [node('Mul', ['z', 'gamma'], ['g']), node('Add', ['g', 'beta'], ['h'])];
const clipped = [node('ReduceL2', ['x'], ['l'], withAttributes(ints('axes', [-1]))), node('Clip', ['l', 'eps'], ['c'])];
const length = [node('ReduceL2', ['x'], ['l'], withAttributes(ints('axes', [-1]))), node('Max', ['l', 'eps'], ['c'])];
const unit = [...length, node('Div', ['x', 'c'], ['y'])];

interface Case {
  readonly nodes: readonly onnx.INodeProto[];
  readonly expects: (facts: ValueFacts) => void;
  /** Of the input, instead of numbers of all sizes. */
  readonly given?: readonly [number, number];
  /** Whether it is said that there is no NaN among them. */
  readonly finite?: true;
  readonly dims?: readonly (number | string)[];
}

const low = (facts: ValueFacts): number => facts.range.low;
const high = (facts: ValueFacts): number => facts.range.high;

const twoSoftmaxes = [node('Softmax', ['x'], ['p1'], withAttributes(int('axis', -1))), node('Neg', ['x'], ['m']), node('Softmax', ['m'], ['q1'], withAttributes(int('axis', -1)))];
const blended = [node('Mul', ['g', 'p1'], ['a']), node('Sub', ['one', 'g'], ['h']), node('Mul', ['h', 'q1'], ['b1']), node('Add', ['a', 'b1'], ['y'])];

const cases: Readonly<Record<string, Case>> = {
  'softmax': { nodes: [node('Softmax', ['x'], ['y'], withAttributes(int('axis', -1)))], expects: ({ range, lines }) => {
    expect([range.low, range.high]).toEqual([0, 1]);
    expect(lines).toMatchObject([{ kind: 'sum', axis: -1 }]);
  } },
  'softmax in small operators': { nodes: [node('ReduceMax', ['x'], ['m'], withAttributes(ints('axes', [-1]))), node('Sub', ['x', 'm'], ['d']), node('Exp', ['d'], ['e']), node('ReduceSum', ['e', 'last'], ['s']), node('Div', ['e', 's'], ['y'])], expects: ({ lines }) => expect(lines).toMatchObject([{ kind: 'sum', axis: -1 }]) },
  'a length whose squares may be infinite': { given: [-1e20, 1e20], nodes: [node('ReduceL2', ['x'], ['y'], withAttributes(ints('axes', [-1])))], expects: ({ range }) => expect([range.low, range.high]).toEqual([0, Infinity]) },
  // As PyTorch writes it. Without a bound the length may be infinite, which ONNX Runtime's Clip cuts down to the largest number.
  'a unit vector by Clip, of bounded numbers': { given: [-1e15, 1e15], nodes: [...clipped, node('Div', ['x', 'c'], ['y'])], expects: (facts) => expect([facts.range.high <= 1.001, facts.lines.map(({ kind }) => kind)]).toEqual([true, ['norm']]) },
  'a unit vector by Clip, of any numbers': { nodes: [...clipped, node('Div', ['x', 'c'], ['y'])], expects: (facts) => expect([facts.range.high, facts.lines]).toEqual([Infinity, []]) },
  'a unit vector': { nodes: unit, expects: (facts) => {
    expect(facts.lines).toMatchObject([{ kind: 'norm', axis: -1 }]);
    expect(facts.lines[0]!.low).toBeGreaterThan(0.9999);
    expect(high(facts)).toBeLessThan(1.00001);
  } },
  'a unit vector into a linear head': { nodes: [...unit.slice(0, 2), node('Div', ['x', 'c'], ['u']), node('MatMul', ['u', 'w'], ['y'])], expects: ({ rows }) => {
    // Cauchy and Schwarz: no product is beyond the norm of its column.
    for (let column = 0; column < 3; column++) {
      const norm = Math.sqrt(Array.from({ length: n }, (_, i) => weights[i * 3 + column]! ** 2).reduce((a, b) => a + b));
      expect(rows!.high[column]!).toBeCloseTo(norm, 4);
    }
  } },
  'LayerNormalization': { nodes: [node('LayerNormalization', ['x', 'gamma', 'beta'], ['y'])], expects: ({ rows }) => gamma.forEach((g, i) => expect(rows!.high[i]!).toBeCloseTo(beta[i]! + Math.abs(g) * Math.sqrt(n), 3)) },
  'LayerNormalization of what may have no deviation': { nodes: [node('LayerNormalization', ['x', 'gamma', 'beta'], ['y'], withAttributes({ name: 'epsilon', type: attributeTypes.FLOAT, f: 0 }))], expects: ({ range, rows }) => expect([range.high, rows]).toEqual([Infinity, undefined]) },
  'LayerNorm in small operators': { nodes: [...layerNorm, ...affine.slice(0, 1), node('Add', ['g', 'beta'], ['y'])], expects: ({ rows }) => gamma.forEach((g, i) => expect(rows!.low[i]!).toBeCloseTo(beta[i]! - Math.abs(g) * Math.sqrt(n), 3)) },
  'LayerNorm behind a linear map and a mean': { nodes: [...layerNorm, ...affine, mean2('h', 'k'), node('Gemm', ['k', 'w', 'b'], ['y'])], expects: ({ rows }) => {
    for (let column = 0; column < 3; column++) {
      const ofColumn = Array.from({ length: n }, (_, i) => weights[i * 3 + column]!);
      const centre = ofColumn.reduce((sum, w, i) => sum + w * beta[i]!, [1, -1, 0][column]!);
      const reach = Math.sqrt(n) * Math.sqrt(ofColumn.reduce((sum, w, i) => sum + (w * gamma[i]!) ** 2, 0));
      // The mean of how many is not known: its rounding is wide.
      expect(rows!.high[column]! / (centre + reach)).toBeCloseTo(1, 1);
    }
  } },
  'RMSNorm in small operators': { nodes: [node('Mul', ['x', 'x'], ['s']), mean('s', 'v'), node('Add', ['v', 'eps5'], ['e']), node('Sqrt', ['e'], ['r']), node('Reciprocal', ['r'], ['i']), node('Mul', ['x', 'i'], ['y'])], expects: (facts) => expect(longest(facts.ball!)).toBeCloseTo(Math.sqrt(n), 3) },
  'Gelu by Erf': { nodes: [node('Div', ['x', 'root2'], ['a']), node('Erf', ['a'], ['e']), node('Add', ['e', 'one'], ['g']), node('Mul', ['x', 'g'], ['t']), node('Mul', ['t', 'half'], ['y'])], expects: (facts) => expect(low(facts)).toBeCloseTo(-0.17, 3) },
  'Gelu by Tanh': { nodes: [node('Pow', ['x', 'three'], ['c']), node('Mul', ['c', 'q'], ['k']), node('Add', ['x', 'k'], ['a']), node('Mul', ['a', 'p'], ['t']), node('Tanh', ['t'], ['h']), node('Add', ['h', 'one'], ['g']), node('Mul', ['half', 'x'], ['f']), node('Mul', ['f', 'g'], ['y'])], expects: (facts) => expect(low(facts)).toBeCloseTo(-0.17, 3) },
  'SiLU': { nodes: [node('Sigmoid', ['x'], ['g']), node('Mul', ['x', 'g'], ['y'])], expects: (facts) => expect(low(facts)).toBeCloseTo(-0.2785, 3) },
  'HardSwish in small operators': { nodes: [node('Add', ['x', 'three'], ['a']), node('Clip', ['a', 'zero', 'six'], ['g']), node('Mul', ['x', 'g'], ['t']), node('Div', ['t', 'six'], ['y'])], expects: (facts) => expect(low(facts)).toBeCloseTo(-0.375, 3) },
  'Mish': { nodes: [node('Softplus', ['x'], ['a']), node('Tanh', ['a'], ['g']), node('Mul', ['x', 'g'], ['y'])], expects: (facts) => expect(low(facts)).toBeCloseTo(-0.3089, 3) },
  'a comparison as numbers': { nodes: [node('Greater', ['x', 'zero'], ['t']), node('Cast', ['t'], ['y'], withAttributes(int('to', 1)))], expects: (facts) => expect(isMask(facts)).toBe(true) },
  'the inverse of a mask': { nodes: [node('Greater', ['x', 'zero'], ['t']), node('Cast', ['t'], ['m'], withAttributes(int('to', 1))), node('Sub', ['one', 'm'], ['y'])], expects: (facts) => expect(isMask(facts)).toBe(true) },
  'the mean of what a mask leaves': { nodes: [node('Greater', ['x', 'zero'], ['t']), node('Cast', ['t'], ['m'], withAttributes(int('to', 1))), node('Tanh', ['x'], ['a']), node('Mul', ['a', 'm'], ['k']), node('ReduceSum', ['k', 'last'], ['s']), node('ReduceSum', ['m', 'last'], ['o']), node('Clip', ['o', 'eps'], ['c']), node('Div', ['s', 'c'], ['y'])], expects: (facts) => expect([low(facts), high(facts)].map((x) => Math.round(x * 1e4) / 1e4)).toEqual([-1, 1]) },
  'positions below a length': { nodes: [
    node('Shape', ['x'], ['s']), node('Gather', ['s', 'oneI'], ['t']), node('Range', ['zeroI', 't', 'oneI'], ['r']), node('Greater', ['x', 'zero'], ['o1']), node('Cast', ['o1'], ['c'], withAttributes(int('to', dataTypes.INT64))),
    node('ReduceSum', ['c', 'last'], ['k'], withAttributes(int('keepdims', 0))), node('ReduceSum', ['k', 'last'], ['l']), node('Less', ['r', 'l'], ['m']), node('Slice', ['m', 'oneV', 'sixV', 'oneV'], ['i']), node('Unsqueeze', ['i', 'oneV'], ['u']), node('Cast', ['u'], ['y'], withAttributes(int('to', 1))),
  ], expects: (facts) => expect(prefixAxis(facts)).toBe(-1) },
  'a running count that has not come far': { nodes: [node('Greater', ['x', 'zero'], ['o1']), node('Cast', ['o1'], ['c'], withAttributes(int('to', 1))), node('CumSum', ['c', 'oneI'], ['k']), node('LessOrEqual', ['k', 'one'], ['m']), node('Where', ['m', 'one', 'zero'], ['y'])], expects: (facts) => expect(prefixAxis(facts)).toBe(-2) },
  'one mark': { nodes: [node('ArgMax', ['x'], ['a'], withAttributes(int('axis', -1), int('keepdims', 0))), node('OneHot', ['a', 'depth', 'offOn'], ['y'])], expects: (facts) => expect(oneHotAxis(facts)).toBe(-1) },
  'the greatest of what may hold a NaN': { nodes: [node('Log', ['x'], ['l']), node('Hardmax', ['l'], ['y'], withAttributes(int('axis', -1)))], expects: (facts) => expect([isMask(facts), oneHotAxis(facts)]).toEqual([true, undefined]) },
  'the greatest of finite numbers': { given: [-1, 1], finite: true, nodes: [node('Hardmax', ['x'], ['y'], withAttributes(int('axis', -1)))], expects: (facts) => expect(oneHotAxis(facts)).toBe(-1) },
  'normalised pixels': { dims: ['n', 4, 'h', n], given: [0, 1], nodes: [node('Sub', ['x', 'mean'], ['a']), node('Div', ['a', 'std'], ['y'])], expects: ({ rows, finite }) => {
    expect(rows!.axis).toBe(-3);
    [[-2, 3], [-2, 2], [-2, 4 / 3], [-2.5, 2.5]].forEach(([l, h], i) => expect([rows!.low[i]!, rows!.high[i]!].map((x) => Math.round(x * 1e4) / 1e4)).toEqual([l, h].map((x) => Math.round(x! * 1e4) / 1e4)));
    // Nobody said that there is no NaN in it.
    expect(finite).toBe(undefined);
  } },
  'logarithms of a softmax': { given: [-1, 1], finite: true, nodes: [node('LogSoftmax', ['x'], ['y'], withAttributes(int('axis', -1)))], expects: (facts) => {
    expect(low(facts)).toBeCloseTo(-2 - Math.log(n), 3);
    expect(high(facts)).toBeCloseTo(0, 5);
    expect(facts.finite).toBe(true);
  } },
  'a transposed convolution': { dims: ['n', 4, 'h', n], given: [0, 1], nodes: [node('ConvTranspose', ['x', 'wt'], ['y'], withAttributes(ints('strides', [2, 1])))], expects: ({ rows }) => {
    // Places of the output that few windows reach have a part of the sum: each weight counts or does not.
    for (let channel = 0; channel < 2; channel++) {
      const own = Array.from({ length: 4 }, (_, i) => turned.slice((i * 2 + channel) * 4, (i * 2 + channel + 1) * 4)).flat();
      expect(rows!.high[channel]!).toBeCloseTo(own.filter((w) => w > 0).reduce((a, b) => a + b, 0), 4);
      expect(rows!.low[channel]!).toBeCloseTo(own.filter((w) => w < 0).reduce((a, b) => a + b, 0), 4);
    }
  } },
  'what is dequantised': { nodes: [{ opType: 'DynamicQuantizeLinear', input: ['x'], output: ['u', 'us', 'uz'], name: 'dynamic' }, node('DequantizeLinear', ['u', 'half'], ['y'])], expects: (facts) => {
    expect(low(facts)).toBe(0);
    expect(high(facts)).toBeCloseTo(127.5, 3);
  } },
  'inner products of unit vectors': { nodes: [...unit.slice(0, 2), node('Div', ['x', 'c'], ['u']), node('Neg', ['u'], ['v']), node('Mul', ['u', 'v'], ['p1']), node('ReduceSum', ['p1', 'last'], ['y'])], expects: (facts) => expect([low(facts), high(facts)].map((x) => Math.round(x * 1e4) / 1e4)).toEqual([-1, 1]) },
  'distances of unit vectors': { nodes: [...unit.slice(0, 2), node('Div', ['x', 'c'], ['u']), node('Neg', ['u'], ['v']), node('Sub', ['u', 'v'], ['d']), node('Mul', ['d', 'd'], ['s']), node('ReduceSum', ['s', 'last'], ['q1']), node('Sqrt', ['q1'], ['y'])], expects: (facts) => {
    expect(low(facts)).toBe(0);
    expect(high(facts)).toBeCloseTo(2, 4);
  } },
  'a mixture of probabilities': { nodes: [node('Softmax', ['x'], ['p1'], withAttributes(int('axis', -1))), node('Neg', ['x'], ['m']), node('Softmax', ['m'], ['q1'], withAttributes(int('axis', -1))), node('Add', ['p1', 'q1'], ['s']), node('Div', ['s', 'two'], ['h']), node('Sub', ['h', 'one'], ['k']), node('Sub', ['zero', 'k'], ['y'])], expects: ({ lines }) => {
    expect(lines).toMatchObject([{ kind: 'sum', axis: -1 }]);
    expect([lines[0]!.low, lines[0]!.high].map((x) => Math.round(x * 1e3) / 1e3)).toEqual([n - 1, n - 1]);
  } },
  'two softmaxes, blended by a gate for each vector': { nodes: [...twoSoftmaxes, node('ReduceMax', ['x'], ['k'], withAttributes(ints('axes', [-1]))), node('Sigmoid', ['k'], ['s']), node('Shape', ['x'], ['o1']), node('Expand', ['s', 'o1'], ['g']), ...blended], expects: (facts) => {
    expect(facts.lines).toMatchObject([{ kind: 'sum', axis: -1 }]);
    expect(Math.max(1 - facts.lines[0]!.low, facts.lines[0]!.high - 1)).toBeLessThan(1e-5);
    expect(high(facts)).toBeLessThan(1 + 2e-6);
  } },
  // The sum of [1, 0] and [0, 1], blended by [1, 0], is 2.
  'two softmaxes, blended by a gate for each element': { nodes: [...twoSoftmaxes, node('Sigmoid', ['x'], ['g']), ...blended], expects: ({ lines }) => expect(lines).toEqual([]) },
  'probabilities, cut off where rounding leads': { nodes: [...twoSoftmaxes.slice(0, 1), node('Add', ['p1', 'eps5'], ['a']), node('Clip', ['a', 'zero', 'one'], ['y'])], expects: ({ range, lines }) => {
    expect([range.low, range.high]).toEqual([expect.closeTo(0, 4), 1]);
    expect(lines).toMatchObject([{ kind: 'sum', axis: -1 }]);
    expect(lines[0]!.high).toBeLessThan(1 + 1e-3);
  } },
  'scores, cut off anywhere': { nodes: [node('Clip', ['x', 'zero', 'one'], ['y'])], expects: ({ lines }) => expect(lines).toEqual([]) },
  'a scaled unit vector': { nodes: [...unit.slice(0, 2), node('Div', ['x', 'c'], ['u']), node('Mul', ['three', 'u'], ['y'])], expects: ({ lines }) => expect(lines.map(({ kind, high: most }) => [kind, Math.round(most * 1e3) / 1e3])).toEqual([['norm', 3]]) },
  'shares of a sum': { nodes: [node('Abs', ['x'], ['a']), node('ReduceSum', ['a', 'last'], ['s']), node('Add', ['s', 'eps5'], ['b1']), node('Div', ['a', 'b1'], ['y'])], expects: ({ range, lines }) => {
    expect([range.low, range.high]).toEqual([0, 1]);
    expect(lines).toMatchObject([{ kind: 'sum', axis: -1, low: 0 }]);
  } },
  'a blend of what may be as large as it likes': { nodes: [node('Sigmoid', ['x'], ['g']), node('Relu', ['x'], ['a']), node('Cos', ['x'], ['b1']), node('Mul', ['a', 'g'], ['p1']), node('Sub', ['one', 'g'], ['h']), node('Mul', ['h', 'b1'], ['q1']), node('Add', ['p1', 'q1'], ['y'])], expects: (facts) => expect([low(facts), high(facts)]).toEqual([-Infinity, Infinity]) },
  'a blend by a gate': { nodes: [node('Sigmoid', ['x'], ['g']), node('Sin', ['x'], ['a']), node('Cos', ['x'], ['b1']), node('Mul', ['a', 'g'], ['p1']), node('Sub', ['one', 'g'], ['h']), node('Mul', ['h', 'b1'], ['q1']), node('Add', ['p1', 'q1'], ['y'])], expects: (facts) => expect([low(facts), high(facts)].map((x) => Math.round(x * 1e4) / 1e4)).toEqual([-1, 1]) },
  'the mean of what a comparison leaves': { nodes: [
    node('ReduceMax', ['x'], ['k'], withAttributes(ints('axes', [-1]), int('keepdims', 0))), node('Greater', ['k', 'zero'], ['t']), node('Cast', ['t'], ['m'], withAttributes(int('to', dataTypes.INT64))), node('Equal', ['m', 'oneI'], ['e']), node('Unsqueeze', ['e', 'last'], ['u']),
    node('Shape', ['x'], ['s']), node('Expand', ['u', 's'], ['w1']), node('Tanh', ['x'], ['a']), node('Where', ['w1', 'a', 'zero'], ['v']), node('ReduceSum', ['v', 'oneV'], ['f'], withAttributes(int('keepdims', 0))),
    node('Cast', ['m'], ['c'], withAttributes(int('to', 1))), node('ReduceSum', ['c', 'last'], ['o']), node('Max', ['o', 'one'], ['d']), node('Div', ['f', 'd'], ['y']),
  ], expects: (facts) => expect(Math.round(high(facts) * 10) / 10).toBe(1) },
  'cosines': { nodes: [...unit.slice(0, 2), node('Div', ['x', 'c'], ['u']), node('Transpose', ['u'], ['t'], withAttributes(ints('perm', [0, 2, 1]))), node('MatMul', ['u', 't'], ['y'])], expects: (facts) => expect(high(facts)).toBeLessThan(1.0001) },
};

function mean2(x: string, y: string): onnx.INodeProto {
  return node('ReduceMean', [x], [y], withAttributes(ints('axes', [1]), int('keepdims', 0)));
}

const integer = (name: string, dims: readonly number[], value: number) => ({ name, dims: [...dims], dataType: dataTypes.INT64, int64Data: [value] });
const integers = [integer('last', [1], -1), integer('zeroI', [], 0), integer('oneI', [], 1), integer('oneV', [1], 1), integer('sixV', [1], 6)];

/** Numbers of all sizes: ordinary ones, far from 0, tiny, huge, and rows of zeros. */
function numbers(count: number, kind: number): Float32Array {
  const scale = [1, 100, 1e-3, 1e-20, 1e15, 0][kind]!;
  const offset = kind === 1 ? 3 : 0;
  return Float32Array.from({ length: count }, () => (random() * 2 - 1) * scale + offset);
}

const encode = (nodes: readonly onnx.INodeProto[], dims: NonNullable<Case['dims']>): Uint8Array =>
  encodeModel({ input: [valueInfo('x', dims)], output: [{ name: 'y' }], initializer: [...constants, ...integers], node: [...nodes] }, { opsetImport: [{ domain: '', version: 17 }] });

describe('facts', () => {
  test.each(Object.entries(cases))('%s', async (_, { nodes, expects, given, finite, dims = ['n', 't', n] }) => {
    const bytes = encode(nodes, dims);
    const model = readBytes(bytes);
    const factsOf = tensorFacts(model, inferModel(model), { given: given ? new Map([['x', { range: { low: given[0], high: given[1] }, lines: [], ...(finite && { finite }) }]]) : new Map() });
    expects(factsOf('y').facts);
    let runs = 0;
    for (let kind = 0; kind < 6; kind++) {
      const shape = dims.map((dim, i) => (typeof dim === 'number' ? dim : 2 + i));
      const count = shape.reduce((a, b) => a * b, 1);
      const x = given ? Float32Array.from({ length: count }, () => given[0] + random() * (given[1] - given[0])) : numbers(count, kind);
      const observed = await observe(bytes, { x: new ort.Tensor('float32', x, shape) });
      const y = observed?.get('y');
      if (y === undefined) continue;
      runs++;
      expect(factContradictions(factsOf('y').facts, Array.from(y.data as ArrayLike<number>, Number), y.dims)).toEqual([]);
    }
    expect(runs).toBe(6);
  });

  /** A file may leave out whatever it likes; the fuzzing found a product of one. */
  test.each(Object.entries(cases))('%s, of a file in which a node has fewer inputs, or too many', (_, { nodes, dims = ['n', 't', n] }) => {
    for (const [index, { input = [] }] of nodes.entries())
      for (const other of [...input!.keys()].map((count) => input!.slice(0, count)).concat([[...input!, ...input!], input!.map(() => ''), input!.map((name, i) => (i === 0 ? '' : name))])) {
        const model = readBytes(encode(nodes.map((own, i) => (i === index ? { ...own, input: other } : own)), dims));
        const factsOf = tensorFacts(model, inferModel(model), { given: new Map() });
        for (const name of nodes.flatMap(({ output }) => output!)) expect(factsOf(name).facts.range.low).not.toBeNaN();
      }
  });
});
