import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHalf, toHalf } from '../../src/types/half.ts';

describe('half precision', () => {
  // From the table of binary16 examples in IEEE 754: least subnormal, least normal, largest, and so on.
  test.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 2 ** -14 - 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x3c01, 1 + 2 ** -10],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ])('%i stands for %d', (half, number) => {
    expect(fromHalf(half)).toBe(number);
    expect(toHalf(number)).toBe(half);
  });

  test('every pattern that is no NaN survives the way there and back', () => {
    const lost = Array.from({ length: 65536 }, (_, half) => half).filter(
      (half) => !Number.isNaN(fromHalf(half)) && toHalf(fromHalf(half)) !== half,
    );
    expect(lost).toEqual([]);
    expect(fromHalf(toHalf(NaN))).toBeNaN();
  });

  test('rounds to the nearest, ties to even', () => {
    expect(toHalf(1 + 2 ** -11)).toBe(0x3c00);
    expect(toHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(toHalf(65519.99)).toBe(0x7bff);
    expect(toHalf(65520)).toBe(0x7c00);
    expect(toHalf(2 ** -25)).toBe(0);
    fc.assert(
      fc.property(fc.double({ min: -65504, max: 65504, noNaN: true }), (x) => {
        const half = toHalf(x);
        const here = Math.abs(fromHalf(half) - x);
        const around = [half - 1, half + 1].filter((h) => (h & 0x7fff) <= 0x7bff && h >= 0 && h >> 15 === half >> 15);
        return around.every((h) => here <= Math.abs(fromHalf(h) - x));
      }),
      { verbose: 1 },
    );
  });
});
