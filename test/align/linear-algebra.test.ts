import { afterAll, describe, expect, test } from 'vitest';
import { cholesky } from '../../src/align/linear-algebra/cholesky.ts';
import { polarFactor } from '../../src/align/linear-algebra/polar.ts';
import { invertPositive } from '../../src/align/linear-algebra/positive-inverse.ts';
import { thinSvd } from '../../src/align/linear-algebra/svd.ts';
import { symmetricEigen, symmetricEigenvalues } from '../../src/align/linear-algebra/symmetric-eigen.ts';
import { solveCholesky, solveLower, solveLowerTransposed } from '../../src/align/linear-algebra/triangular.ts';
import { identity, scaleColumns, transpose, type Matrix } from '../../src/align/matrix.ts';
import { greatestDifference, multiply, randomMatrix, testKernels } from './kernel-session.ts';

const kernels = testKernels();
afterAll(() => kernels.close());

/** n ε times the size of the elements: what backward stable algorithms keep to, with room for the constant. */
const tolerance = (n: number, size = 1): number => 16 * n * Number.EPSILON * size;

const symmetric = (n: number, seed: number): Matrix => {
  const a = randomMatrix(n, n, seed);
  return { ...a, data: a.data.map((value, at) => value + a.data[(at % n) * n + Math.floor(at / n)]!) };
};
const positive = (n: number, seed: number): Matrix => {
  const a = randomMatrix(2 * n, n, seed);
  return multiply(transpose(a), a);
};
const sizes = [1, 2, 3, 7, 32, 65, 150];

/** A matrix of these singular values, between random orthonormal columns. */
function withSingularValues(rows: number, columns: number, values: readonly number[], seed: number): Matrix {
  const [u, v] = [gramSchmidt(randomMatrix(rows, columns, seed)), gramSchmidt(randomMatrix(columns, columns, seed + 1))];
  return multiply(scaleColumns(u, values), transpose(v));
}

/** Orthonormal columns by Gram and Schmidt, twice, which is enough (Kahan). */
function gramSchmidt(a: Matrix): Matrix {
  const columns = Array.from({ length: a.columns }, (_, j) =>
    Array.from({ length: a.rows }, (__, i) => a.data[i * a.columns + j]!),
  );
  const done: number[][] = [];
  for (let column of columns) {
    for (const other of [...done, ...done]) {
      const along = column.reduce((sum, value, i) => sum + value * other[i]!, 0);
      column = column.map((value, i) => value - along * other[i]!);
    }
    const norm = Math.hypot(...column);
    done.push(column.map((value) => value / norm));
  }
  return transpose({ rows: a.columns, columns: a.rows, data: Float64Array.from(done.flat()) });
}

describe('Cholesky', () => {
  test.each(sizes)('A = L L', (n) => {
    const a = positive(n, n);
    const l = cholesky(a)!;
    expect(greatestDifference(multiply(l, transpose(l)).data, a.data)).toBeLessThan(tolerance(n, 8 * n));
  });

  test('refuses what is not positive definite', () => {
    expect(cholesky({ rows: 2, columns: 2, data: Float64Array.of(1, 2, 2, 1) })).toBeUndefined();
    expect(cholesky({ rows: 1, columns: 1, data: Float64Array.of(NaN) })).toBeUndefined();
  });

  test.each(sizes)('solves systems with any number of right-hand sides', (n) => {
    const a = positive(n, n);
    const l = cholesky(a)!;
    const x = randomMatrix(n, 5, 99);
    const found = solveCholesky(l, multiply(a, x));
    // A Gram matrix of 2n rows has a condition of some 34 (Marchenko and Pastur), which the tolerance carries.
    expect(greatestDifference(found.data, x.data)).toBeLessThan(tolerance(n, 100));
    expect(greatestDifference(multiply(l, solveLower(l, x)).data, x.data)).toBeLessThan(tolerance(n, 100));
    const turned = multiply(transpose(l), solveLowerTransposed(l, x));
    expect(greatestDifference(turned.data, x.data)).toBeLessThan(tolerance(n, 100));
  });
});

