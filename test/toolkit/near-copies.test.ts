/** Examples that are the same but for the rounding of a print. */
import { afterAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../src/data/random.ts';
import { nearCopies, type Examples } from '../../src/toolkit/data/near-copies.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { jsonl, swapSource, world } from './made-world.ts';

const never = (): boolean => false;
const values = (...columns: readonly (readonly unknown[])[]): Examples => ({ columns: columns.map((list) => ({ kind: 'values', values: list })), rows: columns[0]!.length });

describe('copies but for rounding', () => {
  const random = createRandom(5);
  const vectors = Array.from({ length: 400 }, (_, row) => Array.from({ length: 6 }, () => (row % 3 === 0 ? 1e4 : 1e-3) * random.normal()));
  const printed = (digits: number, rows: readonly number[]): readonly (readonly number[])[] => rows.map((row) => vectors[row]!.map((value) => Number(value.toPrecision(digits))));
  const learned = values(vectors);

  test('of five digits and more are found, each, with their rows; of four not', () => {
    for (const digits of [5, 6, 7]) expect(nearCopies(learned, values(printed(digits, [7, 0, 399, 12])), never)).toEqual({ count: 4, rows: [8, 1] });
    expect(nearCopies(learned, values(printed(4, [7, 0, 399, 12])), never)).toBeUndefined();
    expect(nearCopies(learned, values(printed(6, [7, 0])), (row) => row === 0)).toEqual({ count: 1, rows: [1, 2] });
  });

  test('need all else to be equal: texts, whole numbers, and which number stands where', () => {
    const [first, rounded] = [[1.234567, 20_000_001, 0.3333333, 7.654321], [1.23457, 20_000_001, 0.333333, 7.65432]];
    const found = (a: readonly unknown[], b: readonly unknown[]) => nearCopies(values(...a.map((cell) => [cell])), values(...b.map((cell) => [cell])), never)?.count;
    expect(found([first, 'a text'], [rounded, 'a text'])).toBe(1);
    expect(found([first, 'a text'], [rounded, 'another'])).toBeUndefined();
    expect(found([first], [rounded.with(1, 20_000_002)])).toBeUndefined();
    expect(found([first], [[rounded[3], rounded[1], rounded[2], rounded[0]]])).toBeUndefined();
    // Of two numbers examples agree by chance.
    expect(found([[1.234567, 0.3333333]], [[1.23457, 0.333333]])).toBeUndefined();
  });
});

describe('in a verification', () => {
  /** Rows of the pairs as `%.6g` prints them. */
  const rounded = jsonl(world(60, 2)).split('\n').slice(0, 5).map((line) => line.replace(/-?\d+\.\d+(e-?\d+)?/g, (text) => String(Number(Number(text).toPrecision(6))))).join('\n');
  const made = createFolder({ 'package.json': '{ "name": "rounded" }', 'a.mdl': swapSource, 'heads.jsonl': jsonl(world(60, 1)), 'pairs.jsonl': jsonl(world(60, 2)), 'test.jsonl': `${jsonl(world(120, 3))}${rounded}\n` });
  afterAll(() => made.remove());

  test('they FAIL at G0, which says so', async () => {
    expect(await mdl(made.path, ['fit', 'a.mdl'])).toMatchObject({ code: 0 });
    const { stdout } = await mdl(made.path, ['verify', 'a.mdl']);
    expect(stdout).toContain('FAIL          G0 integrity: 5 examples stand in both the data of fit Back and the data of this verify, the same to five digits, among them row 1 there and row 121 here.');
  });
});
