/** What G6 does to examples: little, always the same, and within the range that there was. */
import { expect, test } from 'vitest';
import { perturbations } from '../../src/toolkit/verify/perturb.ts';
import { succeed } from '../../src/diagnostics/diagnostic.ts';
import { createHash } from 'node:crypto';
import { rowsOfTable } from '../../src/toolkit/verify/perturb.ts';
import type { ImageColumn } from '../../src/toolkit/data/image-folder.ts';
import type { Picture } from '../../src/data/images.ts';
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

const files: ImageColumn = {
  kind: 'images',
  name: (row) => `${row}.png`,
  digest: (row) => succeed(createHash('sha256').update(String(row)).digest('hex')),
  bytes: () => succeed(new Uint8Array(0)),
};
/** Of a file what it is decoded to. */
const changed = (words: string, picture: Picture, row = 0, column = files): Uint8Array => {
  const found = (apply(words, column) as ImageColumn).change!(picture, row);
  if (!found.ok) throw new Error(found.finding.message);
  return found.value.pixels;
};
const ramp: Picture = { height: 40, width: 50, channels: 3, pixels: Uint8Array.from({ length: 6000 }, (_, i) => 60 + (i % 120)) };

test('pictures in files are changed as those of arrays are, each by itself', () => {
  expect(known(files)).toEqual(known(pictures));
  for (const words of known(files)) {
    const other = apply(words, files) as ImageColumn;
    // What is kept of a picture is not kept as that of its file, nor of another change.
    expect(new Set([files.digest(0), other.digest(0), (apply(words, files, 2) as ImageColumn).digest(0)].map((digest) => digest.ok && digest.value)).size).toBe(3);
    expect(changed(words, ramp)).toEqual(changed(words, ramp));
    expect(changed(words, ramp)).not.toEqual(changed(words, ramp, 1));
    // The same file is the same picture wherever it stands.
    const turned = rowsOfTable({ name: 'p', rows: 3, digest: '', columns: new Map([['image', files]]) }, [2, 1, 0]).columns.get('image') as ImageColumn;
    expect(changed(words, ramp, 0, turned)).toEqual(changed(words, ramp, 2));
  }
});

test('noise of pictures in files is 5 % of the deviation, and brightness one number for the whole picture', () => {
  const differences = (words: string, row: number): number[] => [...changed(words, ramp, row)].map((value, i) => value - ramp.pixels[i]!);
  const noise = differences('with noise of 5 % of the deviation', 0);
  // 120 values that are equally frequent, one apart: the deviation is sqrt((120² - 1) / 12); bytes add that of rounding, sqrt(1 / 12).
  const expected = Math.hypot(0.05 * Math.sqrt((120 ** 2 - 1) / 12), Math.sqrt(1 / 12));
  expect(Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / noise.length) / expected).toBeCloseTo(1, 1);
  const steps = Array.from({ length: 20 }, (_, row) => new Set(differences('brighter or darker by up to 10 % of the range', row)));
  expect(steps.every((own) => own.size === 1 && Math.abs([...own][0]!) <= 26)).toBe(true);
  expect(new Set(steps.map((own) => [...own][0])).size).toBeGreaterThan(10);
  // Bytes end at 255.
  const white = { ...ramp, pixels: ramp.pixels.map(() => 255) };
  for (let row = 0; row < 20; row++) expect(Math.min(...changed('brighter or darker by up to 10 % of the range', white, row))).toBeGreaterThanOrEqual(229);
});

test('a picture of a file is moved as the array of its pixels is', () => {
  const shifts = Array.from({ length: 40 }, (_, row) => {
    const found = changed('moved by a pixel', { height: 4, width: 5, channels: 1, pixels: Uint8Array.from({ length: 20 }, (_unused, i) => i) }, row);
    // The middle says from where it came, and all of it came from there.
    const [down, right] = [2 - Math.floor(found[12]! / 5), 2 - (found[12]! % 5)];
    expect(found[7]).toBe(5 * (1 - down) + 2 - right);
    return `${down} ${right}`;
  });
  expect(new Set(shifts).size).toBe(9);
});
