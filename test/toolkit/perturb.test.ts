/** What G6 does to examples: little, always the same, and within the range that there was. */
import { expect, test } from 'vitest';
import { perturbations } from '../../src/toolkit/verify/perturb.ts';
import { arrayInMemory, type ArrayColumn } from '../../src/toolkit/data/array-column.ts';
import type { Column } from '../../src/toolkit/data/table.ts';

const known = (column: Column): readonly string[] => perturbations.filter(({ apply }) => apply(column, 1) !== undefined).map(({ words }) => words);
const apply = (words: string, column: Column, seed = 1): Column => perturbations.find((one) => one.words === words)!.apply(column, seed)!;

const texts: Column = { kind: 'values', values: ['A large, wild cat!', 'tea', ''] };
const pictures: Column = arrayInMemory('u8', [4, 5, 3], Uint8Array.from({ length: 2 * 60 }, (_, i) => (7 * i) % 200));

test('texts, pictures and vectors have perturbations; ids and labels have none', () => {
  expect(known(texts)).toEqual(['with typing errors', 'with words left out', 'in lower case without punctuation']);
  expect(known(pictures)).toEqual(['with noise of 5 % of the deviation', 'brighter or darker by up to 10 % of the range', 'moved by a pixel']);
  expect(known({ kind: 'values', values: [[0.5, 1], [2, 3]] })).toEqual(['with noise of 5 % of the deviation']);
  // As a CSV file has them: all that its cells hold are texts.
  expect(known({ kind: 'values', values: ['[0.5, 1]', '[2, 3]'] })).toEqual(['with noise of 5 % of the deviation']);
  expect(known({ kind: 'values', values: ['[101, 7]', '[2, 3]'] })).toEqual([]);
  expect(known({ kind: 'values', values: [[101, 7], [2, 3]] })).toEqual([]);
  expect(known(arrayInMemory('i64', [3], new Uint8Array(48)))).toEqual([]);
  expect(known(arrayInMemory('u8', [3], new Uint8Array(6)))).toEqual([]);
});

test('vectors of a CSV file are disturbed as those of any other file', () => {
  const rows = [[0.5, 1], [2, 3], [-1, 7]];
  const ofCsv = apply('with noise of 5 % of the deviation', { kind: 'values', values: rows.map((row) => JSON.stringify(row)) });
  expect(ofCsv).toEqual(apply('with noise of 5 % of the deviation', { kind: 'values', values: rows }));
});

test('texts keep their letters or words, and are never emptied', () => {
  const of = (words: string, seed = 1) => (apply(words, texts, seed) as Extract<Column, { kind: 'values' }>).values as string[];
  expect(of('in lower case without punctuation')).toEqual(['a large wild cat', 'tea', '']);
  const sorted = (text: string): string => [...text].sort().join('');
  for (let seed = 0; seed < 20; seed++) {
    expect(of('with typing errors', seed).map(sorted)).toEqual([...(texts as Extract<Column, { kind: 'values' }>).values].map((text) => sorted(text as string)));
    for (const [i, text] of of('with words left out', seed).entries()) expect(['A large, wild cat!', 'tea', ''][i]!.split(' ')).toEqual(expect.arrayContaining(text.split(' ')));
    expect(of('with words left out', seed)[1]).toBe('tea');
  }
});

test('pictures keep their type, their size and their range; the same seed gives the same', () => {
  for (const { words } of perturbations.slice(3)) {
    const found = apply(words, pictures) as ArrayColumn;
    expect([found.dtype, found.dims, found.bytes().length]).toEqual(['u8', [4, 5, 3], 120]);
    expect(Math.max(...found.bytes())).toBeLessThanOrEqual(199);
    expect(found.bytes()).not.toEqual((pictures as ArrayColumn).bytes());
    expect((apply(words, pictures) as ArrayColumn).bytes()).toEqual(found.bytes());
  }
});

test('a picture is moved as a whole: its colours stay together, in either order of the axes', () => {
  // Every pixel says where it is: 10 y + x in each colour, and which colour.
  const value = (y: number, x: number, colour: number): number => 40 * colour + 8 * y + x;
  const last = Uint8Array.from({ length: 20 * 60 }, (_, i) => value(Math.floor((i % 60) / 15), Math.floor((i % 15) / 3), i % 3));
  const dims = [4, 5, 3];
  const moved = (apply('moved by a pixel', arrayInMemory('u8', dims, last)) as ArrayColumn).bytes();
  const shifts = new Set<string>();
  for (let row = 0; row < 20; row++) {
    // The middle is away from all edges.
    const seen = [0, 1, 2].map((colour) => moved[row * 60 + 15 + 2 * 3 + colour]! - 40 * colour);
    expect(new Set(seen).size).toBe(1);
    shifts.add(`${1 - Math.floor(seen[0]! / 8)} ${2 - (seen[0]! % 8)}`);
  }
  for (const shift of shifts) expect(shift).toMatch(/^(-1|0|1) (-1|0|1)$/);
  expect(shifts.size).toBeGreaterThan(3);
});
