/** What goes into the files of a split bundle: all that its model takes, and what heads share. */
import { expect, test } from 'vitest';
import { load } from '../../src/runtime/index.ts';
import { buildSplit } from './split-bundle.ts';

const text = `backbone Relay @ 1.0.0 {
  source "./relay.onnx"
  input x: f32[batch, 8]
  output y: f32[batch, 8]
}

part first(x: f32[batch, 8], other: f32[batch, 8]) -> f32[batch, 8] {
  x * 2
}

model Firsts {
  input x: f32[batch, 8]
  input unread: f32[batch, 8]
  input added: f32[batch, 8]
  output y = first(Relay(x).y, unread)
  output sum = Relay(x).y + added
}
`;

test('inputs that neither the encoder nor a head reads', async () => {
  await using model = await load(buildSplit(text), { device: 'cpu' });
  const of = (value: number) => ({ data: new Float32Array(8).fill(value), dims: [1, 8] });
  const { y, sum } = await model.run({ x: of(3), unread: of(5), added: of(7) });
  expect(Array.from(y!.data as Float32Array)).toEqual(Array(8).fill(6));
  expect(Array.from(sum!.data as Float32Array)).toEqual(Array(8).fill(10));
});

const shapes = `part other(x: f32[m, n, 4]) -> f32[n, m, 4] {
  onnx.Reshape(x, shape: [n, m, 4])
}

part turned(x: f32[m, n, 4]) -> f32[n, 4, m] {
  onnx.Reshape(x, shape: [n, 4, m])
}

model Shapes {
  input x: f32[m, n, 4]
  output one = other(x)
  output two = turned(x)
  output both = x * 2
}
`;

test('a tensor inside of two forms of several nodes: the shape that two heads compute with', async () => {
  await using model = await load(buildSplit(shapes), { device: 'cpu' });
  const { one, two } = await model.run({ x: { data: Float32Array.from({ length: 24 }, (_, i) => i), dims: [2, 3, 4] } });
  expect([one!.dims, two!.dims]).toEqual([[3, 2, 4], [3, 4, 2]]);
  expect(Array.from(two!.data as Float32Array)).toEqual(Array.from({ length: 24 }, (_, i) => i));
});
