import { expect, test } from 'vitest';
import { didYouMean } from '../../src/runtime/suggest.ts';

test('a word that is near enough is suggested', () => {
  expect(didYouMean('tokesn', ['tokens', 'weight'])).toEqual(['Did you mean `tokens`?']);
  expect(didYouMean('TOKENS', ['tokens'])).toEqual(['Did you mean `tokens`?']);
  expect(didYouMean('price', ['tokens', 'weight'])).toEqual([]);
  expect(didYouMean('x'.repeat(1e6), ['tokens'])).toEqual([]);
  expect(didYouMean('x', [])).toEqual([]);
});
