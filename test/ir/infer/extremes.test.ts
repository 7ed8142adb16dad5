/** What is said of values where arithmetic is at its ends: infinities, NaN, what overflows, vanishes or wraps around. Each on ONNX Runtime. */
import type { onnx } from 'onnx-proto';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { attributeTypes, dataTypes, encodeModel, node, readBytes, valueInfo } from '../../onnx/models.ts';
import { compare } from './observed.ts';
import { observe } from './random/graphs.ts';

const { INT, INTS, FLOAT, STRING } = attributeTypes;
const { DOUBLE, FLOAT16, BFLOAT16, INT32, INT64, UINT8, INT8, BOOL } = dataTypes;

type Feed = readonly [type: 'float32' | 'int64' | 'int32' | 'uint8' | 'bool' | 'float64', dims: readonly number[], values: readonly number[], open?: readonly string[]];
type Step = readonly [op: string, inputs: readonly string[], output: string, attributes?: Readonly<Record<string, unknown>>];
interface Case {
  readonly feeds: Readonly<Record<string, Feed>>;
  readonly steps: readonly Step[];
  readonly constants?: Readonly<Record<string, Feed>>;
  readonly opset?: number;
}

const [inf, most, tiny] = [Infinity, 3.4028234663852886e38, 2 ** -149];
const f = (...values: number[]): Feed => ['float32', [values.length], values];
const row = (...values: number[]): Feed => ['float32', [1, values.length], values];
const i32 = (...values: number[]): Feed => ['int32', [values.length], values];
const i64 = (...values: number[]): Feed => ['int64', [values.length], values];
const u8 = (...values: number[]): Feed => ['uint8', [values.length], values];
const scalar = (value: number): Feed => ['float32', [], [value]];
/** The same with names for its sizes. */
const open = ([type, dims, values]: Feed): Feed => [type, dims, values, dims.map((_, i) => `s${i}`)];
const cast = (x: string, to: number, y = 'y'): Step => ['Cast', [x], y, { to }];

