/**
 * How well a bridge points at what it is to match: the mean cosine, about the target's mean, of what it makes of rows left out. Heads and
 * searches look at where a vector points from there, and hardly at how far; R² rewards maps that shrink what they are unsure of,
 * with few pairs until nothing is left to tell classes by. It has no scale, and is taken behind whatever the part ends in.
 */
import type { Kernels } from '../kernels/kernels.ts';
import { toSingle, type Features } from '../matrix.ts';
import { scoreOf, type Score, type ScoredAdapter } from './cross-validation.ts';
import type { Training } from './training.ts';

/** What a part does to what the map answers: nothing, or a length of 1. */
export type Placed = (rows: Features) => Features;

/** A bridge with both of its cross-validated scores. */
export interface JudgedBridge extends ScoredAdapter {
  readonly method: string;
  readonly direction: Score;
}

/** `placed` stands behind the map where the bridge is used. */
export async function judgeBridge(kernels: Kernels, training: Training, scored: ScoredAdapter, placed: Placed = (rows) => rows): Promise<JudgedBridge> {
  const folds: number[] = [];
  for (const [k, { w, b }] of scored.maps.entries()) {
    const { x, y } = training.held[k]!;
    const answers = placed(await kernels.affine(x, toSingle(w), Float32Array.from(b)));
    folds.push(meanCosine(answers, y, targetMeanWithout(training, k)));
  }
  return { ...scored, method: scored.adapter.method, direction: scoreOf(folds) };
}

/** The mean of the target in all folds but one. */
export function targetMeanWithout({ folds, all }: Training, k: number): Float64Array {
  const { count, meanY } = folds[k]!;
  return all.meanY.map((mean, j) => (mean * all.count - meanY[j]! * count) / (all.count - count));
}

/** The mean over the rows of the cosine of both, seen from the centre; a row that lies there has 0. */
export function meanCosine(answers: Features, targets: Features, centre: Float64Array): number {
  const { rows, columns } = targets;
  let sum = 0;
  for (let i = 0, at = 0; i < rows; i++) {
    let [product, a, b] = [0, 0, 0];
    for (let j = 0; j < columns; j++, at++) {
      const answer = answers.data[at]! - centre[j]!;
      const target = targets.data[at]! - centre[j]!;
      product += answer * target;
      a += answer * answer;
      b += target * target;
    }
    if (a > 0 && b > 0) sum += product / Math.sqrt(a * b);
  }
  return sum / rows;
}
