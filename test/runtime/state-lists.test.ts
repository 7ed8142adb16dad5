/** States whose first value is a list: it fills the last axes and is repeated over the others. */
import { expect, test } from 'vitest';
import { loadText } from './built.ts';

test.each<[string, string, Float32Array | BigInt64Array | Uint8Array, number[], number[]]>([
  ['f32', '[1, 0.5]', Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0), [2, 2, 2], [1, 0.5, 1, 0.5, 1, 0.5, 1, 0.5]],
  ['f32', '[[1, 2], [3, -4]]', Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0), [2, 2, 2], [1, 2, 3, -4, 1, 2, 3, -4]],
  ['i64', '[[1, 2], [3, 4]]', BigInt64Array.of(0n, 0n, 0n, 0n), [1, 2, 2], [1, 2, 3, 4]],
  ['u8', '[7, 255]', Uint8Array.of(0, 0, 0, 0), [1, 2, 2], [7, 255, 7, 255]],
])('%s = %s', async (dtype, init, data, dims, expected) => {
  const text = `model M {
  input x: ${dtype}[batch, 2, 2]
  state s: ${dtype}[batch, 2, 2] = ${init}
  output y = onnx.Max(s, x)
  next s = onnx.Max(s, x)
}`.replaceAll('onnx.Max(s, x)', dtype === 'f32' ? 's + x' : 'onnx.Max(s, x)');
  await using model = await loadText(text);
  const { y } = await model.run({ x: { data, dims } });
  expect(Array.from(y!.data as ArrayLike<number | bigint>, Number)).toEqual(expected);
});