const cases: Readonly<Record<string, Case>> = {
  'infinity less infinity': { feeds: { x: f(inf, -inf, 1) }, steps: [['Sub', ['x', 'x'], 'y']] },
  'infinity less another': { feeds: { x: f(inf, 1, 1), z: f(inf, 1, inf) }, steps: [['Sub', ['x', 'z'], 'y'], ['Clip', ['y', 'low', 'high'], 'w']], constants: { low: scalar(0), high: scalar(1) } },
  '0 times infinity': { feeds: { x: f(0, 0, 1), z: f(inf, 1, 2) }, steps: [['Mul', ['x', 'z'], 'y'], ['Relu', ['y'], 'w'], ['Exp', ['y'], 'e'], ['Sigmoid', ['y'], 's'], ['Tanh', ['y'], 't'], ['Erf', ['y'], 'r']] },
  'products that overflow': { feeds: { x: f(1e30, -1e30, 1) }, steps: [['Mul', ['x', 'x'], 'y'], ['Sub', ['y', 'y'], 'z']] },
  'half precision that overflows': { feeds: { x: f(65504, 65519, 65520, -1) }, steps: [cast('x', FLOAT16, 'h'), ['Add', ['h', 'h'], 'a'], cast('a', dataTypes.FLOAT), cast('h', dataTypes.FLOAT, 'z')] },
  'bfloat16': { feeds: { x: f(1.00390625, 3.3961775292304601e38, most, -1.0039) }, steps: [cast('x', BFLOAT16, '_h'), cast('_h', dataTypes.FLOAT)] },
  'products that vanish': { feeds: { x: f(1e-30, -1e-30, tiny) }, steps: [['Mul', ['x', 'x'], 'y'], ['Mul', ['x', 'half'], 'z']], constants: { half: scalar(0.5) } },
  'quotients by what nearly vanishes': { feeds: { x: f(1, 2), z: f(tiny, 1e-40) }, steps: [['Div', ['x', 'z'], 'y'], ['Reciprocal', ['z'], 'r']] },
  'quotients by zeros of either sign': { feeds: { x: f(1, 2, 0), z: f(0, -0, -0) }, steps: [['Div', ['x', 'z'], 'y'], ['Reciprocal', ['z'], 'r'], ['Clip', ['y', 'low', 'high'], 'w']], constants: { low: scalar(0), high: scalar(1) } },
  'integers that wrap around': { feeds: { x: i32(2 ** 31 - 1, 1, 5), z: i32(1, 1, 1) }, steps: [['Add', ['x', 'z'], 'a'], ['Mul', ['x', 'x'], 'm'], ['Sub', ['z', 'x'], 's'], ['Neg', ['x'], 'n'], ['Abs', ['n'], 'b']] },
  'the least integer': { feeds: { x: i32(-(2 ** 31), -1) }, steps: [['Neg', ['x'], 'n'], ['Abs', ['x'], 'a']] },
  'bytes that wrap around': { feeds: { x: u8(0, 255), z: u8(1, 1) }, steps: [['Sub', ['x', 'z'], 's'], ['Add', ['x', 'z'], 'a'], ['Mul', ['x', 'x'], 'm']] },
  'sums of integers that wrap around': { feeds: { x: ['int32', [1, 2], [2 ** 31 - 1, 1]] }, steps: [['ReduceSum', ['x', 'axis'], 's'], ['ReduceMean', ['x'], 'm', { axes: [1] }], ['ReduceL1', ['x'], 'l', { axes: [1] }], ['ReduceSumSquare', ['x'], 'q', { axes: [1] }]], constants: { axis: i64(1) }, opset: 13 },
  'sums of integers, of an open size': { feeds: { x: open(i32(2 ** 31 - 1, 1)) }, steps: [['ReduceSum', ['x', 'axis'], 's'], ['ReduceMean', ['x'], 'm', { axes: [0] }], ['ReduceL1', ['x'], 'l', { axes: [0] }], ['ReduceSumSquare', ['x'], 'q', { axes: [0] }], ['ReduceL2', ['x'], 'r', { axes: [0] }]], constants: { axis: i64(0) }, opset: 13 },
  'sums of long integers, of an open size': { feeds: { x: open(i64(2 ** 62, 2 ** 62, 2 ** 62)) }, steps: [['ReduceSum', ['x', 'axis'], 's'], ['ReduceMean', ['x'], 'm', { axes: [0] }], ['ReduceL1', ['x'], 'l', { axes: [0] }], ['ReduceSumSquare', ['x'], 'q', { axes: [0] }]], constants: { axis: i64(0) }, opset: 13 },
  'running sums of integers': { feeds: { x: i32(2 ** 31 - 1, 1, 1) }, steps: [['CumSum', ['x', 'axis'], 's'], ['LessOrEqual', ['s', 'n'], 'm']], constants: { axis: ['int64', [], [0]], n: ['int32', [], [5]] } },
  'running sums': { feeds: { x: f(most, most, 1) }, steps: [['CumSum', ['x', 'axis'], 's']], constants: { axis: ['int64', [], [0]] } },
  'casts of what is no integer': { feeds: { x: f(NaN, 1.5, 2) }, steps: [cast('x', INT32), cast('x', UINT8, 'u'), cast('x', BOOL, 'b'), cast('x', INT64, 'l')] },
  'casts beyond the ends': { feeds: { x: f(-1, 256, 3e9, -3e9) }, steps: [cast('x', INT32), cast('x', UINT8, 'u'), cast('x', INT8, 'i'), cast('x', INT64, 'l')] },
  'casts towards 0': { feeds: { x: f(-0.5, 0.5, 255.9) }, steps: [cast('x', UINT8), cast('x', INT32, 'i')] },
  'casts to fewer bits': { feeds: { x: i64(2 ** 31, -1, 300) }, steps: [cast('x', INT32), cast('x', UINT8, 'u'), cast('x', dataTypes.FLOAT, 'f')] },
  'casts to fewer digits': { feeds: { x: ['float64', [3], [1e300, 1.0000000001, 16777217]] }, steps: [cast('x', dataTypes.FLOAT), cast('x', DOUBLE, 'd')] },
  'whole numbers past single precision': { feeds: { x: i64(16777217, 2 ** 53 - 1) }, steps: [cast('x', dataTypes.FLOAT), ['Add', ['y', 'y'], 'z']] },
  'powers of negative numbers': { feeds: { x: f(-2, 0, 3) }, steps: ['e1', 'e2', 'e3', 'e4', 'e5'].map((e): Step => ['Pow', ['x', e], `y${e}`]), constants: { e1: scalar(0.5), e2: scalar(-1), e3: scalar(2), e4: scalar(3), e5: scalar(0) } },
  'powers of NaN and infinity': { feeds: { x: f(NaN, inf, 0) }, steps: ['e1', 'e2', 'e3'].map((e): Step => ['Pow', ['x', e], `y${e}`]), constants: { e1: scalar(0.5), e2: scalar(0), e3: scalar(2) } },
  'powers of whole numbers': { feeds: { x: i32(65536, 3) }, steps: [['Pow', ['x', 'two'], 'y'], ['Pow', ['x', 'half'], 'z']], constants: { two: scalar(2), half: scalar(0.5) } },
  'remainders of either sign': { feeds: { x: f(-5, 5, 5.5), z: f(3, -3, 3) }, steps: [['Mod', ['x', 'z'], 'y', { fmod: 1 }]] },
  'remainders of integers': { feeds: { x: i64(-5, 5), z: i64(3, -3) }, steps: [['Mod', ['x', 'z'], 'y'], ['Mod', ['x', 'z'], 'w', { fmod: 1 }]] },
  'a cut whose ends are crossed': { feeds: { x: f(-5, 0.5, 5) }, steps: [['Clip', ['x', 'low', 'high'], 'y']], constants: { low: scalar(2), high: scalar(1) } },
  'a cut whose ends are computed': { feeds: { x: f(0, 1), a: scalar(-5), b: scalar(5) }, steps: [['Min', ['a', 'b'], 'low'], ['Clip', ['x', '', 'low'], 'y'], ['Max', ['a', 'b'], 'high'], ['Clip', ['x', 'high', ''], 'z']] },
  'a cut whose end is an input': { feeds: { x: f(0, 1), a: ['float32', [], [-5], []] }, steps: [['Where', ['t', 'a', 'five'], 'e'], ['Clip', ['x', '', 'e'], 'y'], ['Where', ['t', 'five', 'a'], 'g'], ['Clip', ['x', 'g', ''], 'z']], constants: { five: scalar(5), t: ['bool', [], [1]] } },
  'a cut without ends': { feeds: { x: f(-inf, -inf) }, steps: [['Clip', ['x'], 'y']] },
  'a cut of infinity without ends': { feeds: { x: f(inf, inf) }, steps: [['Clip', ['x'], 'y'], ['Clip', ['x', 'low'], 'z']], constants: { low: scalar(0) } },
  'a cut of NaN': { feeds: { x: f(NaN, 0.4) }, steps: [['Clip', ['x', 'low', 'high'], 'y'], ['Relu', ['x'], 'r'], ['Max', ['x', 'high'], 'm'], ['Min', ['x', 'low'], 'n']], constants: { low: scalar(0), high: scalar(1) } },
  'extremes of NaN': { feeds: { x: f(NaN, 5, 7), z: f(0, 0, 0) }, steps: [['Max', ['x', 'z'], 'a'], ['Max', ['z', 'x'], 'b'], ['Min', ['x', 'z'], 'c'], ['Min', ['z', 'x'], 'd'], ['ReduceMax', ['x'], 'e'], ['ReduceMin', ['x'], 'g'], ['Sign', ['x'], 's']], opset: 13 },
  'functions of NaN': { feeds: { x: f(NaN, 0.5, 0.25) }, steps: ['Exp', 'Log', 'Sqrt', 'Abs', 'Softplus', 'Sigmoid', 'HardSigmoid', 'Tanh', 'Erf', 'Floor', 'Ceil', 'Round', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'HardSwish', 'Softsign', 'Atan', 'Mish', 'ThresholdedRelu', 'Sin', 'Acos'].map((op): Step => [op, ['x'], `y${op}`]), opset: 18 },
  'functions of infinities': { feeds: { x: f(inf, -inf, 0) }, steps: ['Exp', 'Log', 'Sqrt', 'Abs', 'Softplus', 'Sigmoid', 'HardSigmoid', 'Tanh', 'Erf', 'Floor', 'Round', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'HardSwish', 'Softsign', 'Atan', 'Mish', 'Sin', 'Gelu', 'Relu', 'Reciprocal'].map((op): Step => [op, ['x'], `y${op}`]), opset: 20 },
  'functions of large numbers': { feeds: { x: f(most, -most, 100, -100) }, steps: ['Exp', 'Softplus', 'Sigmoid', 'Tanh', 'Erf', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'HardSwish', 'Softsign', 'Atan', 'Mish', 'Sin', 'Cos', 'Gelu', 'Relu', 'Reciprocal'].map((op): Step => [op, ['x'], `y${op}`]), opset: 20 },
  'functions of small numbers': { feeds: { x: f(tiny, -tiny, 1e-38, -0) }, steps: ['Exp', 'Softplus', 'Sigmoid', 'Tanh', 'Erf', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'HardSwish', 'Softsign', 'Atan', 'Mish', 'Sin', 'Gelu', 'Relu', 'Reciprocal', 'Sqrt', 'Floor', 'Ceil', 'Sign'].map((op): Step => [op, ['x'], `y${op}`]), opset: 20 },
  'activations, past their least': { feeds: { x: f(...Array.from({ length: 400 }, (_, i) => -2 + i / 200), 3, 17.3, 1e5) }, steps: [['Gelu', ['x'], 'g'], ['Gelu', ['x'], 't', { approximate: 'tanh' }], ['Mish', ['x'], 'm'], ['HardSwish', ['x'], 'h'], ['Sigmoid', ['x'], 's'], ['Mul', ['x', 's'], 'y']], opset: 20 },
  'activations in half precision': { feeds: { x: f(...Array.from({ length: 400 }, (_, i) => -2 + i / 200)) }, steps: [cast('x', FLOAT16, 'h'), ['Sigmoid', ['h'], 's'], ['Mul', ['h', 's'], 'y'], cast('y', dataTypes.FLOAT, 'z'), ['Gelu', ['h'], 'g'], cast('g', dataTypes.FLOAT, 'k'), ['HardSwish', ['h'], 'w'], cast('w', dataTypes.FLOAT, 'v'), ['Mish', ['h'], 'i'], cast('i', dataTypes.FLOAT, 'j')], opset: 22 },
  'a softmax of infinities': { feeds: { x: ['float32', [3, 2], [-inf, -inf, inf, 1, -inf, 0]] }, steps: [['Softmax', ['x'], 'y'], ['LogSoftmax', ['x'], 'z'], ['Hardmax', ['x'], 'h']], opset: 13 },
  'a softmax of what is far apart': { feeds: { x: ['float32', [2, 2], [most, -most, 1e30, 0]] }, steps: [['Softmax', ['x'], 'y'], ['LogSoftmax', ['x'], 'z'], ['Hardmax', ['x'], 'h']], opset: 13 },
  'one number alone': { feeds: { x: ['float32', [2, 1], [5, -inf]] }, steps: [['Softmax', ['x'], 'y'], ['LogSoftmax', ['x'], 'z'], ['ReduceLogSumExp', ['x'], 'l', { axes: [1] }]], opset: 13 },
  'logarithms of sums': { feeds: { x: row(100, -100, 89) }, steps: [['ReduceLogSumExp', ['x'], 'l', { axes: [1] }], ['Exp', ['x'], 'e'], ['ReduceSum', ['e', 'axis'], 's'], ['Log', ['s'], 'y'], ['ReduceLogSum', ['e'], 'g', { axes: [1] }]], constants: { axis: i64(1) }, opset: 13 },
  'means that overflow on the way': { feeds: { x: ['float32', [1, 1, 1, 3], [2e38, 1e38, 3e38]] }, steps: [['ReduceMean', ['x'], 'm', { axes: [3] }], ['GlobalAveragePool', ['x'], 'g'], ['AveragePool', ['x'], 'p', { kernel_shape: [1, 2] }], ['Mean', ['x', 'x'], 'n'], ['ReduceL2', ['x'], 'l', { axes: [3] }]], opset: 13 },
  'means of an open size': { feeds: { x: open(['float32', [1, 3], [2e38, 1e38, 3e38]]) }, steps: [['ReduceMean', ['x'], 'm', { axes: [1] }], ['ReduceSum', ['x', 'axis'], 's']], constants: { axis: i64(1) }, opset: 13 },
  'pools with padding': { feeds: { x: ['float32', [1, 1, 3], [5, 6, 7]] }, steps: [['AveragePool', ['x'], 'a', { kernel_shape: [2], pads: [1, 1], count_include_pad: 1 }], ['AveragePool', ['x'], 'b', { kernel_shape: [2], pads: [1, 1] }], ['AveragePool', ['x'], 'c', { kernel_shape: [2], strides: [2], ceil_mode: 1 }], ['AveragePool', ['x'], 'd', { kernel_shape: [2], strides: [2], ceil_mode: 1, count_include_pad: 1 }], ['MaxPool', ['x'], 'e', { kernel_shape: [2], strides: [2], pads: [1, 1], ceil_mode: 1 }], ['LpPool', ['x'], 'l', { kernel_shape: [2] }]], opset: 19 },
  'pools of infinities': { feeds: { x: ['float32', [1, 1, 3], [-inf, -inf, -inf]] }, steps: [['MaxPool', ['x'], 'e', { kernel_shape: [2] }], ['GlobalMaxPool', ['x'], 'g'], ['ReduceMax', ['x'], 'm', { axes: [2] }]], opset: 13 },
  'a cubic resize': { feeds: { x: ['float32', [1, 1, 1, 4], [0, 1, 1, 0]] }, steps: [['Resize', ['x', '', 'scales'], 'y', { mode: 'cubic' }], ['Resize', ['x', '', 'scales'], 'z', { mode: 'linear' }]], constants: { scales: f(1, 1, 1, 2.5) }, opset: 13 },
  'quantised numbers at their ends': { feeds: { x: f(-inf, inf, 1e30, -1) }, steps: [['QuantizeLinear', ['x', 'scale', 'zero'], 'q'], ['DequantizeLinear', ['q', 'scale', 'zero'], 'y']], constants: { scale: scalar(0.1), zero: ['uint8', [], [3]] }, opset: 13 },
  'quantised NaN': { feeds: { x: f(NaN, 1) }, steps: [['QuantizeLinear', ['x', 'scale', 'zero'], 'q'], ['DequantizeLinear', ['q', 'scale', 'zero'], 'y']], constants: { scale: scalar(0.1), zero: ['uint8', [], [3]] }, opset: 13 },
  'a dynamic scale': { feeds: { x: f(-1e30, 1e30, 0) }, steps: [['DynamicQuantizeLinear', ['x'], 'q,_s,_z']] },
  'a negative scale': { feeds: { q: u8(0, 255) }, steps: [['DequantizeLinear', ['q', 'scale', 'zero'], 'y']], constants: { scale: scalar(-0.1), zero: ['uint8', [], [3]] }, opset: 13 },
  'normalised rows that overflow': { feeds: { x: ['float32', [2, 3], [1e30, -1e30, 0, 1e-30, -1e-30, 0]] }, steps: [['LayerNormalization', ['x', 'gamma', 'beta'], 'y'], ['ReduceL2', ['x', 'axis'], 'l', { keepdims: 1 }], ['Clip', ['l', 'least'], 'c'], ['Div', ['x', 'c'], 'u'], ['LpNormalization', ['x'], 'p']], constants: { gamma: f(1, 1, 1), beta: f(0, 0, 0), axis: i64(1), least: scalar(1e-12) }, opset: 18 },
  'normalised constant rows': { feeds: { x: ['float32', [2, 3], [1e7, 1e7, 1e7, 0, 0, 0]] }, steps: [['RMSNormalization', ['x', 'gamma'], 'r'], ['ReduceMean', ['x', 'axis'], 'm'], ['Sub', ['x', 'm'], 'd'], ['Mul', ['d', 'd'], 's'], ['ReduceMean', ['s', 'axis'], 'v'], ['Add', ['v', 'eps'], 'e'], ['Sqrt', ['e'], 'q'], ['Div', ['d', 'q'], 'y']], constants: { gamma: f(1, 1, 1), axis: i64(1), eps: scalar(1e-5) }, opset: 23 },
  'normalised infinities': { feeds: { x: ['float32', [1, 3], [inf, 1, 2]] }, steps: [['LayerNormalization', ['x', 'gamma', 'beta'], 'y'], ['LpNormalization', ['x'], 'p'], ['RMSNormalization', ['x', 'gamma'], 'r']], constants: { gamma: f(1, 1, 1), beta: f(0, 0, 0) }, opset: 23 },
  'indices outside': { feeds: { x: i64(-5, 0, 7) }, steps: [['OneHot', ['x', 'depth', 'values'], 'y']], constants: { depth: ['int64', [], [3]], values: f(0, 1) }, opset: 13 },
  'nothing to reduce': { feeds: { x: open(['float32', [2, 1], [5, 6]]) }, steps: [['Slice', ['x', 'start', 'end', 'axis'], 'n'], ['ReduceMax', ['n'], 'a', { axes: [1] }], ['ReduceMin', ['n'], 'b', { axes: [1] }], ['ReduceMean', ['n'], 'm', { axes: [1] }], ['ReduceSum', ['n', 'axis'], 's']], constants: { start: i64(1), end: i64(2 ** 31 - 1), axis: i64(1) }, opset: 13 },
  'nothing to reduce, since 18': { feeds: { x: open(['float32', [2, 1], [5, 6]]) }, steps: [['Slice', ['x', 'start', 'end', 'axis'], 'n'], ['ReduceMax', ['n', 'axis'], 'a'], ['ReduceMin', ['n', 'axis'], 'b'], ['ReduceMean', ['n', 'axis'], 'm'], ['ReduceL2', ['n', 'axis'], 'l'], ['ReduceLogSumExp', ['n', 'axis'], 'e']], constants: { start: i64(1), end: i64(2 ** 31 - 1), axis: i64(1) }, opset: 20 },
  'nothing that is not zero': { feeds: { x: f(0, 0) }, steps: [['NonZero', ['x'], 'i'], cast('i', dataTypes.FLOAT, 'n'), ['ReduceMax', ['n', 'axis'], 'a'], ['ReduceMean', ['n', 'axis'], 'm']], constants: { axis: i64(1) }, opset: 20 },
  'products of many': { feeds: { x: row(3e38, 3e38), z: ['float32', [2, 1], [0.4, 0.9]] }, steps: [['MatMul', ['x', 'z'], 'y'], ['Gemm', ['x', 'z'], 'g', { alpha: 0.25 }]] },
  'products of whole numbers': { feeds: { x: ['int32', [1, 2], [2 ** 30, 2 ** 30]], z: ['int32', [2, 1], [2, 2]] }, steps: [['MatMul', ['x', 'z'], 'y']] },
  'a learned slope': { feeds: { x: f(-2, 3), z: f(-1, inf) }, steps: [['PRelu', ['x', 'z'], 'y'], ['Elu', ['x'], 'e', { alpha: -2.5 }], ['LeakyRelu', ['x'], 'l', { alpha: -3.25 }], ['Selu', ['x'], 's', { alpha: -1.5 }], ['Celu', ['x'], 'c', { alpha: -2.5 }], ['ThresholdedRelu', ['x'], 't', { alpha: -4.5 }], ['HardSigmoid', ['x'], 'h', { alpha: -3.5 }]], opset: 16 },
};

