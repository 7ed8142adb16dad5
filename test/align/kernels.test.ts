import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { kernelModel } from '../../src/align/kernels/graph.ts';
import { kernelGraphs, type KernelName } from '../../src/align/kernels/graphs.ts';
import { collectMoments, mergeMoments, swapSides, type Moments } from '../../src/align/kernels/moments.ts';
import { pairsOf, type RowPairs } from '../../src/align/kernels/row-pairs.ts';
import { selectRows, toDouble, transpose, type Features, type Matrix } from '../../src/align/matrix.ts';
import { symmetricEigen } from '../../src/align/linear-algebra/symmetric-eigen.ts';
import { askChecker, checkerMissing } from '../onnx/oracles.ts';
import { greatestDifference, multiply, randomFeatures, randomMatrix, testKernels } from './kernel-session.ts';
import { askNumpy, numpyMissing } from './numpy.ts';

const kernels = testKernels();
afterAll(() => kernels.close());

const noChecker = checkerMissing();
if (noChecker !== undefined) console.log(`skipped: the kernels before ONNX's checker, for ${noChecker}`);

test.skipIf(noChecker !== undefined).each(Object.keys(kernelGraphs) as KernelName[])(
  'the kernel %s is a model that ONNX accepts',
  (name) => {
    expect(askChecker(kernelModel(kernelGraphs[name]))).toBe('');
  },
);

describe('products', () => {
  const [a, b] = [randomMatrix(7, 5, 1), randomMatrix(5, 9, 2)];
  test('in all their forms are those of the definition', async () => {
    const wanted = multiply(a, b).data;
    expect(greatestDifference((await kernels.product(a, b)).data, wanted)).toBeLessThan(1e-14);
    expect(greatestDifference((await kernels.productOfTransposed(transpose(a), b)).data, wanted)).toBeLessThan(1e-14);
    expect(greatestDifference((await kernels.productWithTransposed(a, transpose(b))).data, wanted)).toBeLessThan(1e-14);
  });
  test('are added to what is given', async () => {
    const c = randomMatrix(7, 9, 3);
    const wanted = multiply(a, b).data.map((value, at) => value + c.data[at]!);
    expect(greatestDifference((await kernels.addProductOfTransposed(c, transpose(a), b)).data, wanted)).toBeLessThan(1e-14);
    expect(greatestDifference((await kernels.addProductWithTransposed(c, a, transpose(b))).data, wanted)).toBeLessThan(1e-14);
  });
  test('with nothing to sum are zeros', async () => {
    const none = await kernels.product(randomMatrix(3, 0, 1), randomMatrix(0, 2, 1));
    expect([none.rows, none.columns, ...none.data]).toEqual([3, 2, 0, 0, 0, 0, 0, 0]);
  });
  test('of features are single, or double where it is asked', async () => {
    const [x, y] = [randomFeatures(4, 6, 3), randomFeatures(5, 6, 4)];
    const wanted = multiply(toDouble(x), transpose(toDouble(y))).data;
    expect(greatestDifference((await kernels.gram(x, y)).data, wanted)).toBeLessThan(1e-14);
    expect(greatestDifference((await kernels.similarities(x, y)).data, wanted)).toBeLessThan(1e-5);
    const mapped = await kernels.affine(x, { rows: 6, columns: 5, data: Float32Array.from(transpose(toDouble(y)).data) }, Float32Array.of(1, 2, 3, 4, 5));
    expect(greatestDifference(mapped.data, wanted.map((value, at) => value + 1 + (at % 5)))).toBeLessThan(1e-5);
  });
});

/** Pieces of odd sizes, as a stream of batches would bring them. */
function inPieces(x: Features, y: Features, size: number): RowPairs {
  const rows = Array.from({ length: Math.ceil(x.rows / size) }, (_, i) =>
    Array.from({ length: Math.min(size, x.rows - i * size) }, (__, j) => i * size + j),
  );
  return {
    ...pairsOf(x, y),
    async *pieces() {
      for (const numbers of rows) yield { x: selectRows(x, numbers), y: selectRows(y, numbers) };
    },
  };
}

type Wanted = Omit<Moments, 'products'>;

/** Two passes in plain double loops. */
function byDefinition(x: Features, y: Features): Wanted {
  const mean = ({ rows, columns, data }: Features): Float64Array =>
    Float64Array.from({ length: columns }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += data[i * columns + j]!;
      return sum / rows;
    });
  const [meanX, meanY] = [mean(x), mean(y)];
  const centred = (f: Features, about: Float64Array): Matrix => ({
    ...f,
    data: Float64Array.from(f.data, (value, at) => value - about[at % f.columns]!),
  });
  const [a, b] = [centred(x, meanX), centred(y, meanY)];
  const scatter = (p: Matrix, q: Matrix): Matrix => multiply(transpose(p), q);
  const squares = ({ columns, data }: Matrix): Float64Array => {
    const sums = new Float64Array(columns);
    for (const [at, value] of data.entries()) sums[at % columns]! += value * value;
    return sums;
  };
  return { count: x.rows, meanX, meanY, squaresX: squares(a), squaresY: squares(b), xx: scatter(a, a), xy: scatter(a, b), yy: scatter(b, b) };
}

