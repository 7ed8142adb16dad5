/** What one space looks like: magnitudes, odd columns, and how its variance is spread, with intervals. */
import { createRandom, permutation } from '../../data/random.ts';
import { choosePenalty } from '../adapters/ridge.ts';
import { withoutFold, type Training } from '../adapters/training.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { selectRows, type Features } from '../matrix.ts';
import { someGroups, type RowGroups } from '../statistics/groups.ts';
import { jackknife, leavingOut } from '../statistics/jackknife.ts';
import { activationsOf, type Activations } from './activations.ts';
import { reading, type Readings } from './reading.ts';
import { spectrumOf, spreadFrom, spreadOf, type Spectrum, type Spread } from './spectrum.ts';

/** More rows say nothing new of magnitudes. */
const mostRows = 10_000;
const groups = 10;

export interface DescribedSpace {
  readonly readings: Readings;
  readonly spectrum: Spectrum;
}

export interface SpaceRows {
  readonly features: Features;
  /** Holds the moments of the space as those of x. */
  readonly training: Training;
  /** Of rows that belong together there are 10 groups or more. */
  readonly together?: RowGroups | undefined;
  /** Whether `training` is of a joint, whose ridge maps need the eigenvalues of each fold, too: then they are computed once. */
  readonly joined?: boolean;
}

export async function describeSpace(kernels: Kernels, { features, training, together, joined = false }: SpaceRows, seed: number): Promise<DescribedSpace> {
  const rows = permutation(features.rows, createRandom(seed)).subarray(0, mostRows);
  const sample = selectRows(features, rows);
  const whole = activationsOf(sample);
  const without = leavingOut(sample.rows, groups, someGroups(together, rows)).map((left) => activationsOf(selectRows(sample, left)));
  const estimate = (of: (activations: Activations) => number) => reading(jackknife(of(whole), without.map(of)));
  const spectrum = await spectrumOf(kernels, training.all.xx, training.all.count);
  const folds = joined ? (await choosePenalty(kernels, training)).maps.map(({ values, moments }) => spreadFrom(values, moments.count)) : await spreadsWithoutFolds(kernels, training);
  // An interval needs the number of groups that it is made for; groups of examples may leave fewer folds.
  const ofFolds = (of: (one: Spread) => number) => (folds.length === 5 ? reading(jackknife(of(spectrum), folds.map(of))) : { value: of(spectrum) });
  return {
    readings: {
      'mean |a|': estimate(({ meanAbsolute }) => meanAbsolute),
      'mean norm': estimate(({ norms }) => norms.mean),
      'deviation of the norms': estimate(({ norms }) => norms.deviation),
      'dead columns': { value: whole.dead.length },
      'outlying columns': { value: whole.outliers.length },
      'mean cosine of two rows': estimate(({ meanCosine }) => meanCosine),
      RankMe: ofFolds(({ rankMe }) => rankMe),
      NESum: ofFolds(({ neSum }) => neSum),
    },
    spectrum,
  };
}

async function spreadsWithoutFolds(kernels: Kernels, training: Training): Promise<readonly Spread[]> {
  const spreads: Spread[] = [];
  for (const k of training.folds.keys()) {
    const { xx, count } = withoutFold(training, k);
    spreads.push(await spreadOf(kernels, xx, count));
  }
  return spreads;
}
