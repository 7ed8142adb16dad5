/** Whether what was learned is surely better, on rows left out, than an answer that looks at no example. */
import type { Score } from '../../align/index.ts';
import type { Doubt } from './solved.ts';

/** One-sided 5 % of Student's t: of five folds, and of many rows. */
const foldedQuantile = 2.132;
const heldQuantile = 1.645;

const isSure = (gain: number, standardError: number, quantile: number): boolean => gain > quantile * standardError;

const show = ({ mean, standardError }: Pick<Score, 'mean' | 'standardError'>): string => `${mean.toFixed(4)} ± ${standardError.toFixed(4)}`;

/** Of numbers: they are explained no better than by their mean. */
export function doubtOfNumbers(measure: string, explained: Score): Doubt | undefined {
  return isSure(explained.mean, explained.standardError, foldedQuantile) ? undefined : { measure, found: show(explained), constant: 'the mean of the target' };
}

/** Of a bridge: it neither points nor explains better than the mean of the target. */
export function doubtOfBridge(direction: Score, explained: Score): Doubt | undefined {
  if ([direction, explained].some(({ mean, standardError }) => isSure(mean, standardError, foldedQuantile))) return undefined;
  return { measure: 'cross-validated cosine', found: `${show(direction)}, and R² ${show(explained)}`, constant: 'the mean of the target' };
}

/** Of a head: it is neither right more often than the commonest class, nor surer of what is right than the shares of the classes are. */
export function doubtOfHead(accuracy: Score, loss: Score, labels: Uint32Array, classes: number): Doubt | undefined {
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]! += 1;
  const shares = counts.map((count) => count / labels.length);
  const most = Math.max(...shares);
  const entropy = shares.reduce((sum, share) => sum - (share > 0 ? share * Math.log(share) : 0), 0);
  if (isSure(accuracy.mean - most, accuracy.standardError, foldedQuantile) || isSure(entropy - loss.mean, loss.standardError, foldedQuantile)) return undefined;
  return { measure: 'cross-validated accuracy', found: show(accuracy), constant: commonest(most) };
}

/** Of what was learned by gradient; undefined where its score is compared with nothing. */
export function doubtOfHeld(measure: string, score: Pick<Score, 'mean' | 'standardError'>, constant: number | undefined): Doubt | undefined {
  if (constant === undefined || isSure(score.mean - constant, score.standardError, heldQuantile)) return undefined;
  return { measure, found: show(score), constant: measure.endsWith('R²') ? 'the mean of the target' : commonest(constant) };
}

const commonest = (share: number): string => `always the commonest answer, which is right in ${(100 * share).toFixed(1)} % of the rows`;
