import { afterAll, describe, expect, test } from 'vitest';
import { asAffine, type AffineAdapter, type FittedAdapter } from '../../src/align/adapters/adapter.ts';
import { chooseBridge, simplestNearBest } from '../../src/align/adapters/choose.ts';
import { judgeBridge, type JudgedBridge } from '../../src/align/adapters/direction.ts';
import { columnMeans, unitRows } from '../../src/align/rows.ts';
import { squaredError } from '../../src/align/adapters/cross-validation.ts';
import { lowRankOf } from '../../src/align/adapters/low-rank.ts';
import { productsOf } from '../../src/align/adapters/method.ts';
import { standardising, whitened } from '../../src/align/adapters/normalisers.ts';
import { relativeRepresentation, type RowPieces } from '../../src/align/adapters/relative-representation.ts';
import { leastSquares, ridgeWith } from '../../src/align/adapters/ridge.ts';
import { ridgeMap } from '../../src/align/adapters/ridge-map.ts';
import { pathMap, penaltyOf, ridgeErrors, ridgePath } from '../../src/align/adapters/ridge-path.ts';
import { standardise } from '../../src/align/adapters/standardise.ts';
import { bridges, fitBridge } from '../../src/align/adapters/table.ts';
import { fitTemperature } from '../../src/align/adapters/temperature.ts';
import { collectTraining, withoutFold, type Training } from '../../src/align/adapters/training.ts';
import { translate } from '../../src/align/adapters/translate-scale.ts';
import { whitening } from '../../src/align/adapters/whitening.ts';
import { polarFactor } from '../../src/align/linear-algebra/polar.ts';
import { collectMoments } from '../../src/align/kernels/moments.ts';
import { pairsOf } from '../../src/align/kernels/row-pairs.ts';
import { identity, innerProduct, selectRows, type Features, type Matrix } from '../../src/align/matrix.ts';
import { createRandom } from '../../src/data/random.ts';
import type { Outcome } from '../../src/diagnostics/diagnostic.ts';
import { compilePart, runPart } from '../stdlib/run-part.ts';
import { greatestDifference, multiply, randomFeatures, randomMatrix, testKernels } from './kernel-session.ts';
import { askNumpy, numpyMissing } from './numpy.ts';
import { single, twoSpaces } from './spaces.ts';
import { trainingOf, valueOf } from './training.ts';

const kernels = testKernels();
afterAll(() => kernels.close());
const context = { kernels, seed: 1 };

const trainOn = (x: Features, y: Features): Promise<Training> => trainingOf(kernels, x, y);
const methodOf = (name: string) => bridges.find((method) => method.name === name)!;
const fitted = async (name: string, x: Features, y: Features): Promise<AffineAdapter> =>
  valueOf(await fitBridge(methodOf(name), context, await trainOn(x, y))).adapter;
const refusal = (outcome: Outcome<unknown>): string =>
  outcome.ok ? 'accepted' : `${outcome.finding.code}: ${outcome.finding.message}`;

const { x, y } = twoSpaces({ rows: 200, seed: 5 });
const wide = twoSpaces({ rows: 200, seed: 5, columnsY: 24 });

const noNumpy = numpyMissing();
if (noNumpy !== undefined) console.log(`skipped: comparisons with numpy, for ${noNumpy}`);

