import { expect, test } from 'vitest';
import { within } from '../../src/data/bounded.ts';

test('a task within its time answers, and throws what it throws', () => {
  expect(within(1000, () => 'done')).toBe('done');
  expect(() => within(1000, () => { throw new TypeError('no'); })).toThrow(TypeError);
});

test.each([
  ['a loop', () => { for (;;); }],
  ['one match', () => String(/(a+)+$/.exec(`${'a'.repeat(60)}b`))],
  ['one replacement', () => `${' '.repeat(1_000_000)}b`.replace(/\s+$/, '')],
])('%s that takes too long ends', (_, task) => {
  expect(within(50, task as () => string)).toBeUndefined();
  expect(within(1000, () => 'and what follows runs')).toBe('and what follows runs');
});
