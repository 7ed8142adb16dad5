import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ebnfOf, grammarRules, tokens } from '../../scripts/grammar-rules.mjs';
import { railroadsOf } from '../../scripts/railroad.mjs';
import { createParser } from '../../src/syntax/parser.ts';

const rules = grammarRules(createParser().getSerializedGastProductions());

test('grammar/mdl.ebnf is what scripts/grammar.mjs writes', () => {
  const committed = readFileSync(new URL('../../grammar/mdl.ebnf', import.meta.url), 'utf8');
  expect(ebnfOf(rules)).toBe(committed);
});

test('grammar/mdl.html is what scripts/grammar.mjs writes, and needs nothing else', () => {
  const committed = readFileSync(new URL('../../grammar/mdl.html', import.meta.url), 'utf8');
  expect(railroadsOf(rules)).toBe(committed);
  expect(committed).not.toMatch(/<script|<link|src=|https?:/);
});

test('each of its rules and tokens stands in its index and has a diagram, and each of its links leads to one', () => {
  const page = readFileSync(new URL('../../grammar/mdl.html', import.meta.url), 'utf8');
  const ids = [...page.matchAll(/<section id="(\w+)">/g)].map((match) => match[1]!);
  const links = [...page.matchAll(/href="#(\w+)"/g)].map((match) => match[1]!);
  expect(ids).toEqual([...rules, ...tokens].map(({ name }) => name));
  expect(links.slice(0, ids.length)).toEqual(ids);
  expect(links.filter((link) => !ids.includes(link))).toEqual([]);
});

test('every name in it is defined', () => {
  const text = readFileSync(new URL('../../grammar/mdl.ebnf', import.meta.url), 'utf8').replace(/\/\*[^]*?\*\//g, '').replace(/'[^']*'|\[[^\]]*\]/g, '');
  const defined = new Set([...text.matchAll(/^(\w+) +::=/gm)].map((match) => match[1]));
  const used = new Set([...text.matchAll(/[A-Za-z]\w*/g)].map(([word]) => word));
  expect([...used].filter((word) => !defined.has(word))).toEqual([]);
});