describe.skipIf(noNumpy !== undefined)('numpy finds the same', () => {
  const centred = 'x = x.astype("f8"); y = y.astype("f8"); mx = x.mean(0); my = y.mean(0); c = x - mx; d = y - my';
  const checkAgainst = async (name: string, script: string, from = x, to = y): Promise<void> => {
    const { map } = await fitted(name, from, to);
    const [w, b] = askNumpy(`${centred}\n${script}\nb = my - mx @ w`, { x: from, y: to }, ['w', 'b']);
    expect(greatestDifference(map.w.data, w!)).toBeLessThan(1e-9);
    expect(greatestDifference(map.b, b!)).toBeLessThan(1e-9);
  };
  test('rotation', () => checkAgainst('orthogonal', 'u, s, v = np.linalg.svd(c.T @ d); w = u @ v'));
  test('scaled rotation', () =>
    checkAgainst('scaled-orthogonal', 'u, s, v = np.linalg.svd(c.T @ d); w = u @ v * s.sum() / (c ** 2).sum()'));
  const scale = 'p = c @ w; w = w * (p * d).sum() / (p * p).sum()';
  const turn = 'u, s, v = np.linalg.svd(c.T @ d, full_matrices=False); w = u @ v';
  const standardised = 'u, s, v = np.linalg.svd((c / c.std(0)).T @ (d / d.std(0)), full_matrices=False); w = (u @ v) / c.std(0)[:, None] * d.std(0)';
  test('rotations into another width, and back, of columns as they are and of standardised ones', async () => {
    for (const [from, to] of [[wide.x, wide.y], [wide.y, wide.x]] as const) {
      await checkAgainst('orthogonal', turn, from, to);
      await checkAgainst('scaled-orthogonal', `${turn}; ${scale}`, from, to);
      await checkAgainst('scaled-standardised-orthogonal', `${standardised}; ${scale}`, from, to);
    }
  });
  test('a rotation of standardised columns between spaces of one width', () => checkAgainst('scaled-standardised-orthogonal', `${standardised}; ${scale}`));
  test('scale', () =>
    checkAgainst('translate-scale', 'w = np.eye(16) * np.linalg.norm(d) / np.linalg.norm(c)'));
  test('moments', () => checkAgainst('match-moments', 'w = np.diag(y.std(0) / x.std(0))'));
  test('CORAL', () =>
    checkAgainst(
      'coral',
      `
def oas(c):
    n, p = c.shape; s = c.T @ c / n; t = np.trace(s); q = (s ** 2).sum()
    r = min(1, ((1 - 2 / p) * q + t ** 2) / ((n + 1 - 2 / p) * (q - t ** 2 / p)))
    return (1 - r) * s + r * t / p * np.eye(p)
def power(a, e):
    v, q = np.linalg.eigh(a); return (q * v ** e) @ q.T
w = power(oas(c), -0.5) @ power(oas(d), 0.5)`,
    ));

  test('ridge, at the penalty that cross-validation chose', async () => {
    const { map, settings } = await fitted('ridge', x, y);
    const script = `w = np.linalg.solve(c.T @ c + ${settings['lambda']} * np.eye(16), c.T @ d)`;
    const [w] = askNumpy(`${centred}\n${script}`, { x, y }, ['w']);
    expect(greatestDifference(map.w.data, w!)).toBeLessThan(1e-9);
  });

  // One strong direction across all columns: what an encoder with a few large common components gives.
  test('ridge and a rotation of 160 columns that are nearly alike', async () => {
    const common = randomMatrix(600, 3, 21);
    const see = (seed: number): Features => {
      const [view, own] = [multiply(common, randomMatrix(3, 160, seed)), randomMatrix(600, 160, seed + 1)];
      return single({ ...view, data: view.data.map((value, at) => 3 * value + 0.1 * own.data[at]!) });
    };
    const [from, to] = [see(31), see(41)];
    const { map, settings } = await fitted('ridge', from, to);
    const script = `w = np.linalg.solve(c.T @ c + ${settings['lambda']} * np.eye(160), c.T @ d); u, s, v = np.linalg.svd(c.T @ d); nuclear = s.sum()`;
    const [w, nuclear] = askNumpy(`${centred}\n${script}`, { x: from, y: to }, ['w', 'nuclear']);
    expect(greatestDifference(map.w.data, w!)).toBeLessThan(1e-6);
    const rotation = await fitted('orthogonal', from, to);
    const [moments] = await collectMoments(kernels, pairsOf(from, to));
    // Directions of less than 1e-9 of the largest singular value count as none.
    expect(Math.abs(innerProduct(rotation.map.w, moments!.xy) / nuclear![0]! - 1)).toBeLessThan(1e-9);
  });

  test('reduced rank, at the rank that cross-validation chose', async () => {
    const { map, settings } = await fitted('low-rank', x, y);
    const script = `w = np.linalg.solve(c.T @ c + ${settings['lambda']} * np.eye(16), c.T @ d)
u, s, v = np.linalg.svd(c @ w); v = v[:${settings['rank']}]; w = w @ v.T @ v`;
    const [w] = askNumpy(`${centred}\n${script}`, { x, y }, ['w']);
    expect(settings['rank']).toBeLessThanOrEqual(12);
    expect(greatestDifference(map.w.data, w!)).toBeLessThan(1e-8);
  });
});

