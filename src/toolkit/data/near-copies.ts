/**
 * Examples that are the same but for rounding: what was printed with six digits, as `%.6g` and pandas do, has other values and is the same example. Compared at five
 * significant digits, number by number; all else has to be equal.
 */
import { exampleParts } from './example-key.ts';
import type { Column } from './table.ts';

/** What examples are read from. */
export interface Examples {
  readonly columns: readonly Column[];
  readonly rows: number;
}

export interface NearCopies {
  readonly count: number;
  /** The first, by its rows in both, counted from 1. */
  readonly rows: readonly [first: number, second: number];
}

/** Rounding to five digits moves a number by half of its fifth digit, at most. */
const tolerance = 5e-5;
/** Of fewer numbers that are not whole examples agree to five digits by chance: of 10,000 by 10,000 pairs of three such numbers about one in ten thousand, of two about one. */
const leastNumbers = 3;

/** Rows of the second that stand in the first to five digits, and not exactly (those have one of the `known` keys); undefined where there are none. */
export function nearCopies(first: Examples, second: Examples, isKnown: (row: number) => boolean): NearCopies | undefined {
  const learned = sketched(first).sort((a, b) => a.sum - b.sum);
  if (learned.length === 0) return undefined;
  const sums = Float64Array.from(learned, ({ sum }) => sum);
  const found: [number, number][] = [];
  for (const one of sketched(second)) {
    if (isKnown(one.row)) continue;
    const far = tolerance * one.size;
    for (let at = firstFrom(sums, one.sum - far); at < learned.length && sums[at]! <= one.sum + far; at++) {
      const other = learned[at]!;
      if (Math.max(other.parts, one.parts) < leastNumbers || other.rest !== one.rest || Math.abs(other.check - one.check) > far || !isNear(first, other.row, second, one.row)) continue;
      found.push([other.row, one.row]);
      break;
    }
  }
  const [witness] = found;
  return witness && { count: found.length, rows: [witness[0] + 1, witness[1] + 1] };
}

/** Of a row, what is cheap to compare. */
interface Sketch {
  readonly row: number;
  /** What is no number, and how many numbers there are. */
  readonly rest: string;
  /** Two sums of the numbers by weights that have nothing to do with each other, and that of their sizes. */
  readonly sum: number;
  readonly check: number;
  readonly size: number;
  /** Numbers that are not whole: rounded some are, so that one of two rows has to have enough of them. */
  readonly parts: number;
}

function sketched({ columns, rows }: Examples): Sketch[] {
  return Array.from({ length: rows }, (_, row) => row).flatMap((row): Sketch[] => {
    const { numbers, rest } = exampleParts(columns, row);
    let [sum, check, size, parts] = [0, 0, 0, 0];
    for (const [i, value] of numbers.entries()) {
      sum += value * Math.sin(i + 1);
      check += value * Math.cos(1.7 * i);
      size += Math.abs(value);
      parts += Number(!Number.isInteger(value));
    }
    return Number.isFinite(size) ? [{ row, rest: `${numbers.length} ${rest}`, sum, check, size, parts }] : [];
  });
}

/** Whole numbers, ids perhaps, are the same or others: of two of them no digit is rounded. */
function isNear(first: Examples, a: number, second: Examples, b: number): boolean {
  const [x, y] = [exampleParts(first.columns, a).numbers, exampleParts(second.columns, b).numbers];
  return x.every((value, i) => value === y[i]! || (!(Number.isInteger(value) && Number.isInteger(y[i]!)) && Math.abs(value - y[i]!) <= tolerance * Math.max(Math.abs(value), Math.abs(y[i]!))));
}

/** The first place of an ascending list whose value is at least this. */
function firstFrom(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
