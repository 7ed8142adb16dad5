/** Numbers that are none, found in bytes that JavaScript's own arrays wrote. */
import { expect, test } from 'vitest';
import { findNotFinite } from '../../src/data/not-finite.ts';
import type { DType } from '../../src/types/dtype.ts';

const look = (dtype: DType, bytes: Uint8Array, dims: readonly number[]) => {
  // Files have no alignment.
  const held = new Uint8Array([7, ...bytes]);
  const tensor = { name: 't', dtype, dims, offset: 1, length: bytes.length };
  return findNotFinite([tensor], { uri: 'memory:///t', size: held.length, read: (offset, length) => held.subarray(offset, offset + length), close: () => {} }).get('t');
};
const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

test.each([
  ['f32', Float32Array.of(0, 3.4e38, -1e-45, NaN, 1, Infinity), { index: [1, 1], value: 'NaN', count: 2 }],
  ['f32', Float32Array.of(1, 2, 3, 4, 5, -Infinity), { index: [2, 1], value: '-inf', count: 1 }],
  ['f64', Float64Array.of(1.7e308, 5e-324, Infinity, NaN, NaN, 0), { index: [1, 0], value: 'inf', count: 3 }],
  // A NaN whose upper word is that of infinity.
  ['f64', new Uint32Array([1, 0x7ff0_0000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), { index: [0, 0], value: 'NaN', count: 1 }],
  ['f16', Uint16Array.of(0x7bff, 0x0001, 0xfc00, 0x7e00, 0, 0), { index: [1, 0], value: '-inf', count: 2 }],
  ['bf16', Uint16Array.of(0x7f7f, 0x7f80, 0, 0, 0, 0), { index: [0, 1], value: 'inf', count: 1 }],
  ['f32', Float32Array.of(3.4028234663852886e38, -3.4028234663852886e38, 0, -0, 1e-45, 1), undefined],
  ['i32', new Uint8Array(24).fill(0xff), undefined],
] as const)('%s', (dtype, array, expected) => {
  expect(look(dtype, bytesOf(array), [3, 2])).toEqual(expected);
});

test('behind the first chunk, and of no dims', () => {
  const many = new Float32Array(600_000);
  many[599_999] = NaN;
  expect(look('f32', bytesOf(many), [600, 1000])).toEqual({ index: [599, 999], value: 'NaN', count: 1 });
  expect(look('f32', bytesOf(Float32Array.of(NaN)), [])).toEqual({ index: [], value: 'NaN', count: 1 });
});
