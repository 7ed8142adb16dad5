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

describe('a batch', () => {
  const texts = [text, 'a large wild cat', '', 'x'];

  test('answers each row as alone: padding changes nothing but the rounding', async () => {
    const together = await embeddingOf(texts);
    expect(together.dims).toEqual([4, 512]);
    for (const [row, single] of texts.entries()) {
      const alone = (await embeddingOf(single)).data as Float32Array;
      const found = (together.data as Float32Array).subarray(row * 512, (row + 1) * 512);
      // Vectors of length 1: sums over a longer, masked row may round in another order, by some 2^-24.
      expect(alone.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0)).toBeLessThan(1e-6);
    }
  });

  test.each([
    ['empty', ''],
    ['blank', ' \n\t'],
    ['NUL alone', '\0'],
    ['NUL inside', 'a wild\0 cat'],
    ['half a pair of surrogates', 'a wild \ud83d cat'],
    ['of one long word', 'a'.repeat(100_000)],
  ])('takes a text that is odd: %s', async (_, odd) => {
    const { data, dims } = await embeddingOf([odd, text]);
    expect(dims).toEqual([2, 512]);
    const row = (data as Float32Array).subarray(0, 512);
    expect(row.every(Number.isFinite)).toBe(true);
  });

  test('reads half a pair of surrogates as U+FFFD', async () => {
    expect(await embeddingOf('a \ud83d cat')).toEqual(await embeddingOf('a \ufffd cat'));
  });

  test('cuts a text of 100 kB where its tokenizer says', async () => {
    // Its tokenizer takes 128 tokens, and each of these words is one at least.
    const words = 'large wild cat '.repeat(100);
    expect(await embeddingOf('large wild cat '.repeat(7_000))).toEqual(await embeddingOf(words));
  });

  test('has at least one row', async () => {
    await expect(embeddingOf([])).rejects.toMatchObject({
      code: 'input-shape',
      message: expect.stringContaining('found [0, 1]: it has no rows, and a run takes at least one'),
    });
  });

  test('ids that the vocabulary lacks are refused, where the session would take some of them', async () => {
    const tokens = { ids: [[8000]], mask: [[1]] };
    await expect(model.run({ tokens })).rejects.toMatchObject({
      code: 'input-value',
      message: expect.stringContaining('from 0 to 7999, found 8000 at [0, 0]'),
    });
  });
});
