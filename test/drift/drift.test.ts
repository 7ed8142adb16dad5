/** Two-sample tests against other people's, and how often nothing is called drift. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createRandom, permutation } from '../../src/data/random.ts';
import { rowsThatDecide } from '../../src/drift/decisive.ts';
import { driftLevel, driftOf } from '../../src/drift/drift.ts';
import { recordOf } from '../../src/drift/make-record.ts';
import { printRecords, readRecords, type Vectors } from '../../src/drift/record.ts';
import { energyDistance, kolmogorovSmirnov } from '../../src/drift/two-sample.ts';
import { seed } from '../seed.ts';

const normals = (rows: number, columns: number, from: number, change = (value: number): number => value): Vectors => {
  const random = createRandom(from);
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, () => change(random.normal())) };
};

test('the distance and the p of Kolmogorov and Smirnov, worked out by hand', () => {
  // 1 2 | 3 4: nothing overlaps. 1 3 | 2 4: half of the one lies below.
  expect(kolmogorovSmirnov(Float64Array.of(1, 2), Float64Array.of(3, 4)).distance).toBe(1);
  expect(kolmogorovSmirnov(Float64Array.of(3, 1), Float64Array.of(4, 2)).distance).toBe(0.5);
  expect(kolmogorovSmirnov(Float64Array.of(1, 1, 2), Float64Array.of(1, 1, 2))).toEqual({ distance: 0, p: 1 });
  // The 95 % point of the limiting distribution is 1.3581 (Smirnov 1948): with n large, D = 1.3581 / sqrt(n/2).
  const n = 40_000;
  const d = 1.3581 / Math.sqrt(n / 2);
  const shifted = Float64Array.from({ length: n }, (_, i) => i / n + d);
  expect(kolmogorovSmirnov(Float64Array.from({ length: n }, (_, i) => i / n), shifted).p).toBeCloseTo(0.05, 2);
});

test('the p of the energy distance is that of sums over all pairs, with as many rows on either side', () => {
  for (const [m, n] of [[30, 50], [50, 30]] as const) {
    const [a, b] = [normals(m, 2, 4), normals(n, 2, 5, (value) => value + 0.3)];
    const points = [a, b].flatMap(({ rows, columns, data }) => Array.from({ length: rows }, (_, i) => data.subarray(i * columns, (i + 1) * columns)));
    const apart = (i: number, j: number): number => Math.hypot(...points[i]!.map((value, c) => value - points[j]![c]!));
    const meanOf = (some: Uint32Array, others: Uint32Array): number => some.reduce((sum, i) => sum + others.reduce((inner, j) => inner + apart(i, j), 0), 0) / (some.length * others.length);
    const coefficient = (order: Uint32Array): number => {
      const [some, others] = [order.subarray(0, m), order.subarray(m)];
      return (2 * meanOf(some, others) - meanOf(some, some) - meanOf(others, others)) / (2 * meanOf(some, others));
    };
    const found = coefficient(Uint32Array.from(points.keys()));
    const random = createRandom(7);
    const exceeded = Array.from({ length: 99 }, () => coefficient(permutation(m + n, random))).filter((value) => value >= found).length;
    const { distance, p } = energyDistance(a, b, { seed: 7, permutations: 99 });
    expect(distance).toBeCloseTo(found, 6);
    expect(p).toBe((1 + exceeded) / 100);
  }
});

test('the p of Kolmogorov and Smirnov is that of scipy at the corrected point', ({ skip }) => {
  const [a, b] = [normals(300, 1, 1), normals(200, 1, 2, (value) => value + 0.2)];
  const script = `import json,sys; from scipy.stats import ks_2samp; from scipy.special import kolmogorov; a,b=json.load(sys.stdin); d=ks_2samp(a,b).statistic; n=(len(a)*len(b)/(len(a)+len(b)))**.5; print(json.dumps([d,kolmogorov((n+.12+.11/n)*d)]))`;
  const { status, stdout } = spawnSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8', input: JSON.stringify([[...a.data], [...b.data]]) });
  if (status !== 0) return skip('/usr/bin/python3 has no scipy (Debian: python3-scipy)');
  const [distance, p] = JSON.parse(stdout) as [number, number];
  const found = kolmogorovSmirnov(Float64Array.from(a.data), Float64Array.from(b.data));
  expect(Math.abs(found.distance - distance)).toBeLessThan(1e-12);
  // The limiting distribution at the point that Stephens corrects to: a series of some 10 terms.
  expect(Math.abs(found.p / p - 1)).toBeLessThan(1e-12);
});

test('the energy distance, worked out by hand', () => {
  // Rows 0, 1 against 2, 3: between |0-2|, |0-3|, |1-2|, |1-3| = mean 2; within each, 2 of 4 distances are 1: mean 1/2.
  const [a, b] = [[0, 1], [2, 3]].map((values): Vectors => ({ rows: 2, columns: 1, data: Float32Array.from(values) }));
  expect(energyDistance(a!, b!, { seed: 1, permutations: 9 }).distance).toBeCloseTo((2 * 2 - 0.5 - 0.5) / (2 * 2), 12);
  expect(energyDistance(a!, a!, { seed: 1, permutations: 9 })).toEqual({ distance: 0, p: 1 });
  expect(energyDistance(normals(60, 3, 1), normals(60, 3, 2, (value) => value + 1), { seed: 1 }).p).toBe(0.001);
});

test('other rows of the same world are no drift, nearly always; a world of another shape is one', () => {
  const record = recordOf(normals(90, 6, seed), 0);
  const alarms = Array.from({ length: 10 }, (_, i) => driftOf(record, normals(70, 6, seed + 1 + i), 0)!).filter(({ drifted }) => drifted);
  // At a level of .01 four or more of 10 come with a probability of 2e-6.
  expect(alarms.length).toBeLessThan(4);
  // The same means and deviations, another distribution.
  const flat = driftOf(record, normals(90, 6, seed + 99, (value) => Math.sign(value)), 0)!;
  expect(flat.drifted).toBe(true);
  expect(driftOf(record, normals(10, 5, 1), 0)).toBeUndefined();
  const broken = normals(70, 6, seed + 5);
  broken.data[7] = NaN;
  expect(driftOf(record, broken, 0)).toMatchObject({ drifted: true, notFinite: 1 });
});

test('nothing that moved says nothing where the rows are too few: how many decide is told', () => {
  // scipy: with x = kolmogi(.005 / 4) and r = sqrt(mn / (m + n)), the least m of which x / (r + .12 + .11 / r) + norm.ppf(.8) sqrt(norm.cdf(.5) norm.cdf(-.5) (1/m + 1/n)) is
  // at most norm.cdf(.5) - norm.cdf(-.5).
  expect([1000, 200, 80, 12].map((recorded) => rowsThatDecide(recorded, driftLevel / 4))).toEqual([37, 43, 63, undefined]);
  const record = recordOf(normals(200, 6, seed), 0);
  expect(driftOf(record, normals(8, 6, seed + 1), 0)).toMatchObject({ drifted: false, needed: { rows: 43, of: 'today' } });
  expect(driftOf(record, normals(43, 6, seed + 1), 0)).not.toHaveProperty('needed');
  expect(driftOf(recordOf(normals(12, 6, seed), 0), normals(500, 6, seed + 1), 0)?.needed).toEqual({ rows: 71, of: 'both' });
  // What moved did, from however few.
  expect(driftOf(record, normals(8, 6, seed + 1, (value) => value + 9), 0)).not.toHaveProperty('needed');
});

test('what moves by one deviation is seen where the rows decide', () => {
  const recorded = Float64Array.from(normals(1000, 1, seed).data);
  const seen = Array.from({ length: 100 }, (_, i) => 4 * kolmogorovSmirnov(recorded, Float64Array.from(normals(37, 1, seed + 100 + i, (value) => value + 1).data)).p <= driftLevel).filter(Boolean).length;
  // numpy, of 2,000 worlds: 96.5 in 100. Fewer than 85 come with a probability of 1e-6.
  expect(seen).toBeGreaterThanOrEqual(85);
});

test('a record is read as it was printed, and a broken one is refused', () => {
  const record = { date: '2026-11-22', encoders: 'a'.repeat(64), data: 'b'.repeat(64), rows: 40, spaces: new Map([['Old', recordOf(normals(40, 3, 5), 0)]]) };
  const printed = printRecords(new Map([['Spaces', record]]));
  expect(readRecords(printed, 'r.json')).toEqual({ ok: true, value: new Map([['Spaces', record]]) });
  for (const [from, to] of [['"rows": 40,\n      "f32"', '"rows": 41,\n      "f32"'], ['"columns": 3', '"columns": 1e9'], ['"f32": "', '"f32": "!']] as const) {
    expect(readRecords(printed.replace(from, to), 'r.json').ok ? 'read' : 'refused').toBe(printed.includes(from) ? 'refused' : 'not there');
  }
});

test('a space about 0 that did not move is called drifted no more often than any other', () => {
  // Of 16 spaces at a level of .01 each two or more come once in a hundred draws.
  const drifted = Array.from({ length: 16 }, (_, i) => driftOf(recordOf(normals(i % 2 === 0 ? 200 : 600, 60, 2 * i + 1), 0), normals(600, 60, 2 * i + 2), 0)!.drifted).filter((is) => is);
  expect(drifted.length).toBeLessThan(2);
});

test('nor are the same rows, which may differ by rounding, with others beside them', () => {
  for (const columns of [60, 768]) {
    const [rows, more] = [normals(600, columns, 11), normals(400, columns, 12)];
    const again = { ...rows, data: rows.data.map((value, at) => value * (1 + 1e-6 * (at % 3))) };
    const both = { rows: 1000, columns, data: Float32Array.from([...rows.data, ...more.data]) };
    const record = recordOf(rows, seed);
    for (const today of [rows, again, both]) expect(driftOf(record, today, seed)!.moved).toEqual([]);
  }
});

test('a mean that turned is seen by the cosine with what it was', () => {
  const about = (axis: number, from: number): Vectors => {
    const rows = normals(500, 8, from);
    return { ...rows, data: rows.data.map((value, at) => value + (at % 8 === axis ? 3 : 0)) };
  };
  const found = driftOf(recordOf(about(0, 21), seed), about(1, 22), seed)!;
  expect(found.moved.map(({ statistic }) => statistic)).toContain('cosine of a row with the recorded mean');
});
