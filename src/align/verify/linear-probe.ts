/** What a linear reader makes of vectors: not the head that is judged, but how much any head could find. */
import { succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import { biasOf } from '../adapters/adapter.ts';
import { productsOf } from '../adapters/method.ts';
import { choosePenalty, ridge } from '../adapters/ridge.ts';
import { ridgeMap } from '../adapters/ridge-map.ts';
import { foldsOf } from '../adapters/folds.ts';
import { penaltyOf } from '../adapters/ridge-path.ts';
import { collectTraining } from '../adapters/training.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { pairsOf } from '../kernels/row-pairs.ts';
import { toSingle, type Features } from '../matrix.ts';
import type { RowGroups } from '../statistics/groups.ts';

/** From rows to a score of each class, or to numbers. */
export type Probe = (rows: Features) => Promise<Features>;

/** What it learns from. */
export interface ProbeRows {
  readonly y: Features;
  readonly labels: ArrayLike<number>;
  /** Rows that belong together; undefined where each stands alone. */
  readonly groups?: RowGroups | undefined;
}

/** A linear classifier by ridge regression on one-hot labels. */
export function trainProbe(kernels: Kernels, { y, labels, groups }: ProbeRows, seed: number): Promise<Outcome<Probe>> {
  return trainReader(kernels, { y, target: oneHot(labels), groups }, seed);
}

/** A column for each class, up to the largest that occurs. */
export function oneHot(labels: ArrayLike<number>): Features {
  // Not `Math.max(...)`: as arguments, a hundred thousand rows are more than the stack holds.
  const columns = Array.from(labels).reduce((most, label) => Math.max(most, label), 0) + 1;
  const data = new Float32Array(labels.length * columns);
  for (let i = 0; i < labels.length; i++) data[i * columns + labels[i]!] = 1;
  return { rows: labels.length, columns, data };
}

/** A linear map from vectors to numbers by ridge regression: what of these can be read off those. */
export async function trainReader(kernels: Kernels, { y: vectors, target, groups }: Omit<ProbeRows, 'labels'> & { readonly target: Features }, seed: number): Promise<Outcome<Probe>> {
  const folds = groups && foldsOf(groups.of, seed);
  const training = await collectTraining(kernels, pairsOf(vectors, target), { seed, products: productsOf([ridge], vectors.columns, target.columns), ...(folds === undefined ? {} : { folds }) });
  if (!training.ok) return training;
  const { all, basis } = training.value;
  const { relative } = await choosePenalty(kernels, training.value);
  const w = await ridgeMap(kernels, all, basis, penaltyOf(all, relative));
  const b = Float32Array.from(biasOf(w, all.meanX, all.meanY));
  return succeed((rows: Features): Promise<Features> => kernels.affine(rows, toSingle(w), b));
}
