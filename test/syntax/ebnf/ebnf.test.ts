/** The published grammar and the parser, held to each other in both directions. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from '../../../src/syntax/index.ts';
import { units } from '../../../src/syntax/units.ts';
import { createSource } from '../../../src/text/source.ts';
import { rules } from './grammar.ts';
import { recognise } from './recognise.ts';
import { sentence } from './sentences.ts';

const root = new URL('../../../', import.meta.url).pathname;
const errorsOf = (text: string): readonly string[] => parse(createSource('t.mdl', text)).diagnostics.map(({ code, location, message }) => `${code} at ${location.span.start}: ${message}`);

/** Drops, doubles or exchanges tokens. */
const mutated = fc.tuple(sentence, fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(2)), { minLength: 1, maxLength: 2 })).map(([text, changes]) =>
  changes
    .reduce((words, [at, other, how]) => {
      const [i, j] = [at % words.length, other % words.length];
      if (how === 0) return words.toSpliced(i, 1);
      return how === 1 ? words.toSpliced(i, 0, words[j]!) : words.with(i, words[j]!);
    }, text.split(/(?=\s)/))
    .join(''),
);

describe('what the grammar has, the parser reads', () => {
  test('random sentences of it', () => {
    fc.assert(fc.property(sentence, (text) => void expect(errorsOf(text), text).toEqual([])), { numRuns: 800 });
  });

  test('and knows the units', () => {
    const quantity = JSON.stringify(rules.get('Quantity'));
    expect([...quantity.matchAll(/"text":"([^"]+)"/g)].map(([, unit]) => unit)).toEqual(units);
  });
});

describe('what the parser reads, the grammar has', () => {
  test('the sentences themselves', () => {
    fc.assert(fc.property(sentence, (text) => void expect(recognise(text), text).toBe(true)), { numRuns: 300 });
  });

  test('sentences with a token more, less or elsewhere', () => {
    fc.assert(fc.property(mutated, (text) => void expect(errorsOf(text).length > 0 || recognise(text), text).toBe(true)), { numRuns: 800 });
  });

  const files = ['stdlib', 'examples', 'test/cases', 'bench'].flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.mdl') && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  );
  test.each(files.filter((file) => errorsOf(readFileSync(root + file, 'utf8')).length === 0))('%s', (file) => {
    const text = readFileSync(root + file, 'utf8');
    expect(recognise(text)).toBe(true);
  });
});
