/** The expected calibration error: how far confidence and accuracy are apart, with bins of equal numbers of rows. */
import type { Features } from '../matrix.ts';
import type { BinnedRows } from '../statistics/binned-gaps.ts';
import { predictions, probabilities } from './head.ts';

export interface Confidence {
  /** The probability of the predicted class. */
  readonly confidence: number;
  readonly isRight: boolean;
}

export function confidences(logits: Features, labels: ArrayLike<number>, temperature = 1): readonly Confidence[] {
  const p = probabilities(logits, temperature);
  return Array.from(predictions(logits), (label, i) => ({
    confidence: p[i * logits.columns + label]!,
    isRight: label === labels[i],
  }));
}

/** Adaptive bins (Nixon et al. 2019): each holds as many rows as another. */
export const expectedCalibrationError = (rows: readonly Confidence[], bins = 15): number => calibrationError(rows, bins)(rows.map((_, i) => i));

/** The same bins, for an interval of the error (`sizeOfGaps`) or of its growth (`growthOfGaps`). */
export function binnedConfidences(rows: readonly Confidence[], bins = 15): BinnedRows {
  const count = Math.min(bins, rows.length);
  const order = inOrder(rows);
  const binOf = new Uint32Array(rows.length);
  // Of `calibrationError`, bin b ends where (b + 1) rows / count is reached.
  for (const [place, row] of order.entries()) binOf[row] = Math.ceil(((place + 1) * count) / rows.length) - 1;
  return { bins: binOf, count, values: excessOf(rows), variances: Float64Array.from(rows, ({ confidence }) => confidence * (1 - confidence)) };
}

const inOrder = (rows: readonly Confidence[]): Uint32Array => Uint32Array.from(rows.keys()).sort((a, b) => rows[a]!.confidence - rows[b]!.confidence);
const excessOf = (rows: readonly Confidence[]): Float64Array => Float64Array.from(rows, ({ confidence, isRight }) => confidence - Number(isRight));

/** The error of drawn rows, given by their numbers, of which one may come more than once: they are sorted once, and not for each draw. */
export function calibrationError(rows: readonly Confidence[], bins = 15): (drawn: ArrayLike<number>) => number {
  const [order, excess] = [inOrder(rows), excessOf(rows)];
  const times = new Uint32Array(rows.length);
  return (drawn) => {
    times.fill(0);
    for (let i = 0; i < drawn.length; i++) times[drawn[i]!]! += 1;
    const count = Math.min(bins, drawn.length);
    const endOf = (bin: number): number => Math.floor(((bin + 1) * drawn.length) / count);
    let [error, gap, bin, seen] = [0, 0, 0, 0];
    for (const row of order)
      for (let left = times[row]!; left > 0; left--) {
        gap += excess[row]!;
        seen += 1;
        if (seen < endOf(bin)) continue;
        error += Math.abs(gap);
        [gap, bin] = [0, bin + 1];
      }
    return error / drawn.length;
  };
}
