/** Rows that belong together count as what they tell: by hand, and by how often intervals hold in a world of groups. */
import { expect, test } from 'vitest';
import { bootstrap } from '../../src/align/statistics/bootstrap.ts';
import { designEffect, groupRows, oneOfEach, someGroups, type RowGroups } from '../../src/align/statistics/groups.ts';
import { effectivePairs, pairedDifference } from '../../src/align/statistics/paired-proportions.ts';
import { shareOf, wilson } from '../../src/align/statistics/wilson.ts';
import { functionGate } from '../../src/align/verify/function.ts';
import { createRandom, type Random } from '../../src/data/random.ts';

const groupsOf = (...keys: readonly (string | number)[]): RowGroups => groupRows(keys.map(String), 'groups')!;

test('a design effect is the number of copies, 1 where rows stand alone, and between both by hand', () => {
  expect(groupRows(['a', 'b', 'c'], 'groups')).toBeUndefined();
  expect(designEffect([1, 0, 1], undefined)).toBe(1);
  expect(designEffect([1, 1, 0, 0, 0, 0], groupsOf('a', 'a', 'b', 'b', 'c', 'c'))).toBeCloseTo(2, 12);
  // Sums about the mean of 1/3: 1/3, 1/3, -2/3; their squares 6/9 over 12/9 of the rows. Two groups differ within, and two of copies are supposed.
  expect(designEffect([1, 0, 1, 0, 0, 0], groupsOf('a', 'a', 'b', 'b', 'c', 'c'))).toBeCloseTo((2 * 0.5 + 2 * 2) / 4, 12);
  // Nothing differs: 3² + 1² over 4 rows.
  expect(designEffect([1, 1, 1, 1], groupsOf('a', 'a', 'a', 'b'))).toBeCloseTo(10 / 4, 12);
});

test('copies change no interval of a proportion, nor the gate that rests on it', () => {
  const random = createRandom(3);
  const own = Array.from({ length: 300 }, () => random.uniform() < 0.9);
  const swapped = own.map((right) => (random.uniform() < 0.05 ? !right : right));
  const twenty = <T>(values: readonly T[]): T[] => values.flatMap((value) => Array.from({ length: 20 }, () => value));
  const groups = groupRows(twenty([...own.keys()]).map(String), 'different examples')!;
  const [once, copied] = [pairedDifference(effectivePairs(swapped, own, undefined)), pairedDifference(effectivePairs(twenty(swapped), twenty(own), groups))];
  for (const bound of ['low', 'high'] as const) expect(copied.interval[bound]).toBeCloseTo(once.interval[bound], 12);
  expect(shareOf(twenty(own), groups).interval.low).toBeCloseTo(wilson(own.filter(Boolean).length, 300).interval.low, 12);
  const gate = functionGate([{ head: 'kind', own: twenty(own), swapped: twenty(swapped), groups }]);
  expect(gate).toEqual({ ...functionGate([{ head: 'kind', own, swapped }]), measures: expect.anything() as unknown });
  const few = functionGate([{ head: 'kind', own: twenty(own.slice(0, 54)), swapped: twenty(swapped.slice(0, 54)), groups: someGroups(groups, Array.from({ length: 1080 }, (_, i) => i)) }]);
  expect(few).toMatchObject({ verdict: 'INCONCLUSIVE', reason: '54 different examples are too few to tell skill from luck.', open: [{ of: 'judged', leans: 'PASS' }] });
});

test('one row of each group stays, in the order that is given', () => {
  expect([...oneOfEach(Uint32Array.from([3, 1, 0, 2]), groupsOf('a', 'b', 'b', 'a'))]).toEqual([3, 1]);
});

/** Groups of 1 to 9 rows, of which four in ten take what their group has: -1, 0 or 1, on average -0.06. */
function drawn(random: Random, count: number): { readonly changes: number[]; readonly groups: RowGroups } {
  const one = (): number => {
    const u = random.uniform();
    return u < 0.1 ? -1 : u < 0.14 ? 1 : 0;
  };
  const [changes, keys]: [number[], string[]] = [[], []];
  for (let group = 0; group < count; group++) {
    const [shared, size] = [one(), 1 + random.integer(9)];
    for (let i = 0; i < size; i++) {
      changes.push(random.uniform() < Math.sqrt(0.4) ? shared : one());
      keys.push(String(group));
    }
  }
  return { changes, groups: groupRows(keys, 'groups')! };
}

test('bounds hold at their level in a world of groups, where those of independent rows do not', () => {
  const [runs, truth] = [200, -0.06];
  const missed = { low: 0, high: 0, rows: 0, bootstrapped: 0 };
  for (let run = 0; run < runs; run++) {
    const { changes, groups } = drawn(createRandom(500 + run), 120);
    const [swapped, own] = [changes.map((change) => change > 0), changes.map((change) => change < 0)];
    const { low, high } = pairedDifference(effectivePairs(swapped, own, groups)).interval;
    if (low > truth) missed.low += 1;
    if (high < truth) missed.high += 1;
    if (pairedDifference(effectivePairs(swapped, own, undefined)).interval.low > truth) missed.rows += 1;
    const mean = bootstrap(changes.length, (rows) => rows.reduce((sum, row) => sum + changes[row]!, 0) / rows.length, { seed: run, resamples: 199, level: 0.9, groups });
    if (mean.interval.low > truth) missed.bootstrapped += 1;
  }
  // Of 200 at 5 %, more than 18 come by chance once in some 200 draws.
  expect(missed.low).toBeLessThanOrEqual(18);
  expect(missed.high).toBeLessThanOrEqual(18);
  expect(missed.bootstrapped).toBeLessThanOrEqual(22);
  expect(missed.rows).toBeGreaterThan(25);
});
