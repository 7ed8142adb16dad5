/** Parts over dtypes and spaces, from source to answer. */
import { expect, test } from 'vitest';
import { loadText } from './built.ts';

const source = `space meaning @ 2.0.0 compatible ^1

contract Vec(d: int = 2, of: space = meaning@^1, t: dtype = f32) = t[batch, d] where space of

part convert(x: from[..., d], from: dtype, to: dtype) -> to[..., d] keeps space {
  onnx.Cast(x, to: to)
}

part middle(a: Vec(of: s, t: t), b: Vec(of: s, t: t), s: space, t: dtype) -> Vec(of: s, t: t) keeps space {
  (a + b) / 2
}


model Means {
  input a: Vec(t: u8, of: meaning)
  input b: Vec(of: meaning)
  output y = middle(a |> convert(to: f32), b) |> convert(to: f64)
}
`;

test('run with the dtypes of their calls', async () => {
  await using model = await loadText(source);
  expect(model.outputs[0]!.tensor).toMatchObject({ dtype: 'f64', facts: [{ kind: 'space', id: '#meaning', version: '2.0.0' }] });
  const { y } = await model.run({ a: { data: Uint8Array.of(1, 2), dims: [1, 2] }, b: { data: Float32Array.of(0.5, 4), dims: [1, 2] } });
  expect(y!.data).toEqual(Float64Array.of(0.75, 3));
});
