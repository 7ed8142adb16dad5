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

/** From rows to a score of each class. */
export type Probe = (rows: Features) => Promise<Features>;

/** What it learns from. */
export interface ProbeRows {
  readonly y: Features;
  readonly labels: ArrayLike<number>;
  /** Rows that belong together; undefined where each stands alone. */
  readonly groups?: RowGroups | undefined;
}

/** A linear classifier by ridge regression on one-hot labels. */
export async function trainProbe(kernels: Kernels, { y: vectors, labels, groups }: ProbeRows, seed: number): Promise<Outcome<Probe>> {
  const classes = Math.max(...Array.from(labels)) + 1;
  const targets = new Float32Array(vectors.rows * classes);
  for (let i = 0; i < vectors.rows; i++) targets[i * classes + labels[i]!] = 1;
  const folds = groups && foldsOf(groups.of, seed);
  const training = await collectTraining(kernels, pairsOf(vectors, { rows: vectors.rows, columns: classes, data: targets }), { seed, products: productsOf([ridge], vectors.columns, classes), ...(folds === undefined ? {} : { folds }) });
  if (!training.ok) return training;
  const { all, basis } = training.value;
  const { relative } = await choosePenalty(kernels, training.value);
  const w = await ridgeMap(kernels, all, basis, penaltyOf(all, relative));
  const b = Float32Array.from(biasOf(w, all.meanX, all.meanY));
  return succeed((rows: Features): Promise<Features> => kernels.affine(rows, toSingle(w), b));
}
