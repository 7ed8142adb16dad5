/**
 * What versions serve, version by version: an independent reading of ranges as sets. It knows the numbers from 0 to 4, one more than any number
 * of a range that it is asked about, so that each range is told from those beside it.
 */
import { satisfies, type DeclaredVersion } from '../../src/types/version.ts';

export const allVersions: readonly string[] = Array.from({ length: 125 }, (_, i) => `${Math.floor(i / 25)}.${Math.floor(i / 5) % 5}.${i % 5}`);

export const olderVersions = (end: string): readonly string[] => allVersions.slice(0, allVersions.indexOf(end));

const ofRange = new Map<string, readonly string[]>();

function versionsOf(range: string): readonly string[] {
  const known = ofRange.get(range) ?? allVersions.filter((v) => satisfies(v, range));
  ofRange.set(range, known);
  return known;
}

/** The versions of some ranges. */
export const within = (ranges: readonly string[]): readonly string[] => [...new Set(ranges.flatMap(versionsOf))];


/** The versions that are accepted, by themselves or for others: those of a declaration all may stand for each other. */
export function acceptable(wanted: readonly string[], declared: readonly DeclaredVersion[]): ReadonlySet<string> {
  const accepted = new Set(within(wanted));
  const groups = declared.map(({ version, compatible }) => [version, ...olderVersions(version).filter((v) => compatible.some((r) => satisfies(v, r)))]);
  for (const _ of groups) for (const group of groups) if (group.some((v) => accepted.has(v))) group.forEach((v) => accepted.add(v));
  return accepted;
}
