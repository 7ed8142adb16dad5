/** Three worlds in which a head loses by a swap, each by the fault of another part, and one in which nobody can tell. */
import { afterAll, describe, expect, test } from 'vitest';
import { attribute, attributeReaders, type Attribution, type AttributionInput } from '../../src/align/verify/attribution.ts';
import type { Estimate } from '../../src/align/statistics/interval.ts';
import type { Features } from '../../src/align/matrix.ts';
import { createRandom } from '../../src/data/random.ts';
import { testKernels } from './kernel-session.ts';

const kernels = testKernels();
afterAll(() => kernels.close());

/** Two numbers for each of four classes, at the corners of a square; `see` says what an encoder makes of an example. */
function vectors(labels: readonly number[], seed: number, see: (corner: readonly [number, number], random: ReturnType<typeof createRandom>) => readonly number[]): Features {
  const random = createRandom(seed);
  const rows = labels.map((label) => see([label < 2 ? -1 : 1, label % 2 === 0 ? -1 : 1], random));
  return { rows: rows.length, columns: rows[0]!.length, data: Float32Array.from(rows.flat()) };
}

const faithful: Parameters<typeof vectors>[2] = ([a, b], random) => [a + 0.2 * random.normal(), b + 0.2 * random.normal(), a * b + 0.2 * random.normal()];
const other: Parameters<typeof vectors>[2] = ([a, b], random) => [5 - b + 0.2 * random.normal(), a + b + 0.2 * random.normal(), a * b + 0.2 * random.normal()];
const half: Parameters<typeof vectors>[2] = ([a], random) => [a + 0.2 * random.normal(), random.normal(), random.normal()];

async function faultOf(x: Parameters<typeof vectors>[2], bridged: Parameters<typeof vectors>[2], rows = 600): Promise<Attribution | undefined> {
  const labels = Array.from({ length: rows }, (_, i) => i % 4);
  const side = (seed: number) => ({ x: vectors(labels, seed, x), y: vectors(labels, seed + 1, faithful), bridged: vectors(labels, seed + 2, bridged), labels });
  return attribute(kernels, { fit: side(10), test: side(20) }, { seed: 0, margin: 0.02 });
}

test('an encoder that sees half of what the class is: the backbone', async () => {
  const found = await faultOf(half, half);
  expect(found).toMatchObject({ fault: 'backbone' });
  // One of two bits is known: half of the answers are right, where nearly all were.
  expect(found!.measures[0]!.value).toBeGreaterThan(-0.55);
  expect(found!.measures[0]!.value).toBeLessThan(-0.45);
});

test('an encoder that sees all, whose vectors lie elsewhere: the adapter', async () => {
  expect(await faultOf(other, other)).toMatchObject({ fault: 'adapter' });
});

test('vectors that lie where they lay: the head', async () => {
  expect(await faultOf(other, faithful)).toMatchObject({ fault: 'head' });
});

test('few examples of a small loss decide nothing; too few are not asked', async () => {
  // The loss lies on the margin itself.
  const blurred: typeof faithful = ([a, b], random) => (random.uniform() < 0.02 ? [-a, b, -a * b] : [a, b, a * b]);
  expect(await faultOf(blurred, blurred, 120)).toMatchObject({ fault: 'undecided' });
  expect(await faultOf(half, half, 80)).toBeUndefined();
});

describe('of numbers', () => {
  const labels = Array.from({ length: 600 }, (_, i) => i % 4);
  /** The corner itself is what is asked for. */
  const target: Features = { rows: 600, columns: 2, data: Float32Array.from(labels.flatMap((label) => [label < 2 ? -1 : 1, label % 2 === 0 ? -1 : 1])) };
  /** The mean over both columns of 1 - errors / squares: each is -1 as often as 1, so that its squares are its rows. */
  const r2 = ({ data }: Features): number => 1 - data.reduce((sum, value, i) => sum + (value - target.data[i]!) ** 2, 0) / data.length;
  const gain = (answers: Features, own: Features): Estimate => {
    const value = r2(answers) - r2(own);
    return { value, interval: { low: value - 0.01, high: value + 0.01 } };
  };
  const faultIn = (x: Parameters<typeof vectors>[2], bridged: Parameters<typeof vectors>[2], { name, isError } = { name: 'r2', isError: false }): Promise<Attribution | undefined> => {
    const side = (seed: number): AttributionInput['test'] => ({ x: vectors(labels, seed, x), y: vectors(labels, seed + 1, faithful), bridged: vectors(labels, seed + 2, bridged) });
    return attributeReaders(kernels, { fit: side(10), test: side(20) }, { target, gain, metric: { name, isError } }, { seed: 0, margin: 0.05 });
  };

  test('an encoder that sees one of two: the backbone, by the half of what is explained', async () => {
    const found = await faultIn(half, half);
    expect(found).toMatchObject({ fault: 'backbone', reason: expect.stringMatching(/^The r2 of a linear reader trained on the new vectors falls by 0\.4\d+ \(0\.4/) as string });
    // What is gained is told of an error as what it falls by: a loss is a rise.
    expect((await faultIn(half, half, { name: 'mae', isError: true }))!.reason).toMatch(/^The mae of a linear reader trained on the new vectors rises by 0\.4\d+ \(0\.4/);
    // 1 / 1.04 of each is explained where both are seen: noise of .2 on what varies by 1. Of two columns one is lost.
    expect(found!.measures[0]!.value).toBeCloseTo(-1 / 1.04 / 2, 1);
  });

  test('vectors that lie elsewhere, and those that lie where they lay: the adapter, the head', async () => {
    expect(await faultIn(other, other)).toMatchObject({ fault: 'adapter' });
    expect(await faultIn(other, faithful)).toMatchObject({ fault: 'head' });
  });
});
