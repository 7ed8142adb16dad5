import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ebnfOf } from '../../scripts/ebnf.mjs';
import { railroadsOf } from '../../scripts/railroad.mjs';
import { createParser } from '../../src/syntax/parser.ts';

test('grammar/mdl.ebnf is what scripts/grammar.mjs writes', () => {
  const committed = readFileSync(new URL('../../grammar/mdl.ebnf', import.meta.url), 'utf8');
  expect(ebnfOf(createParser().getSerializedGastProductions())).toBe(committed);
});

test('grammar/mdl.html is what scripts/grammar.mjs writes, and needs nothing else', () => {
  const committed = readFileSync(new URL('../../grammar/mdl.html', import.meta.url), 'utf8');
  expect(railroadsOf(createParser().getSerializedGastProductions())).toBe(committed);
  expect(committed).not.toMatch(/<script|<link|src=|https?:/);
});

test('each of its rules has a diagram, and each of its links leads to one', () => {
  const page = readFileSync(new URL('../../grammar/mdl.html', import.meta.url), 'utf8');
  const ids = [...page.matchAll(/<section id="(\w+)">/g)].map((match) => match[1]!);
  const rules = createParser().getSerializedGastProductions() as unknown as readonly { readonly name: string }[];
  expect(ids).toEqual(rules.map(({ name }) => name).toSorted((a, b) => Number(b === 'module') - Number(a === 'module')));
  expect([...page.matchAll(/href="#(\w+)"/g)].filter((match) => !ids.includes(match[1]!))).toEqual([]);
});

test('every name in it is defined', () => {
  const text = readFileSync(new URL('../../grammar/mdl.ebnf', import.meta.url), 'utf8').replace(/\/\*[^]*?\*\//g, '').replace(/'[^']*'|\[[^\]]*\]/g, '');
  const defined = new Set([...text.matchAll(/^(\w+) +::=/gm)].map((match) => match[1]));
  const used = new Set([...text.matchAll(/[A-Za-z]\w*/g)].map(([word]) => word));
  expect([...used].filter((word) => !defined.has(word))).toEqual([]);
});
