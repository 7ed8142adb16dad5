/** What a loss of classes is given: the shares and weights of each row, worked out by hand. */
import { describe, expect, test } from 'vitest';
import type { CheckedData, ColumnTerm } from '../../src/check/tools/index.ts';
import { arrayInMemory } from '../../src/toolkit/data/array-column.ts';
import { classesOf, type Tables } from '../../src/toolkit/data/columns.ts';
import type { Table } from '../../src/toolkit/data/table.ts';
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
const read = (values: readonly unknown[], names: readonly string[]): readonly number[] | string =>
  readColumn({ name: 'd.csv', rows: values.length, digest: '', columns: new Map([['label', { kind: 'values', values }]]) }, names);

function readColumn(table: Table, names: readonly string[]): readonly number[] | string {
  try {
    return [...classesOf(term, { count: names.length, names }, new Map([[data, table]]))];
  } catch (error) {
    if (error instanceof ToolError) return [error.message, ...error.diagnostic.notes].join('\n');
    throw error;
  }
}

test('a column of labels is read as names or as numbers, and refused where it would be both', () => {
  expect(read(['2', '3', '1'], ['1', '2', '3'])).toEqual([1, 2, 0]);
  expect(read(['2', '0', '1'], ['a', 'b', 'c'])).toEqual([2, 0, 1]);
  expect(read([2, 0, 1], ['1', '2', '3'])).toEqual([2, 0, 1]);
  // The numbers that would do are told.
  expect(read([2, 0, 3], ['a', 'b', 'c'])).toMatch(/^row 3 of `d\.csv`: `label` has to be the number of a class, 0 to 2, found 3\nThe classes are "a", "b", "c"\./);
  expect(read([3, 0], ['a', 'b', 'c'])).toMatch(/has to be the name of a class, or its number, 0 to 2, found 3/);
  expect(read(['a', 3], ['a', 'b', 'c'])).toMatch(/has to be the name of a class, found 3/);
  // An index that was written as text: "1" and "2" are names here, "0" is none.
  const mixed = read(['1', '2', '0'], ['1', '2', '3']);
  expect(mixed).toMatch(/^row 3 of `d\.csv`: `label` has to be the name of a class, as in other rows, found "0"\nRow 1 holds "1"/);
  expect(mixed).toContain('the class of number 0, counted from 0, is called "1"');
  expect(read(['cat', 1], ['cat', 'dog'])).toMatch(/^row 2 /);
});

describe('labels of an array', () => {
  /** Six numbers of f32 as rows of the given axes. */
  const labels = (values: readonly number[], dims: readonly number[], names: readonly string[]): readonly number[] | string => {
    const rows = values.length / dims.reduce((a, b) => a * b, 1);
    const column = arrayInMemory('f32', dims, new Uint8Array(Float32Array.from(values).buffer));
    return readColumn({ name: 'd.label.npy', rows, digest: '', columns: new Map([['label', column]]) }, names);
  };

  test('are one number a row, also along an axis of 1', () => {
    expect(labels([1, 0, 2, 0, 1, 1], [], ['a', 'b', 'c'])).toEqual([1, 0, 2, 0, 1, 1]);
    expect(labels([1, 0, 2, 0, 1, 1], [1], ['a', 'b', 'c'])).toEqual([1, 0, 2, 0, 1, 1]);
  });

  test('that are one-hot are refused, with how to save them: they were read as the first elements of the file', () => {
    expect(labels([0, 1, 1, 0, 0, 1], [2], ['a', 'b'])).toMatch(/^row 1 of `d\.label\.npy`: `label` has to be one number, a class from 0 to 1, found a list of 2\nThe array is f32\[3, 2\]\. It is one-hot: save the place of the 1, `y\.argmax\(1\)`\./);
    expect(read([[0, 1], [1, 0]], ['a', 'b'])).toContain('found a list of 2\nIt is one-hot: save the place of the 1, `y.argmax(1)`.');
  });

  test('that are shares, or a class for each token, are refused with what else there is', () => {
    expect(labels([0.5, 0.5, 1, 1, 0, 1], [2], ['a', 'b'])).toContain('Save the place of the largest, `y.argmax(1)`; several labels of a row are what `binary_cross_entropy` takes.');
    expect(labels([0, 1, 2, 0, 1, 2], [3], ['a', 'b', 'c'])).toContain('The array is f32[2, 3]. A row has one class. Of texts with a class for each token, let each token be a row.');
  });
});
