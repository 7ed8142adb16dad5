/** Damaged graphs: whatever the reader accepts, inference and bounds answer, and soon. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inferModel } from '../../../src/ir/infer/index.ts';
import { tensorFacts } from '../../../src/ir/infer/facts.ts';
import { readModel } from '../../../src/onnx/index.ts';
import { memorySource } from '../../onnx/helpers.ts';
import { encodeModel, node, valueInfo } from '../../onnx/models.ts';
import { randomGraph } from './random/graphs.ts';

function infer(bytes: Uint8Array): number {
  const file = readModel(memorySource(bytes));
  if (!file.ok) return -1;
  const inferred = inferModel(file.value);
  const { tensors } = inferred;
  const factsOf = tensorFacts(file.value, inferred);
  for (const name of tensors.keys()) expect(factsOf(name).facts.range.low).not.toBeNaN();
  return tensors.size;
}

test('graphs with damaged bytes', async () => {
  const models = await Promise.all([11, 12, 13, 14, 15, 16].map(async (seed) => (await randomGraph(seed)).bytes));
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
  let inferred = 0;
  fc.assert(
    fc.property(fc.constantFrom(...models), damage, (bytes, changes) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, byte] of changes) copy[at % copy.length] = byte;
      if (infer(copy) > 0) inferred++;
    }),
    { numRuns: 1500 },
  );
  // Most damaged files are refused by the reader; about one in fifteen gets here, and the draw varies.
  expect(inferred).toBeGreaterThan(40);
});

test('a graph whose sizes grow with every node', () => {
  const nodes = Array.from({ length: 400 }, (_, i) => node(i % 2 === 0 ? 'Concat' : 'Flatten', i % 2 === 0 ? [`t${i}`, `t${i}`] : [`t${i}`], [`t${i + 1}`], i % 2 === 0 ? { attribute: [{ name: 'axis', type: 2, i: i % 4 === 0 ? 0 : 1 }] } : {}));
  expect(infer(encodeModel({ input: [valueInfo('t0', ['a', 'b', 'c'])], output: [{ name: 't400' }], node: nodes }))).toBe(401);
});
