/** Costs of small graphs, counted by hand. */
import { describe, expect, test } from 'vitest';
import { describeCosts } from '../../../src/ir/costs/describe.ts';
import { graphCosts } from '../../../src/ir/costs/index.ts';
import type { Node, Tensor } from '../../../src/ir/graph.ts';
import { graphOf, modelOf, node, numbers, weight, type Made } from './made.ts';

const costs = (made: Made) => describeCosts(graphCosts(modelOf(made)));

describe('multiply-adds', () => {
  const cases: readonly (readonly [string, NonNullable<Made['inputs']>, Node, readonly Tensor[], number | string])[] = [
    ['a matrix product: 4 rows of 3 sums of 2', { x: ['f32', 4, 2] }, node('MatMul', ['x', 'w'], ['y']), [weight('w', [2, 3])], 24],
    ['many of them', { x: ['f32', 'n', 'k', 4, 2], z: ['f32', 'n', 'k', 2, 3] }, node('MatMul', ['x', 'z'], ['y']), [], '24*k*n'],
    ['a vector on either side', { x: ['f32', 7], z: ['f32', 7] }, node('MatMul', ['x', 'z'], ['y']), [], 7],
    ['turned matrices', { x: ['f32', 2, 'n'] }, node('Gemm', ['x', 'w', 'b'], ['y'], { transA: 1, transB: 1 }), [weight('w', [3, 2]), weight('b', [3])], '6*n'],
    ['a convolution: 5 x 5 places, 8 filters of 3 x 3 x 3', { x: ['f32', 1, 3, 5, 5] }, node('Conv', ['x', 'w'], ['y'], { pads: [1, 1, 1, 1] }), [weight('w', [8, 3, 3, 3])], 5400],
    ['a convolution in groups: each channel has its own filter', { x: ['f32', 'n', 8, 5, 5] }, node('Conv', ['x', 'w'], ['y'], { group: 8, pads: [1, 1, 1, 1] }), [weight('w', [8, 1, 3, 3])], '1800*n'],
    ['strides', { x: ['f32', 1, 3, 8, 8] }, node('Conv', ['x', 'w'], ['y'], { strides: [2, 2], kernel_shape: [2, 2] }), [weight('w', [4, 3, 2, 2])], 16 * 4 * 12],
    ['a transposed convolution: each of 4 x 4 x 3 elements into 2 x 2 of 5 channels', { x: ['f32', 1, 3, 4, 4] }, node('ConvTranspose', ['x', 'w'], ['y'], { strides: [2, 2] }), [weight('w', [3, 5, 2, 2])], 960],
    ['a sum over a shared letter', { x: ['f32', 2, 3, 4], z: ['f32', 2, 4, 5] }, node('Einsum', ['x', 'z'], ['y'], { equation: 'bij,bjk->bik' }), [], 120],
    ['letters before dots', { x: ['f32', 'n', 2, 3], z: ['f32', 3, 5] }, node('Einsum', ['x', 'z'], ['y'], { equation: '...ij, jk -> ...ik' }), [], '30*n'],
    ['a trace', { x: ['f32', 4, 4] }, node('Einsum', ['x'], ['y'], { equation: 'ii->' }), [], 0],
    // 5 steps of 2 rows: 4 gates of 3, from 7 inputs and 3 states; twice for both directions.
    ['a recurrent layer', { x: ['f32', 5, 2, 7] }, node('LSTM', ['x', 'w', 'r'], ['y'], { hidden_size: 3, direction: 'bidirectional' }), [weight('w', [2, 12, 7]), weight('r', [2, 12, 3])], 5 * 2 * 2 * 12 * 10],
    ['whole numbers', { x: ['u8', 4, 2] }, node('MatMulInteger', ['x', 'w'], ['y']), [weight('w', [2, 3], 'i8')], 24],
    ['what adds, moves and maps', { x: ['f32', 4, 2] }, node('Softmax', ['x'], ['y']), [], 0],
  ];
  test.each(cases)('%s', (_, inputs, made, weights, macs) => {
    expect(costs({ inputs, nodes: [made], outputs: ['y'], weights }).macs).toBe(macs);
  });

  test('attention as one operator: scores and sums of 2 heads of 4, 3 queries, 5 keys', () => {
    const inputs = { q: ['f32', 1, 2, 3, 4], k: ['f32', 1, 2, 5, 4], v: ['f32', 1, 2, 5, 4] } as const;
    expect(describeCosts(graphCosts(modelOf({ inputs, nodes: [node('Attention', ['q', 'k', 'v'], ['y'])], outputs: ['y'] }, [], 23))).macs).toBe(2 * (2 * 3 * 5 * 4));
  });

  test('attention with packed weights: 6 x 18 weights for each of 5 places, then scores and sums', () => {
    const made = node('Attention', ['x', 'w', 'b'], ['y'], { num_heads: 2 }, 'com.microsoft');
    expect(costs({ inputs: { x: ['f32', 1, 5, 6] }, nodes: [made], outputs: ['y'], weights: [weight('w', [6, 18]), weight('b', [18])] }).macs).toBe(5 * 6 * 18 + 5 * 5 * 12);
  });

  test('the dearer branch, as often as a loop runs, and each call of a function', () => {
    const product = (inner: string, w: string) => graphOf({ outputs: [`${inner}.y`], nodes: [node('MatMul', ['x', w], [`${inner}.y`])] });
    const weights = [weight('w', [2, 3]), weight('v', [2, 5]), numbers('five', [5])];
    const inputs = { x: ['f32', 4, 2], c: ['bool'], n: ['i64'] } as const;
    const choice = node('If', ['c'], ['y'], { then_branch: product('a', 'w'), else_branch: product('b', 'v') });
    expect(costs({ inputs, outputs: ['y'], weights, nodes: [choice] }).macs).toBe(40);
    const body = graphOf({ inputs: { i: ['i64'], go: ['bool'] }, outputs: ['go', 'z'], nodes: [node('MatMul', ['x', 'w'], ['z'])] });
    expect(costs({ inputs, outputs: ['y'], weights, nodes: [node('Loop', ['five', ''], ['y'], { body })] }).macs).toBe(5 * 24);
    const endless = costs({ inputs, outputs: ['y'], weights, nodes: [node('Loop', ['n', ''], ['y'], { body })] });
    expect([endless.macs, endless.uncounted?.operators]).toEqual([0, ['Loop']]);
    const local = { domain: 'local', name: 'P', overload: '', opsets: new Map([['', 17]]), defaults: new Map(), graph: graphOf({ inputs: { a: ['f32'], b: ['f32'] }, outputs: ['o'], nodes: [node('MatMul', ['a', 'b'], ['o'])] }) };
    const calls = [node('P', ['x', 'w'], ['y1'], {}, 'local'), node('P', ['x', 'v'], ['y2'], {}, 'local')];
    expect(describeCosts(graphCosts(modelOf({ inputs, outputs: ['y1', 'y2'], weights, nodes: calls }, [local]))).macs).toBe(24 + 40);
  });

  test('of operators that nobody knows are not counted, and named', () => {
    const found = costs({ inputs: { x: ['f32', 4, 2] }, outputs: ['z'], weights: [weight('w', [2, 3])], nodes: [node('Secret', ['x'], ['y'], {}, 'acme'), node('MatMul', ['y', 'w'], ['z'])] });
    expect([found.macs, found.uncounted]).toEqual([0, { operators: ['acme.Secret', 'MatMul'], tensors: ['y', 'z'] }]);
  });
});