function tridiagonalOf(diagonal: readonly number[], below: readonly number[]): Matrix {
  const n = diagonal.length;
  const data = new Float64Array(n * n);
  for (const [i, value] of diagonal.entries()) data[i * n + i] = value;
  for (const [i, value] of below.entries()) data[(i + 1) * n + i] = data[i * n + i + 1] = value;
  return { rows: n, columns: n, data };
}

describe('eigenvectors of a symmetric matrix', () => {
  const check = async (a: Matrix, size: number): Promise<Float64Array> => {
    const n = a.rows;
    const { values, vectors } = await symmetricEigen(kernels, a);
    const back = multiply(scaleColumns(vectors, values), transpose(vectors));
    expect(greatestDifference(back.data, a.data)).toBeLessThan(tolerance(n, size));
    expect(greatestDifference(multiply(transpose(vectors), vectors).data, identity(n).data)).toBeLessThan(tolerance(n));
    expect([...values]).toEqual([...values].sort((x, y) => y - x));
    expect(greatestDifference(await symmetricEigenvalues(kernels, a), values)).toBeLessThan(tolerance(n, size));
    return values;
  };
  test.each(sizes)('A = Q diag Q, Q orthogonal, values in order', async (n) => {
    await check(symmetric(n, n), 4 * Math.sqrt(n));
  });
  test('of the identity, of zeros, and of a diagonal', async () => {
    await check(identity(9), 1);
    await check({ rows: 5, columns: 5, data: new Float64Array(25) }, 1);
    await check(scaleColumns(identity(4), [3, -1, 7, 0]), 7);
  });
  // From 33 rows on a matrix is divided. What is hard then: values that coincide, or nearly.
  test('of the second difference: 2 - 2 cos(k pi / (n + 1))', async () => {
    const n = 200;
    const values = await check(tridiagonalOf(Array.from({ length: n }, () => 2), Array.from({ length: n - 1 }, () => -1)), 4);
    expect(greatestDifference(values, Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1))))).toBeLessThan(tolerance(n, 4));
  });
  test.each([1, 1e-4, 1e-8, 1e-14, 0])("of ten of Wilkinson's matrices, whose values come in pairs, glued by %d", async (glue) => {
    const diagonal = Array.from({ length: 210 }, (_, i) => Math.abs((i % 21) - 10));
    await check(tridiagonalOf(diagonal, Array.from({ length: 209 }, (_, i) => (i % 21 === 20 ? glue : 1))), 12);
  });
  test.each([
    ['three clusters', (i: number) => 1 + Math.floor(i / 50) + 1e-15 * i],
    ['a tenth of them 1, the others falling to 1e-16', (i: number) => (i < 15 ? 1 : 10 ** (-16 * (i / 150)))],
    ['both signs in pairs', (i: number) => (i % 2 === 0 ? 1 : -1) * (1 + Math.floor(i / 2))],
    ['one large, the others the same', (i: number) => (i === 0 ? 1000 : 1)],
  ] as const)('of given values, %s', async (_, valueAt) => {
    const given = Float64Array.from({ length: 150 }, (__, i) => valueAt(i));
    const q = gramSchmidt(randomMatrix(150, 150, 17));
    const found = await check(multiply(scaleColumns(q, given), transpose(q)), Math.max(...given));
    expect(greatestDifference(found, given.toSorted((a, b) => b - a))).toBeLessThan(tolerance(150, Math.max(...given)));
  });
  test('of a matrix of rank 3', async () => {
    const a = randomMatrix(40, 3, 5);
    await check(multiply(a, transpose(a)), 40);
  });
  test('of what an encoder gives of which most columns are dead', async () => {
    const [n, live] = [150, 30];
    const a = multiply(transpose(randomMatrix(60, live, 6)), randomMatrix(60, live, 6));
    // Each live column in some place, zeros in all others.
    const data = new Float64Array(n * n);
    const place = (column: number): number => (column * 7) % n;
    for (let i = 0; i < live; i++) for (let j = 0; j < live; j++) data[place(i) * n + place(j)] = Math.fround(a.data[i * live + j]!);
    await check({ rows: n, columns: n, data }, 100);
  });
  test('with entries that differ by 200 orders of magnitude', async () => {
    await check({ rows: 3, columns: 3, data: Float64Array.of(1e150, 1e50, 0, 1e50, 1, 1e-50, 0, 1e-50, 1e-50) }, 1e150);
  });
  test('by hand: [[2, 1], [1, 2]] has 3 and 1', async () => {
    const { values } = await symmetricEigen(kernels, { rows: 2, columns: 2, data: Float64Array.of(2, 1, 1, 2) });
    expect(greatestDifference(values, [3, 1])).toBeLessThan(tolerance(2));
  });
  test('refuses numbers that are not finite', async () => {
    const broken = { rows: 2, columns: 2, data: Float64Array.of(1, NaN, NaN, 1) };
    await expect(symmetricEigen(kernels, broken)).rejects.toThrow('not finite');
  });
});

