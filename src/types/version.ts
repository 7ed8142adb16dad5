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

/** The versions that are older than one; undefined for what is no version. */
function olderThan(version: string): Range | undefined {
  const end = parseVersion(version);
  return end && { low: [0, 0, 0], high: end };
}

/** Whether a range has versions that are older than this one. */
export function reachesBelow(range: string, version: string): boolean {
  const [r, older] = [parseRange(range), olderThan(version)];
  return r !== undefined && older !== undefined && haveCommon([r], [older]);
}

/** What a declaration says of versions: its own, and the ranges of older ones whose vectors may be mixed with those of its own. */
export interface DeclaredVersion {
  readonly version: string;
  readonly compatible: readonly string[];
}

/**
 * Whether who accepts `wanted` may have what is of any version in `ranges`: each of these versions lies in a wanted range,
 * or may stand for one that does. What is malformed was reported where it stands, and is served.
 */
export function isServed(ranges: readonly string[], wanted: readonly string[], declared: readonly DeclaredVersion[]): boolean {
  const accepted = parseRanges(wanted);
  return accepted.length === 0 || parseRanges(ranges).every((range) => isCovered(range, withCompatible(accepted, declared)));
}

/**
 * Whether vectors of one list of ranges may stand beside those of another: of whichever two ranges they are, some version
 * lies in both, or those of one may stand for some of the other.
 */
export function mayMix(ranges: readonly string[], others: readonly string[], declared: readonly DeclaredVersion[]): boolean {
  return ranges.every((one) => others.every((other) => haveCommon(parseRanges([one]), parseRanges([other])) || isServed([one], [other], declared) || isServed([other], [one], declared)));
}

const parseRanges = (texts: readonly string[]): readonly Range[] => texts.flatMap((text) => parseRange(text) ?? []);

/** Whether some version lies in a range of both lists. */
const haveCommon = (as: readonly Range[], bs: readonly Range[]): boolean => as.some((a) => bs.some((b) => !isEmpty(meet(a, b))));

/** Ranges, and the versions that may stand for one of theirs: a version and those that it is compatible with all may for each other. */
function withCompatible(ranges: readonly Range[], declared: readonly DeclaredVersion[]): readonly Range[] {
  const groups = declared.map(interchangeable);
  let accepted = ranges;
  // What one declaration adds may lead to another one's.
  for (let i = 0; i < groups.length; i++) accepted = [...accepted, ...groups.filter((group) => haveCommon(group, accepted)).flat()];
  return accepted;
}

function interchangeable({ version, compatible }: DeclaredVersion): readonly Range[] {
  const older = olderThan(version);
  return older === undefined ? [] : [...parseRanges([version]), ...parseRanges(compatible).map((range) => meet(range, older)).filter((range) => !isEmpty(range))];
}

/** Whether each version of a range lies in one of the others. */
function isCovered({ low, high }: Range, others: readonly Range[]): boolean {
  let reached = low;
  for (const other of [...others].sort((a, b) => compare(a.low, b.low))) if (contains(other, reached)) reached = other.high;
  return compare(reached, high) >= 0;
}
