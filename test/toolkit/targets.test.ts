/** What a loss of classes is given: the shares and weights of each row, worked out by hand. */
import { expect, test } from 'vitest';
import type { CheckedData, ColumnTerm } from '../../src/check/tools/index.ts';
import type { Tables } from '../../src/toolkit/data/columns.ts';
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