describe('the inverse of a positive definite matrix', () => {
  // From 65 rows on it is made of blocks; 300 are divided twice.
  test.each([...sizes, 300])('A B = I, of %d rows', async (n) => {
    const a = positive(n, n);
    const inverse = (await invertPositive(kernels, a))!;
    expect(greatestDifference(multiply(a, inverse).data, identity(n).data)).toBeLessThan(tolerance(n, 100));
    expect(greatestDifference(inverse.data, transpose(inverse).data)).toBeLessThan(tolerance(n));
  });
  // Inverses of blocks made of inverses of blocks left an error of 400 here, where the leading directions lie across all columns.
  test.each([1e4, 1e8])('at condition %d the error grows with the condition, and no faster', async (condition) => {
    const n = 200;
    const a = withSingularValues(n, n, Array.from({ length: n }, (_, i) => condition ** -(i / (n - 1))), 3);
    const ofBoth = { ...a, data: multiply(transpose(a), a).data };
    for (let i = 0; i < n; i++) ofBoth.data[i * n + i]! += 1 / condition;
    const inverse = (await invertPositive(kernels, ofBoth))!;
    expect(greatestDifference(multiply(ofBoth, inverse).data, identity(n).data)).toBeLessThan(tolerance(n, condition));
  });
  test('there is none of what is not positive definite, wherever that shows', async () => {
    for (const at of [0, 40, 99]) {
      const a = scaleColumns(identity(100), Float64Array.from({ length: 100 }, (_, i) => (i === at ? -1 : 1)));
      expect(await invertPositive(kernels, a)).toBeUndefined();
    }
    expect(await invertPositive(kernels, { rows: 1, columns: 1, data: Float64Array.of(NaN) })).toBeUndefined();
  });
});

