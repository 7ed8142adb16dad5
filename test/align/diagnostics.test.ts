import { afterAll, describe, expect, test } from 'vitest';
import { collectTraining, type TrainingOptions } from '../../src/align/adapters/training.ts';
import { activationsOf } from '../../src/align/diagnostics/activations.ts';
import { advise, type Evidence, type Remedy } from '../../src/align/diagnostics/advice.ts';
import { centredGram, cka, ckaMap, gramOf, testCka } from '../../src/align/diagnostics/cka.ts';
import { explainedBothWays, swapTraining } from '../../src/align/diagnostics/explained.ts';
import { mutualNeighbours, testNeighbours } from '../../src/align/diagnostics/mutual-neighbours.ts';
import { procrustesDistance } from '../../src/align/diagnostics/procrustes.ts';
import { residualsOf } from '../../src/align/diagnostics/residuals.ts';
import { describeSpace } from '../../src/align/diagnostics/space.ts';
import { spectralOverlap, spectrumOf } from '../../src/align/diagnostics/spectrum.ts';
import { collectMoments } from '../../src/align/kernels/moments.ts';
import { pairsOf } from '../../src/align/kernels/row-pairs.ts';
import { polarFactor } from '../../src/align/linear-algebra/polar.ts';
import { selectRows, type Features } from '../../src/align/matrix.ts';
import { createRandom, permutation } from '../../src/data/random.ts';
import { greatestDifference, multiply, randomFeatures, randomMatrix, testKernels } from './kernel-session.ts';
import { askNumpy, numpyMissing } from './numpy.ts';
import { single, twoSpaces } from './spaces.ts';

const kernels = testKernels();
afterAll(() => kernels.close());

const noNumpy = numpyMissing();
if (noNumpy !== undefined) console.log(`skipped: comparisons with numpy, for ${noNumpy}`);

const { x, y } = twoSpaces({ rows: 120, seed: 3, columnsY: 24 });
const ckaOf = async (a: Features, b: Features): Promise<number> =>
  cka(await centredGram(kernels, a), await centredGram(kernels, b));
const momentsOf = async (a: Features, b: Features) => (await collectMoments(kernels, pairsOf(a, b)))[0]!;
const trainingOf = async (a: Features, b: Features, options: TrainingOptions) => {
  const training = await collectTraining(kernels, pairsOf(a, b), options);
  if (!training.ok) throw new Error(training.finding.message);
  return training.value;
};
const turned = async (a: Features): Promise<Features> => {
  const rotation = await polarFactor(kernels, randomMatrix(a.columns, a.columns, 8), { seed: 1 });
  return single(multiply({ ...a, data: Float64Array.from(a.data) }, rotation));
};
const map = (a: Features, change: (value: number) => number): Features => ({ ...a, data: a.data.map(change) });

describe('debiased CKA', () => {
  test.skipIf(noNumpy !== undefined)('is the published formula, in numpy', async () => {
    const [found] = askNumpy(
      `
def hsic(k, l):
    n = len(k); k = k - np.diag(np.diag(k)); l = l - np.diag(np.diag(l)); o = np.ones(n)
    return (np.trace(k @ l) + (o @ k @ o) * (o @ l @ o) / ((n - 1) * (n - 2)) - 2 / (n - 2) * (o @ k @ l @ o)) / (n * (n - 3))
x = x.astype("f8"); y = y.astype("f8"); k = x @ x.T; l = y @ y.T
value = np.array([hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))])`,
      { x, y },
      ['value'],
    );
    expect(Math.abs((await ckaOf(x, y)) - found![0]!)).toBeLessThan(1e-6);
  });

  test('of independent wide spaces is near 0, where the biased form would read 0.9', async () => {
    expect(Math.abs(await ckaOf(randomFeatures(64, 768, 1), randomFeatures(64, 768, 2)))).toBeLessThan(0.02);
  });

  test('of a rotated, scaled and moved space is 1', async () => {
    expect(await ckaOf(x, map(await turned(x), (value) => 3 * value + 5))).toBeCloseTo(1, 4);
  });

  test('is significant for two views of the same, and not for strangers: 5 % of them at 5 %', async () => {
    expect((await testCka(kernels, [x], y, { seed: 1 })).p).toBe(0.001);
    let significant = 0;
    for (let seed = 0; seed < 100; seed++) {
      const strangers = [randomFeatures(40, 6, 2000 + seed), randomFeatures(40, 6, 3000 + seed)];
      // The greatest of two layers is compared with the greatest of two layers.
      const { p } = await testCka(kernels, strangers, randomFeatures(40, 5, 4000 + seed), { seed, permutations: 99 });
      if (p <= 0.05) significant += 1;
    }
    expect(significant).toBeLessThanOrEqual(12);
  });

  test('names the layer that is nearest', async () => {
    const found = await testCka(kernels, [randomFeatures(120, 16, 5), x, randomFeatures(120, 16, 6)], y, { seed: 1, permutations: 99 });
    expect(found.best).toBe(1);
    expect(found.values).toHaveLength(3);
  });

  test('by the definition of every permutation: the rows of the target in another order', async () => {
    for (const rows of [4, 9, 33, 40]) {
      const [xs, ys] = [[21, 22].map((seed) => randomFeatures(rows, 6, seed)), [23, 24].map((seed) => randomFeatures(rows, 5, seed))];
      const { greatest } = await ckaMap(kernels, xs, ys, { seed: 3, permutations: 70 });
      const random = createRandom(3);
      const defined: number[] = [];
      for (let i = 0; i < 70; i++) {
        const order = permutation(rows, random);
        const values: number[] = [];
        for (const one of xs) for (const other of ys) values.push(cka(await centredGram(kernels, one), await centredGram(kernels, selectRows(other, order))));
        defined.push(Math.max(...values));
      }
      expect(greatestDifference(greatest, defined), `${rows} rows`).toBeLessThan(1e-12);
    }
  });
});