/** Two at a time, and what is left. */
const inPieces = (features: Features): RowPieces => ({
  rows: features.rows,
  columns: features.columns,
  *pieces() {
    for (let from = 0; from < features.rows; from += 2) yield selectRows(features, [from, from + 1].filter((row) => row < features.rows));
  },
});

describe('errors told by moments', () => {
  test('are those of the rows', async () => {
    const map = { w: randomMatrix(16, 24, 3), b: randomMatrix(1, 24, 4).data };
    const [moments] = await collectMoments(kernels, pairsOf(wide.x, wide.y));
    const answers = multiply({ ...wide.x, data: Float64Array.from(wide.x.data) }, map.w).data;
    const direct = answers.reduce((sum, v, at) => sum + (wide.y.data[at]! - v - map.b[at % 24]!) ** 2, 0);
    expect(Math.abs((await squaredError(kernels, map, moments!)) / direct - 1)).toBeLessThan(1e-12);
  });

  test('of a whole path of penalties are those of the maps', async () => {
    const training = await trainOn(wide.x, wide.y);
    const held = training.folds[0]!;
    const moments = withoutFold(training, 0);
    const path = await ridgePath(kernels, moments, undefined);
    const relatives = [1e-9, 1e-3, 1, 100];
    const errors = await ridgeErrors(kernels, path, held, relatives);
    for (const [i, relative] of relatives.entries()) {
      const w = await ridgeMap(kernels, moments, undefined, penaltyOf(moments, relative));
      // By an inverse, and by eigenvectors; an inverse is off by the condition, at most 1e7 times the spread of variances.
      expect(greatestDifference(w.data, (await pathMap(kernels, path, penaltyOf(moments, relative))).data)).toBeLessThan(1e-8);
      const { map } = asAffine('', { w, b: moments.meanY.map((m, j) => m - multiply(rowOf(moments.meanX), w).data[j]!) });
      expect(Math.abs(errors[i]! / (await squaredError(kernels, map, held)) - 1)).toBeLessThan(1e-9);
    }
  });
});

const rowOf = (data: Float64Array): Matrix => ({ rows: 1, columns: data.length, data });

test('fewer rows than columns: the dual form finds the same map', async () => {
  const few = twoSpaces({ rows: 30, seed: 2, columnsX: 48 });
  const training = await trainOn(few.x, few.y);
  expect(training.basis?.columns).toBe(30);
  const lambda = penaltyOf(training.all, 0.01);
  const dual = await ridgeMap(kernels, training.all, training.basis, lambda);
  const primal = await ridgeMap(kernels, training.all, undefined, lambda);
  expect(greatestDifference(dual.data, primal.data)).toBeLessThan(1e-9);
});

