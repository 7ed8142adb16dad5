import { afterAll, describe, expect, test } from 'vitest';
import { confidences, expectedCalibrationError } from '../../src/align/metrics/calibration.ts';
import { neighbourCorrectness, normalisedMutualInformation, silhouette } from '../../src/align/metrics/clustering.ts';
import { accuracy, brier, macroF1, negativeLogLikelihood, predictions } from '../../src/align/metrics/head.ts';
import { retrieved, withinClassError, withinClassR2 } from '../../src/align/metrics/information.ts';
import { kMeans } from '../../src/align/metrics/k-means.ts';
import { alignmentOf, infoNce, uniformityOf } from '../../src/align/metrics/sphere.ts';
import type { Features } from '../../src/align/matrix.ts';
import { createRandom } from '../../src/data/random.ts';
import { randomFeatures, testKernels } from './kernel-session.ts';
import { askNumpy, numpyMissing } from './numpy.ts';

const kernels = testKernels();
afterAll(() => kernels.close());

const rows = (...values: readonly (readonly number[])[]): Features => ({
  rows: values.length,
  columns: values[0]!.length,
  data: Float32Array.from(values.flat()),
});

describe('a head, by hand', () => {
  // Right, right, wrong (0 for 1), right.
  const logits = rows([2, 0], [0, 1], [1, 0], [5, 5]);
  const labels = [0, 1, 1, 0];
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
  test('predictions: of equal logits the first class', () => expect([...predictions(logits)]).toEqual([0, 1, 0, 0]));
  test('accuracy', () => expect(accuracy(logits, labels)).toBe(0.75));
  test('macro F1: 4/5 and 2/3', () => expect(macroF1(logits, labels)).toBeCloseTo((0.8 + 2 / 3) / 2, 12));
  test('negative log-likelihood', () => {
    const wanted = -(Math.log(sigmoid(2)) + Math.log(sigmoid(1)) + Math.log(sigmoid(-1)) + Math.log(0.5)) / 4;
    expect(negativeLogLikelihood(logits, labels)).toBeCloseTo(wanted, 12);
    const cold = -(Math.log(sigmoid(4)) + Math.log(sigmoid(2)) + Math.log(sigmoid(-2)) + Math.log(0.5)) / 4;
    expect(negativeLogLikelihood(logits, labels, 0.5)).toBeCloseTo(cold, 12);
  });
  test('Brier', () => {
    const wrong = [1 - sigmoid(2), 1 - sigmoid(1), sigmoid(1), 0.5];
    expect(brier(logits, labels)).toBeCloseTo(wrong.reduce((sum, p) => sum + 2 * p * p, 0) / 4, 12);
  });
  test('calibration: one bin, and bins of two rows', () => {
    const [c0, c1, c2, c3] = [sigmoid(2), sigmoid(1), sigmoid(1), 0.5];
    const of = (bins: number): number => expectedCalibrationError(confidences(logits, labels), bins);
    expect(of(1)).toBeCloseTo(Math.abs(c0 + c1 + c2 + c3 - 3) / 4, 12);
    // In order of confidence: 0.5 (right), then row 1 or 2 (right, wrong), then row 0.
    expect(of(2)).toBeCloseTo((Math.abs(c3 + c1 - 2) + Math.abs(c2 + c0 - 1)) / 4, 12);
  });
});

describe('on the sphere', () => {
  test('alignment, by hand: a right angle is 2 apart, equal directions 0', () => {
    expect(alignmentOf(rows([1, 0], [0, 3]), rows([0, 2], [0, 1]))).toBeCloseTo(1, 6);
  });
  test('uniformity, by hand: two opposite points are 4 apart', async () => {
    expect(await uniformityOf(kernels, rows([1, 0], [-2, 0]))).toBeCloseTo(-8, 5);
    expect(await uniformityOf(kernels, rows([1, 0], [2, 0]))).toBeCloseTo(0, 5);
  });
  test('InfoNCE: pairs far from all others come to the cap, strangers to about 0', async () => {
    const far = randomFeatures(200, 64, 1);
    const sure = await infoNce(kernels, far, far);
    expect(sure.cap).toBe(Math.log(200));
    expect(sure.bound).toBeGreaterThan(sure.cap - 0.05);
    expect(sure.bound).toBeLessThanOrEqual(sure.cap);
    expect((await infoNce(kernels, far, randomFeatures(200, 64, 2), 1)).bound).toBeLessThan(0.05);
  });
});

