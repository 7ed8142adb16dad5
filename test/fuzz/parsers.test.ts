/** A few damaged inputs for every reader; `npm run fuzz` tries as many as are asked for. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { randomNumbers } from '../onnx/random-models.ts';
import { seed } from '../seed.ts';
import { parsers } from './parsers.ts';

const root = path.resolve(import.meta.dirname, '../..');

test.each(Object.keys(parsers))('%s: what is right is read, and what is damaged is answered', async (name) => {
  const { corpus, change, read } = parsers[name]!;
  const right = await corpus(root);
  for (const bytes of right) if (name !== 'onnx') expect(await read(bytes)).toBe('ok');
  const answers = new Set<string>();
  for (let i = 0; i < 30; i++) answers.add(await read(change(right[i % right.length]!, randomNumbers(seed + i))));
  expect([...answers]).not.toEqual(['ok']);
});
