import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, contentHash, findLeaks, partOf } from '../../src/data/splits.ts';

describe('a content hash', () => {
  test('does not depend on the order of keys, at any depth', () => {
    expect(contentHash({ a: 1, b: { c: [1, { e: 2, d: 3 }] } })).toBe(contentHash({ b: { c: [1, { d: 3, e: 2 }] }, a: 1 }));
    expect(canonicalJson({ b: 1, a: [{ d: null, c: 'x' }] })).toBe('{"a":[{"c":"x","d":null}],"b":1}');
  });
  test('is the SHA-256 of the bytes', () => {
    // The standard's own example.
    expect(contentHash(new TextEncoder().encode('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
  test('tells examples apart', () => {
    expect(contentHash({ a: [1, 2] })).not.toBe(contentHash({ a: [2, 1] }));
    expect(contentHash({ a: 1 })).not.toBe(contentHash({ a: '1' }));
  });
});

const shares = { fit: 0.7, calibrate: 0.1, test: 0.2 };

describe('a split', () => {
  test('gives each part about its share', () => {
    const counts = { fit: 0, calibrate: 0, test: 0 };
    for (let i = 0; i < 20_000; i++) counts[partOf(`example ${i}`, shares, 1)] += 1;
    expect(Math.abs(counts.fit / 20_000 - 0.7)).toBeLessThan(0.015);
    expect(Math.abs(counts.calibrate / 20_000 - 0.1)).toBeLessThan(0.01);
  });
  test('leaves an example where it is, whatever else there is', () => {
    fc.assert(fc.property(fc.string(), fc.integer(), (key, seed) => partOf(key, shares, seed) === partOf(key, shares, seed)));
    // The seed decides: of 50 keys some move.
    const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
    expect(keys.map((key) => partOf(key, shares, 1))).not.toEqual(keys.map((key) => partOf(key, shares, 2)));
  });
});

test('leaks are found between every two splits, by example and by group', () => {
  const leaks = findLeaks([
    { name: 'fit', keys: ['a', 'b', 'c'], groups: ['u', 'v', 'v'] },
    { name: 'calibrate', keys: ['d', 'd'], groups: ['w', 'v'] },
    { name: 'test', keys: ['b', 'a', 'e'] },
  ]);
  expect(leaks).toEqual([
    { first: 'fit', second: 'calibrate', kind: 'group', count: 1, witness: 'v', rows: [2, 2] },
    { first: 'fit', second: 'test', kind: 'example', count: 2, witness: 'b', rows: [2, 1] },
  ]);
});