describe('what is there to be found is found', () => {
  test('a rotation between two centres, from half as many pairs as columns', async () => {
    const rotation = await polarFactor(kernels, randomMatrix(64, 64, 8), { seed: 1 });
    const source = randomFeatures(600, 64, 9);
    // Few qualities in many columns, as encoders have them; an offset that an uncentred fit would take for a direction.
    const spread = { ...source, data: source.data.map((v, at) => v * 0.9 ** (at % 64) + 3) };
    const turned = multiply({ ...spread, data: Float64Array.from(spread.data) }, rotation);
    const target = single({ ...turned, data: turned.data.map((v) => v - 1) });
    const rows = Array.from({ length: 32 }, (_, i) => i);
    const adapter = await fitted('orthogonal', selectRows(spread, rows), selectRows(target, rows));
    const answers = await adapter.predict(kernels, spread);
    const mean = target.data.reduce((sum, v) => sum + v, 0) / target.data.length;
    const error = answers.data.reduce((sum, v, at) => sum + (v - target.data[at]!) ** 2, 0);
    const size = target.data.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    expect(error / size).toBeLessThan(0.02);
    const exact = await fitted('orthogonal', spread, target);
    expect(greatestDifference(exact.map.w.data, rotation.data)).toBeLessThan(1e-4);
  });

  test('auto takes the simplest that will do', async () => {
    const chosenFor = async (a: Features, b: Features): Promise<string> =>
      valueOf(await chooseBridge(context, await trainOn(a, b))).chosen.adapter.method;
    const moved = { ...x, data: x.data.map((v) => 3 * v - 1) };
    expect(await chosenFor(x, moved)).toBe('translate-scale');
    const stretched = { ...x, data: x.data.map((v, at) => (1 + (at % 16)) * v) };
    expect(await chosenFor(x, stretched)).toBe('match-moments');
    const rotation = await polarFactor(kernels, randomMatrix(16, 16, 8), { seed: 1 });
    const turned = multiply({ ...x, data: Float64Array.from(x.data) }, rotation);
    const noise = createRandom(4);
    expect(await chosenFor(x, single({ ...turned, data: turned.data.map((v) => v + noise.normal()) }))).toBe('orthogonal');
    expect(['low-rank', 'ridge']).toContain(await chosenFor(x, y));
  });

  test.each([['of equal width', x, y], ['of more columns', wide.x, wide.y], ['of fewer columns', wide.y, wide.x]] as const)('of the products that a method reads it finds the same map, into a space %s', async (_, from, to) => {
    const numbersOf = (found: Awaited<ReturnType<typeof fitBridge>>) => (found.ok ? { map: found.value.adapter.map, score: found.value.score, maps: found.value.maps } : found.finding.message);
    for (const method of [...bridges, leastSquares, ridgeWith(1), lowRankOf(4), translate, standardising, whitened]) {
      const [of, into] = [from, method.measure === undefined ? to : from];
      const whole = await fitBridge(method, context, await trainOn(of, into));
      const some = await fitBridge(method, context, valueOf(await collectTraining(kernels, pairsOf(of, into), { seed: 1, products: productsOf([method], of.columns, into.columns) })));
      expect(numbersOf(some)).toEqual(numbersOf(whole));
    }
  });

  test('auto keeps what tells classes apart where spaces of unit length share little, and pairs are few', async () => {
    // A class and 24 qualities that both see, in noise that is as large: R² is largest where next to nothing is answered.
    const near = twoSpaces({ rows: 1040, seed: 3, shared: 24, columnsX: 48, columnsY: 256, noise: 20 });
    const target = unitRows(near.y);
    const [pairs, held] = [Array.from({ length: 40 }, (_, i) => i), Array.from({ length: 1000 }, (_, i) => 40 + i)];
    const training = await trainOn(selectRows(near.x, pairs), selectRows(target, pairs));
    const judged = [];
    for (const method of bridges) {
      const one = await fitBridge(method, context, training);
      if (one.ok) judged.push(await judgeBridge(kernels, training, one.value, (rows) => unitRows(rows)));
    }
    // The head knows the centre of each class in the target's space, from rows that no bridge has seen.
    const labels = held.map((i) => near.labels[i]!);
    const own = selectRows(target, held);
    const centres = [0, 1, 2, 3].map((c) => columnMeans(selectRows(own, labels.flatMap((label, i) => (label === c ? [i] : [])))));
    const middle = columnMeans(own);
    const accuracyOf = async ({ adapter }: JudgedBridge): Promise<number> => {
      const answers = unitRows(await adapter.predict(kernels, selectRows(near.x, held)));
      const scoreOf = (i: number, c: number): number => centres[c]!.reduce((sum, value, j) => sum + (answers.data[i * 256 + j]! - (value + middle[j]!) / 2) * (value - middle[j]!), 0);
      return labels.filter((label, i) => [0, 1, 2, 3].every((c) => scoreOf(i, label) >= scoreOf(i, c))).length / labels.length;
    };
    const accuracies = await Promise.all(judged.map(accuracyOf));
    const byR2 = judged.reduce((a, b) => (b.score.mean > a.score.mean ? b : a));
    const chosen = accuracies[judged.indexOf(simplestNearBest(judged))]!;
    expect(chosen).toBeGreaterThan(Math.max(...accuracies) - 0.02);
    expect(chosen).toBeGreaterThan(accuracies[judged.indexOf(byR2)]! + 0.05);
  });

  test('ridge does not collapse where there are as many pairs as columns', async () => {
    const near = twoSpaces({ rows: 64, seed: 3, columnsX: 64, columnsY: 64, shared: 20, noise: 2 });
    const choice = valueOf(await chooseBridge(context, await trainOn(near.x, near.y)));
    const score = choice.tried.find(({ adapter }) => adapter.method === 'ridge')!.score.mean;
    expect(score).toBeGreaterThan(0.4);
    const path = await ridgePath(kernels, (await trainOn(near.x, near.y)).all, undefined);
    const held = twoSpaces({ rows: 500, seed: 4, columnsX: 64, columnsY: 64, shared: 20, noise: 2 });
    const [moments] = await collectMoments(kernels, pairsOf(held.x, held.y));
    const [plain, chosen] = await ridgeErrors(kernels, path, moments!, [1e-9, 0.3]);
    expect(plain).toBeGreaterThan(2 * chosen!);
  });
});