describe('the polar factor', () => {
  const orthonormality = (q: Matrix): number =>
    greatestDifference(multiply(transpose(q), q).data, identity(q.columns).data);

  test.each([1, 1e2, 1e4, 1e8])('at condition %d: orthogonal, and A = Q H with H symmetric', async (condition) => {
    const n = 24;
    const values = Array.from({ length: n }, (_, i) => condition ** -(i / (n - 1)));
    const a = withSingularValues(40, n, values, 7);
    const q = await polarFactor(kernels, a, { seed: 1 });
    expect(orthonormality(q)).toBeLessThan(1e-12);
    const h = multiply(transpose(q), a);
    expect(greatestDifference(h.data, transpose(h).data)).toBeLessThan(tolerance(n));
    // The objective of Procrustes: the trace of Q'A is the sum of the singular values.
    const nuclear = values.reduce((sum, value) => sum + value, 0);
    const traced = Array.from({ length: n }, (_, i) => h.data[i * n + i]!).reduce((sum, value) => sum + value, 0);
    expect(Math.abs(traced - nuclear)).toBeLessThan(tolerance(n, nuclear));
  });

  // Of more rows than a leaf of the inverse has.
  test('of 200 columns whose leading directions lie across all of them is the one between them', async () => {
    const n = 200;
    const values = Array.from({ length: n }, (_, i) => 1e7 ** -(i / (n - 1)));
    const q = await polarFactor(kernels, withSingularValues(n, n, values, 5), { seed: 1 });
    expect(orthonormality(q)).toBeLessThan(1e-12);
    const expected = withSingularValues(n, n, values.map(() => 1), 5);
    // A factor moves by what the matrix does over its least singular values (Higham 2008, theorem 8.9).
    expect(greatestDifference(q.data, expected.data)).toBeLessThan(tolerance(n, 1e7));
  });

  test('to a tolerance that is given is no further from the whole one', async () => {
    const a = withSingularValues(40, 24, Array.from({ length: 24 }, (_, i) => 1e4 ** -(i / 23)), 7);
    const [near, whole] = [await polarFactor(kernels, a, { seed: 1, tolerance: 1e-6 }), await polarFactor(kernels, a, { seed: 1 })];
    expect(orthonormality(near)).toBeLessThan(1e-6);
    expect(greatestDifference(near.data, whole.data)).toBeLessThan(1e-6);
  });

  test('of a wide matrix has orthonormal rows', async () => {
    const q = await polarFactor(kernels, randomMatrix(5, 12, 3), { seed: 1 });
    expect(orthonormality(transpose(q))).toBeLessThan(1e-12);
  });

  test('of a matrix that lacks rank is completed by the seed, and keeps to what the matrix says', async () => {
    const values = [3, 2, 1, 0.5, 0, 0, 0, 0];
    const a = withSingularValues(8, 8, values, 11);
    const first = await polarFactor(kernels, a, { seed: 1 });
    const again = await polarFactor(kernels, a, { seed: 1 });
    const other = await polarFactor(kernels, a, { seed: 2 });
    expect(orthonormality(first)).toBeLessThan(1e-12);
    expect(again.data).toEqual(first.data);
    expect(greatestDifference(first.data, other.data)).toBeGreaterThan(1e-3);
    const traceOf = (q: Matrix): number => {
      const h = multiply(transpose(q), a).data;
      return values.reduce((sum, _, i) => sum + h[i * 8 + i]!, 0);
    };
    expect(traceOf(first)).toBeCloseTo(6.5, 12);
    expect(traceOf(other)).toBeCloseTo(6.5, 12);
  });

  test('of zeros is some orthogonal matrix', async () => {
    const q = await polarFactor(kernels, { rows: 6, columns: 6, data: new Float64Array(36) }, { seed: 4 });
    expect(orthonormality(q)).toBeLessThan(1e-12);
  });
});

test.each([
  [20, 8],
  [8, 20],
  [9, 9],
])('the thin singular value decomposition of %d by %d', async (rows, columns) => {
  const values = Array.from({ length: Math.min(rows, columns) }, (_, i) => (i < 6 ? 10 - i : 0));
  const tall = withSingularValues(Math.max(rows, columns), values.length, values, 3);
  const a = rows < columns ? transpose(tall) : tall;
  const svd = await thinSvd(kernels, a, { seed: 1 });
  expect(greatestDifference(svd.values, values)).toBeLessThan(tolerance(20, 10));
  const back = multiply(scaleColumns(svd.u, svd.values), transpose(svd.v));
  expect(greatestDifference(back.data, a.data)).toBeLessThan(tolerance(20, 10));
  for (const q of [svd.u, svd.v])
    expect(greatestDifference(multiply(transpose(q), q).data, identity(values.length).data)).toBeLessThan(1e-12);
});
