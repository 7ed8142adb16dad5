/**
 * How answers are distributed, in few numbers, and how far two distributions lie apart. Answers that count classes are told
 * apart by their highest class, others by the tenth of the reference into which the mean of their elements falls.
 */
export interface Reference {
  /** How many answers it was recorded from. */
  readonly rows: number;
  /** Upper ends of the bins but the last, ascending; absent where the bins are classes. */
  readonly ends?: readonly number[];
  /** The part of the answers in each bin. */
  readonly shares: readonly number[];
}

const bins = 10;

/** The distribution of recorded answers, of which each is the elements of one row; undefined where there are none. */
export function referenceOf(answers: readonly ArrayLike<number>[], classes: number | undefined): Reference | undefined {
  const rows = answers.length;
  if (rows === 0) return undefined;
  if (classes !== undefined) {
    const shares = Array.from({ length: classes }, () => 0);
    for (const answer of answers) shares[highest(answer)]! += 1 / rows;
    return { rows, shares };
  }
  const means = answers.map(meanOf).sort((a, b) => a - b);
  const ends = [...new Set(Array.from({ length: bins - 1 }, (_, i) => means[Math.floor(((i + 1) * rows) / bins)]!))];
  const shares = [...ends, Infinity].map(() => 0);
  for (const mean of means) shares[binAmong(ends, mean)]! += 1 / rows;
  return { rows, ends, shares };
}

/** The bin of one answer. */
export const binOf = ({ ends }: Reference, answer: ArrayLike<number>): number => (ends === undefined ? highest(answer) : binAmong(ends, meanOf(answer)));

/** The total variation distance of counts to the reference: the least part of the answers that would have to fall elsewhere. */
export function driftFrom({ shares }: Reference, counts: ArrayLike<number>): number {
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  return total === 0 ? 0 : shares.reduce((sum, share, i) => sum + Math.abs(share - counts[i]! / total), 0) / 2;
}

function highest(answer: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < answer.length; i++) if (answer[i]! > answer[best]!) best = i;
  return best;
}

const meanOf = (answer: ArrayLike<number>): number => Array.from(answer).reduce((sum, value) => sum + value, 0) / Math.max(1, answer.length);

/** A value on an end belongs above it, so that what is all one number has one bin. */
function binAmong(ends: readonly number[], value: number): number {
  const found = ends.findIndex((end) => value < end);
  return found < 0 ? ends.length : found;
}
