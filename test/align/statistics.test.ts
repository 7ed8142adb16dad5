import { describe, expect, test } from 'vitest';
import { bootstrap, quantile } from '../../src/align/statistics/bootstrap.ts';
import { normalCdf, normalQuantile, oneSided95, twoSided95 } from '../../src/align/statistics/normal.ts';
import {
  countPairs,
  nonInferiority,
  pairedDifference,
  scoreStatistic,
} from '../../src/align/statistics/paired-proportions.ts';
import { rowsForPairs } from '../../src/align/statistics/rows-to-decide.ts';
import { holm, permutationP } from '../../src/align/statistics/permutation.ts';
import { wilson } from '../../src/align/statistics/wilson.ts';
import { createRandom } from '../../src/data/random.ts';

test('the normal distribution is that of the tables', () => {
  const table = [
    [0, 0.5],
    [1, 0.841344746068543],
    [1.959963984540054, 0.975],
    [3.5, 0.999767370920964],
    [-5, 2.86651571879194e-7],
    [-10, 7.61985302416053e-24],
  ] as const;
  for (const [z, p] of table) expect(Math.abs(normalCdf(z) / p - 1)).toBeLessThan(1e-12);
  expect(normalQuantile(0.95)).toBeCloseTo(oneSided95, 13);
  expect(normalQuantile(0.975)).toBeCloseTo(twoSided95, 13);
});

test("Wilson's interval, by hand: 8 of 10 is 0.490 to 0.943, and 0 of 10 reaches 0.278", () => {
  const most = wilson(8, 10);
  expect(most.value).toBe(0.8);
  expect(most.interval.low).toBeCloseTo(0.4902, 4);
  expect(most.interval.high).toBeCloseTo(0.9433, 4);
  expect(wilson(0, 10).interval).toEqual({ low: 0, high: expect.closeTo(0.2775, 4) });
  expect(wilson(0, 0).interval).toEqual({ low: 0, high: 1 });
});

describe('the difference of paired proportions', () => {
  test('is counted', () => {
    expect(countPairs([true, true, false, false], [true, false, true, false])).toEqual({ rows: 4, onlyFirst: 1, onlySecond: 1 });
  });

  test('at a difference of 0 is the test of McNemar', () => {
    expect(scoreStatistic({ rows: 100, onlyFirst: 9, onlySecond: 4 }, 0)).toBeCloseTo(5 / Math.sqrt(13), 12);
  });

  // The likelihood of the multinomial, maximised on a grid where the difference is fixed.
  test.each([
    [100, 9, 4, 0.1],
    [100, 9, 4, -0.05],
    [50, 0, 3, 0.02],
    [500, 20, 31, -0.06],
  ])('of %d rows, %d and %d, is tested with the restricted likelihood', (n, b, c, difference) => {
    let [best, most] = [0, -Infinity];
    const steps = 400_000;
    for (let i = 1; i < steps; i++) {
      const q = Math.max(0, -difference) + ((1 - Math.abs(difference)) / 2) * (i / steps);
      const logLikelihood = b * Math.log(q + difference) + c * Math.log(q) + (n - b - c) * Math.log(1 - 2 * q - difference);
      if (logLikelihood > most) [best, most] = [q, logLikelihood];
    }
    const variance = n * (2 * best + difference - difference ** 2);
    const counts = { rows: n, onlyFirst: b, onlySecond: c };
    expect(scoreStatistic(counts, difference)).toBeCloseTo((b - c - n * difference) / Math.sqrt(variance), 3);
  });

  test('lies between the differences that the test does not reject', () => {
    const counts = { rows: 300, onlyFirst: 12, onlySecond: 20 };
    const { value, interval } = pairedDifference(counts);
    expect(value).toBeCloseTo(-8 / 300, 12);
    expect(nonInferiority(counts, interval.low)).toBeCloseTo(0.05, 9);
    expect(nonInferiority(counts, interval.high)).toBeCloseTo(0.95, 9);
    expect(pairedDifference({ rows: 40, onlyFirst: 0, onlySecond: 0 }).interval.low).toBeLessThan(-0.05);
  });

  test('keeps its level: of 2,000 samples at the bar, about 5 % pass', () => {
    const random = createRandom(5);
    let passed = 0;
    for (let sample = 0; sample < 2000; sample++) {
      let [b, c] = [0, 0];
      for (let i = 0; i < 400; i++) {
        const u = random.uniform();
        if (u < 0.02) b += 1;
        else if (u < 0.06) c += 1;
      }
      if (nonInferiority({ rows: 400, onlyFirst: b, onlySecond: c }, -0.02) <= 0.05) passed += 1;
    }
    // A standard deviation of 0.5 points.
    expect(passed / 2000).toBeGreaterThan(0.03);
    expect(passed / 2000).toBeLessThan(0.07);
  });

  test('needs the rows of the published formula', () => {
    // 6.18 is (1.645 + 0.8416)².
    expect((oneSided95 + normalQuantile(0.8)) ** 2).toBeCloseTo(6.18, 2);
    // Of counts that differ nowhere on the whole: the deviation at the bar is another than that of the estimate, by as much as the bar is large beside what differs.
    const [one, two, three] = [0.01, 0.02, 0.03].map((margin) => rowsForPairs({ rows: 1000, onlyFirst: 25, onlySecond: 25 }, -margin)) as [number, number, number];
    for (const [needed, published] of [[one, 3090], [two, 773], [three, 344]] as const) expect(needed / published).toBeCloseTo(1.05, 0);
    expect([one >= 3090, two >= 773, three >= 344]).toEqual([true, true, true]);
  });
});

test('the bootstrap of a mean has the standard error of a mean, and is the same for the same seed', () => {
  const random = createRandom(9);
  const values = Array.from({ length: 400 }, () => random.normal());
  const mean = (rows: Uint32Array): number => rows.reduce((sum, i) => sum + values[i]!, 0) / rows.length;
  const first = bootstrap(400, mean, { seed: 3 });
  expect(first.interval.high - first.interval.low).toBeGreaterThan(0.85 * 2 * twoSided95 * 0.05);
  expect(first.interval.high - first.interval.low).toBeLessThan(1.15 * 2 * twoSided95 * 0.05);
  expect(bootstrap(400, mean, { seed: 3 })).toEqual(first);
  expect(bootstrap(400, mean, { seed: 4 })).not.toEqual(first);
});

test('quantiles lie between neighbours', () => {
  expect([0, 0.25, 0.5, 1].map((part) => quantile([1, 2, 4], part))).toEqual([1, 1.5, 2, 4]);
});

test('p-values are never 0, and those of several heads are adjusted', () => {
  expect(permutationP(0, 999)).toBe(0.001);
  expect(permutationP(9, 999)).toBe(0.01);
  // Holm's own steps, by hand: 3 · 0.01, then max(0.03, 2 · 0.02), then max(0.04, 0.03).
  expect(holm([0.02, 0.01, 0.03])).toEqual([0.04, 0.03, 0.04]);
});
