import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scan } from '../../src/syntax/scan.ts';
import { chevrotainLexer } from './chevrotain-lexer.ts';

const pieces = fc.oneof(
  fc.constantFrom('a', '_b1', '1', '1.5', '1.2.3', '^2', '^2.1', '^', '20ms', '5%', '1e3', '1e', '1e3ms', '"', '"x"', '"\\"', '\\', '//', '/', '///'),
  fc.constantFrom('(', ')', '[', ']', '{', '}', ',', ':', '@', '...', '..', '.', '->', '|>', '|', '+-', '+', '-', '*', '>=', '<=', '==', '=', '>', '<'),
  fc.constantFrom(' ', '\n', '\r\n', '\t', '\uFEFF', '\u2028', 'ü', '😀', '\uD800', ';', '#', '\0'),
  fc.string(),
);

test('any text has the tokens that chevrotain reads by the same table', () => {
  const lexer = chevrotainLexer();
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const text = parts.join('');
      const { tokens, comments, strays } = scan(text);
      const theirs = lexer.tokenize(text);
      const plain = (list: typeof tokens) => list.map((t) => [t.tokenType.name, t.startOffset, t.image]);
      expect(plain(tokens)).toEqual(plain(theirs.tokens));
      expect(plain(comments)).toEqual(plain(theirs.groups['comments'] ?? []));
      expect(strays).toEqual(theirs.errors.map((e) => ({ start: e.offset, end: e.offset + e.length })));
    }),
    { numRuns: 1000 },
  );
});
