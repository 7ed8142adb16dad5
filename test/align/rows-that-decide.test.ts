/** With as many rows as an open gate asks for it is decided in 80 of 100 draws, where the truth is what was estimated. */
import { describe, expect, test } from 'vitest';
import { functionGate } from '../../src/align/verify/function.ts';
import { atMost, type Verdict } from '../../src/align/verify/gate.ts';
import { lastOf, rowsForPairs, rowsForShare, rowsForSignificance, rowsToSeparate } from '../../src/align/statistics/rows-to-decide.ts';
import { oneSided95 } from '../../src/align/statistics/normal.ts';
import { wilson } from '../../src/align/statistics/wilson.ts';
import { createRandom, type Random } from '../../src/data/random.ts';

const draws = 300;
/** Three standard errors of 300 draws below 80 %. */
const least = 0.8 - 3 * Math.sqrt((0.8 * 0.2) / draws);

/** How often something else than INCONCLUSIVE comes out. */
function decided(seed: number, verdictOf: (random: Random) => Verdict): number {
  const random = createRandom(seed);
  let count = 0;
  for (let i = 0; i < draws; i++) if (verdictOf(random) !== 'INCONCLUSIVE') count += 1;
  return count / draws;
}

/** Answers of two heads, of which one alone is right in these shares of the rows. */
function outcome(rows: number, onlyOwn: number, onlySwapped: number, random: Random) {
  const kinds = Array.from({ length: rows }, () => random.uniform());
  return { head: 'topic', own: kinds.map((u) => u < 0.8 - onlySwapped || u >= 1 - onlyOwn), swapped: kinds.map((u) => u < 0.8 - onlySwapped || (u >= 0.8 - onlySwapped && u < 0.8)) };
}

describe('G3, and G6 of several heads and perturbations', () => {
  test.each([
    [1, 0.03, 0.02],
    [1, 0.05, 0.01],
    [1, 0.02, 0.02],
    [3, 0.03, 0.02],
  ])('%d heads, which lose %d of the rows and win %d', (heads, lost, won) => {
    const rows = 300;
    const exact = { head: 'topic', own: Array.from({ length: rows }, (_, i) => i < rows * (1 - won)), swapped: Array.from({ length: rows }, (_, i) => i >= rows * lost) };
    const open = functionGate(Array.from({ length: heads }, () => exact));
    expect(open.verdict).toBe('INCONCLUSIVE');
    // The outcomes of the seen rows: the first lost, the last won.
    expect(decided(heads, (random) => functionGate(Array.from({ length: heads }, () => outcome(open.open![0]!.rows, lost, won, random))).verdict)).toBeGreaterThan(least);
  });
});

test.each([
  [100, 4],
  [100, 7],
  [30, 0],
  [40, 1],
  [400, 26],
])('G6: of %d points %d lie outside', (rows, outside) => {
  const seen = wilson(outside, rows, oneSided95);
  expect(atMost(seen, 0.05)).toBe('INCONCLUSIVE');
  const needed = rowsForShare(seen.value, 0.05);
  const count = (random: Random): number => Array.from({ length: needed }, () => random.uniform()).filter((u) => u < outside / rows).length;
  expect(decided(rows + outside, (random) => atMost(wilson(count(random), needed, oneSided95), 0.05))).toBeGreaterThan(least);
});

test('an estimate with an interval of Student or the bootstrap: a mean against a bar', () => {
  const rows = 50;
  const [mean, deviation] = [0.92, 0.5];
  const estimate = (value: number, n: number) => ({ value, interval: { low: value - (oneSided95 * deviation) / Math.sqrt(n), high: value + (oneSided95 * deviation) / Math.sqrt(n) } });
  const needed = rowsToSeparate(estimate(mean, rows), 0.9, rows);
  const share = decided(7, (random) => {
    const value = mean + (deviation * random.normal()) / Math.sqrt(needed);
    const { interval } = estimate(value, needed);
    return interval.low >= 0.9 ? 'PASS' : interval.high < 0.9 ? 'FAIL' : 'INCONCLUSIVE';
  });
  expect(Math.abs(share - 0.8)).toBeLessThan(0.08);
});

