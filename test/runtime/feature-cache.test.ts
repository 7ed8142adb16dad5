/** One encoder, many heads: what is kept of the encoder, for how long, and what is not run at all. */
import { afterAll, describe, expect, test } from 'vitest';
import { createFeatureCache, load, type FeatureCache, type Model } from '../../src/runtime/index.ts';
import { safetensors } from '../check/world.ts';
import { buildSplit } from './split-bundle.ts';

const width = 4;
const numbers = (count: number, seed: number): number[] => Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i * 3.1 + seed)));
const weights = (seed: number) => safetensors({ w: { dims: [width, 2], values: numbers(width * 2, seed) } });

/** The encoder is a doubling, and each head a product with weights of its own. */
const text = (input = `f32[batch, ${width}]`, encoder = 'x + x') => `
head First(e: f32[batch, ${width}]) -> f32[batch, 2] weights "./first.safetensors" { param w: f32[${width}, 2] onnx.MatMul(e, w) }
head Second(e: f32[batch, ${width}]) -> f32[batch, 2] weights "./second.safetensors" { param w: f32[${width}, 2] onnx.MatMul(e, w) }
model Twice {
  input x: ${input}
  let e = ${encoder}
  output first = First(e)
  output second = Second(e)
  output encoded = e
}`;
const build = (source: string, seed = 1): string => buildSplit(source, { 'first.safetensors': weights(seed), 'second.safetensors': weights(seed + 1) });
const bundle = build(text());

const open: Model[] = [];
afterAll(() => Promise.all(open.map((model) => model.close())));
async function loaded(cache?: FeatureCache, from = bundle): Promise<Model> {
  const model = await load(from, { device: 'cpu', ...(cache === undefined ? {} : { cache }) });
  open.push(model);
  return model;
}

const input = (seed: number, rows = 1) => ({ x: { data: Float32Array.from(numbers(rows * width, seed)), dims: [rows, width] } });
/** The bytes that one row of features takes. */
const row = width * 4;

describe('features', () => {
  test('are those of the encoder, whether they were kept or not', async () => {
    const cache = createFeatureCache(1000);
    const [kept, plain] = [await loaded(cache), await loaded()];
    for (const seed of [1, 2, 1, 1, 2]) expect(await kept.run(input(seed))).toEqual(await plain.run(input(seed)));
    expect(cache.statistics).toEqual({ hits: 3, misses: 2, hitRate: 0.6, entries: 2, bytes: 2 * row, limit: 1000 });
  });

  test('are shared by heads, by models and by runs at the same time', async () => {
    const cache = createFeatureCache(1000);
    const [one, other] = [await loaded(cache), await loaded(cache)];
    await Promise.all([one.run(input(1), { outputs: ['first'] }), one.run(input(1), { outputs: ['second'] }), other.run(input(1))]);
    expect(cache.statistics).toMatchObject({ hits: 2, misses: 1 });
  });

  test('are kept when heads are exchanged or shared, and where threads compute them', async () => {
    const [cache, next] = [createFeatureCache(1000), build(text(), 5)];
    const expected = await (await loaded(undefined, next)).run(input(1));
    const model = await loaded(cache);
    const before = await model.run(input(1));
    await model.swap('first', next);
    expect(await model.run(input(1))).toEqual({ ...before, first: expected['first'] });
    await model.rollback('first');
    const rollout = await model.rollout('first', { arms: [{ name: 'next', bundle: next, share: 1, force: true }] });
    expect(await model.run(input(1))).toEqual({ ...before, first: expected['first'] });
    await rollout.stop();
    expect(cache.statistics).toMatchObject({ hits: 2, misses: 1 });
    await using pooled = await load(bundle, { device: 'cpu', workers: 1, cache });
    expect(await pooled.runMany([input(1), input(2)])).toEqual([before, await (await loaded()).run(input(2))]);
    expect(cache.statistics).toMatchObject({ hits: 3, misses: 2 });
  });

  test('are shared by models with other heads, and told apart by encoder and by contract', async () => {
    const cache = createFeatureCache(1000);
    const asked = async (from: string): Promise<readonly number[]> => {
      const answer = await (await loaded(cache, from)).run(input(1));
      // Whoever made the features, they are those of the model's own encoder.
      expect(answer).toEqual(await (await loaded(undefined, from)).run(input(1)));
      return [cache.statistics.hits, cache.statistics.misses];
    };
    expect(await asked(bundle)).toEqual([0, 1]);
    expect(await asked(build(text(), 7))).toEqual([1, 1]);
    expect(await asked(build(text(undefined, 'x * x')))).toEqual([1, 2]);
    expect(await asked(build(text(`f32[batch, ${width}] where range [-1, 1]`)))).toEqual([1, 3]);
    expect(cache.statistics).toMatchObject({ entries: 3, bytes: 3 * row });
  });

  test('are told apart by content and by shape', async () => {
    const cache = createFeatureCache(1000);
    const model = await loaded(cache);
    const data = Float32Array.from(numbers(2 * width, 5));
    await model.run({ x: { data, dims: [2, width] } });
    await model.run({ x: { data: data.slice(0, width), dims: [1, width] } });
    data[7]! += 1;
    await model.run({ x: { data, dims: [2, width] } });
    expect(cache.statistics).toMatchObject({ hits: 0, misses: 3 });
  });

  test('of the least recent use go first, and those that are larger than the cache are not kept', async () => {
    const cache = createFeatureCache(2 * row);
    const model = await loaded(cache);
    // The second 1 makes 2 the oldest, which 3 pushes out.
    for (const seed of [1, 2, 1, 3, 1, 2]) await model.run(input(seed));
    expect(cache.statistics).toMatchObject({ hits: 2, misses: 4, entries: 2, bytes: 2 * row });
    await model.run(input(9, 3));
    expect(cache.statistics).toMatchObject({ misses: 5, entries: 2 });
    cache.clear();
    expect(cache.statistics).toMatchObject({ entries: 0, bytes: 0 });
  });

  test('stay as they are when the app changes what it was given', async () => {
    const model = await loaded(createFeatureCache(1000));
    const first = await model.run(input(1));
    const before = Array.from(first['encoded']!.data as Float32Array);
    (first['encoded']!.data as Float32Array).fill(7);
    expect(Array.from((await model.run(input(1)))['encoded']!.data as Float32Array)).toEqual(before);
  });
});

test('only the heads of which something is wanted run', async () => {
  const model = await loaded();
  const filesOf = async (options = {}) => [...new Set((await model.devices(input(1), options)).map(({ file }) => file))];
  expect(await filesOf()).toEqual(['encoder.onnx', 'head.first.onnx', 'head.second.onnx']);
  expect(await filesOf({ outputs: ['second'] })).toEqual(['encoder.onnx', 'head.second.onnx']);
  expect(await filesOf({ outputs: ['encoded'] })).toEqual(['encoder.onnx']);
});

test.each([[0], [-1], [1.5], ['8']])('a cache of %j bytes is none', (limit) => {
  expect(() => createFeatureCache(limit as number)).toThrow('The option `limit` should be a number of bytes from 1');
});
