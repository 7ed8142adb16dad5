/** The interval of CKA in G1, and what G5 says of a single class, and of what does not pass. */
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
  const named = await conceptGate(kernels, { fit: { y, labels }, test: { y, bridged: x, labels } }, { seed: 1, names: ['"bag"', '"boot"', '"coat"'] });
  expect(named.reason).toContain('All rows are of one class, "coat":');
});

test('G5 says which of both does not pass, and by which bar', async () => {
  const random = createRandom(5);
  const rows = 400;
  const labels = Array.from({ length: rows }, (_, i) => i % 2);
  // Two classes, apart by one of four columns; on the other side by the next one: directions at a right angle, and the probe reads nothing.
  const side = (column: number): Features => ({ rows, columns: 4, data: Float32Array.from({ length: rows * 4 }, (_, at) => random.normal() + (at % 4 === column ? 4 * labels[Math.floor(at / 4)]! : 0)) });
  const y = side(0);
  const apart = await conceptGate(kernels, { fit: { y, labels }, test: { y, bridged: side(1), labels } }, { seed: 1 });
  expect([apart.verdict, apart.reason]).toEqual(['FAIL', expect.stringMatching(/ on the bridged one: a cosine surely is below 0\.9, and the probe surely loses more than 2\.0 points\.$/) as string]);
  const same = await conceptGate(kernels, { fit: { y, labels }, test: { y, bridged: y, labels } }, { seed: 1 });
  expect([same.verdict, same.reason]).toEqual(['PASS', expect.stringMatching(/ on the bridged one\.$/) as string]);
  // All vectors moved along the direction of the classes: it stays where it was, and the probe gives one class to all.
  const moved = { ...y, data: y.data.map((value, at) => value + (at % 4 === 0 ? 20 : 0)) };
  const shifted = await conceptGate(kernels, { fit: { y, labels }, test: { y, bridged: moved, labels } }, { seed: 1 });
  expect([shifted.verdict, shifted.reason]).toEqual(['FAIL', expect.stringMatching(/ on the bridged one: the probe surely loses more than 2\.0 points\.$/) as string]);
});