describe('parameters and bytes of weights', () => {
  const x = { x: ['f32', 4, 2] } as const;

  test('a weight that two nodes use counts once; numbers alone, indices and limits are none', () => {
    const found = costs({
      inputs: x,
      outputs: ['d', 'i'],
      weights: [weight('w', [2, 2]), weight('half', []), numbers('at', [0, 1]), weight('low', [1])],
      nodes: [node('MatMul', ['x', 'w'], ['a']), node('MatMul', ['a', 'w'], ['b']), node('Mul', ['b', 'half'], ['c']), node('Clip', ['c', 'low'], ['d']), node('Gather', ['x', 'at'], ['i'])],
    });
    expect([found.parameters, found.bytes]).toEqual([4, 4 * 4 + 4 + 2 * 8 + 4]);
  });

  test('constants of nodes, of branches and of functions count as initializers do', () => {
    const stored = node('Constant', [], ['w'], { value: weight('w', [2, 3]) });
    const branch = (name: string) => graphOf({ outputs: [`${name}.y`], weights: [weight(`${name}.w`, [2, 5])], nodes: [node('MatMul', ['x', `${name}.w`], [`${name}.y`])] });
    const found = costs({ inputs: { ...x, c: ['bool'] }, outputs: ['y', 'z'], nodes: [stored, node('MatMul', ['x', 'w'], ['y']), node('If', ['c'], ['z'], { then_branch: branch('a'), else_branch: branch('b') })] });
    expect([found.parameters, found.bytes]).toEqual([6 + 20, 4 * 26]);
  });

  test('of quantised weights the numbers count, not what they are read by', () => {
    const weights = [weight('q', [2, 3], 'i8'), weight('scale', [3]), weight('zero', [3], 'i8')];
    const found = costs({ inputs: x, outputs: ['y'], weights, nodes: [node('DequantizeLinear', ['q', 'scale', 'zero'], ['w'], { axis: 1 }), node('MatMul', ['x', 'w'], ['y'])] });
    expect([found.parameters, found.bytes, found.macs]).toEqual([6, 6 + 12 + 3, 24]);
  });

  test('a table of integers behind a Gather is one of weights', () => {
    const weights = [weight('q', [100, 8], 'u8'), weight('scale', []), weight('zero', [], 'u8')];
    const found = costs({ inputs: { ids: ['i64', 'n'] }, outputs: ['y'], weights, nodes: [node('Gather', ['q', 'ids'], ['g']), node('DequantizeLinear', ['g', 'scale', 'zero'], ['y'])] });
    expect(found.parameters).toBe(800);
  });

  test('weights of 4 bits are packed', () => {
    const weights = [weight('q', [6, 1, 16], 'u8'), weight('scales', [6])];
    const found = costs({ inputs: { x: ['f32', 'n', 32] }, outputs: ['y'], weights, nodes: [node('MatMulNBits', ['x', 'q', 'scales'], ['y'], { K: 32, N: 6, bits: 4, block_size: 32 }, 'com.microsoft')] });
    expect([found.parameters, found.bytes, found.macs]).toEqual([192, 96 + 24, '192*n']);
    const plain = costs({ inputs: {}, outputs: ['y'], weights: [weight('q', [5], 'i4'), weight('s', [])], nodes: [node('DequantizeLinear', ['q', 's'], ['y'])] });
    expect([plain.parameters, plain.bytes]).toEqual([5, 3 + 4]);
  });
});

