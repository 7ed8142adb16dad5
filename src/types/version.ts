/** Versions are semantic ones (semver.org); ranges are read as npm reads them: `^2`, `^2.1`, `2`, `2.0.0`. */
type Triple = readonly [number, number, number];

/** The three numbers of an exact version; undefined for anything else. */
export function parseVersion(text: string): Triple | undefined {
  const match = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/** Whether an exact version lies in a range; false where either is malformed. */
export function satisfies(version: string, range: string): boolean {
  const v = parseVersion(version);
  const match = /^(\^)?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$/.exec(range);
  if (v === undefined || match === null) return false;
  const given = [match[2], match[3], match[4]].filter((n) => n !== undefined).map(Number);
  if (match[1] === undefined) return given.every((n, i) => v[i] === n);
  const low: Triple = [given[0] ?? 0, given[1] ?? 0, given[2] ?? 0];
  // A caret holds what is left of, and at, the first number that is not 0: ^0.2.1 is 0.2.x from 0.2.1 on.
  const fixed = Math.min(low.findIndex((n) => n !== 0) === -1 ? 2 : low.findIndex((n) => n !== 0), given.length - 1);
  return compare(v, low) >= 0 && v.slice(0, fixed + 1).every((n, i) => n === low[i]);
}

/** Whether a version lies in any of the ranges; an empty list accepts every version. */
export const satisfiesAny = (version: string, ranges: readonly string[]): boolean =>
  ranges.length === 0 || ranges.some((range) => satisfies(version, range));

function compare(a: Triple, b: Triple): number {
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
