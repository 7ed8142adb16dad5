/** How far two spaces are apart after the best rotation (Ding, Denain and Steinhardt 2021), told by their moments. */
import { createRandom, permutation } from '../../data/random.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import { polarFactor } from '../linear-algebra/polar.ts';
import { symmetricEigenvalues } from '../linear-algebra/symmetric-eigen.ts';
import { firstColumns, innerProduct, sum, sumOfSquares, toDouble, type Features, type Matrix } from '../matrix.ts';
import { centreRows, columnMeans } from '../rows.ts';
import type { Interval } from '../statistics/interval.ts';
import { jackknife, leavingOut } from '../statistics/jackknife.ts';
import { permutationP } from '../statistics/permutation.ts';
import type { CkaOptions } from './cka.ts';
import type { Spectrum } from './spectrum.ts';

/** d² = 2 - 2 ||Xc'Yc||_* / (||Xc|| ||Yc||): from 0 to 2. Too small by some part that grows with columns over rows. */
export async function procrustesDistance(kernels: Kernels, { squaresX, squaresY, xy }: Moments): Promise<number> {
  const nuclear = innerProduct(await polarFactor(kernels, xy, { seed: 0 }), xy);
  return 2 - (2 * nuclear) / Math.sqrt(sum(squaresX) * sum(squaresY));
}

/** Of wider spaces the leading directions are tested. */
const mostDirections = 128;

export interface ProcrustesTest {
  /** Of these rows along these directions. */
  readonly value: number;
  readonly interval: Interval;
  /** The mean distance of permuted rows. */
  readonly chance: number;
  readonly p: number;
}

/** Whether the rows lie nearer to each other after a rotation than rows that are paired by chance; along the leading 128 directions of wide spaces. */
export async function testProcrustes(kernels: Kernels, x: Features, y: Features, spectra: readonly [Spectrum, Spectrum], { seed, permutations = 199 }: CkaOptions): Promise<ProcrustesTest> {
  const [a, b] = [await leading(kernels, x, spectra[0]), await leading(kernels, y, spectra[1])];
  const distance = async (rows: Matrix, others: Matrix): Promise<number> => {
    const xy = await kernels.productOfTransposed(rows, others);
    return 2 - (2 * (await nuclearNorm(kernels, await gramOf(kernels, xy)))) / Math.sqrt(sumOfSquares(rows) * sumOfSquares(others));
  };
  const value = await distance(a, b);
  const without: number[] = [];
  for (const rows of leavingOut(x.rows, 10)) without.push(await distance(someRows(a, rows), someRows(b, rows)));
  const random = createRandom(seed);
  let [exceeded, total] = [0, 0];
  for (let i = 0; i < permutations; i++) {
    const found = await distance(a, someRows(b, permutation(x.rows, random)));
    total += found;
    if (!(found > value)) exceeded += 1;
  }
  return { ...jackknife(value, without), chance: total / permutations, p: permutationP(exceeded, permutations) };
}

const gramOf = (kernels: Kernels, a: Matrix): Promise<Matrix> => (a.rows < a.columns ? kernels.productWithTransposed(a, a) : kernels.productOfTransposed(a, a));

/** The sum of the singular values, from A'A: each to 1e-8 of the largest, for a third of the time that the polar factor takes. */
const nuclearNorm = async (kernels: Kernels, gram: Matrix): Promise<number> => (await symmetricEigenvalues(kernels, gram)).reduce((norm, value) => norm + Math.sqrt(Math.max(0, value)), 0);

async function leading(kernels: Kernels, features: Features, { directions }: Spectrum): Promise<Matrix> {
  const centred = toDouble(centreRows(features, columnMeans(features)));
  return directions.columns <= mostDirections ? centred : kernels.product(centred, firstColumns(directions, mostDirections));
}

function someRows({ columns, data }: Matrix, rows: Uint32Array): Matrix {
  const some = new Float64Array(rows.length * columns);
  for (const [i, row] of rows.entries()) some.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  return { rows: rows.length, columns, data: some };
}
