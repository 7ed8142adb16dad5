/** What a loss of classes is given: the shares and weights of each row, worked out by hand. */
import { expect, test } from 'vitest';
import type { CheckedData, ColumnTerm } from '../../src/check/tools/index.ts';
import type { Tables } from '../../src/toolkit/data/columns.ts';
import { classesOf } from '../../src/toolkit/data/columns.ts';
import { ToolError } from '../../src/toolkit/errors.ts';
import { classTarget } from '../../src/toolkit/data/targets.ts';
import { emptySpan } from '../../src/text/source.ts';
import { unknownType } from '../../src/types/type.ts';

const location = { uri: 'memory:///a.mdl', span: emptySpan };
const data: CheckedData = { name: 'd', uri: 'memory:///d.jsonl', location };
const term: ColumnTerm = { kind: 'column', data, column: 'label', type: unknownType, location };
const tables: Tables = new Map([[data, { name: 'd.jsonl', rows: 4, digest: '', columns: new Map([['label', { kind: 'values', values: ['a', 'a', 'b', 'a'] }]]) }]]);
const classes = { count: 3, names: ['a', 'b', 'c'] };

test('each class that is there counts as much as another, and the mean weight is 1', () => {
  const { data: shares } = classTarget(term, classes, { smoothing: 0, balanced: true }, tables);
  // Three rows of a and one of b: 4 / (2 · 3) and 4 / (2 · 1).
  expect([...shares]).toEqual([2 / 3, 0, 0, 2 / 3, 0, 0, 0, 2, 0, 2 / 3, 0, 0].map(Math.fround));
  expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(4, 6);
});

test('smoothing gives its share to all classes alike, of the row\'s own weight', () => {
  const { data: shares } = classTarget(term, classes, { smoothing: 0.3, balanced: true }, tables);
  const third = [0.8 * 2, 0.1 * 2];
  expect([...shares.subarray(6, 9)].map((v) => Number(v.toFixed(6)))).toEqual([third[1], third[0], third[1]]);
  const plain = classTarget(term, classes, { smoothing: 0.3, balanced: false }, tables).data;
  expect([...plain.subarray(0, 3)].map((v) => Number(v.toFixed(6)))).toEqual([0.8, 0.1, 0.1]);
});

/** The classes of a column, or what it is refused with. */
function read(values: readonly unknown[], names: readonly string[]): readonly number[] | string {
  const table: Tables = new Map([[data, { name: 'd.csv', rows: values.length, digest: '', columns: new Map([['label', { kind: 'values', values }]]) }]]);
  try {
    return [...classesOf(term, { count: names.length, names }, table)];
  } catch (error) {
    if (error instanceof ToolError) return [error.message, ...error.diagnostic.notes].join('\n');
    throw error;
  }
}

test('a column of labels is read as names or as numbers, and refused where it would be both', () => {
  expect(read(['2', '3', '1'], ['1', '2', '3'])).toEqual([1, 2, 0]);
  expect(read(['2', '0', '1'], ['a', 'b', 'c'])).toEqual([2, 0, 1]);
  expect(read([2, 0, 1], ['1', '2', '3'])).toEqual([2, 0, 1]);
  // An index that was written as text: "1" and "2" are names here, "0" is none.
  const mixed = read(['1', '2', '0'], ['1', '2', '3']);
  expect(mixed).toMatch(/^row 3 of `d\.csv`: `label` has to be the name of a class, as in other rows, found "0"\nRow 1 holds "1"/);
  expect(mixed).toContain('the class of number 0, counted from 0, is called "1"');
  expect(read(['cat', 1], ['cat', 'dog'])).toMatch(/^row 2 /);
});
