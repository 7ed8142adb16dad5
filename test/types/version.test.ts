/** Versions and ranges as npm reads them. */
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { isServed, mayMix, parseVersion, reachesBelow, satisfies, satisfiesAny } from '../../src/types/version.ts';
import { acceptable, allVersions, olderVersions as older, within } from './versions-model.ts';

/** By hand, after npm's documentation. */
const table: readonly (readonly [string, string, boolean])[] = [
  ['1.2.3', '1.2.3', true], ['1.2.4', '1.2.3', false],
  ['1.0.0', '1', true], ['1.9.9', '1', true], ['2.0.0', '1', false],
  ['1.2.0', '1.2', true], ['1.2.9', '1.2', true], ['1.3.0', '1.2', false],
  ['1.2.3', '^1.2.3', true], ['1.9.0', '^1.2.3', true], ['1.2.2', '^1.2.3', false], ['2.0.0', '^1.2.3', false],
  ['0.2.3', '^0.2.3', true], ['0.2.9', '^0.2.3', true], ['0.3.0', '^0.2.3', false],
  ['0.0.3', '^0.0.3', true], ['0.0.4', '^0.0.3', false],
  ['0.0.0', '^0', true], ['0.9.0', '^0', true], ['1.0.0', '^0', false],
  ['0.0.9', '^0.0', true], ['0.1.0', '^0.0', false],
  ['0.0.0', '^0.0.0', true], ['0.0.1', '^0.0.0', false],
  ['1.2.9', '^1.2', true], ['1.1.9', '^1.2', false], ['1.9.9', '^1', true],
];

interface Semver {
  readonly satisfies: (version: string, range: string) => boolean;
}

/** npm's own reader, where some package brings it. */
function npmSemver(): Semver | undefined {
  try {
    return createRequire(import.meta.url)('semver') as Semver;
  } catch {
    return undefined;
  }
}

describe('ranges', () => {
  test.each(table)('%s in %s is %s', (version, range, is) => expect(satisfies(version, range)).toBe(is));

  test('as npm has them', (context) => {
    const semver = npmSemver();
    if (semver === undefined) {
      console.log('skipped: no package brings semver');
      context.skip();
    }
    const number = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 999_999_999 }));
    const version = fc.tuple(number, number, number).map((all) => all.join('.'));
    const range = fc.tuple(fc.constantFrom('', '^'), fc.array(number, { minLength: 1, maxLength: 3 })).map(([caret, all]) => caret + all.join('.'));
    fc.assert(fc.property(version, range, (v, r) => void expect(satisfies(v, r)).toBe(semver!.satisfies(v, r))), { numRuns: 2000 });
  });

  test('anything else is no version and no range, and no error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (v, r) => {
        fc.pre(!/^\d{1,9}\.\d{1,9}\.\d{1,9}$/.test(v));
        expect(parseVersion(v)).toBeUndefined();
        expect(satisfies(v, r)).toBe(false);
      }),
    );
  });

  test('one of several, or any', () => {
    expect(satisfiesAny('2.1.0', ['^1', '^2'])).toBe(true);
    expect(satisfiesAny('3.0.0', ['^1', '^2'])).toBe(false);
    expect(satisfiesAny('3.0.0', [])).toBe(true);
  });
});

describe('whether versions serve', () => {
  const number = fc.nat({ max: 3 });
  const version = fc.tuple(number, number, number).map((all) => all.join('.'));
  const range = fc.tuple(fc.constantFrom('', '^'), fc.array(number, { minLength: 1, maxLength: 3 })).map(([caret, all]) => caret + all.join('.'));
  const some = fc.array(range, { minLength: 1, maxLength: 3 });
  const declaration = fc.record({ version, compatible: fc.array(range, { maxLength: 2 }) });
  const declared = fc.array(declaration, { minLength: 1, maxLength: 2 });

  test('each version that the source may be of is accepted', () => {
    const seen = { served: 0, not: 0 };
    fc.assert(
      fc.property(some, some, declared, (ranges, wanted, known) => {
        const expected = within(ranges).every((v) => acceptable(wanted, known).has(v));
        seen[expected ? 'served' : 'not']++;
        expect(isServed(ranges, wanted, known)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(seen.served, seen.not)).toBeGreaterThan(100);
  });

  test('what goes on from who was served is served', () => {
    let chains = 0;
    fc.assert(
      fc.property(some, some, some, declaration, (first, second, third, own) => {
        if (!isServed(first, second, [own]) || !isServed(second, third, [own])) return;
        chains++;
        expect(isServed(first, third, [own])).toBe(true);
      }),
      { numRuns: 5000 },
    );
    expect(chains).toBeGreaterThan(20);
  });

  test('they stand beside each other where, whichever two ranges they are of, some version is of both or a call would take one for the other', () => {
    fc.assert(
      fc.property(some, some, declared, (ranges, others, known) => {
        const goes = (a: string, b: string): boolean => within([a]).every((v) => acceptable([b], known).has(v));
        const expected = ranges.every((a) => others.every((b) => allVersions.some((v) => satisfies(v, a) && satisfies(v, b)) || goes(a, b) || goes(b, a)));
        expect(mayMix(ranges, others, known)).toBe(expected);
        expect(mayMix(others, ranges, known)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  test('what is no range was told of where it stands', () => {
    expect(isServed(['~1'], ['^2'], [{ version: '2.0.0', compatible: [] }])).toBe(true);
    expect(isServed(['^1'], ['~2'], [{ version: '2.0.0', compatible: ['x'] }])).toBe(true);
    expect(mayMix(['~1'], ['^2'], [{ version: '2', compatible: [] }])).toBe(true);
  });

  test('reaches below a version where an older one lies in the range', () => {
    fc.assert(fc.property(version, range, (own, r) => void expect(reachesBelow(r, own)).toBe(older(own).some((v) => satisfies(v, r)))));
  });
});
