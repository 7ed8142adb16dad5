import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ebnfOf } from '../../scripts/ebnf.mjs';
import { createParser } from '../../src/syntax/parser.ts';

test('grammar/mdl.ebnf is what scripts/grammar.mjs writes', () => {
  const committed = readFileSync(new URL('../../grammar/mdl.ebnf', import.meta.url), 'utf8');
  expect(ebnfOf(createParser().getSerializedGastProductions())).toBe(committed);
});

test('every name in it is defined', () => {
  const text = readFileSync(new URL('../../grammar/mdl.ebnf', import.meta.url), 'utf8').replace(/\/\*[^]*?\*\//g, '').replace(/'[^']*'|\[[^\]]*\]/g, '');
  const defined = new Set([...text.matchAll(/^(\w+) +::=/gm)].map((match) => match[1]));
  const used = new Set([...text.matchAll(/[A-Za-z]\w*/g)].map(([word]) => word));
  expect([...used].filter((word) => !defined.has(word))).toEqual([]);
});