const types = { float32: dataTypes.FLOAT, int64: INT64, int32: INT32, uint8: UINT8, bool: BOOL, float64: DOUBLE } as const;
const arrays = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array, float64: Float64Array } as const;
const dataOf = ([type, , values]: Feed) => (type === 'int64' ? BigInt64Array.from(values.map(BigInt)) : arrays[type].from(values));

function attributeOf(name: string, value: unknown): onnx.IAttributeProto {
  if (Array.isArray(value)) return { name, type: INTS, ints: value as number[] };
  if (typeof value === 'string') return { name, type: STRING, s: new TextEncoder().encode(value) };
  return Number.isInteger(value) ? { name, type: INT, i: value as number } : { name, type: FLOAT, f: value as number };
}

function encode({ feeds, steps, constants = {}, opset = 14 }: Case): Uint8Array {
  return encodeModel(
    {
      input: Object.entries(feeds).map(([name, [type, dims, , names]]) => valueInfo(name, names ?? dims, types[type])),
      output: steps.flatMap(([, , names]) => names.split(',').filter((name) => !name.startsWith('_')).map((name) => ({ name }))),
      node: steps.map(([op, inputs, output, attributes = {}]) => node(op, inputs, output.split(','), { attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)) })),
      initializer: Object.entries(constants).map(([name, feed]) => ({ name, dims: [...feed[1]], dataType: types[feed[0]], rawData: new Uint8Array(dataOf(feed).buffer) })),
    },
    { irVersion: 10, opsetImport: [{ domain: '', version: opset }] },
  );
}

test.for(Object.entries(cases))('%s', async ([, one]) => {
  const bytes = encode(one);
  const feeds = Object.fromEntries(Object.entries(one.feeds).map(([name, feed]) => [name, new ort.Tensor(feed[0], dataOf(feed) as Float32Array, feed[1])]));
  const observed = await observe(bytes, feeds);
  expect(observed, 'ONNX Runtime takes it').toBeDefined();
  const model = readBytes(bytes);
  expect(compare(model, feeds, observed!).wrong).toEqual([]);
});
