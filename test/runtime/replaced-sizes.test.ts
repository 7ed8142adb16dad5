/** Sizes that a backbone computes from a tensor that is replaced are tested when it runs: nobody can know them before. */
import { expect, test } from 'vitest';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';
import { loadText } from './built.ts';

const int64s = (name: string, value: number) => ({ name, dims: [1], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.of(BigInt(value)).buffer) });

/** The first two of four features: how many is a tensor inside of it. */
const first = encodeModel({
  node: [node('Identity', ['two'], ['count']), node('Slice', ['x', 'zero', 'count', 'one'], ['y'])],
  input: [valueInfo('x', ['batch', 4])],
  output: [valueInfo('y', ['batch', 2])],
  initializer: [int64s('two', 2), int64s('zero', 0), int64s('one', 1)],
});

const replacedBy = (value: string): string => `backbone First @ 1.0.0 {
  source "./first.onnx"
  input x: f32[batch, 4]
  output y: f32[batch, 2]
  tap count: i64[1]
}

backbone Other @ 1.0.0 = First {
  replace count = ${value}
}

model Features {
  input x: f32[batch, 4]
  output y = Other(x).y
}
`;

const x = { data: Float32Array.of(1, 2, 3, 4), dims: [1, 4] };

test('other sizes than were declared end the run', async () => {
  await using model = await loadText(replacedBy('count + 1'), { 'first.onnx': first });
  await expect(model.run({ x })).rejects.toMatchObject({ code: 'guard-rejected' });
});

test('the same sizes do not', async () => {
  await using model = await loadText(replacedBy('count * 1'), { 'first.onnx': first });
  const { y } = await model.run({ x });
  expect(y).toMatchObject({ dims: [1, 2], data: Float32Array.of(1, 2) });
});
