/** What the contracts say of numbers at the ends of single precision: rows too short, too long, and probabilities too small. */
import { expect, test } from 'vitest';
import { compilePart, runPart } from './run-part.ts';

const run = async (part: string, row: readonly number[], where = ''): Promise<readonly number[]> => {
  const { bytes } = compilePart({ module: 'std/norm', part, call: `${part}(x)`, types: { x: `f32[batch, d]${where}` }, opset: 14 });
  return (await runPart(bytes, { x: { dims: [1, row.length], data: [...row] } })).data;
};
const apart = (found: readonly number[], expected: readonly number[]): number => Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)));

// The root of the largest number of single precision, 3.4028e38, is 1.8447e19.
test('l2_normalize', async () => {
  expect(apart(await run('l2_normalize', [1.1e19, -1.1e19]), [Math.SQRT1_2, -Math.SQRT1_2])).toBeLessThan(1e-5);
  expect((await run('l2_normalize', [2e19, 0])).map(Math.abs)).toEqual([0, 0]);
  expect(apart(await run('l2_normalize', [1e-17, 0]), [1, 0])).toBeLessThan(1e-5);
  expect((await run('l2_normalize', [1e-30, 0])).map(Math.abs)).toEqual([0, 0]);
});

test('standardize', async () => {
  expect(apart(await run('standardize', [1e19, -1e19]), [1, -1])).toBeLessThan(1e-5);
  expect((await run('standardize', [2e19, -2e19])).map(Math.abs)).toEqual([0, 0]);
});

test('sharpen', async () => {
  const probabilities = ' where range [0, 1]';
  expect(apart(await run('sharpen', [3e-7, 1e-7], probabilities), [0.9, 0.1])).toBeLessThan(1e-5);
  expect(apart(await run('sharpen', [1e-8, 1e-9, 0], probabilities), [1 / 3, 1 / 3, 1 / 3])).toBeLessThan(1e-5);
});