test('the Procrustes distance of a rotated space is 0, and agrees with the definition', async () => {
  expect(await procrustesDistance(kernels, await momentsOf(x, await turned(x)))).toBeLessThan(1e-6);
  if (noNumpy !== undefined) return;
  const [found] = askNumpy(
    `c = x.astype("f8"); c = c - c.mean(0); d = y.astype("f8"); d = d - d.mean(0)
c = c / np.linalg.norm(c); d = d / np.linalg.norm(d)
value = np.array([2 - 2 * np.linalg.svd(c.T @ d)[1].sum()])`,
    { x, y },
    ['value'],
  );
  expect(Math.abs((await procrustesDistance(kernels, await momentsOf(x, y))) - found![0]!)).toBeLessThan(1e-9);
});

test('neighbours are shared by a space and its rotation, and by strangers as often as chance has it', async () => {
  const same = await mutualNeighbours(kernels, x, map(await turned(x), (value) => 2 * value - 3));
  expect(same.share).toBeGreaterThan(0.99);
  const strangers = await mutualNeighbours(kernels, randomFeatures(300, 8, 1), randomFeatures(300, 8, 2));
  expect(strangers.chance).toBe(10 / 299);
  // 3,000 draws at 3.3 %: a standard deviation of 0.3 points.
  expect(Math.abs(strangers.share - strangers.chance)).toBeLessThan(0.015);
});

test('spectra, by hand: variances 4, 1 and 0', async () => {
  const scatter = { rows: 3, columns: 3, data: Float64Array.of(40, 0, 0, 0, 10, 0, 0, 0, 0) };
  const spectrum = await spectrumOf(kernels, scatter, 10);
  expect([...spectrum.variances]).toEqual([4, 1, 0]);
  expect(spectrum.neSum).toBe(1.25);
  // Singular values 2 and 1: the entropy of 2/3 and 1/3.
  expect(spectrum.rankMe).toBeCloseTo(Math.exp((2 / 3) * Math.log(1.5) + (1 / 3) * Math.log(3)), 12);
  expect(spectralOverlap(spectrum, spectrum)).toBeCloseTo(1, 12);
  const flat = await spectrumOf(kernels, { rows: 2, columns: 2, data: Float64Array.of(1, 0, 0, 1) }, 1);
  expect(spectralOverlap(spectrum, flat)).toBeCloseTo(0.5 + 0.2, 12);
});

test('activations: dead and outlying columns, norms, and rows that all point one way', () => {
  const base = randomFeatures(500, 8, 7);
  const odd = { ...base, data: base.data.map((value, at) => (at % 8 === 2 ? 5 : at % 8 === 6 ? 20 * value : value)) };
  const found = activationsOf(odd);
  expect(found.dead).toEqual([2]);
  expect(found.outliers).toEqual([6]);
  expect(Math.abs(activationsOf(base).meanCosine)).toBeLessThan(0.05);
  expect(activationsOf(map(base, (value) => value + 10)).meanCosine).toBeGreaterThan(0.95);
  // Rows (3, 4), (0, -2), (0, 0), (5, 0): the three pairs of rows that point somewhere have the cosines -4/5, 3/5 and 0.
  expect(activationsOf({ rows: 4, columns: 2, data: Float32Array.of(3, 4, 0, -2, 0, 0, 5, 0) }).meanCosine).toBeCloseTo((-4 / 5 + 3 / 5) / 3, 6);
  const plain = activationsOf({ rows: 2, columns: 2, data: Float32Array.of(3, 4, 0, -2) });
  expect(plain.meanAbsolute).toBe(9 / 4);
  expect(plain.norms).toMatchObject({ mean: 3.5, deviation: 1.5 });
});

