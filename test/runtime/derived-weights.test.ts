/** A backbone made of another one, with the weights of what it puts in: against the arithmetic by hand. */
import { expect, test } from 'vitest';
import { encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { safetensors } from '../check/world.ts';
import { loadText } from './built.ts';

const network = encodeModel({
  node: [node('Mul', ['x', 'two'], ['middle']), node('Add', ['middle', 'one'], ['y'])],
  input: [valueInfo('x', ['N', 2])],
  output: [valueInfo('y', ['N', 2])],
  valueInfo: [valueInfo('middle', ['N', 2])],
  initializer: [floats('two', [1], [2]), floats('one', [1], [1])],
});

const text = `import { linear } from "std/nn"

backbone Base @ 1.0.0 {
  source "./network.onnx"
  input x: f32[batch, 2]
  output y: f32[batch, 2]
  tap middle: f32[batch, 2]
}

backbone Bent @ 1.0.0 = Base weights "./bent.safetensors" from { middle.w: "w" transposed } {
  replace middle = middle |> linear(out: 2)
}

model M {
  input x: f32[batch, 2]
  output base = Base(x).y
  output bent = Bent(x).y
}
`;

test('the parameters of a replacement come from the weights of the backbone', async () => {
  // w as PyTorch stores it, [out, in]: [[1, 10], [100, 1000]]; b is 0.5, 0.25.
  const file = safetensors({ w: { dims: [2, 2], values: [1, 10, 100, 1000] }, 'middle.b': { dims: [2], values: [0.5, 0.25] } });
  await using model = await loadText(text, { 'network.onnx': network, 'bent.safetensors': file });
  const { base, bent } = await model.run({ x: { data: Float32Array.of(1, 2), dims: [1, 2] } });
  expect(Array.from(base!.data as Float32Array)).toEqual([3, 5]);
  // middle is [2, 4]; [2 + 40 + 0.5, 200 + 4000 + 0.25], and 1 is added.
  expect(Array.from(bent!.data as Float32Array)).toEqual([43.5, 4201.25]);
});
