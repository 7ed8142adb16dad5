/** Versions are semantic ones (semver.org); ranges are read as npm reads them: `^2`, `^2.1`, `2`, `2.0.0`. */
type Triple = readonly [number, number, number];

/** From `low` up to, not including, `high`. */
interface Range {
  readonly low: Triple;
  readonly high: Triple;
}

/** The three numbers of an exact version; undefined for anything else. */
export function parseVersion(text: string): Triple | undefined {
  const match = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/** The versions of a range; undefined where it is malformed. */
function parseRange(text: string): Range | undefined {
  const match = /^(\^)?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const given = [match[2], match[3], match[4]].filter((n) => n !== undefined).map(Number);
  const low: Triple = [given[0] ?? 0, given[1] ?? 0, given[2] ?? 0];
  const first = low.findIndex((n) => n !== 0);
  // A caret holds what is left of, and at, the first number that is not 0: ^0.2.1 is 0.2.x from 0.2.1 on.
  const held = match[1] === undefined ? given.length - 1 : Math.min(first === -1 ? 2 : first, given.length - 1);
  const next = (n: number, i: number): number => (i < held ? n : i === held ? n + 1 : 0);
  const high: Triple = [next(low[0], 0), next(low[1], 1), next(low[2], 2)];
  return { low, high };
}

function compare(a: Triple, b: Triple): number {
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

const contains = ({ low, high }: Range, version: Triple): boolean => compare(version, low) >= 0 && compare(version, high) < 0;
const later = (a: Triple, b: Triple): Triple => (compare(a, b) >= 0 ? a : b);
const meet = (a: Range, b: Range): Range => ({ low: later(a.low, b.low), high: compare(a.high, b.high) <= 0 ? a.high : b.high });
const isEmpty = ({ low, high }: Range): boolean => compare(low, high) >= 0;

/** Whether an exact version lies in a range; false where either is malformed. */
export function satisfies(version: string, range: string): boolean {
  const [v, r] = [parseVersion(version), parseRange(range)];
  return v !== undefined && r !== undefined && contains(r, v);
}

/** Whether a version lies in any of the ranges; an empty list accepts every version. */
export const satisfiesAny = (version: string, ranges: readonly string[]): boolean =>
  ranges.length === 0 || ranges.some((range) => satisfies(version, range));

/** Whether a range has versions that are older than this one. */
export const reachesBelow = (range: string, version: string): boolean => haveCommon([range], [range], version);

/** Whether some version older than this one lies in a range of both lists. */
function haveCommon(as: readonly string[], bs: readonly string[], version: string): boolean {
  const end = parseVersion(version);
  if (end === undefined) return false;
  const older: Range = { low: [0, 0, 0], high: end };
  return as.some((a) =>
    bs.some((b) => {
      const [x, y] = [parseRange(a), parseRange(b)];
      return x !== undefined && y !== undefined && !isEmpty(meet(meet(x, y), older));
    }),
  );
}

/**
 * Whether vectors of a version in one list may stand beside those of the other: some version is in both, or what is
 * `compatible` with the first reaches a version of the second. An empty list holds every version.
 */
export const mayMix = (compatible: readonly string[], ranges: readonly string[], others: readonly string[]): boolean =>
  ranges.length === 0 || others.length === 0 || meetAny(ranges, others) || meetAny(compatible, others);

/** Whether some version lies in a range of both lists. */
const meetAny = (as: readonly string[], bs: readonly string[]): boolean =>
  as.some((a) =>
    bs.some((b) => {
      const [x, y] = [parseRange(a), parseRange(b)];
      return x !== undefined && y !== undefined && !isEmpty(meet(x, y));
    }),
  );

/** What is known of the version of vectors or ids: the declared one, or that of whoever hands them over and says these ranges. */
export interface KnownVersion {
  /** The version of the declaration in scope. */
  readonly version: string;
  readonly compatible: readonly string[];
  /** The ranges that were said of a value; none where it is what the declaration in scope makes. */
  readonly ranges: readonly string[];
}

/**
 * Whether who accepts `wanted` may have what is known so. Ranges of which one has the version in scope mean that version; of
 * others each has to lie in a wanted one, or to be old enough to be mixed with the version in scope where that is accepted.
 */
export function isServed({ version, compatible, ranges }: KnownVersion, wanted: readonly string[]): boolean {
  const current = isAccepted(version, compatible, wanted);
  if (wanted.length === 0 || satisfiesAny(version, ranges)) return current;
  return ranges.every((range) => liesIn(range, wanted) || (current && liesIn(range, compatible)));
}

/** Whether all versions of a range lie in one of the others. */
const liesIn = (range: string, others: readonly string[]): boolean =>
  others.some((other) => {
    const [x, y] = [parseRange(range), parseRange(other)];
    return x !== undefined && y !== undefined && compare(x.low, y.low) >= 0 && compare(x.high, y.high) <= 0;
  });

/**
 * Whether who accepts `ranges` may have what is of this version: it lies in one of them, or may be mixed with older
 * versions (`compatible`) of which some do.
 */
const isAccepted = (version: string, compatible: readonly string[], ranges: readonly string[]): boolean =>
  satisfiesAny(version, ranges) || haveCommon(compatible, ranges, version);