describe('clusters', () => {
  const random = createRandom(2);
  const labels = Uint8Array.from({ length: 150 }, (_, i) => i % 3);
  const centres = [[0, 0], [10, 0], [0, 10]];
  const blobs = rows(...Array.from(labels, (label) => centres[label]!.map((value) => value + random.normal())));
  test('k-means finds what is there', async () => {
    const found = await kMeans(kernels, blobs, 3, 1);
    expect(normalisedMutualInformation(found.labels, labels)).toBeCloseTo(1, 12);
    expect(await kMeans(kernels, blobs, 3, 1)).toEqual(found);
  });
  test('mutual information, by hand: independent labels share nothing', () => {
    expect(normalisedMutualInformation([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(0, 12);
    expect(normalisedMutualInformation([0, 0, 1, 1], [5, 5, 3, 3])).toBeCloseTo(1, 12);
    // H = ln 2 and 1.5 ln 2, joint 1.5 ln 2: 2 · ln 2 / (2.5 ln 2).
    expect(normalisedMutualInformation([0, 0, 1, 1], [0, 0, 1, 2])).toBeCloseTo(0.8, 12);
  });
  test('neighbours have the label', async () => {
    const right = await neighbourCorrectness(kernels, blobs, labels, 5);
    expect(right.filter(Boolean).length / 150).toBeGreaterThan(0.95);
  });
  const noNumpy = numpyMissing();
  test.skipIf(noNumpy !== undefined)('the silhouette is the definition, in numpy', async () => {
    const [found] = askNumpy(
      `
x = x.astype("f8"); l = np.arange(150) % 3
d = np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1)); s = []
for i in range(150):
    a = d[i][l == l[i]].sum() / ((l == l[i]).sum() - 1)
    b = min(d[i][l == c].mean() for c in range(3) if c != l[i])
    s.append((b - a) / max(a, b))
value = np.array([np.mean(s)])`,
      { x: blobs },
      ['value'],
    );
    expect(Math.abs((await silhouette(kernels, blobs, labels)) - found![0]!)).toBeLessThan(1e-4);
  });
});

describe('information beside the class', () => {
  const labels = [0, 0, 1, 1];
  const target = rows([1, 0], [3, 0], [10, 5], [10, 7]);
  test('within-class R², by hand', () => {
    // Class means (2, 0) and (10, 6): of four unit deviations two are predicted.
    const predicted = rows([-1, 0], [1, 0], [0, 0], [0, 0]);
    const measured = withinClassError(predicted, target, labels);
    expect([...measured.size]).toEqual([1, 1, 1, 1]);
    expect([...measured.error]).toEqual([0, 0, 1, 1]);
    expect(withinClassR2(measured)).toBe(0.5);
    expect(withinClassR2(measured, Uint32Array.of(0, 0, 2))).toBeCloseTo(2 / 3, 12);
  });
  test('class means alone explain nothing of it', () => {
    const means = rows([2, 0], [2, 0], [10, 6], [10, 6]);
    expect(withinClassR2(withinClassError(means, target, labels))).toBe(0);
  });
  test('retrieval finds what is its own', async () => {
    const all = randomFeatures(300, 8, 4);
    const near = { ...all, data: all.data.map((value, at) => value + (at % 7 === 0 ? 0.05 : 0)) };
    const found = await retrieved(kernels, near, all);
    expect(found.filter(Boolean).length).toBeGreaterThan(290);
    const lost = await retrieved(kernels, randomFeatures(300, 8, 5), all);
    expect(lost.filter(Boolean).length).toBeLessThan(8);
  });
});
