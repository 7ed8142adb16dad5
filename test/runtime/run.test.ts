import ort from 'onnxruntime-node';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model } from '../../src/runtime/index.ts';
import { useLite, useLiteManifest, writeBundle } from './bundles.ts';

const ids = [3380, 128, 22, 6497, 11, 3891, 2901];
const text = 'booth for Using a telephone';
const raw = (values: readonly number[], dims: readonly number[]) =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);

let folder: string;
let model: Model;
let expected: Float32Array;

beforeAll(async () => {
  folder = writeBundle(useLiteManifest());
  model = await load(folder, { device: 'cpu' });
  const session = await ort.InferenceSession.create(join(useLite, 'model.onnx'));
  const result = await session.run({
    input_ids: raw(ids, [1, 7]),
    attention_mask: raw(
      ids.map(() => 1),
      [1, 7],
    ),
  });
  expected = result.embedding!.data as Float32Array;
  await session.release();
});
afterAll(() => model.close());

const embeddingOf = async (tokens: unknown) => (await model.run({ tokens })).embedding!;

describe('the answer is that of a session fed by hand', () => {
  const ones = ids.map(() => 1);
  test.each<[string, unknown]>([
    ['a text', text],
    ['a list of texts', [text]],
    ['lists in lists', { ids: [ids], mask: [ones] }],
    ['bigints', { ids: [ids.map(BigInt)], mask: [ones.map(BigInt)] }],
    [
      'typed arrays with dims',
      { ids: { data: BigInt64Array.from(ids, BigInt), dims: [1, 7] }, mask: { data: ones, dims: [1, 7] } },
    ],
    ['tensors of ONNX Runtime', { ids: raw(ids, [1, 7]), mask: raw(ones, [1, 7]) }],
  ])('from %s', async (_, tokens) => {
    const { data, dims, labels } = await embeddingOf(tokens);
    expect(dims).toEqual([1, 512]);
    expect(labels).toBeUndefined();
    expect(data).toEqual(expected);
  });
});
