/** What a report says of a head of several labels: counted by hand. */
import { expect, test } from 'vitest';
import type { Features } from '../../src/align/matrix.ts';
import { studyLabels } from '../../src/toolkit/study/label-answers.ts';
import { setsFound, type LabelSets } from '../../src/toolkit/verify/label-sets.ts';
import type { Head } from '../../src/toolkit/fit/heads.ts';
import type { Column } from '../../src/toolkit/data/table.ts';

const features = (...rows: readonly (readonly number[])[]): Features => ({ rows: rows.length, columns: rows[0]!.length, data: Float32Array.from(rows.flat()) });

test('each label is counted, and a row flips where all of its labels were right', () => {
  const sets: LabelSets = { truth: features([1, 0], [1, 1], [0, 0], [0, 1]), numbers: new Map() };
  const labels = setsFound(sets.truth, sets);
  const own = { prediction: features([0.9, 0.1], [0.8, 0.9], [0.2, 0.7], [0.1, 0.9]), sets, labels };
  const swapped = { prediction: features([0.4, 0.1], [0.8, 0.3], [0.2, 0.1], [0.1, 0.9]), sets, labels };
  const head: Head = { name: 'tags', index: 0, margin: 0.02, isProbability: true, measured: { own, swapped, type: undefined, given: { prediction: '0 prediction' } } };
  const texts: Column = { kind: 'values', values: ['one', 'two', 'three', 'four'] };
  const study = studyLabels(head, [0, 1, 2, 3], new Map([['text', texts]]))!;
  expect(study.labels).toEqual([
    { label: '0', own: { found: 2, missed: 0, wrong: 0 }, swapped: { found: 1, missed: 1, wrong: 0 } },
    { label: '1', own: { found: 2, missed: 0, wrong: 1 }, swapped: { found: 1, missed: 1, wrong: 0 } },
  ]);
  expect([study.flips.negative, study.flips.positive]).toEqual([2, 1]);
  expect(study.flips.examples.map(({ row, label, own: before, swapped: now }) => [row, label, before.label, now.label])).toEqual([[1, '0', '0', 'none'], [2, '0, 1', '0, 1', '0']]);
});