test('normalisers do what they are called for', async () => {
  const [moments] = await collectMoments(kernels, pairsOf(x, y));
  const scores = await standardise(moments!).predict(kernels, x);
  const [after] = await collectMoments(kernels, pairsOf(scores, y));
  for (let j = 0; j < 16; j++) {
    expect(Math.abs(after!.meanX[j]!)).toBeLessThan(1e-5);
    expect(Math.abs(after!.xx.data[j * 17]! / 200 - 1)).toBeLessThan(1e-5);
  }
  const white = await whitening(kernels, moments!);
  const [uncorrelated] = await collectMoments(kernels, pairsOf(await white.predict(kernels, x), y));
  // The shrinkage leaves a covariance that is the identity's up to its own size, relative to the smallest eigenvalue.
  const direct = extremes(uncorrelated!.xx, 200);
  expect(direct.largest).toBeLessThanOrEqual(1 / (1 - white.settings['shrinkage']!) + 1e-4);
  expect(direct.offDiagonal).toBeLessThan(0.5);
});

function extremes({ rows, data }: Matrix, count: number) {
  const covariance = data.map((value) => value / count);
  const unit = identity(rows).data;
  return {
    largest: covariance.filter((_, at) => unit[at] === 1).reduce((most, value) => Math.max(most, value), 0),
    offDiagonal: covariance.filter((_, at) => unit[at] === 0).reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  };
}

describe("the library's parts read the weights", () => {
  const check = async (adapter: FittedAdapter, source: Features): Promise<void> => {
    const { module, name, arguments: given } = adapter.part;
    const wanted = await adapter.predict(kernels, source);
    const args = Object.entries(given).map(([key, value]) => `, ${key}: ${value}`);
    const { bytes } = compilePart({
      module,
      part: name,
      call: `x |> ${name}${args.length > 0 ? `(${args.join('').slice(2)})` : ''}`,
      types: { x: `f32[batch, ${source.columns}]` },
      result: `f32[batch, ${wanted.columns}]`,
      weights: Object.fromEntries(
        adapter.tensors.map((tensor) => [`${name}.${tensor.name}`, { dims: tensor.dims, data: [...tensor.data] }]),
      ),
      opset: 18,
    });
    const answer = await runPart(bytes, { x: { dims: [source.rows, source.columns], data: [...source.data] } });
    const size = wanted.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(greatestDifference(answer.data, wanted.data)).toBeLessThan(size * 16 * 2 ** -20);
  };

  test.each(bridges.map(({ name }) => name))('%s', async (name) => check(await fitted(name, x, y), x));
  test.each(['orthogonal', 'scaled-orthogonal', 'scaled-standardised-orthogonal', 'low-rank', 'ridge'])('%s into another width, and back', async (name) => {
    await check(await fitted(name, wide.x, wide.y), wide.x);
    await check(await fitted(name, wide.y, wide.x), wide.y);
  });
  test('standardise, whitening and relative representation', async () => {
    const [moments] = await collectMoments(kernels, pairsOf(x, y));
    await check(standardise(moments!), x);
    await check(await whitening(kernels, moments!), x);
    await check(valueOf(relativeRepresentation(inPieces(x), { anchors: 10, seed: 1 })), x);
  });
});

