/** Random one-line models over a few inputs, their data, and what ONNX Runtime makes of them. */
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { createCompiler } from '../../src/compile.ts';
import type { CheckedModel } from '../../src/check/model.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { emitOnnx } from '../../src/emit/onnx.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { materialize } from '../../src/onnx/index.ts';
import { operators } from '../../src/ops/table.ts';
import { toHalf } from '../../src/types/half.ts';
import { opener, valueOf } from '../onnx/helpers.ts';
import { library } from '../check/world.ts';
import { plainSession } from '../plain-session.ts';

/** An input: how it is declared, and its numbers. */
interface Input {
  readonly type: string;
  readonly dtype: 'float16' | 'float32' | 'float64' | 'int64' | 'int32' | 'uint8' | 'bool';
  /** `a` is drawn. */
  readonly dims: readonly (number | 'a')[];
  readonly data: (index: number) => number;
}

/** Numbers without a pattern, the same in each run. */
const noise = (index: number): number => Math.sin(index * 12.9898 + 4.1414) * 43758.5453 % 1;
const wide = (index: number): number => [0, -1, 1, 80, -80, 1e-20, 3.3e38, -1e30, -0, 9.1][index % 13] ?? noise(index) * 10;

export const inputs: Readonly<Record<string, Input>> = {
  x: { type: 'f32[a, 3, 4]', dtype: 'float32', dims: ['a', 3, 4], data: wide },
  y: { type: 'f32[3, 4] where range [-2, 3]', dtype: 'float32', dims: [3, 4], data: (i) => [-2, 3, 0][i % 7] ?? noise(i) * 2 },
  z: { type: 'f32[4] where range [0.5, 8]', dtype: 'float32', dims: [4], data: (i) => [0.5, 8][i] ?? 1 + noise(i) * 0.4 },
  w: { type: 'f32[4, a]', dtype: 'float32', dims: [4, 'a'], data: noise },
  r: { type: 'f32[3, C: 4] where range C [[0, 1], [-2, -1], [5, 5], [-inf, 0]]', dtype: 'float32', dims: [3, 4], data: (i) => [[0, 1, 0.25], [-2, -1, -1.5], [5, 5, 5], [0, -1e30, -3]][i % 4]![Math.floor(i / 4)]! },
  one: { type: 'f32[a, 1, 4] where range [0, 1]', dtype: 'float32', dims: ['a', 1, 4], data: (i) => Math.abs(noise(i)) },
  d: { type: 'f64[3, 4]', dtype: 'float64', dims: [3, 4], data: wide },
  h: { type: 'f16[3, 4] where range [0, 300]', dtype: 'float16', dims: [3, 4], data: (i) => [300, 0, 255.5, 1][i % 5] ?? Math.abs(noise(i)) * 300 },
  g: { type: 'f16[a, 4] where range [-65504, 65504]', dtype: 'float16', dims: ['a', 4], data: (i) => [65504, -65504, -0, 6e-8, 9.1][i % 7] ?? noise(i) * 9 },
  big: { type: 'f32[a, 4] where range [0, 3e38]', dtype: 'float32', dims: ['a', 4], data: (i) => [2.9e38, 0, 1e30, 1][i % 5] ?? Math.abs(noise(i)) },
  v: { type: 'i32[3, 4] where range [-2000000000, 2000000000]', dtype: 'int32', dims: [3, 4], data: (i) => [2e9, -2e9, 0, 65536][i % 5] ?? i },
  i: { type: 'i64[3, 4] where range [-3, 2]', dtype: 'int64', dims: [3, 4], data: (i) => (i % 6) - 3 },
  j: { type: 'i64[3]', dtype: 'int64', dims: [3], data: (i) => [-1, 0, 2][i]! },
  k: { type: 'i32[3, 4]', dtype: 'int32', dims: [3, 4], data: (i) => [2 ** 31 - 1, -(2 ** 31), 0, 5][i % 5] ?? i },
  u: { type: 'u8[3, 4]', dtype: 'uint8', dims: [3, 4], data: (i) => (i * 53) % 256 },
  t: { type: 'bool[3, 4]', dtype: 'bool', dims: [3, 4], data: (i) => Number(i % 3 === 0) },
  p: { type: 'f32[a, 2, 5, 4] where range [-2, 3]', dtype: 'float32', dims: ['a', 2, 5, 4], data: (i) => [-2, 3, 0][i % 7] ?? noise(i) * 2 },
  q: { type: 'f32[3, 2, 2, 3]', dtype: 'float32', dims: [3, 2, 2, 3], data: noise },
  m: { type: 'i64[3, 4] where mask', dtype: 'int64', dims: [3, 4], data: (i) => Number(i % 4 > 0) },
};

// ---------------------------------------------------------------- expressions

