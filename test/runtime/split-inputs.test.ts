/** A split bundle takes all that its model takes, also what nothing in it reads. */
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
