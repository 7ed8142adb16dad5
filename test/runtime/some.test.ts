/** Sizes that a part chooses: one name for each in what the model says of itself. */
import { expect, test } from 'vitest';
import { loadText } from './built.ts';

const source = `contract Rows = f32[some n, 8]

backbone Detect @ 1.0.0 {
  source "./nameless.onnx"
  input x: f32[batch, 8]
  output y: f32[some n, 8]
}

model Rows2 {
  input given: Rows
  input x: f32[batch, 8]
  output a = Detect(x).y
  output b: Rows = Detect(given).y
}
`;

test('the outputs of two calls have two sizes', async () => {
  await using model = await loadText(source);
  const sizes = [...model.inputs, ...model.outputs].map((port) => port.tensor!.dims[0]!.size);
  expect(sizes).toEqual(['n', 'batch', 'n_2', 'n_3']);
  const rows = (count: number) => ({ data: new Float32Array(count * 8).fill(count), dims: [count, 8] });
  const { a, b } = await model.run({ given: rows(1), x: rows(3) });
  expect([a!.dims, b!.dims]).toEqual([[3, 8], [1, 8]]);
});
