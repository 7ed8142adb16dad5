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
export function expectedCalibrationError(rows: readonly Confidence[], bins = 15): number {
  const sorted = rows.toSorted((a, b) => a.confidence - b.confidence);
  const count = Math.min(bins, sorted.length);
  let error = 0;
  for (let b = 0; b < count; b++) {
    const [from, to] = [Math.floor((b * sorted.length) / count), Math.floor(((b + 1) * sorted.length) / count)];
    let gap = 0;
    for (let i = from; i < to; i++) gap += sorted[i]!.confidence - (sorted[i]!.isRight ? 1 : 0);
    error += Math.abs(gap);
  }
  return error / sorted.length;
}
