/** The derivative of each operator against differences of what ONNX Runtime computes. */
import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../../src/data/random.ts';
import { seed } from '../../seed.ts';
import { discrepancy, draw, programOf, tolerance, type Attributes, type Operand, type Single } from './differences.ts';

type Draw = (random: Random) => Single;

const signs = (random: Random): number => (random.uniform() < 0.5 ? -1 : 1);
/** Away from 0, where some functions have a corner. */
const awayFromZero = (random: Random) => (): number => signs(random) * (0.3 + random.uniform());
const positive = (random: Random) => (): number => 0.5 + random.uniform();
const normal = (random: Random) => (): number => random.normal();
const sizes = (random: Random, rank: number): number[] => Array.from({ length: rank }, () => 1 + random.integer(3));

const unary = (op: string, { value = normal, attributes, ...rest }: { readonly value?: (random: Random) => () => number; readonly attributes?: Attributes; readonly precision?: 'f32'; readonly opset?: number } = {}): [string, Draw] => [
  op + (attributes === undefined ? '' : ` ${JSON.stringify(attributes)}`),
  (random) => ({ op, operands: [draw(sizes(random, 1 + random.integer(3)), value(random))], ...(attributes === undefined ? {} : { attributes }), ...rest }),
];

/** Shapes that broadcast to one another: axes of size 1, and missing ones at the front. */
function broadcast(random: Random): [readonly number[], readonly number[]] {
  const whole = sizes(random, 1 + random.integer(3));
  const less = (): number[] => whole.map((size) => (random.uniform() < 0.3 ? 1 : size)).slice(random.uniform() < 0.3 ? 1 : 0);
  return random.uniform() < 0.5 ? [whole, less()] : [less(), whole];
}

const binary = (op: string, first = normal, second = first): [string, Draw] => [
  op,
  (random) => {
    const [a, b] = broadcast(random);
    return { op, operands: [draw(a, first(random)), draw(b, second(random))] };
  },
];

/** Numbers none of which is near another: so that the greatest stays the greatest. */
const apart = (dims: readonly number[], random: Random, from = 0): Operand => {
  const all = Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => (from + i) * 0.3);
  return { dims, data: all.map((value) => [random.uniform(), value] as const).sort(([a], [b]) => a - b).map(([, value]) => value) };
};

const matmul = (left: (r: Random) => [readonly number[], readonly number[]]): Draw => (random) => {
  const [a, b] = left(random);
  return { op: 'MatMul', operands: [draw(a, normal(random)), draw(b, normal(random))] };
};

const reduce = (op: string, opset: number, value = awayFromZero): [string, Draw] => [
  `${op} at ${opset}`,
  (random) => {
    const dims = sizes(random, 2 + random.integer(2));
    const axes = dims.map((_, axis) => axis).filter(() => random.uniform() < 0.5).map((axis) => (random.uniform() < 0.5 ? axis : axis - dims.length));
    const keepdims = random.integer(2);
    const operand = op === 'ReduceMax' || op === 'ReduceMin' ? apart(dims, random) : draw(dims, value(random));
    const asInput = opset >= (op === 'ReduceSum' ? 13 : 18);
    if (axes.length === 0) return { op, operands: [operand], attributes: { keepdims }, opset };
    return { op, operands: [operand], opset, attributes: { keepdims, ...(asInput ? {} : { axes }) }, ...(asInput ? { constants: [{ dims: [axes.length], data: axes }] } : {}) };
  },
];

const ints = (...data: number[]): Operand => ({ dims: [data.length], data });