test('both ways of explaining: a view of half the columns is explained by the whole, and not the other way', async () => {
  const half: Features = {
    rows: 120,
    columns: 4,
    data: Float32Array.from({ length: 480 }, (_, at) => x.data[Math.floor(at / 4) * 16 + (at % 4)]!),
  };
  const training = await collectTraining(kernels, pairsOf(x, half), { seed: 1 });
  if (!training.ok) throw new Error(training.finding.message);
  const { forward, backward } = await explainedBothWays({ kernels, seed: 1 }, training.value);
  expect(forward.mean).toBeGreaterThan(0.999);
  expect(backward.mean).toBeLessThan(0.9);
});

describe('advice', () => {
  const adviceFor = async (a: Features, b: Features): Promise<{ remedy: Remedy; reason: string }> => {
    const moments = await momentsOf(a, b);
    const evidence: Evidence = {
      cka: await testCka(kernels, [a], b, { seed: 1, permutations: 199 }),
      neighbours: testNeighbours(await gramOf(kernels, a), await gramOf(kernels, b), { seed: 1, permutations: 199 }),
      examples: a.rows,
      residuals: residualsOf(moments, await procrustesDistance(kernels, moments)),
      answers: { directions: 16, of: 16, explained: 0.9 },
      spectralOverlap: spectralOverlap(await spectrumOf(kernels, moments.xx, 120), await spectrumOf(kernels, moments.yy, 120)),
    };
    return advise(evidence);
  };
  test('names the least that will do', async () => {
    expect((await adviceFor(x, map(x, (value) => 1.01 * value))).remedy).toBe('nothing');
    expect((await adviceFor(x, map(x, (value) => value + 4))).remedy).toBe('centre');
    expect((await adviceFor(x, map(x, (value) => 3 * value + 4))).remedy).toBe('rescale');
    expect((await adviceFor(x, await turned(x))).remedy).toBe('orthogonal');
    const stretched = { ...(await turned(x)) };
    expect((await adviceFor(x, { ...stretched, data: stretched.data.map((v, at) => v * 1.35 ** (at % 16)) })).remedy).toBe('ridge');
  });
  test('refuses strangers, and says why', async () => {
    const { remedy, reason } = await adviceFor(randomFeatures(120, 16, 1), randomFeatures(120, 16, 2));
    expect(remedy).toBe('refuse');
    expect(reason).toMatch(/^The two spaces are not aligned beyond chance \(CKA -?0\.0\d\d, p = 0\.\d+\): no bridge has anything to carry\.$/);
  });
  test('counts shared neighbours beyond chance alone, and a residual MLP from as many examples as fit tries one', () => {
    const none: Evidence['residuals'] = { identity: undefined, centred: undefined, rescaled: undefined, rotated: 0.6 };
    const of = (examples: number, share: number, p: number): { remedy: Remedy; reason: string } =>
      advise({ cka: { values: [0.4], best: 0, chance: 0, p: 0.001, exceeded: 0, permutations: 999 }, neighbours: { k: 10, share, chance: 10 / (examples - 1), p }, examples, residuals: none, spectralOverlap: 0.5, answers: { directions: 13, of: 13, explained: 0 } });
    // 10 of 29 by chance: .39 is a fifteenth of the rest, (.39 - .345) / .655.
    expect(of(30, 0.39, 0.062)).toMatchObject({ remedy: 'ridge', reason: expect.not.stringContaining('eighbours') as string });
    expect(of(300, 0.3, 0.001).remedy).toBe('residual-mlp');
    // 10 of 250 by chance is .04: a fifth of the rest begins at .04 + .2 · .96 = .232.
    expect(of(251, 0.231, 0.001).remedy).toBe('ridge');
    expect(of(251, 0.233, 0.001).remedy).toBe('residual-mlp');
    expect(of(300, 0.3, 0.02).remedy).toBe('ridge');
    expect(of(300, 0.3, 0.001).reason).not.toContain('more than directions');
    expect(of(150, 0.4, 0.001)).toMatchObject({ remedy: 'ridge', reason: expect.stringContaining('from 200 examples on') as string });
  });
});

test('a space has the same readings by itself and as either side of a joint', async () => {
  for (const rows of [200, 24]) {
    const [one, other] = [randomFeatures(rows, 32, 31), randomFeatures(rows, 20, 32)];
    const options = { seed: 0, products: ['xx'] as const };
    const pair = await trainingOf(one, other, { seed: 0 });
    for (const [features, joint] of [[one, pair], [other, swapTraining(pair)]] as const) {
      const alone = (await describeSpace(kernels, { features, training: await trainingOf(features, features, options) }, 0)).readings;
      const joined = (await describeSpace(kernels, { features, training: joint, joined: true }, 0)).readings;
      for (const [name, { value, interval }] of Object.entries(alone)) {
        expect(joined[name]!.value, name).toBeCloseTo(value, 9);
        if (interval !== undefined) expect(Math.max(Math.abs(joined[name]!.interval!.low - interval.low), Math.abs(joined[name]!.interval!.high - interval.high)), name).toBeLessThan(1e-5);
      }
    }
  }
});
