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
  // Squares of 1e-10 and 1e-12, in shares: 1 / 1.0001 and 1e-4 / 1.0001.
  expect(apart(await run('sharpen', [1e-10, 1e-12, 1e-30, 0], probabilities), [1 / 1.0001, 1e-4 / 1.0001, 0, 0])).toBeLessThan(1e-5);
  expect(await run('sharpen', [0, 0, 0, 0], probabilities)).toEqual([0.25, 0.25, 0.25, 0.25]);
});

test.each(['f16', 'f32', 'f64'])('among_tokens, in %s', async (dtype) => {
  const within = dtype === 'f16' ? 6e4 : 3e38;
  const call = `onnx.Cast(among_tokens(onnx.Cast(x, to: ${dtype}), mask: mask), to: f32)`;
  const { bytes } = compilePart({ module: 'std/heads', part: 'among_tokens', call, types: { x: 'f32[batch, seq]', mask: 'i64[batch, seq] where mask' }, opset: 14 });
  const of = async (scores: readonly number[], mask: readonly number[]) =>
    (await runPart(bytes, { x: { dims: [1, 3], data: scores }, mask: { dims: [1, 3], data: mask, dtype: 'i64' } })).data;
  expect(await of([-within, 0, 0], [1, 0, 0])).toEqual([1, 0, 0]);
  expect(await of([within, -within, 0], [1, 1, 0])).toEqual([1, 0, 0]);
  expect(await of([-within, -within, 0], [1, 1, 0])).toEqual([0.5, 0.5, 0]);
  expect(apart(await of([5, 1, -Infinity], [0, 0, 0]), [1 / 3, 1 / 3, 1 / 3])).toBeLessThan(1e-3);
});

test('attention_pool', async () => {
  const weights = { 'attention_pool.query': { dims: [2, 1], data: [1, 1] } };
  const types = { x: 'f32[batch, seq, 2]', mask: 'i64[batch, seq] where mask' };
  const { bytes } = compilePart({ module: 'std/heads', part: 'attention_pool', call: 'attention_pool(x, mask: mask)', types, result: 'f32[batch, 2]', weights, opset: 14 });
  const x = { dims: [1, 2, 2], data: [-1e13, 1, 0, 0] };
  expect((await runPart(bytes, { x, mask: { dims: [1, 2], data: [1, 0], dtype: 'i64' } })).data).toEqual([Math.fround(-1e13), 1]);
});

// The largest number of half precision is 65504.
test.each([['f16', 5e4], ['f32', 3e38], ['f64', 3e38]])('weighted_pool, in %s', async (dtype, weight) => {
  const call = `onnx.Cast(weighted_pool(onnx.Cast(x, to: ${dtype}), weights: onnx.Cast(w, to: ${dtype})), to: f32)`;
  const { bytes } = compilePart({ module: 'std/text', part: 'weighted_pool', call, types: { x: 'f32[batch, seq, 2]', w: 'f32[batch, seq] where range [0, inf]' }, opset: 14 });
  const pool = async (w: readonly number[]) => (await runPart(bytes, { x: { dims: [1, 2, 2], data: [1, 2, 3, 4] }, w: { dims: [1, 2], data: w } })).data;
  expect(await pool([weight, weight])).toEqual([2, 3]);
  expect(await pool([weight, 0])).toEqual([1, 2]);
  expect(await pool([0, 0])).toEqual([0, 0]);
  // What adds up to less than epsilon, 1e-6, is divided by that.
  expect(apart(await pool([2e-7, 2e-7]), [0.8, 1.2])).toBeLessThan(dtype === 'f16' ? 0.2 : 1e-5);
});

// As their comments say: the squares of 3e19 are beyond 3.4e38.
test('standardize, of what adds up to more than there is', async () => {
  expect(await run('standardize', [1e38, 1e38, 2e38, 2e38])).toEqual([NaN, NaN, NaN, NaN]);
});