const cases: readonly [string, Draw][] = [
  unary('Identity'),
  unary('Neg'),
  unary('Abs', { value: awayFromZero }),
  unary('Exp'),
  unary('Log', { value: positive }),
  unary('Sqrt', { value: positive }),
  unary('Reciprocal', { value: positive }),
  unary('Relu', { value: awayFromZero }),
  unary('LeakyRelu', { value: awayFromZero, attributes: { alpha: '0.2' }, precision: 'f32' }),
  unary('Sigmoid'),
  unary('HardSigmoid', { value: (random) => () => 2 * random.uniform() - 1, attributes: { alpha: '0.25', beta: '0.5' }, precision: 'f32' }),
  unary('Tanh'),
  unary('Erf', { precision: 'f32' }),
  unary('Softplus', { precision: 'f32' }),
  unary('Softsign', { value: awayFromZero, precision: 'f32' }),
  unary('Gelu', { attributes: { approximate: 'none' }, precision: 'f32', opset: 20 }),
  unary('Gelu', { attributes: { approximate: 'tanh' }, precision: 'f32', opset: 20 }),
  unary('Cast', { attributes: { to: 1 }, value: (random) => () => random.integer(7), precision: 'f32' }),
  ['Clip', (random) => ({ op: 'Clip', operands: [apart([2, 5], random, -4.5), { dims: [], data: [-0.61] }, { dims: [], data: [0.61] }] })],
  binary('Add'),
  binary('Sub'),
  binary('Mul'),
  binary('Div', normal, awayFromZero),
  binary('Pow', positive, normal),
  ['Max', (random) => ({ op: 'Max', operands: [apart([2, 3], random), apart([3], random, 0.5)] })],
  ['Min', (random) => ({ op: 'Min', operands: [apart([3], random), apart([2, 3], random, 0.5)] })],
  ['MatMul of matrices', matmul(() => [[3, 4], [4, 2]])],
  ['MatMul of vectors', matmul((r) => [[[4], [4]], [[4], [4, 3]], [[3, 4], [4]], [[2, 3, 4], [4]], [[4], [2, 4, 3]]][r.integer(5)] as [number[], number[]])],
  ['MatMul of stacks', matmul((r) => [[[2, 3, 4], [4, 2]], [[2, 3, 4], [2, 4, 2]], [[2, 1, 3, 4], [3, 4, 2]], [[3, 4], [2, 4, 2]], [[2, 2, 3, 4], [4, 2]]][r.integer(5)] as [number[], number[]])],
  ['Gemm', (random) => {
    const [transA, transB] = [random.integer(2), random.integer(2)];
    const turn = (dims: number[], turned: number): number[] => (turned === 1 ? dims.toReversed() : dims);
    const c = [[3, 2], [2], [1], [3, 1]][random.integer(4)]!;
    return { op: 'Gemm', operands: [draw(turn([3, 4], transA), normal(random)), draw(turn([4, 2], transB), normal(random)), draw(c, normal(random))], attributes: { transA, transB, alpha: '0.5', beta: '2.0' }, precision: 'f32' };
  }],
  ...[-1, 0, 1].flatMap((axis): [string, Draw][] => ['Softmax', 'LogSoftmax'].map((op) => [`${op} along ${axis}`, (random) => ({ op, operands: [draw([2, 3, 2], normal(random))], attributes: { axis } })])),
  ...['Softmax', 'LogSoftmax'].map((op): [string, Draw] => [`${op} before opset 13`, (random) => ({ op, operands: [draw([2, 3, 2], normal(random))], attributes: { axis: 1 }, opset: 11 })]),
  ...[1, 2].map((p): [string, Draw] => [`LpNormalization ${p}`, (random) => ({ op: 'LpNormalization', operands: [draw([3, 4], awayFromZero(random))], attributes: { p, axis: random.integer(2) } })]),
  ...[-1, 1].map((axis): [string, Draw] => [`LayerNormalization from ${axis}`, (random) => {
    const last = axis === -1 ? [3] : [4, 3];
    return { op: 'LayerNormalization', operands: [draw([2, 4, 3], normal(random)), draw(last, normal(random)), draw(last, normal(random))], attributes: { axis, epsilon: '0.01' }, precision: axis === -1 ? 'f64' : 'f32' };
  }]),
  ['CumSum', (random) => ({ op: 'CumSum', operands: [draw([2, 3], normal(random))], constants: [{ dims: [], data: [random.integer(2)] }], attributes: { exclusive: random.integer(2), reverse: random.integer(2) } })],
  ...['ReduceSum', 'ReduceMean', 'ReduceL2', 'ReduceL1', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMin'].flatMap((op) => [reduce(op, 11), reduce(op, 18)]),
  ['Transpose', (random) => ({ op: 'Transpose', operands: [draw([2, 3, 4], normal(random))], attributes: { perm: [[0, 2, 1], [2, 0, 1], [1, 2, 0]][random.integer(3)]! } })],
  ['Transpose without an order', (random) => ({ op: 'Transpose', operands: [draw([2, 3, 4], normal(random))] })],
  ['Reshape', (random) => ({ op: 'Reshape', operands: [draw([2, 3, 4], normal(random))], constants: [ints(0, -1)] })],
  ['Flatten', (random) => ({ op: 'Flatten', operands: [draw([2, 3, 4], normal(random))], attributes: { axis: 2 } })],
  ['Squeeze', (random) => ({ op: 'Squeeze', operands: [draw([2, 1, 3], normal(random))], constants: [ints(1)] })],
  ['Unsqueeze', (random) => ({ op: 'Unsqueeze', operands: [draw([2, 3], normal(random))], constants: [ints(1, -1)] })],
  ['Concat', (random) => ({ op: 'Concat', operands: [draw([2, 3], normal(random)), draw([2, 1], normal(random)), draw([2, 2], normal(random))], attributes: { axis: -1 } })],
  ['Slice', (random) => ({ op: 'Slice', operands: [draw([3, 5], normal(random))], constants: [ints(1, -4), ints(9, -1), ints(0, -1)] })],
  ['Slice before opset 10', (random) => ({ op: 'Slice', operands: [draw([3, 5], normal(random))], attributes: { starts: [1], ends: [4], axes: [1] }, opset: 9, precision: 'f32' })],
  ['Pad', (random) => ({ op: 'Pad', operands: [draw([2, 3], normal(random))], constants: [ints(1, 0, 0, 2)] })],
  ...['reflect', 'edge'].map((mode): [string, Draw] => [`Pad ${mode}`, (random) => ({ op: 'Pad', operands: [draw([2, 3, 4], normal(random))], constants: [ints(1, 0, random.integer(3), 0, random.integer(3), 3)], attributes: { mode }, precision: 'f32' })]),
  ['Expand', (random) => ({ op: 'Expand', operands: [draw([3, 1], normal(random))], constants: [ints(2, 3, 4)] })],
  ['Tile', (random) => ({ op: 'Tile', operands: [draw([2, 3], normal(random))], constants: [ints(3, 2)] })],
  ['Gather', (random) => ({ op: 'Gather', operands: [draw([3, 4, 2], normal(random))], constants: [{ dims: [2, 2], data: [1, 0, 1, 2] }], attributes: { axis: random.integer(2) }, precision: 'f32' })],
  ['Conv', (random) => {
    const group = 1 + random.integer(2);
    const [strides, dilations] = [[1 + random.integer(2), 1 + random.integer(2)], [1 + random.integer(2), 1]];
    return { op: 'Conv', operands: [draw([2, 2 * group, 6, 5], normal(random)), draw([2 * group, 2, 2, 3], normal(random)), draw([2 * group], normal(random))], attributes: { group, strides, dilations, pads: [1, 0, 1, 2] }, precision: 'f32' };
  }],
  ['Conv along one axis', (random) => ({ op: 'Conv', operands: [draw([2, 3, 6], normal(random)), draw([2, 3, 3], normal(random))], attributes: { pads: [1, 1], strides: [2] }, precision: 'f32' })],
  ['AveragePool', (random) => {
    const strides = [1 + random.integer(2), 1 + random.integer(2)];
    return { op: 'AveragePool', operands: [draw([2, 3, 6, 5], normal(random))], attributes: { kernel_shape: [2, 3], strides, ...(random.integer(2) === 1 ? { pads: [1, 0, 1, 2], count_include_pad: 1 } : {}) }, precision: 'f32' };
  }],
  ['GlobalMaxPool', (random) => ({ op: 'GlobalMaxPool', operands: [apart([2, 2, 3, 2], random)], precision: 'f32' })],
  ['AveragePool of what lies inside', (random) => ({ op: 'AveragePool', operands: [draw([2, 3, 6, 5], normal(random))], attributes: { kernel_shape: [3, 2], strides: [1 + random.integer(2), 2], ...(random.integer(2) === 1 ? { pads: [1, 1, 2, 0] } : { auto_pad: 'SAME_LOWER' }) }, precision: 'f32' })],
  ...['VALID', 'SAME_UPPER', 'SAME_LOWER'].map((auto_pad): [string, Draw] => [`Conv ${auto_pad}`, (random) => ({ op: 'Conv', operands: [draw([2, 2, 6, 5], normal(random)), draw([3, 2, 2, 3], normal(random))], attributes: { auto_pad, strides: [1 + random.integer(2), 2] }, precision: 'f32' })]),
  ...[[1, 1], [2, 1], [3, 2]].map((strides): [string, Draw] => [`MaxPool by ${strides}`, (random) => ({ op: 'MaxPool', operands: [apart([2, 2, 6, 5], random)], attributes: { kernel_shape: [3, 2], strides, ...(random.integer(2) === 1 ? { pads: [1, 0, 1, 1], ceil_mode: 1 } : { auto_pad: 'SAME_UPPER' }) }, precision: 'f32' })]),
  ['MaxPool along one axis', (random) => ({ op: 'MaxPool', operands: [apart([2, 3, 7], random)], attributes: { kernel_shape: [3], dilations: [2] }, precision: 'f32' })],
  ...[11, 17].map((opset): [string, Draw] => [`TopK at ${opset}`, (random) => ({ op: 'TopK', operands: [apart([3, 4, 2], random)], constants: [ints(2)], attributes: { axis: [1, -2, 0][random.integer(3)]!, largest: random.integer(2) }, opset, results: 2 })]),
  ...[['nearest', 'asymmetric'], ['nearest', 'half_pixel'], ['linear', 'half_pixel'], ['linear', 'align_corners'], ['linear', 'pytorch_half_pixel'], ['cubic', 'half_pixel']].map(([mode, coordinates]): [string, Draw] => [`Resize ${mode} ${coordinates}`, (random) => ({ op: 'Resize', operands: [draw([1, 2, 3, 4], normal(random))], inputs: ['x0', '', '', 'c0'], constants: [ints(1, 2, [5, 2, 3][random.integer(3)]!, 7)], attributes: { mode: mode!, coordinate_transformation_mode: coordinates!, ...(mode === 'nearest' ? { nearest_mode: 'floor' } : {}) }, precision: 'f32' })]),
  ['Resize of one axis', (random) => ({ op: 'Resize', operands: [draw([2, 5], normal(random))], inputs: ['x0', '', '', 'c0'], constants: [ints(2, 3)], attributes: { mode: 'linear' }, precision: 'f32' })],
  ['CenterCropPad', (random) => ({ op: 'CenterCropPad', operands: [draw([2, 5, 4], normal(random))], constants: [ints(1 + random.integer(8), 1 + random.integer(8))], attributes: { axes: [1, 2] }, opset: 18 })],
  ...[[2, 2], [-1, -2], [3, -1], [1, 2]].map((steps): [string, Draw] => [`Slice in steps of ${steps}`, (random) => ({ op: 'Slice', operands: [draw([5, 3, 7], normal(random))], constants: [ints(...steps.map((step) => (step > 0 ? random.integer(3) : [-1, -2, 9][random.integer(3)]!))), ints(...steps.map((step) => (step > 0 ? 7 : [-99, 0][random.integer(2)]!))), ints(0, 2), ints(...steps)] })]),
  ['CastLike', (random) => ({ op: 'CastLike', operands: [draw([2, 3], normal(random)), draw([1], normal(random))] })],
  ['Sum', (random) => ({ op: 'Sum', operands: [draw([2, 3], normal(random)), draw([3], normal(random)), draw([2, 1], normal(random))] })],
  ['Swish', (random) => ({ op: 'Swish', operands: [draw([2, 3], normal(random))], attributes: { alpha: '1.5' }, precision: 'f32', opset: 24 })],
  ['RMSNormalization', (random) => ({ op: 'RMSNormalization', operands: [draw([2, 4, 3], normal(random)), draw([3], normal(random))], attributes: { axis: -1, epsilon: '0.01' }, precision: 'f32', opset: 23 })],
  ['GlobalAveragePool', (random) => ({ op: 'GlobalAveragePool', operands: [draw([2, 3, 2, 2], normal(random))], precision: 'f32' })],
];

describe('derivatives are those by differences', () => {
  test.each(cases)('%s', async (name, make) => {
    const random = createRandom(seed + name.length);
    for (let round = 0; round < 3; round++) {
      const single = make(random);
      const found = await discrepancy(programOf(single), single.operands, random);
      expect(found, JSON.stringify(single)).toBeLessThan(tolerance[single.precision ?? 'f64']);
    }
  });
});
