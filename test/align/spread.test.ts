/** What `auto` does beside choosing: it gives the bridge the target's spread; and what keeps a large column from being all that is looked at. */
import { afterAll, expect, test } from 'vitest';
import { chooseBridge } from '../../src/align/adapters/choose.ts';
import { judgeBridge, targetMeanWithout, type JudgedBridge } from '../../src/align/adapters/direction.ts';
import { spreadOut } from '../../src/align/adapters/spread.ts';
import { bridges, fitBridge } from '../../src/align/adapters/table.ts';
import type { Training } from '../../src/align/adapters/training.ts';
import { selectRows, type Features } from '../../src/align/matrix.ts';
import { columnMeans } from '../../src/align/rows.ts';
import { createRandom, shuffle } from '../../src/data/random.ts';
import { greatestDifference, multiply, testKernels } from './kernel-session.ts';
import { single, twoSpaces } from './spaces.ts';
import { trainingOf, valueOf } from './training.ts';

const kernels = testKernels();
afterAll(() => kernels.close());
const context = { kernels, seed: 1 };

const trainOn = (x: Features, y: Features): Promise<Training> => trainingOf(kernels, x, y);
const fitted = async (name: string, training: Training): Promise<JudgedBridge> => judgeBridge(kernels, training, valueOf(await fitBridge(bridges.find((method) => method.name === name)!, context, training)));
const rowsFrom = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** The sum of squares about a centre. */
const squaresAbout = (data: ArrayLike<number>, centre: ArrayLike<number>): number => Array.from(data).reduce((total, value, at) => total + (value - centre[at % centre.length]!) ** 2, 0);

test.each(['orthogonal', 'scaled-standardised-orthogonal', 'low-rank', 'ridge'])('%s is drawn out by the ratio of the spreads on rows left out, about the mean of the target', async (name) => {
  const few = twoSpaces({ rows: 40, seed: 5, columnsY: 24 });
  const training = await trainOn(few.x, few.y);
  const plain = await fitted(name, training);
  const { adapter } = await spreadOut(kernels, training, plain);
  let [targets, answers] = [0, 0];
  for (const [k, { w, b }] of plain.maps.entries()) {
    const { x, y } = training.held[k]!;
    const centre = targetMeanWithout(training, k);
    targets += squaresAbout(y.data, centre);
    answers += squaresAbout(multiply({ ...x, data: Float64Array.from(x.data) }, w).data, centre.map((value, j) => value - b[j]!));
  }
  const { spread } = adapter.settings;
  expect(spread! / Math.sqrt(targets / answers)).toBeCloseTo(1, 5);
  const wider = plain.adapter.map.w.data.map((value) => spread! * value);
  expect(greatestDifference(adapter.map.w.data, wider)).toBeLessThan(1e-9);
  const middle = single({ rows: 1, columns: 16, data: Float64Array.from(training.all.meanX) });
  expect(greatestDifference((await adapter.predict(kernels, middle)).data, training.all.meanY)).toBeLessThan(1e-3);
});

test('what least squares shrinks reaches, drawn out, as far as rows that nobody has seen', async () => {
  const world = twoSpaces({ rows: 1060, seed: 9, shared: 24, columnsX: 48, columnsY: 48, noise: 6 });
  const [pairs, held] = [rowsFrom(0, 60), rowsFrom(60, 1000)];
  const training = await trainOn(selectRows(world.x, pairs), selectRows(world.y, pairs));
  const plain = await fitted('ridge', training);
  const wider = await spreadOut(kernels, training, plain);
  const target = selectRows(world.y, held);
  const reachOf = (rows: Features): number => Math.sqrt(squaresAbout(rows.data, columnMeans(target)) / squaresAbout(target.data, columnMeans(target)));
  const [shrunk, drawn] = (await Promise.all([plain, wider].map(async ({ adapter }) => reachOf(await adapter.predict(kernels, selectRows(world.x, held)))))) as [number, number];
  expect(shrunk).toBeLessThan(0.9);
  expect(Math.abs(drawn - 1)).toBeLessThan(0.1);
  expect(wider.score.mean).toBeLessThan(plain.score.mean);
});

test('what points nowhere, and what has the spread of the target already, stays as it is', async () => {
  const { x, y } = twoSpaces({ rows: 200, seed: 5 });
  const strangers = await trainOn(x, selectRows(y, shuffle(rowsFrom(0, 200), createRandom(3))));
  const lost = await fitted('ridge', strangers);
  expect(await spreadOut(kernels, strangers, lost)).toBe(lost);
  const training = await trainOn(x, y);
  for (const name of ['translate-scale', 'match-moments', 'coral']) {
    const plain = await fitted(name, training);
    expect(await spreadOut(kernels, training, plain)).toBe(plain);
  }
});

test('one column that is far larger and says nothing keeps no bridge from being found', async () => {
  for (const columnsY of [16, 24]) {
    const { x, y } = twoSpaces({ rows: 200, seed: 5, columnsY });
    const noise = createRandom(12);
    const large = { ...x, data: x.data.map((value, at) => (at % 16 === 0 ? 1000 * noise.normal() : value)) };
    const { chosen, tried } = valueOf(await chooseBridge(context, await trainOn(large, y)));
    const pointing = (name: string): number => tried.find(({ method }) => method === name)!.direction.mean;
    expect(pointing('scaled-standardised-orthogonal')).toBeGreaterThan(pointing('orthogonal') + 0.3);
    expect(chosen.direction.mean).toBeGreaterThan(pointing('scaled-standardised-orthogonal') - 0.01);
  }
});
