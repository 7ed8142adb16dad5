/**
 * docs/language.md leaves nothing of the language out: all of the grammar, of the facts, kinds and element types stands in a program that
 * compiles (language.test.ts compiles them), and all that tools measure and do is named.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { costs, gateMetrics, losses, methods, metrics, signals } from '../../src/check/tools/tables.ts';
import { initializerWords } from '../../src/check/parts/initializers.ts';
import { factWords, familyWords, kindWords } from '../../src/ide/hover/words.ts';
import { units } from '../../src/syntax/units.ts';
import { dtypes } from '../../src/types/dtype.ts';
import { derivation } from '../syntax/ebnf/recognise.ts';
import { isToken, rules, type Expression } from '../syntax/ebnf/grammar.ts';
import { examplesOf } from './language-examples.ts';

const page = readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8');
const programs = examplesOf(page).filter(({ code }) => code === undefined).map(({ text }) => text);
const words = new Set(programs.flatMap((text) => text.replaceAll(/\/\/.*/g, '').match(/[A-Za-z_]\w*/g) ?? []));

/** What is read so that the checker can say what is wrong: nothing is replaced by infinity, and sizes are never below 0. */
const refused: readonly string[] = ["violation: 'inf'", "compared: '-'"];

/** Leaves of a rule's right side; a comma that may end a list is no construct. */
function leaves(is: Expression): readonly Expression[] {
  if (is.kind === 'repeated') return is.mark === '?' && is.of.kind === 'text' && is.of.text === ',' ? [] : leaves(is.of);
  return is.kind === 'sequence' || is.kind === 'choice' ? is.of.flatMap(leaves) : [is];
}

const shown = (leaf: Expression): string => (leaf.kind === 'text' ? `'${leaf.text}'` : leaf.kind === 'name' ? leaf.name : '');

describe('what the programs of the page have', () => {
  test('all of the grammar', () => {
    const read = programs.map((text) => derivation(text));
    expect(programs.filter((_, i) => read[i] === undefined)).toEqual([]);
    const used = new Set(read.flatMap((found) => [...(found ?? [])]));
    const missing = [...rules].filter(([name]) => !isToken(name)).flatMap(([name, is]) => leaves(is).filter((leaf) => !used.has(leaf)).map((leaf) => `${name}: ${shown(leaf)}`));
    expect(missing).toEqual(refused);
  });
  test.each([
    ['facts', factWords],
    ['families of element types', familyWords],
    ['kinds of parameters', kindWords],
    ['element types', dtypes],
  ])('all %s', (_, table) => {
    expect(Object.keys(table).filter((word) => !words.has(word))).toEqual([]);
  });
});

test.each([
  ['losses', losses],
  ['metrics', metrics],
  ['gates', gateMetrics],
  ['methods', methods],
  ['costs', costs],
  ['signals', signals],
  ['initialisers', Object.fromEntries(initializerWords())],
])('the page names all %s', (_, table) => {
  const named = (name: string): boolean => new RegExp(`\`\\.?${name.replaceAll('.', '\\.')}\\b`).test(page) || new RegExp(`\`\\.${name.split('.').at(-1)}\``).test(page);
  expect(Object.keys(table).filter((name) => !named(name))).toEqual([]);
});

test('the page has all units', () => {
  expect(units.filter((unit) => !new RegExp(`\\d${unit}(?![A-Za-z])`).test(page) && !page.includes(`\`${unit}\``))).toEqual([]);
});
