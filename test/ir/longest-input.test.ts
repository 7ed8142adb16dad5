/** How long a text may be is where ONNX Runtime stops: it runs at that length, and not at one more. */
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { longestInput } from '../../src/ir/longest-input.ts';
import { positionFiles } from '../check/position-files.ts';
import { plainSession } from '../plain-session.ts';
import { readBytes } from '../onnx/models.ts';

const lengths = { 'positions-cut.onnx': 16, 'positions-counted.onnx': 16, 'positions-summed.onnx': 14, 'positions-table.onnx': 16 };

test.each(Object.entries(lengths))('%s has positions for %i', async (name, most) => {
  const bytes = positionFiles[name]!;
  expect(longestInput(readBytes(bytes), 'ids', ['mask'], ['hidden'])?.most).toBe(most);
  const session = await ort.InferenceSession.create(bytes, { ...plainSession, logSeverityLevel: 4 });
  const run = async (length: number): Promise<readonly number[] | string> => {
    const numbers = (value: bigint) => new ort.Tensor('int64', new BigInt64Array(length).fill(value), [1, length]);
    return session.run({ ids: numbers(5n), mask: numbers(1n) }).then(({ hidden }) => hidden!.dims, () => 'stops');
  };
  expect(await run(most)).toEqual([1, most, 8]);
  expect(await run(most + 1)).toBe('stops');
});

test('of what no output needs, nothing is said', () => {
  expect(longestInput(readBytes(positionFiles['positions-cut.onnx']!), 'ids', ['mask'], ['words'])).toBeUndefined();
});
