/** Versions and ranges as npm reads them. */
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { isServed, parseVersion, reachesBelow, satisfies, satisfiesAny } from '../../src/types/version.ts';

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

describe('compatibility', () => {
  const number = fc.nat({ max: 3 });
  const version = fc.tuple(number, number, number).map((all) => all.join('.'));
  const range = fc.tuple(fc.constantFrom('', '^'), fc.array(number, { minLength: 1, maxLength: 3 })).map(([caret, all]) => caret + all.join('.'));
  // One more than any number of a range, so that each range is told from those beside it.
  const all = Array.from({ length: 125 }, (_, i) => `${Math.floor(i / 25)}.${Math.floor(i / 5) % 5}.${i % 5}`);
  const older = (end: string): string[] => all.slice(0, all.indexOf(end));

  test('is with an older version that both sides name', () => {
    fc.assert(
      fc.property(version, fc.array(range, { maxLength: 2 }), fc.array(range, { minLength: 1, maxLength: 2 }), (own, compatible, accepted) => {
        const shared = older(own).some((v) => compatible.some((r) => satisfies(v, r)) && accepted.some((r) => satisfies(v, r)));
        expect(isServed({ version: own, compatible, ranges: [] }, accepted)).toBe(satisfiesAny(own, accepted) || shared);
      }),
      { numRuns: 2000 },
    );
  });

  test('of a range that leaves out the version in scope is that of each of its versions', () => {
    fc.assert(
      fc.property(version, range, range, (own, said, accepted) => {
        fc.pre(!satisfies(own, said) && all.some((v) => satisfies(v, said)));
        const within = all.every((v) => !satisfies(v, said) || satisfies(v, accepted));
        expect(isServed({ version: own, compatible: [], ranges: [said] }, [accepted])).toBe(within);
        // What may be mixed with the version in scope goes where that goes.
        expect(isServed({ version: own, compatible: [said], ranges: [said] }, [own])).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('of a range in which the version in scope lies is that of the version in scope', () => {
    fc.assert(
      fc.property(version, range, range, (own, said, accepted) => {
        fc.pre(satisfies(own, said));
        expect(isServed({ version: own, compatible: [], ranges: [said] }, [accepted])).toBe(satisfies(own, accepted));
      }),
    );
  });

  test('reaches below a version where an older one lies in the range', () => {
    fc.assert(fc.property(version, range, (own, r) => void expect(reachesBelow(r, own)).toBe(older(own).some((v) => satisfies(v, r)))));
  });
});
