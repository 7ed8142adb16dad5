import { expect, test } from 'vitest';
import { leastAboveZero, vanishes } from '../../src/types/dtype.ts';

test('a number vanishes up to the middle between 0 and the least that the dtype has', () => {
  const rounded = (value: number): number => new Float32Array([value])[0]!;
  for (const [value, isLost] of [[2 ** -149, false], [2 ** -150, true], [1.0001 * 2 ** -150, false], [-(2 ** -151), true], [0, false], [1, false]] as const) {
    expect(vanishes('f32', value)).toBe(isLost);
    expect(value !== 0 && rounded(value) === 0).toBe(isLost);
  }
  // IEEE 754 binary16: the least subnormal is 2^-24; bfloat16 has 8 bits of exponent and 7 of fraction.
  expect(leastAboveZero).toMatchObject({ f16: 2 ** -24, bf16: 2 ** (-126 - 7) });
  expect([vanishes('f16', 2 ** -25), vanishes('f16', 1.0001 * 2 ** -25), vanishes('i8', 1e-9)]).toEqual([true, false, false]);
});