describe('bytes of tensors at the worst moment', () => {
  test('what is used later stays, what is not goes; inputs stay, weights have none', () => {
    // x 32; a 64 beside it; b 64 beside both; then a goes, and y 8 comes: 32 + 64 + 64.
    const found = costs({
      inputs: { x: ['f32', 4, 2] },
      outputs: ['y'],
      weights: [weight('w', [2, 4])],
      nodes: [node('MatMul', ['x', 'w'], ['a']), node('Exp', ['a'], ['b']), node('ReduceMax', ['b'], ['y'], { axes: [0, 1], keepdims: 0 })],
    });
    expect(found.peak).toBe(160);
  });

  test('a tensor of which several nodes take waits for the last', () => {
    const nodes = [node('Exp', ['x'], ['a']), node('Exp', ['a'], ['b']), node('Exp', ['b'], ['c']), node('Add', ['a', 'c'], ['y'])];
    expect(costs({ inputs: { x: ['f32', 10] }, outputs: ['y'], nodes }).peak).toBe(4 * 40);
  });

  test('over sizes, with a maximum where either may be larger', () => {
    const nodes = [node('MatMul', ['x', 'z'], ['a']), node('ReduceSum', ['a'], ['s'], {}), node('MatMul', ['z', 'x'], ['b']), node('ReduceSum', ['b'], ['t']), node('Add', ['s', 't'], ['y'])];
    // Beside x and z of 8*n bytes each: a of 4*n*n with its sum; then b of 16 with its sum, and the first one.
    expect(costs({ inputs: { x: ['f32', 'n', 2], z: ['f32', 2, 'n'] }, outputs: ['y'], nodes }).peak).toBe('max(16*n + 24, 16*n + 4*n*n + 4)');
    const wide = [node('Expand', ['x', 'wide'], ['a']), node('ReduceMax', ['a'], ['s']), node('Expand', ['z', 'wide'], ['b']), node('ReduceMax', ['b'], ['t']), node('Add', ['s', 't'], ['y'])];
    const found = costs({ inputs: { x: ['f32', 'n', 1], z: ['f32', 'm', 1] }, outputs: ['y'], weights: [numbers('wide', [1, 100])], nodes: wide });
    expect(found.peak).toBe('max(4*m + 404*n + 4, 404*m + 4*n + 8)');
  });

  test('strings are named, for nobody knows their length', () => {
    expect(costs({ inputs: { x: ['string', 'n'] }, outputs: ['y'], nodes: [node('Identity', ['x'], ['y'])] })).toMatchObject({ peak: 0, uncounted: { tensors: ['x'] } });
  });

  test('graphs of sizes that have nothing to do with each other are not summed', () => {
    const many = Array.from({ length: 300 }, (_, i) => `x${i}`);
    const inputs = Object.fromEntries(many.map((name, i) => [name, ['f32', `n${i}`, 2] as const]));
    const found = costs({ inputs, outputs: many.map((name) => `${name}.y`), weights: [weight('w', [2, 2])], nodes: many.map((name) => node('MatMul', [name, 'w'], [`${name}.y`])) });
    expect([found.macs, found.peak]).toEqual([null, null]);
  });
});
