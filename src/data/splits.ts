/** Which examples are for what: decided by what an example is, so that it stays where it is when others come or go. */
import { createHash } from 'node:crypto';

/** JSON with the keys of every object in order: equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item,
  );
}

/** Lower-case hexadecimal SHA-256 of an example: of its bytes, or of its canonical JSON. */
export function contentHash(example: unknown): string {
  const bytes = example instanceof Uint8Array ? example : canonicalJson(example);
  return createHash('sha256').update(bytes).digest('hex');
}

/** The names of the parts, and how much of the examples each is to have; they need not sum to 1. */
export type Shares<Part extends string> = Readonly<Record<Part, number>>;

/**
 * The part of an example by its hash or by the group that it belongs to: all of a group go to one part. Another seed is
 * another split.
 */
export function partOf<Part extends string>(key: string, shares: Shares<Part>, seed: number): Part {
  const digest = createHash('sha256').update(`${seed}\n${key}`).digest();
  const parts = Object.entries(shares) as [Part, number][];
  const total = parts.reduce((sum, [, share]) => sum + share, 0);
  // 48 bits: exact in a double.
  let left = (digest.readUIntBE(0, 6) / 2 ** 48) * total;
  for (const [part, share] of parts) {
    left -= share;
    if (left < 0) return part;
  }
  return parts.at(-1)![0];
}

export interface Split {
  readonly name: string;
  /** Content hashes, or whatever else tells one example from another. */
  readonly keys: readonly string[];
  /** The group of each example, where there are groups. */
  readonly groups?: readonly string[];
}

export interface Leak {
  readonly first: string;
  readonly second: string;
  readonly kind: 'example' | 'group';
  readonly count: number;
  /** One that stands in both, and where: its first row in each, counted from 1. */
  readonly witness: string;
  readonly rows: readonly [first: number, second: number];
}

/** Examples and groups that stand in two splits: what is learned from the one is known in the other. */
export function findLeaks(splits: readonly Split[]): readonly Leak[] {
  return splits.flatMap((first, i) =>
    splits.slice(i + 1).flatMap((second) => [
      ...leak(first, second, 'example', ({ keys }) => keys),
      ...leak(first, second, 'group', ({ groups }) => groups ?? []),
    ]),
  );
}

function leak(first: Split, second: Split, kind: Leak['kind'], of: (split: Split) => readonly string[]): Leak[] {
  const known = new Set(of(first));
  const shared = [...new Set(of(second))].filter((key) => known.has(key));
  const [witness] = shared;
  if (witness === undefined) return [];
  const rows = [of(first).indexOf(witness) + 1, of(second).indexOf(witness) + 1] as const;
  return [{ first: first.name, second: second.name, kind, count: shared.length, witness, rows }];
}