describe('refused with what is needed', () => {
  const cut = (features: Features, rows: number): Features => selectRows(features, Array.from({ length: rows }, (_, i) => i));
  test('too few pairs', async () => {
    expect(refusal(await collectTraining(kernels, pairsOf(cut(x, 6), cut(y, 6)), { seed: 1 }))).toBe(
      'fit-too-few-rows: `cross-validation` cannot be fitted from 6 rows: it needs 10, two rows or more in each of 5 folds.',
    );
    expect(refusal(await fitBridge(methodOf('ridge'), context, await trainOn(cut(x, 12), cut(y, 12))))).toBe(
      'fit-too-few-rows: `ridge` cannot be fitted from 12 rows: it needs 20, or cross-validation cannot tell one penalty from another.',
    );
    expect(refusal(relativeRepresentation(inPieces(cut(x, 3)), { anchors: 8, seed: 1 }))).toContain('from 3 rows: it needs 8');
  });
  test('another width', async () => {
    expect(refusal(await fitBridge(methodOf('coral'), context, await trainOn(wide.x, wide.y)))).toBe(
      'fit-unfit-method: `coral` cannot be fitted here: it keeps the width, and the source has 16 columns, the target 24.',
    );
  });
  test('numbers that are none, and columns that say nothing', async () => {
    const broken = { ...x, data: x.data.map((value, at) => (at === 3 ? NaN : value)) };
    expect(refusal(await collectTraining(kernels, pairsOf(broken, y), { seed: 1 }))).toBe(
      'features-not-finite: The features of the source hold NaN or infinity, in the column 3.',
    );
    const constant = { ...y, data: y.data.map(() => 7) };
    expect(refusal(await collectTraining(kernels, pairsOf(x, constant), { seed: 1 }))).toBe(
      'features-constant: The features of the target are the same for all 200 rows: there is nothing to learn from.',
    );
  });
  test('pairs that are none are a mistake of the caller', () => {
    expect(() => pairsOf(x, cut(y, 3))).toThrow('200 rows cannot be paired with 3');
  });
});

test('the same seed gives the same bytes', async () => {
  const few = twoSpaces({ rows: 24, seed: 2, columnsX: 40, columnsY: 40 });
  for (const name of ['orthogonal', 'low-rank', 'ridge']) {
    const [first, again] = [await fitted(name, few.x, few.y), await fitted(name, few.x, few.y)];
    expect(again.tensors).toEqual(first.tensors);
  }
});

describe('the temperature', () => {
  const random = createRandom(11);
  const logits: Features = { rows: 400, columns: 5, data: Float32Array.from({ length: 2000 }, () => 2 * random.normal()) };
  /** Labels drawn from softmax(logits / t). */
  const draw = (t: number): number[] =>
    Array.from({ length: 400 }, (_, i) => {
      const row = [...logits.data.subarray(i * 5, i * 5 + 5)].map((z) => Math.exp(z / t));
      let left = random.uniform() * row.reduce((a, b) => a + b);
      return row.findIndex((weight) => (left -= weight) < 0);
    });
  const loss = (labels: readonly number[], t: number): number =>
    labels.reduce((sum, label, i) => {
      const row = [...logits.data.subarray(i * 5, i * 5 + 5)].map((z) => z / t);
      const top = Math.max(...row);
      return sum + Math.log(row.reduce((a, z) => a + Math.exp(z - top), 0)) + top - row[label]!;
    }, 0);

  test.each([0.5, 1, 3])('that labels were drawn at, %d, is found, and none near it does better', (t) => {
    const labels = draw(t);
    const found = fitTemperature(logits, labels);
    expect(found / t).toBeGreaterThan(0.7);
    expect(found / t).toBeLessThan(1.4);
    for (const factor of [0.5, 0.99, 1.01, 2]) expect(loss(labels, found * factor)).toBeGreaterThan(loss(labels, found));
  });
  test('of logits that are always right is the coldest', () => {
    const right = Array.from({ length: 400 }, (_, i) => {
      const row = [...logits.data.subarray(i * 5, i * 5 + 5)];
      return row.indexOf(Math.max(...row));
    });
    expect(fitTemperature(logits, right)).toBeLessThan(0.02);
  });
});
