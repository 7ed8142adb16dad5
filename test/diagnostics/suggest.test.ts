import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closest, wantsColor } from '../../src/diagnostics/index.ts';
import { editDistance } from '../../src/diagnostics/suggest.ts';

test.each([
  ['chekc', 'check'],
  ['biuld', 'build'],
  ['Check', 'check'],
  ['l2_normalise', 'l2_normalize'],
  ['fmtt', 'fmt'],
  ['quantise', undefined],
  ['', undefined],
])('%s most likely means %s', (word, meant) => {
  expect(closest(word, ['check', 'build', 'fmt', 'l2_normalize'])).toBe(meant);
});

test('a distance is the number of known mistakes at most, and the same both ways', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (word, at, letter) => {
      const i = at % (word.length + 1);
      const mistyped = word.slice(0, i) + letter + word.slice(i);
      expect(editDistance(word, mistyped)).toBe(1);
      expect(editDistance(mistyped, word)).toBe(1);
      expect(editDistance(word, word)).toBe(0);
    }),
  );
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ TERM: 'dumb' }, true, false],
])('with %j and a terminal: %s, colour is wanted: %s', (env, isTerminal, wanted) => {
  expect(wantsColor(env, isTerminal)).toBe(wanted);
});
