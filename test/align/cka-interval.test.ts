/** The interval of CKA in G1, and what G5 says of a single class. */
import { afterAll, expect, test } from 'vitest';
import { alignmentGate } from '../../src/align/verify/alignment.ts';
import { conceptGate } from '../../src/align/verify/concepts.ts';
import type { Features } from '../../src/align/matrix.ts';
import { createRandom } from '../../src/data/random.ts';
import { testKernels } from './kernel-session.ts';

const kernels = testKernels();
afterAll(() => kernels.close());

/** y = 0.6 x + 0.8 noise, both of unit covariance: CKA is |0.6 I|² over |I|² = 0.36 (squares of Frobenius's norm of the covariances). */
function pairs(rows: number, seed: number): { readonly x: Features; readonly y: Features } {
  const random = createRandom(seed);
  const columns = 4;
  const x = Float32Array.from({ length: rows * columns }, () => random.normal());
  return { x: { rows, columns, data: x }, y: { rows, columns, data: x.map((value) => 0.6 * value + 0.8 * random.normal()) } };
}

test('each bound of CKA holds at its level', async () => {
  const missed = { low: 0, high: 0 };
  for (let run = 0; run < 100; run++) {
    const { x, y } = pairs(160, 700 + run);
    const [found] = (await alignmentGate(kernels, [x], y, { seed: run, permutations: 1 })).measures;
    if (!(found!.interval!.low <= 0.36)) missed.low += 1;
    if (!(found!.interval!.high >= 0.36)) missed.high += 1;
  }
  // Of 100 at 5 %, more than 12 come by chance once in some 700 draws.
  expect(missed.low).toBeLessThanOrEqual(12);
  expect(missed.high).toBeLessThanOrEqual(12);
});

test('rows of one class are no concept: G5 stays open', async () => {
  const { x, y } = pairs(150, 1);
  const labels = new Uint32Array(150).fill(2);
  const result = await conceptGate(kernels, { fit: { y, labels }, test: { y, bridged: x, labels } }, { seed: 1 });
  expect(result).toMatchObject({ verdict: 'INCONCLUSIVE', measures: [], reason: expect.stringContaining('All rows are of one class, number 2') as string });
});
