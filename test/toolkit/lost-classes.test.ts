/** Classes that a head finds less often after a swap, each by itself. */
import { expect, test } from 'vitest';
import type { Features } from '../../src/align/index.ts';
import type { Head } from '../../src/toolkit/fit/heads.ts';
import { setsFound } from '../../src/toolkit/verify/label-sets.ts';
import { lostClasses, showLostClass } from '../../src/toolkit/verify/lost-classes.ts';

/** One-hot answers of three classes: those of the rows, but for the first `lost` rows of the class 2, which it takes for 0. */
const answers = (labels: readonly number[], lost: number): Features => {
  const data = new Float32Array(3 * labels.length);
  let left = lost;
  for (const [i, label] of labels.entries()) data[3 * i + (label === 2 && left-- > 0 ? 0 : label)] = 1;
  return { rows: labels.length, columns: 3, data };
};

/** 600 rows, of which every fortieth is of the class 2; a third of them sets the temperature. */
const labels = Array.from({ length: 600 }, (_, i) => (i % 40 === 38 ? 2 : i % 2));
const all = [...labels.keys()];
const split = { fit: all.slice(0, 200), calibrate: all.slice(400), test: all.slice(200, 400) };

function headWith(lost: number, margin = 0.02): Head {
  const measured = { own: { prediction: answers(labels, 0), labels: Uint32Array.from(labels) }, swapped: { prediction: answers(labels, lost), labels: Uint32Array.from(labels) }, type: undefined, given: { prediction: '0 prediction' } };
  return { name: 'kind', index: 0, measured, margin, isProbability: true };
}

test('a rare class that is never found again is told, with an interval for all classes at once', () => {
  const [found, ...others] = lostClasses([headWith(30)], { split, together: undefined });
  expect(others).toEqual([]);
  // Of the 10 judged rows of the class; the bounds of Tango's interval are those where the score is 2.128 = z(1 - 0.05/3).
  expect(found).toMatchObject({ head: 'kind', class: '2', rows: 10, own: 1, swapped: 0, change: { value: -1 }, margin: 0.02 });
  expect(found!.change.interval.low).toBeCloseTo(-1, 9);
  // All pairs discordant: with the restricted likelihood's own p the score is √(n (1 + d) / (1 - d)); of 10 rows it is z at d = -(10 - z²) / (10 + z²).
  const z = 2.1280452;
  expect(found!.change.interval.high).toBeCloseTo(-(10 - z * z) / (10 + z * z), 5);
  expect(showLostClass(found!)).toBe(`kind finds "2" less often: 1.000 -> 0.000 of 10 rows (-1.000, -1.000 to ${found!.change.interval.high.toFixed(3)}), and surely loses more than 2.0 points.`);
});

test('a loss that may be luck, or that a head may have, is not told; nor a head that is lost as a whole', () => {
  const all2 = { ...headWith(0), measured: { ...headWith(0).measured, swapped: { prediction: answers(labels.map(() => 2), 0), labels: Uint32Array.from(labels) } } };
  expect(lostClasses([all2], { split, together: undefined })).toEqual([]);
  expect(lostClasses([headWith(2)], { split, together: undefined })).toEqual([]);
  expect(lostClasses([headWith(30, 0.9)], { split, together: undefined })).toEqual([]);
});

test('rows of a group count as one', () => {
  const together = { of: labels.map((label, i) => (label === 2 ? 0 : i)), count: labels.length, words: 'groups' };
  expect(lostClasses([headWith(30)], { split, together: undefined })).toHaveLength(1);
  expect(lostClasses([headWith(30)], { split, together: { ...together, of: Uint32Array.from(together.of) } })).toEqual([]);
});

test('a label of several is looked at by itself, in the rows that have it', () => {
  // 400 rows: label 1 in a quarter, of which 12 are lost behind the swap, where label 0 wins the 40 rows that it missed.
  const [rows, columns] = [400, 2];
  const truth = { rows, columns, data: Float32Array.from({ length: rows * columns }, (_, at) => Number(at % 2 === 0 ? (at / 2) % 2 === 0 : ((at - 1) / 2) % 4 === 1)) };
  const found = (wrong: (row: number, label: number) => boolean): Features => ({ rows, columns, data: truth.data.map((value, at) => 0.1 + 0.8 * (wrong(Math.floor(at / 2), at % 2) ? 1 - value : value)) });
  const sets = { truth, numbers: new Map<string, number>() };
  const combined = setsFound(truth, sets);
  const [own, swapped] = [found((row, label) => label === 0 && row % 10 === 0), found((row, label) => label === 1 && row % 4 === 1 && row < 96 && row % 8 === 1)];
  const measured = { own: { prediction: own, labels: combined, sets }, swapped: { prediction: swapped, labels: combined, sets }, type: undefined, given: { prediction: '0 prediction' } };
  const everything = { fit: [], calibrate: [], test: Array.from({ length: rows }, (_, row) => row) };
  const head: Head = { name: 'tags', index: 0, measured, margin: 0.03, isProbability: true };
  const lost = lostClasses([head], { split: everything, together: undefined });
  expect(lost).toMatchObject([{ head: 'tags', class: '1', of: 'label', rows: 100, own: 1, swapped: 0.88, margin: 0.03 }]);
  // Nothing but losses, 12 of 100, and two labels at once, z = 1.96: where no pair is won the score is that of a share, and Wilson's bounds of 12 in 100 are .070 and .198.
  expect(lost[0]!.change.value).toBeCloseTo(-0.12, 12);
  expect(lost[0]!.change.interval.high).toBeCloseTo(-0.069994, 5);
  expect(lost[0]!.change.interval.low).toBeCloseTo(-0.198121, 5);
  expect(lostClasses([{ ...head, margin: 0.12 }], { split: everything, together: undefined })).toEqual([]);
  expect(lostClasses([{ ...head, measured: { ...measured, swapped: measured.own } }], { split: everything, together: undefined })).toEqual([]);
});
