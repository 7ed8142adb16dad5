/** The moments of the pairs that an adapter is fitted from, by fold: enough for every closed form and its cross-validation. */
import { alignCodes } from '../../diagnostics/codes/align.ts';
import { fail, succeed, type Finding, type Outcome } from '../../diagnostics/diagnostic.ts';
import { createRandom, shuffle } from '../../data/random.ts';
import type { Kernels, Precision } from '../kernels/kernels.ts';
import { collectMoments, mergeMoments, momentsAboutOrigin, type Moments, type Product } from '../kernels/moments.ts';
import type { RowPairs } from '../kernels/row-pairs.ts';
import { sum, transpose, zeros, type Matrix } from '../matrix.ts';
import { keepHeldRows, type HeldRows } from './held-rows.ts';
import { tooLarge } from './too-large.ts';
import { polarFactor } from '../linear-algebra/polar.ts';

export const foldCount = 5;
/** A fold of one row has no variance to explain. */
export const leastFoldedRows = 2 * foldCount;

export interface RowCount {
  readonly rows: number;
  /** Examples among them that differ: a copy says nothing that its original does not. */
  readonly different: number;
}

export interface Training extends RowCount {
  readonly columnsX: number;
  readonly columnsY: number;
  readonly all: Moments;
  readonly folds: readonly Moments[];
  /** Rows of each fold. */
  readonly held: readonly HeldRows[];
  /**
   * Orthonormal columns that span the rows of x, where there are fewer rows than columns: a ridge map lies in their span,
   * and is found there by smaller systems (the dual form).
   */
  readonly basis: Matrix | undefined;
  /** What maps are fitted about: with 'origin' they have no bias, and `all` is of moments about 0. */
  readonly centre: 'means' | 'origin';
}

export interface TrainingOptions {
  readonly seed: number;
  /** The fold of each row, from 0 to 4, where groups have to stay together; random and of equal size otherwise. */
  readonly folds?: Uint8Array;
  /** How many of the examples differ; all of them where nothing is said. */
  readonly different?: number;
  readonly precision?: Precision;
  /** Those that the methods read which are to be fitted; all of them where nothing is said. */
  readonly products?: readonly Product[];
}

/** Every fold of `rows` rows has as many as another, or one more. */
export const randomFolds = (rows: number, seed: number): Uint8Array =>
  shuffle(
    Uint8Array.from({ length: rows }, (_, i) => i % foldCount),
    createRandom(seed),
  );

/** Reads the pairs once; refuses features from which nothing can be learned. */
export async function collectTraining(
  kernels: Kernels,
  pairs: RowPairs,
  { seed, folds = randomFolds(pairs.rows, seed), different = pairs.rows, precision = 'f64', products }: TrainingOptions,
): Promise<Outcome<Training>> {
  const { rows, columnsX, columnsY } = pairs;
  const watched = keepHeldRows(pairs, folds, seed);
  const moments = await collectMoments(kernels, watched.pairs, { parts: folds, precision, ...(products === undefined ? {} : { products }) });
  const kept = moments.filter(({ count }) => count > 0);
  const smallest = Math.min(...kept.map(({ count }) => count));
  if (rows < leastFoldedRows || kept.length < 2 || smallest < 2)
    return fail(tooFewRows('cross-validation', { rows, different }, Math.max(leastFoldedRows, rows + 1), 'two rows or more in each of 5 folds'));
  const all = mergeMoments(kept);
  const wrong = judge(all) ?? (await judgeSizes(all, pairs));
  if (wrong !== undefined) return fail(wrong);
  const basis = rows < columnsX ? await rowSpace(kernels, pairs, all.meanX, seed) : undefined;
  const held = moments.flatMap(({ count }, fold) => (count > 0 ? [watched.held[fold]!] : []));
  return succeed({ rows, different, columnsX, columnsY, all, folds: kept, held, basis, centre: 'means' });
}

export const tooFewRows = (method: string, count: Pick<RowCount, 'rows'> & Partial<RowCount>, needed: number, why: string): Finding =>
  alignCodes.finding('fit-too-few-rows', { method, ...count, needed, why });

function judge({ count, meanX, meanY, squaresX, squaresY }: Moments): Finding | undefined {
  for (const [of, mean, squares] of [
    ['the source', meanX, squaresX],
    ['the target', meanY, squaresY],
  ] as const) {
    const columns = [...mean.keys()].filter((j) => !Number.isFinite(mean[j]! + squares[j]!));
    if (columns.length > 0)
      return alignCodes.finding('features-not-finite', { of, columns: columns.slice(0, 5), count: columns.length });
    if (!(sum(squares) > 0)) return alignCodes.finding('features-constant', { of, rows: count }, ['Look whether it is made of the right column, and whether what makes it reads its input.']);
  }
  return undefined;
}

/** Up to it a sum of squares is a number of single precision, with room for what is computed of it. */
const mostSquares = 2 ** 126;

/**
 * The sums here are double, and what is computed of the rows behind a bridge is not: norms and cosines of such rows are infinite. And the penalty of ridge goes by the mean
 * variance of all columns, beside which any other column is nothing: a map would be learned that looks at the large one alone.
 */
async function judgeSizes({ count, meanX, meanY, squaresX, squaresY }: Moments, pairs: RowPairs): Promise<Finding | undefined> {
  for (const [of, side, mean, squares] of [['the source', 'x', meanX, squaresX], ['the target', 'y', meanY, squaresY]] as const) {
    const column = mean.findIndex((value, j) => !(squares[j]! + count * value * value <= mostSquares));
    if (column < 0) continue;
    let [size, row, from] = [0, 0, 0];
    for await (const { [side]: { rows, columns, data } } of pairs.pieces()) {
      for (let i = 0; i < rows; i++) {
        const found = Math.abs(data[i * columns + column]!);
        if (found > size) [size, row] = [found, from + i];
      }
      from += rows;
    }
    return tooLarge(of, { column, size, row });
  }
  return undefined;
}

/** Orthonormal columns whose span holds all centred rows of x. */
async function rowSpace(kernels: Kernels, pairs: RowPairs, meanX: Float64Array, seed: number): Promise<Matrix> {
  const centred = zeros(pairs.rows, pairs.columnsX);
  let at = 0;
  for await (const { x } of pairs.pieces())
    for (const [i, value] of x.data.entries()) centred.data[at++] = value - meanX[i % x.columns]!;
  return transpose(await polarFactor(kernels, centred, { seed }));
}

/** The moments of all folds but one, about what maps are fitted about. */
export function withoutFold({ folds, centre }: Training, fold: number): Moments {
  const merged = mergeMoments(folds.filter((_, k) => k !== fold));
  return centre === 'origin' ? momentsAboutOrigin(merged) : merged;
}
