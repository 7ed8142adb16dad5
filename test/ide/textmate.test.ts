/** The TextMate grammar knows the words that the parser knows. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { lex } from '../../src/syntax/lex.ts';
import { wordTokens } from '../../src/syntax/tokens.ts';
import { createSource } from '../../src/text/source.ts';
import { dtypeFamilies, dtypes } from '../../src/types/dtype.ts';
import { factWords } from '../../src/ide/hover/words.ts';

const root = path.resolve(import.meta.dirname, '../..');

interface Rule {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly patterns?: readonly Rule[];
}
const grammar = JSON.parse(readFileSync(path.join(root, 'editors/vscode/syntaxes/mdl.tmLanguage.json'), 'utf8')) as {
  readonly repository: Readonly<Record<string, Rule>>;
};
const rules = (key: string): readonly Rule[] => grammar.repository[key]!.patterns!;

/** `a`, `b` of `(?:a|b)` */
const alternatives = (rule: Rule): string[] => /\(\?:([\w|]+)\)/.exec(rule.match!)![1]!.split('|');

test("its keywords are the parser's words", () => {
  const words = rules('words').filter(({ name }) => name !== 'constant.language.mdl').flatMap(alternatives);
  expect(words.sort()).toEqual([...wordTokens.keys()].sort());
});

test('its types are the element types and their families', () => {
  const [types] = rules('names');
  expect(alternatives(types!).sort()).toEqual([...Object.keys(dtypes), ...Object.keys(dtypeFamilies)].sort());
});

test('its facts are those that are not keywords already', () => {
  const [, facts] = rules('names');
  expect(alternatives(facts!).sort()).toEqual(Object.keys(factWords).filter((word) => !wordTokens.has(word)).sort());
});

const keywords = rules('words').filter(({ name }) => name !== 'constant.language.mdl').map(({ match }) => new RegExp(match!, 'g'));
const folders = ['stdlib', 'examples/glosses'];
const modules = folders.flatMap((folder) => readdirSync(path.join(root, folder)).filter((file) => file.endsWith('.mdl')).map((file) => `${folder}/${file}`));

test.each(modules)('it finds the keywords of %s', (file) => {
  const source = createSource('', readFileSync(path.join(root, file), 'utf8'));
  const types = new Set(wordTokens.values());
  const { tokens, comments } = lex(source);
  const wanted = tokens.filter(({ tokenType }) => types.has(tokenType)).map(({ startOffset }) => startOffset);
  // Strings and comments come first in the grammar.
  const blank = (text: string, { start, end }: { start: number; end: number }) => text.slice(0, start) + ' '.repeat(end - start) + text.slice(end);
  const strings = tokens.filter(({ image }) => image.startsWith('"')).map(({ startOffset, image }) => ({ start: startOffset, end: startOffset + image.length }));
  const text = [...strings, ...comments.map(({ span }) => span)].reduce(blank, source.text);
  const found = keywords.flatMap((regex) => [...text.matchAll(regex)].map(({ index }) => index));
  expect(found.sort((a, b) => a - b)).toEqual(wanted);
});