function expectMoments(found: Moments, wanted: Wanted, tolerance: number): void {
  expect(found.count).toBe(wanted.count);
  for (const key of ['meanX', 'meanY'] as const) expect(greatestDifference(found[key], wanted[key])).toBeLessThan(1e-6);
  for (const key of ['squaresX', 'squaresY'] as const) expect(greatestDifference(found[key], wanted[key])).toBeLessThan(tolerance);
  for (const key of ['xx', 'xy', 'yy'] as const)
    expect(greatestDifference(found[key].data, wanted[key].data)).toBeLessThan(tolerance);
}

/** Features far from the origin: where one pass without a shift would fail. */
const shifted = (features: Features, by: number): Features => ({ ...features, data: features.data.map((v) => v + by) });

describe('moments', () => {
  const [x, y] = [shifted(randomFeatures(9001, 6, 5), 100), shifted(randomFeatures(9001, 3, 6), -20)];

  test('of rows far from the origin are those of two passes in double', async () => {
    const wanted = byDefinition(x, y);
    const [double] = await collectMoments(kernels, inPieces(x, y, 777));
    expectMoments(double!, wanted, 1e-8);
    const [single] = await collectMoments(kernels, inPieces(x, y, 777), { precision: 'f32' });
    // The rounding of sums of K products is some √K u of the sum of their sizes (Higham and Mary 2019), in chunks of 4,096.
    expectMoments(single!, wanted, Math.sqrt(4096) * 2 ** -24 * 9001);
  });

  test('do not depend on the pieces in which the rows come', async () => {
    const [one] = await collectMoments(kernels, pairsOf(x, y));
    const [many] = await collectMoments(kernels, inPieces(x, y, 13));
    expect(many).toEqual(one);
  });

  test('of parts, merged, are those of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 60 }), fc.integer(), async (rows, seed) => {
        const [a, b] = [randomFeatures(rows, 4, seed), randomFeatures(rows, 2, seed + 1)];
        const parts = Uint8Array.from({ length: rows }, (_, i) => (i * 7) % 3);
        const merged = mergeMoments(await collectMoments(kernels, pairsOf(a, b), { parts }));
        expectMoments(merged, byDefinition(a, b), 1e-12 * rows);
      }),
      { numRuns: 30 },
    );
  });

  test('hold the products that were asked for, and throw at the others', async () => {
    const parts = Uint8Array.from({ length: x.rows }, (_, i) => i % 2);
    const [whole] = await collectMoments(kernels, pairsOf(x, y));
    const [some] = await collectMoments(kernels, pairsOf(x, y), { products: ['xy'] });
    expect(some!.xy).toEqual(whole!.xy);
    expect([some!.squaresX, some!.squaresY]).toEqual([whole!.squaresX, whole!.squaresY]);
    expect(() => some!.xx).toThrow('the moments hold no xx');
    const merged = mergeMoments(await collectMoments(kernels, pairsOf(x, y), { products: ['xy'], parts }));
    expect(greatestDifference(merged.xy.data, whole!.xy.data)).toBeLessThan(1e-8);
    expect(() => swapSides(merged).xx).toThrow('the moments hold no xx');
    expect(swapSides(merged).xy).toEqual(transpose(merged.xy));
  });

  test('of fewer rows than were announced are refused', async () => {
    await expect(collectMoments(kernels, { ...pairsOf(x, y), rows: 9002 })).rejects.toThrow('9002 pairs were announced, and 9001 came');
  });
});

const noNumpy = numpyMissing();
if (noNumpy !== undefined) console.log(`skipped: comparisons with numpy, for ${noNumpy}`);

test.skipIf(noNumpy !== undefined)('the small eigenvalues of ill-conditioned rows survive, and agree with numpy', async () => {
  // Condition 1e6 of the Gram matrix, means 5 deviations off.
  const base = randomFeatures(6000, 16, 8);
  const x = { ...base, data: base.data.map((value, at) => (value + 5) * 10 ** (-3 * ((at % 16) / 15))) };
  const [eigen] = askNumpy('c = x.astype("f8"); c = c - c.mean(0); values = np.linalg.eigvalsh(c.T @ c)[::-1]', { x }, ['values']);
  const relative = (found: Float64Array): number => Math.max(...found.map((value, i) => Math.abs(value / eigen![i]! - 1)));
  const y = randomFeatures(6000, 1, 9);
  const [double] = await collectMoments(kernels, pairsOf(x, y));
  expect(relative((await symmetricEigen(kernels, double!.xx)).values)).toBeLessThan(1e-6);
  const [single] = await collectMoments(kernels, pairsOf(x, y), { precision: 'f32' });
  expect(relative((await symmetricEigen(kernels, single!.xx)).values)).toBeLessThan(0.01);
});
