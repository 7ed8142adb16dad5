/** Intervals that hold whatever the distribution is, and that of the least of several cosines. */
import { expect, test } from 'vitest';
import { bootstrapLeastCosine } from '../../src/align/statistics/bootstrap-least.ts';
import { quantileInterval, valuesForQuantile } from '../../src/align/statistics/quantile-interval.ts';
import { classCosines } from '../../src/align/verify/concepts.ts';
import { createRandom } from '../../src/data/random.ts';

test('bounds of a quantile are order statistics, as the tables of the binomial have them', () => {
  // X of 20 at a half: P(X <= 5) = .0207, P(X <= 6) = .0577, P(X <= 14) = .9793.
  const values = Array.from({ length: 20 }, (_, i) => i + 1);
  expect(quantileInterval(values, 0.5)).toEqual({ value: 10, interval: { low: 6, high: 15 } });
  expect(valuesForQuantile(0.99)).toBe(299);
  expect(quantileInterval(Array.from({ length: 298 }, (_, i) => i), 0.99).interval.high).toBe(Infinity);
  expect(quantileInterval(Array.from({ length: 299 }, (_, i) => i), 0.99).interval.high).toBe(298);
});

test("the bounds of G5's cosine hold at their level, and the estimate lies between them", () => {
  const [rows, width, classes, runs] = [200, 8, 4, 60];
  const fixed = createRandom(99);
  const centres = Array.from({ length: classes }, () => Array.from({ length: width }, () => fixed.normal()));
  const moved = centres.map((centre) => centre.map((value) => value + 0.3 * fixed.normal()));
  const directions = (of: readonly (readonly number[])[]): number[][] => of.map((centre) => centre.map((value, j) => value - of.reduce((sum, other) => sum + other[j]!, 0) / classes));
  const cosine = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0) / (Math.hypot(...a) * Math.hypot(...b));
  const [a, b] = [directions(centres), directions(moved)];
  const truth = Math.min(...a.map((direction, c) => cosine(direction, b[c]!)));
  let [below, above] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const random = createRandom(1000 + run);
    const labels = Array.from({ length: rows }, () => random.integer(classes));
    const [y, bridged] = [new Float32Array(rows * width), new Float32Array(rows * width)];
    for (let at = 0; at < rows * width; at++) {
      const [label, j] = [labels[Math.floor(at / width)]!, at % width];
      const shared = random.normal();
      y[at] = centres[label]![j]! + shared;
      bridged[at] = moved[label]![j]! + 0.8 * shared + 0.5 * random.normal();
    }
    const space = (data: Float32Array) => ({ rows, columns: width, data });
    const found = bootstrapLeastCosine(rows, (drawn) => classCosines({ y: space(y), bridged: space(bridged), labels }, [0, 1, 2, 3], drawn), { seed: run, resamples: 79 });
    if (found.interval.low <= truth) below += 1;
    if (found.interval.high >= truth) above += 1;
    expect(found.interval.low).toBeLessThanOrEqual(found.value);
    expect(found.interval.high).toBeGreaterThanOrEqual(found.value);
  }
  // Of 60 at 95 %, fewer than 52 come by chance once in some 100 draws.
  expect(below).toBeGreaterThanOrEqual(52);
  expect(above).toBeGreaterThanOrEqual(52);
});