const numbers = fc.constantFrom('0', '1', '2', '-1', '3', '0.5', '-2.5', '1e-3', '100');
const name = fc.constantFrom(...Object.keys(inputs));
const list = (item: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.array(item, { minLength: 1, maxLength: 3 }).map((all) => `[${all.join(', ')}]`);
const whole = fc.integer({ min: -3, max: 4 }).map(String);

const attributeOf: Readonly<Record<string, fc.Arbitrary<string>>> = {
  int: whole,
  ints: list(whole),
  float: fc.constantFrom('0.1', '0.5', '1', '-1'),
  sizes: list(fc.oneof(fc.integer({ min: 0, max: 6 }).map(String), fc.constantFrom('a', '2 * a'))),
  string: fc.constantFrom('none', 'tanh', 'linear', 'cubic', 'nearest', 'edge', 'reflect', 'floor', 'asymmetric', 'align_corners').map((text) => `"${text}"`),
  size: fc.constantFrom('0', '1', '2', '3', '4', 'a'),
  dtype: fc.constantFrom('f32', 'f64', 'i64', 'i32', 'u8', 'bool'),
};

/** A call of a random operator of the table, its operands made by `operand`. */
const call = (operand: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.constantFrom(...operators.values()).chain((operator) => {
    const attributes = Object.entries(operator.attributes).map(([key, spec]) => {
      const value = attributeOf[spec.type]!.map((text) => `${key}: ${text}`);
      return spec.default === undefined ? value : fc.option(value).map((text) => text ?? '');
    });
    const operands = operator.inputs.map((_, i) => (i === 0 ? operand : fc.oneof({ weight: 3, arbitrary: operand }, { weight: 1, arbitrary: numbers })));
    const field = operator.name === 'TopK' ? fc.constantFrom('.values', '.indices') : fc.constant('');
    return fc.tuple(field, ...operands, ...attributes).map(([of, ...all]) => `onnx.${operator.name}(${all.filter((text) => text !== '').join(', ')})${of}`);
  });

const shallow = call(name);

const one = fc.integer({ min: 1, max: 3 });
const pair = fc.tuple(one, one).map(([a, b]) => `[${a}, ${b}]`);
const pads = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }).map((all) => `[${all.join(', ')}]`);
/** Of maps, whose attributes fit too seldom by chance. */
const ofMaps: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(fc.constantFrom('MaxPool', 'AveragePool'), pair, pair, pads, fc.constantFrom(0, 1))
    .map(([op, kernel, strides, around, ceil]) => `onnx.${op}(p, kernel_shape: ${kernel}, strides: ${strides}, pads: ${around}, ceil_mode: ${ceil})`),
  fc.tuple(pair, pads).map(([strides, around]) => `onnx.Conv(p, q, strides: ${strides}, pads: ${around})`),
  fc.tuple(pair, fc.constantFrom('nearest', 'linear', 'cubic'), fc.constantFrom('half_pixel', 'asymmetric', 'align_corners'))
    .map(([sizes, mode, coordinates]) => `onnx.Resize(p, sizes: ${sizes}, mode: "${mode}", coordinate_transformation_mode: "${coordinates}")`),
  fc.constantFrom('[a, 40]', '[40, a]', '[a * 2, 5, 4]', '[a, 2, 20]', '[2, a, 20]', '[8, 5, a]').map((shape) => `onnx.Reshape(p, shape: ${shape})`),
);

/** One or two operators deep. */
export const expression: fc.Arbitrary<string> = fc.oneof({ weight: 1, arbitrary: ofMaps }, { weight: 4, arbitrary: shallow }, { weight: 4, arbitrary: call(fc.oneof(name, ofMaps, shallow)) });

// ---------------------------------------------------------------- from text to answers

export const modelOf = (text: string): string => {
  const used = Object.entries(inputs).filter(([key]) => new RegExp(`\\b${key}\\b`).test(text));
  return `model M {\n${used.map(([key, { type }]) => `  input ${key}: ${type}\n`).join('')}  output result = ${text}\n}`;
};

export function compile(text: string): { readonly model: CheckedModel | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { models, diagnostics } = createCompiler(createMemoryHost({ 'main.mdl': modelOf(text) }, library)).check(['memory:///main.mdl']);
  return { model: models[0], diagnostics };
}

const arrays = { float32: Float32Array, float64: Float64Array, int64: BigInt64Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array } as const;

function tensorOf({ dtype, dims: named, data }: Input, a: number): ort.Tensor {
  const dims = named.map((size) => (size === 'a' ? a : size));
  const values = Array.from({ length: dims.reduce((all, size) => all * size, 1) }, (_, i) => data(i));
  if (dtype === 'float16') return new ort.Tensor(dtype, Uint16Array.from(values, toHalf) as never, dims);
  const array = dtype === 'int64' ? BigInt64Array.from(values.map(BigInt)) : arrays[dtype].from(values as never);
  return new ort.Tensor(dtype, array as Float32Array, dims);
}

/** The output's tensor; undefined where this runtime has no kernel for the dtypes, or the numbers have no answer. */
export async function run(model: CheckedModel, a: number): Promise<ort.Tensor | undefined> {
  const { pieces } = valueOf(emitOnnx(model.program, new Map(), { producer: 'test', producerVersion: '0' }, opener()));
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(materialize(pieces, opener()), plainSession);
  } catch (error) {
    if (/NOT_IMPLEMENTED|Could not find an implementation/.test(String(error))) return undefined;
    throw error;
  }
  try {
    const feeds = Object.fromEntries(model.inputs.map((input) => [input.name, tensorOf(inputs[input.name]!, a)]));
    return (await session.run(feeds))['result']!;
  } catch (error) {
    // What depends on the numbers, no type can tell.
    if (/out of data bounds|Integer division by zero/.test(String(error))) return undefined;
    throw error;
  } finally {
    await session.release();
  }
}
