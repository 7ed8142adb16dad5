/** Intervals that hold whatever the distribution is, that of the least of several cosines, and those of the calibration error and its growth. */
import { expect, test } from 'vitest';
import { binnedConfidences, calibrationError, type Confidence } from '../../src/align/metrics/calibration.ts';
import { gapsOf, type Gaps } from '../../src/align/statistics/binned-gaps.ts';
import { bootstrapLeastCosine } from '../../src/align/statistics/bootstrap-least.ts';
import { growthOfGaps, sizeOfGaps } from '../../src/align/statistics/gap-sizes.ts';
import { groupRows } from '../../src/align/statistics/groups.ts';
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

/** Answers that are right as often as the first side says; the second is surer by `apart` above the middle of the sixth of ten bins, and less sure below it. */
function confident(rows: number, apart: number, seed: number): readonly [Confidence[], Confidence[]] {
  const random = createRandom(seed);
  const own = Array.from({ length: rows }, () => {
    const confidence = 0.5 + 0.5 * random.uniform();
    return { confidence, isRight: random.uniform() < confidence };
  });
  return [own, own.map(({ confidence, isRight }) => ({ confidence: confidence > 0.775 ? Math.min(0.9995, confidence + apart) : confidence - apart, isRight }))];
}

const gaps = (sides: readonly Confidence[][], seed: number, draws?: number, groups?: ReturnType<typeof groupRows>): readonly Gaps[] => gapsOf(sides.map((side) => binnedConfidences(side, 10)), { seed, groups, ...(draws === undefined ? {} : { draws }) });

test('the bounds of the calibration error and of its growth hold at their level, where the error itself comes out too high and its growth too small', () => {
  const [runs, rows, apart] = [60, 600, 0.04];
  // A tenth of .04 in each bin but the sixth, of which half is off to either side, and the last, the upper part of which is cut off at .9995.
  const truth = 0.8 * apart + 2 * (0.0095 * apart + (apart ** 2 - 0.0005 ** 2) / 2);
  const count = { above: 0, below: 0, own: 0, swapped: 0, naive: 0, high: 0 };
  for (let run = 0; run < runs; run++) {
    const sides = confident(rows, apart, 300 + run);
    const [own, swapped] = gaps([...sides], run, 200) as [Gaps, Gaps];
    const growth = growthOfGaps(own, swapped);
    if (growth.interval.high >= truth) count.above += 1;
    if (growth.interval.low <= truth) count.below += 1;
    if (sizeOfGaps(own).interval.low === 0) count.own += 1;
    if (sizeOfGaps(swapped).interval.high >= truth) count.swapped += 1;
    const [first, second] = sides.map((side) => calibrationError(side, 10)(side.map((_, row) => row))) as [number, number];
    if (second - first < truth) count.naive += 1;
    if (first > 0) count.high += 1;
    expect(growth.interval.low).toBeLessThanOrEqual(growth.value);
    expect(growth.interval.high).toBeGreaterThanOrEqual(growth.value);
  }
  // Of 60 at 95 %, fewer than 52 come by chance once in some 100 draws.
  for (const held of [count.above, count.below, count.own, count.swapped]) expect(held).toBeGreaterThanOrEqual(52);
  expect(count.naive).toBeGreaterThanOrEqual(55);
  expect(count.high).toBe(60);
});

test('of the same confidences nothing grows, and copies of rows tell no more', () => {
  const [own, swapped] = confident(400, 0.05, 1);
  expect(growthOfGaps(...(gaps([own, own], 1) as [Gaps, Gaps]))).toEqual({ value: 0, interval: { low: 0, high: 0 } });
  const copied = (side: readonly Confidence[]): Confidence[] => side.flatMap((one) => [one, one, one]);
  const groups = groupRows(copied(own).map((_, i) => String(Math.floor(i / 3))), 'different examples');
  const [once, thrice] = [gaps([own, swapped], 1), gaps([copied(own), copied(swapped)], 1, undefined, groups)].map((sides) => growthOfGaps(...(sides as [Gaps, Gaps]))) as [ReturnType<typeof growthOfGaps>, ReturnType<typeof growthOfGaps>];
  for (const end of ['low', 'high'] as const) expect(thrice.interval[end]).toBeCloseTo(once.interval[end], 9);
  const alone = growthOfGaps(...(gaps([copied(own), copied(swapped)], 1) as [Gaps, Gaps])).interval;
  expect(alone.high - alone.low).toBeLessThan(0.8 * (once.interval.high - once.interval.low));
});

test('a bin in which all are right has noise, too: that of its confidences', () => {
  // 100 rows in one bin, all right at .98: the gap is -.02; two rows more of a variance of .0196 over 101, each: a deviation of the mean of √(2 · .0196 / 101 / 100).
  const all = Array.from({ length: 100 }, () => ({ confidence: 0.98, isRight: true }));
  const [one] = gapsOf([binnedConfidences(all, 1)], { seed: 3, draws: 4000 });
  expect(one!.seen[0]).toBeCloseTo(-0.02, 12);
  const deviation = Math.sqrt(one!.noise.reduce((sum, draw) => sum + draw[0]! ** 2, 0) / one!.noise.length);
  expect(Math.abs(deviation / Math.sqrt((2 * 0.0196) / 101 / 100) - 1)).toBeLessThan(0.05);
});
