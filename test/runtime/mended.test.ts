/** Guards in the graph: clamp and replace, with NaN caught, and none where the demand is proved. */
import { expect, test } from 'vitest';
import { buildText, loadText } from './built.ts';

const guarded = (where: string, body = 'use(x)'): string => `contract Wanted = f32[batch, 4] where ${where}

part use(x: Wanted) -> f32[batch, 4] {
  x
}

model Guarded {
  input x: f32[batch, 4]
  output y = ${body}
}
`;

async function answer(text: string, ...row: number[]): Promise<number[]> {
  await using model = await loadText(text);
  const { y } = await model.run({ x: { data: Float32Array.from(row), dims: [1, row.length] } });
  return Array.from(y!.data as Float32Array);
}

test.each<[string, number[], number[]]>([
  ['range [0, 1] on violation clamp', [-1, 0.5, 2, NaN], [0, 0.5, 1, 0]],
  ['range [2, 3] on violation clamp', [-1, 2.5, Infinity, NaN], [2, 2.5, 3, 2]],
  ['range [0, inf] on violation clamp', [-1, 0.5, Infinity, NaN], [0, 0.5, Infinity, 0]],
  ['range [-inf, -1] on violation clamp', [-Infinity, -2, 5, NaN], [-Infinity, -2, -1, -1]],
  ['range [0, 1] on violation replace(0.5)', [-1, 0.25, 2, NaN], [0.5, 0.25, 0.5, 0.5]],
  ['range [0, inf] on violation replace(7)', [-1, 0.25, Infinity, NaN], [7, 0.25, Infinity, 7]],
  ['finite on violation replace(0)', [-Infinity, 0.25, Infinity, NaN], [0, 0.25, 0, 0]],
  ['mask on violation replace(0)', [0, 1, 2, NaN], [0, 1, 0, 0]],
  ['integer on violation replace(-1)', [0, 1.5, -3, NaN], [0, -1, -3, -1]],
])('%s', async (where, row, expected) => expect(await answer(guarded(where), ...row)).toEqual(expected));

test('whole numbers stay whole', async () => {
  const text = guarded('range [0.5, 300] on violation clamp').replaceAll('f32', 'i32');
  await using model = await loadText(text);
  const { y } = await model.run({ x: { data: Int32Array.of(-5, 0, 7, 301), dims: [1, 4] } });
  expect(Array.from(y!.data as Int32Array)).toEqual([1, 1, 7, 300]);
});

test('a range for each index of the last axis', async () => {
  const text = guarded('range C [[0, 1], [-1, 0], [5, 5], [0, inf]] on violation clamp').replace('[batch, 4] where', '[batch, C: 4] where');
  expect(await answer(text, 2, 2, 2, -2)).toEqual([1, 0, 5, 0]);
  expect(await answer(text, NaN, NaN, NaN, NaN)).toEqual([0, 0, 5, 0]);
});

test('a model mends its own input, and asks nothing of the app', async () => {
  const text = guarded('range [0, 1] on violation clamp').replace('input x: f32[batch, 4]', 'input x: Wanted');
  expect(buildText(text).manifest.inputs[0]!.tensor!.facts).toEqual([]);
  expect(await answer(text, -1, 0.5, 2, NaN)).toEqual([0, 0.5, 1, 0]);
});

test('what is proved has no guard', () => {
  const size = (body: string): number => buildText(guarded('range [0, 1] on violation clamp', body)).manifest.onnx.bytes;
  expect(size('use(onnx.Sigmoid(x))')).toBeLessThan(size('use(onnx.Abs(x))'));
});
