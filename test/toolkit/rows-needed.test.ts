/** How many examples would decide, all parts of them together. */
import { expect, test } from 'vitest';
import { examplesFor, rowsNeededFor, showRowsNeeded } from '../../src/toolkit/verify/rows-needed.ts';
import { statistics } from '../../src/toolkit/verify/measure.ts';

test('as many examples as give the part that is judged its rows in eight of ten draws', () => {
  // scipy: 1 - binom.cdf(132, 161, .85) is .832, and of 160 .784; of 721 at .15 .816, of 306 at .35 .819, of 213 at .5 .831, and 5,000 of 10,085 .804.
  expect([examplesFor(133, 'judged'), examplesFor(100, 'calibrate'), examplesFor(100, 'fit'), examplesFor(100, 'test'), examplesFor(100, 'all')]).toEqual([161, 721, 306, 213, 100]);
});

test('says how many decide, from how many on it is judged, or why no number helps', () => {
  const told = (...open: Parameters<typeof rowsNeededFor>[0] & object): string => showRowsNeeded(rowsNeededFor(open, undefined));
  const one = { leans: 'PASS', of: 'judged' } as const;
  expect(told({ ...one, rows: 133 })).toBe(' About 161 examples would decide.');
  expect(told({ ...one, rows: 133 }, { ...one, rows: 5000, of: 'test' })).toBe(' About 10,085 examples would decide.');
  expect(told({ ...one, rows: 100, of: 'calibrate', isLeast: true })).toBe(' It is judged from about 721 examples on.');
  expect(told({ ...one, rows: Infinity })).toBe(' No number of examples would decide: the estimate lies on the bar.');
  expect(told({ ...one, rows: 1200, of: 'test', most: 1000 })).toBe(' More examples would hardly decide: no more than 1,000 are looked at.');
  expect(told({ ...one, rows: 900, of: 'test', most: 1000 })).toBe(' About 1,837 examples would decide.');
  expect([told(), showRowsNeeded({})]).toEqual(['', '']);
  const groups = { of: new Uint32Array(4), count: 1, words: 'groups' };
  expect(showRowsNeeded(rowsNeededFor([{ ...one, rows: 133 }], groups))).toBe(' About 161 groups would decide.');
});

test('two hundred thousand rows are no more than the stack holds', () => {
  const rows = 200_000;
  const labels = Uint32Array.from({ length: rows }, (_, row) => row % 2);
  const f1 = statistics.f1({ prediction: { rows, columns: 1, data: Float32Array.from(labels) }, labels }, new Map([['average', 'macro']]));
  expect(f1(Uint32Array.from({ length: rows }, (_, row) => row))).toBe(1);
});
