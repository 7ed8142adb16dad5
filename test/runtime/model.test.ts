import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, topClass, type Model } from '../../src/runtime/index.ts';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';
import { plain, writeSmallBundle } from './bundles.ts';

const classes = ['animal', 'plant', 'other'];

/** A softmax over three classes, and identities of every type that crosses. */
const types = [
  ['half', 'f16', dataTypes.FLOAT16],
  ['whole', 'i64', dataTypes.INT64],
  ['flag', 'bool', dataTypes.BOOL],
  ['word', 'string', dataTypes.STRING],
  ['byte', 'u8', dataTypes.UINT8],
  ['double', 'f64', dataTypes.DOUBLE],
  ['wide', 'u64', dataTypes.UINT64],
] as const;

let model: Model;

beforeAll(async () => {
  const bytes = encodeModel({
    node: [node('Softmax', ['x'], ['topic']), ...types.map(([name]) => node('Identity', [name], [`${name}_out`]))],
    input: [valueInfo('x', ['n', 3]), ...types.map(([name, , type]) => valueInfo(name, ['m'], type))],
    output: [valueInfo('topic', ['n', 3]), ...types.map(([name, , type]) => valueInfo(`${name}_out`, ['m'], type))],
  });
  const topic = { ...plain('topic', 'f32', ['n', 3]), dims: [{ size: 'n' }, { size: 3, label: 'Topic', classes }] };
  const fields = Object.fromEntries(types.map(([name, dtype]) => [name, plain(`${name}_out`, dtype, ['m'])]));
  const { folder } = writeSmallBundle(bytes, {
    inputs: [
      { name: 'x', tensor: plain('x', 'f32', ['n', 3]) },
      ...types.map(([name, dtype]) => ({ name, tensor: plain(name, dtype, ['m']) })),
    ],
    outputs: [
      { name: 'topic', tensor: topic },
      { name: 'same', fields },
    ],
  });
  model = await load(folder, { device: 'cpu' });
});
afterAll(() => model.close());

const others = {
  half: [0.5],
  whole: [2n ** 62n],
  flag: [true],
  word: ['naïve'],
  byte: [255],
  double: [0.1],
  wide: [2n ** 64n - 1n],
};
const run = (x: readonly (readonly number[])[]) => model.run({ x, ...others });

describe('outputs', () => {
  test('of every type come back as they went in', async () => {
    expect((await run([[0, 0, 0]])).same).toEqual({
      half: { data: Float32Array.of(0.5), dims: [1] },
      whole: { data: BigInt64Array.of(2n ** 62n), dims: [1] },
      flag: { data: Uint8Array.of(1), dims: [1] },
      word: { data: ['naïve'], dims: [1] },
      byte: { data: Uint8Array.of(255), dims: [1] },
      double: { data: Float64Array.of(0.1), dims: [1] },
      wide: { data: BigUint64Array.of(2n ** 64n - 1n), dims: [1] },
    });
  });

  test('carry the classes of their last axis', async () => {
    const { topic } = await run([
      [0, Math.log(2), 0],
      [0, 0, Math.log(2)],
    ]);
    expect(topic).toMatchObject({ dims: [2, 3], labels: classes });
    // Softmax of 0, ln 2, 0 is a quarter, a half, a quarter.
    expect(topClass(topic!)).toEqual([
      { label: 'plant', index: 1, probability: expect.closeTo(0.5, 6) },
      { label: 'other', index: 2, probability: expect.closeTo(0.5, 6) },
    ]);
  });

  test('of no rows have no top class', async () => {
    expect(topClass({ data: new Float32Array(0), dims: [0, 3], labels: classes })).toEqual([]);
  });

  test('can be asked for one by one', async () => {
    expect(Object.keys(await model.run({ x: [[1, 2, 3]], ...others }, { outputs: ['topic'] }))).toEqual(['topic']);
  });
});

describe('topClass', () => {
  const output = (data: Float32Array) => ({ data, dims: [1, 2], labels: ['a', 'b'] });
  test('takes the first of equals', () => {
    expect(topClass(output(Float32Array.of(0.5, 0.5)))).toEqual([{ label: 'a', index: 0, probability: 0.5 }]);
  });
  test('refuses NaN and outputs without classes', () => {
    expect(() => topClass(output(Float32Array.of(0.5, NaN)))).toThrow(
      expect.objectContaining({ code: 'output-not-classes' }),
    );
    expect(() => topClass({ data: Float32Array.of(1), dims: [1] })).toThrow('this output has no labels');
  });
});

describe('run refuses', () => {
  test.each<[unknown, string]>([
    [
      { outputs: ['topics'] },
      'output-unknown: The model has no output `topics`; it has `topic`, `same`.\nDid you mean `topic`?',
    ],
    [{ outputs: [] }, 'runtime-options: The option `outputs` should be a list of names of outputs, found a list of 0'],
    [{ outputs: 'topic' }, 'runtime-options: The option `outputs`'],
    [{ signal: 'stop' }, 'runtime-options: The option `signal` should be an AbortSignal'],
    [null, 'runtime-options: The option `options` should be an object'],
  ])('the options %j', async (options, expected) => {
    const error = await model.run({ x: [[0, 0, 0]], ...others }, options as object).catch((e: unknown) => e);
    expect(`${(error as { code: string }).code}: ${(error as Error).message}`).toContain(expected);
  });

  test('to begin when the signal is aborted, with its reason', async () => {
    const reason = new Error('the page was left');
    await expect(model.run({ x: [], ...others }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('to answer when the signal is aborted under way', async () => {
    const controller = new AbortController();
    const running = model.run({ x: [[1, 2, 3]], ...others }, { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('closing waits for runs under way, and nothing runs afterwards', async () => {
  const bytes = encodeModel({
    node: [node('Relu', ['x'], ['y'])],
    input: [valueInfo('x', ['n'])],
    output: [valueInfo('y', ['n'])],
  });
  const { folder } = writeSmallBundle(bytes, {
    inputs: [{ name: 'x', tensor: plain('x', 'f32', ['n']) }],
    outputs: [{ name: 'y', tensor: plain('y', 'f32', ['n']) }],
  });
  const small = await load(folder, { device: 'cpu' });
  const running = Promise.all([small.run({ x: [-1] }), small.run({ x: [1] })]);
  await Promise.all([small.close(), small.close()]);
  expect((await running).map(({ y }) => y!.data)).toEqual([Float32Array.of(0), Float32Array.of(1)]);
  await expect(small.run({ x: [1] })).rejects.toMatchObject({ code: 'model-closed' });
  await small[Symbol.asyncDispose]();
});

test.each([5, 'a text', undefined, {}])('a source of inputs that is %j is refused by name', async (source) => {
  await expect(model.runMany(source as never)).rejects.toMatchObject({ code: 'input-kind', message: expect.stringMatching(/^`runMany` should be a list of inputs, found /) });
  const stream = async () => model.stream(source as never).next();
  await expect(stream()).rejects.toMatchObject({ code: 'input-kind', message: expect.stringMatching(/^`stream` should be a list of inputs, or another source of them, found /) });
});
