/** Which names are offered for one that is not there. */
import { describe, expect, test } from 'vitest';
import { suggestName } from '../../src/names/near.ts';

describe('a short word', () => {
  test.each([
    ['relu', 'Relu', 'case'],
    ['rleu', 'relu', 'two letters swapped'],
    ['reu', 'relu', 'a letter left out'],
    ['rellu', 'relu', 'a letter doubled'],
    ['relux', 'relu', 'a letter too many behind it'],
  ])('%s means %s: %s', (word, meant) => {
    expect(suggestName(word, ['tanh', meant])).toBe(meant);
  });

  test.each([
    ['gelu', 'relu', 'another letter'],
    ['selu', 'relu', 'another letter'],
    ['elu', 'gelu_tanh', 'many letters more'],
    ['prelu', 'relu', 'a letter more that is not a double'],
    ['x', 'y', 'one letter'],
    ['relu6', 'relu', 'a number behind it'],
    ['sums', 'sum', 'a letter behind three'],
  ])('%s does not mean %s: %s', (word, other) => {
    expect(suggestName(word, [other])).toBeUndefined();
  });
});

test('a longer word may have other letters', () => {
  expect(suggestName('softmux', ['softmax', 'sigmoid'])).toBe('softmax');
  expect(suggestName('softmax', ['sigmoid'])).toBeUndefined();
});