test('a p-value of a statistic that grows with the root of the rows', () => {
  // z of 2.0 on 100 rows is p = 0.0228; at the bar of .01 z has to be 2.326, and 2.326 + 0.842 in the mean.
  expect(rowsForSignificance(0.02275, 0.01, 100)).toBe(Math.ceil(100 * ((2.3263 + 0.8416) / 2) ** 2));
  expect(rowsForSignificance(0.6, 0.01, 100)).toBe(Infinity);
});

describe('of few rows', () => {
  // won, lost, of rows, margin: the rows by the formula in numpy, and how often 20,000 draws of so many are decided there by Tango's statistic (numpy, no code of this project).
  test.each([
    [0, 0, 79, 0.02, 133, 1],
    [0, 0, 13, 0.02, 133, 1],
    [0, 1, 100, 0.02, 987, 0.805],
    [1, 0, 79, 0.02, 142, 1],
    [1, 1, 100, 0.02, 425, 0.837],
    [0, 2, 60, 0.02, 819, 0.825],
    [1, 3, 40, 0.02, 653, 0.808],
    [0, 1, 13, 0.02, 119, 0.901],
    [0, 1, 30, 0.1, 94, 0.796],
  ])('%d won and %d lost of %d, margin %d', (won, lost, rows, margin, needed, share) => {
    expect(rowsForPairs({ rows, onlyFirst: won, onlySecond: lost }, -margin)).toBe(needed);
    const told = functionGate([{ head: 'topic', own: Array.from({ length: rows }, (_, i) => i >= won), swapped: Array.from({ length: rows }, (_, i) => i < rows - lost), margin }]);
    expect(told.open).toEqual([{ rows: Math.max(100, needed), of: 'judged', leans: lost / rows > margin + won / rows ? 'FAIL' : 'PASS' }]);
    const found = decided(rows + lost, (random) => functionGate([{ ...outcome(Math.max(100, needed), lost / rows, won / rows, random), margin }]).verdict);
    expect(Math.abs(found - share)).toBeLessThan(needed < 100 ? 0.1 : 3 * Math.sqrt((0.8 * 0.2) / draws));
  });
  test('no answer that is another: neither one row less nor two heads of as many', () => {
    const same = (rows: number) => ({ head: 'topic', own: Array.from({ length: rows }, () => true), swapped: Array.from({ length: rows }, () => true) });
    expect([132, 133].map((rows) => functionGate([same(rows)]).verdict)).toEqual(['INCONCLUSIVE', 'PASS']);
    // By Holm: z of 2.5 % is 1.96, and 1.96² · .98 / .02 = 188.2.
    const two = functionGate([same(133), same(133)]).open![0]!.rows;
    expect([two, functionGate([same(188), same(188)]).verdict, functionGate([same(189), same(189)]).verdict]).toEqual([189, 'INCONCLUSIVE', 'PASS']);
  });
});

test('of several that leave it open the last decides, and one that leans to a failure the first', () => {
  const open = (rows: number, leans: 'PASS' | 'FAIL', isLeast?: true) => ({ rows, leans, of: 'judged' as const, ...(isLeast ? { isLeast } : {}) });
  expect(lastOf([open(300, 'PASS'), open(900, 'PASS')])?.rows).toBe(900);
  expect(lastOf([open(300, 'PASS'), open(900, 'FAIL'), open(700, 'FAIL'), open(5000, 'PASS')])?.rows).toBe(700);
  expect(lastOf([open(300, 'PASS'), open(100, 'PASS', true)])).toMatchObject({ rows: 100, isLeast: true });
  expect(lastOf([open(Infinity, 'PASS'), open(100, 'PASS')])?.rows).toBe(Infinity);
  expect(lastOf([])).toBeUndefined();
});
