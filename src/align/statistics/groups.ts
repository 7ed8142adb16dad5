/**
 * Rows that belong together: pictures of one person, sentences of one page, copies of one example. They say less than as many rows of
 * their own, so what is drawn, dealt out and counted is groups (Davison and Hinkley 1997, section 3.8).
 */
import type { Random } from '../../data/random.ts';

export interface RowGroups {
  /** The group of each row, from 0. */
  readonly of: Uint32Array;
  readonly count: number;
  /** What several of them are called: `groups`, or `different examples` where copies are what belongs together. */
  readonly words: string;
}

/** Rows of one key belong together; undefined where each row stands alone. */
export function groupRows(keys: ArrayLike<string>, words: string): RowGroups | undefined {
  const groups = numbered(keys, words);
  return groups.count === groups.of.length ? undefined : groups;
}

function numbered(keys: ArrayLike<string | number>, words: string): RowGroups {
  const numbers = new Map<string | number, number>();
  const of = Uint32Array.from(keys as ArrayLike<number>, (_, row) => {
    const key = keys[row]!;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
  return { of, count: numbers.size, words };
}

/** The groups of some of the rows, in their order. */
export const someGroups = (groups: RowGroups | undefined, rows: ArrayLike<number>): RowGroups | undefined =>
  groups && numbered(Array.from(rows, (row) => groups.of[row]!), groups.words);

/** How many rows or groups there are to judge by. */
export const countOf = (rows: number, groups: RowGroups | undefined): number => groups?.count ?? rows;

/** `1080 rows`, `54 groups`, `1 different example`: a number of what `countOf` counts. */
export function showCount(count: number, groups: Pick<RowGroups, 'words'> | undefined): string {
  const words = groups?.words ?? 'rows';
  return `${count.toLocaleString('en-US')} ${count === 1 ? words.slice(0, -1) : words}`;
}

/** Of rows in some order, the first of each group: where rows are compared with each other, one of a group speaks for it. */
export function oneOfEach(order: Uint32Array, groups: RowGroups | undefined): Uint32Array {
  if (groups === undefined) return order;
  const seen = new Uint8Array(groups.count);
  return order.filter((row) => {
    const group = groups.of[row]!;
    const isFirst = seen[group] === 0;
    seen[group] = 1;
    return isFirst;
  });
}

/** What draws a resample: as many rows with replacement, or as many groups, each with all of its rows. The array is overwritten by the next. */
export function resampler(rows: number, groups: RowGroups | undefined, random: Random): () => Uint32Array {
  if (groups === undefined) {
    const drawn = new Uint32Array(rows);
    return () => {
      for (let i = 0; i < rows; i++) drawn[i] = random.integer(rows);
      return drawn;
    };
  }
  const members = membersOf(groups);
  return () => Uint32Array.from(Array.from({ length: groups.count }, () => members[random.integer(groups.count)]!).flat());
}

/** The rows of each group. */
export function membersOf({ of, count }: RowGroups): readonly (readonly number[])[] {
  const members = Array.from({ length: count }, (): number[] => []);
  for (const [row, group] of of.entries()) members[group]!.push(row);
  return members;
}

/**
 * How many of these rows say as much as one row of its own does, for a mean: the variance of the mean by groups over that of as many
 * independent rows (Kish 1965), and at least 1. Counts over it go into the intervals of proportions (Rao and Scott 1992). Of copies it is
 * their number. Where values differ in few groups that variance is a guess, too small more often than too large; so it counts as if
 * in two groups more they differed, and were copies there. 1 where each row stands alone.
 */
export function designEffect(values: ArrayLike<number>, groups: RowGroups | undefined): number {
  if (groups === undefined) return 1;
  const rows = values.length;
  const mean = sumOf(values, (value) => value) / rows;
  const usual = mostCommon(values);
  const [sums, sizes, differing] = [new Float64Array(groups.count), new Float64Array(groups.count), new Uint8Array(groups.count)];
  for (let row = 0; row < rows; row++) {
    const group = groups.of[row]!;
    sums[group]! += values[row]! - mean;
    sizes[group]! += 1;
    if (values[row] !== usual) differing[group] = 1;
  }
  const copies = sumOf(sizes, (size) => size * size) / rows;
  const independent = sumOf(values, (value) => (value - mean) ** 2);
  if (independent === 0) return copies;
  const told = sumOf(differing, (is) => is);
  return Math.max(1, ((told * sumOf(sums, (sum) => sum * sum)) / independent + guessed * copies) / (told + guessed));
}

const guessed = 2;

function mostCommon(values: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) counts.set(values[i]!, (counts.get(values[i]!) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [NaN, 0] as [number, number])[0];
}

function sumOf(values: ArrayLike<number>, each: (value: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += each(values[i]!);
  return sum;
}
