/** How two spaces lie to each other, both ways: every diagnostic with its interval and its null, and what a joint of them needs. */
import { createRandom, permutation } from '../../data/random.ts';
import type { Training } from '../adapters/training.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { selectRows, zeros, type Features, type Matrix } from '../matrix.ts';
import { oneOfEach, type RowGroups } from '../statistics/groups.ts';
import { around, jackknife, leavingOut } from '../statistics/jackknife.ts';
import { advise, type Advice } from './advice.ts';
import { centreGram, cka, gramOf, testCkaOf } from './cka.ts';
import { testExplained, type ExplainedTest, type FoldedRows } from './explained.ts';
import { sharedNeighbours, testNeighbours } from './mutual-neighbours.ts';
import { procrustesDistance, testProcrustes } from './procrustes.ts';
import { reading, type Reading, type Readings } from './reading.ts';
import { residualsOf } from './residuals.ts';
import { spectralOverlap, type Spectrum } from './spectrum.ts';

/** Grams and neighbours have the square of it in elements. */
const mostRows = 1000;
const groups = 10;
const mostNeighbours = 10;

export interface JointSpaces {
  readonly x: Features;
  readonly y: Features;
  /** Of all rows, in the folds of `folds`. */
  readonly training: Training;
  /** The same, seen from y. */
  readonly back: Training;
  readonly folds: Uint8Array;
  readonly spectra: readonly [Spectrum, Spectrum];
  /** Rows that belong together, of which one each is compared with others; undefined where each stands alone. */
  readonly together?: RowGroups | undefined;
}

export interface DescribedJoint {
  readonly readings: Readings;
  readonly advice: Advice;
}

/** From x to y, and from y to x. */
export async function describeJoint(kernels: Kernels, { x, y, training, back: trainingBack, folds, spectra, together }: JointSpaces, seed: number): Promise<readonly [DescribedJoint, DescribedJoint]> {
  const rows = oneOfEach(permutation(x.rows, createRandom(seed)), together).subarray(0, mostRows);
  const [a, b] = [selectRows(x, rows), selectRows(y, rows)];
  const k = Math.min(mostNeighbours, Math.floor((0.8 * rows.length) / 2));
  const grams = [await gramOf(kernels, a), await gramOf(kernels, b)] as const;
  const without = withoutGroups(grams, k);
  const neighbours = testNeighbours(...grams, { k, seed });
  // In their own place: the others come first.
  const aligned = testCkaOf([centreGram(grams[0])], centreGram(grams[1]), { seed });
  const distance = await procrustesDistance(kernels, training.all);
  const rotated = await testProcrustes(kernels, a, b, spectra, { seed });
  const overlap = spectralOverlap(...spectra);
  const symmetric: Readings = {
    CKA: reading(jackknife(aligned.values[0]!, without.map((one) => one.cka)), { chance: aligned.chance, p: aligned.p }),
    'shared neighbours': reading(jackknife(neighbours.share, without.map((one) => one.share)), { chance: neighbours.chance, p: neighbours.p }),
    'Procrustes distance²': rotated,
    'overlap of the spectra': { value: overlap },
  };
  const sample: FoldedRows = { x: a, y: b, folds: Uint8Array.from(rows, (row) => folds[row]!) };
  const ways = [
    [await testExplained(kernels, training, sample, { seed }), training.all],
    [await testExplained(kernels, trainingBack, { x: b, y: a, folds: sample.folds }, { seed }), trainingBack.all],
  ] as const;
  const [forth, back] = ways.map(([explained, moments]): DescribedJoint => {
    const answers = { directions: explained.directions, of: Math.min(moments.meanX.length, moments.meanY.length), explained: explained.score.mean };
    const advice = advise({ cka: aligned, neighbours, examples: rows.length, residuals: residualsOf(moments, distance), spectralOverlap: overlap, answers });
    return { readings: { ...symmetric, 'cross-validated R² by ridge': ofScore(explained), 'directions that ridge answers in': { value: explained.directions } }, advice };
  });
  return [forth!, back!];
}

function ofScore({ score, p }: ExplainedTest): Reading {
  const estimate = score.folds.length === 5 ? around(score.mean, score.standardError, 5) : { value: score.mean };
  return { ...estimate, p };
}

/** Both values on the rows without each group. */
const withoutGroups = ([a, b]: readonly [Matrix, Matrix], k: number): readonly { readonly cka: number; readonly share: number }[] =>
  leavingOut(a.rows, groups).map((rows) => {
    const [x, y] = [amongRows(a, rows), amongRows(b, rows)];
    const { share } = sharedNeighbours(x, y, k);
    return { cka: cka(centreGram(x), centreGram(y)), share };
  });

/** The inner products of some of the rows. */
function amongRows({ rows: n, data }: Matrix, rows: Uint32Array): Matrix {
  const some = zeros(rows.length, rows.length);
  for (const [i, row] of rows.entries()) for (let j = 0, at = i * rows.length; j < rows.length; j++, at++) some.data[at] = data[row * n + rows[j]!]!;
  return some;
}
