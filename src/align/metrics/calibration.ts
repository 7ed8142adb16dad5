/** The expected calibration error: how far confidence and accuracy are apart, with bins of equal numbers of rows. */
import type { Features } from '../matrix.ts';
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

/** The error of drawn rows, given by their numbers, of which one may come more than once: they are sorted once, and not for each draw. */
export function calibrationError(rows: readonly Confidence[], bins = 15): (drawn: ArrayLike<number>) => number {
  const order = Uint32Array.from(rows.keys()).sort((a, b) => rows[a]!.confidence - rows[b]!.confidence);
  const excess = Float64Array.from(rows, ({ confidence, isRight }) => confidence - Number(isRight));
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
