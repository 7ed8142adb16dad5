import { afterAll, beforeAll, expect, test } from 'vitest';
import { load, type Model, type TensorOutput } from '../../src/runtime/index.ts';
import { writeTwoTokenizers } from './two-tokenizers.ts';

let model: Model;
beforeAll(async () => {
  model = await load(writeTwoTokenizers(), { device: 'cpu' });
});
afterAll(() => model.close());

async function fed(inputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const outputs = (await model.run(inputs)) as unknown as Record<string, Record<string, TensorOutput>>;
  const rows = ({ data, dims }: TensorOutput) =>
    Array.from({ length: dims[0]! }, (_, i) => Array.from(data.slice(i * dims[1]!, (i + 1) * dims[1]!), Number));
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([name, fields]) =>
      Object.entries(fields).map(([field, tensor]) => [`${name}.${field}`, rows(tensor)]),
    ),
  );
}

// gloss-bytes: one more than each byte; use-lite: "a cat" is 11, 1163.
test('texts of two tokenizers are padded to the longest of both', async () => {
  expect(await fed({ words: ['a cat'], bytes: ['a cat'] })).toEqual({
    'words.ids': [[11, 1163, 0, 0, 0]],
    'words.mask': [[1, 1, 0, 0, 0]],
    'bytes.ids': [[98, 33, 100, 98, 117]],
    'bytes.mask': [[1, 1, 1, 1, 1]],
  });
  expect(await fed({ words: ['a cat', 'cat'], bytes: ['a', ''] })).toMatchObject({
    'bytes.ids': [
      [98, 0],
      [0, 0],
    ],
    'bytes.mask': [
      [1, 0],
      [0, 0],
    ],
  });
});

test('texts are padded to a tensor that was given beside them', async () => {
  const words = { ids: [[11, 1163, 3]], mask: [[1, 1, 1]] };
  expect(await fed({ words, bytes: 'a' })).toMatchObject({ 'bytes.ids': [[98, 0, 0]], 'bytes.mask': [[1, 0, 0]] });
  await expect(model.run({ words, bytes: 'a cat' })).rejects.toMatchObject({ code: 'input-shape' });
});
