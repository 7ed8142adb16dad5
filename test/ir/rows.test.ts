/** Which programs keep the rows of a batch apart: by hand, and by what ONNX Runtime answers to random ones. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowsOf, type Rows } from '../../src/ir/rows.ts';
import { checkText } from '../check/world.ts';
import { loadText } from '../runtime/built.ts';
import { seed } from '../seed.ts';

const model = (body: string, lets = ''): string => `model M { input x: f32[batch, 4, 6] ${lets} output y = ${body} }`;

function rowsOfText(text: string): Rows {
  const { models, diagnostics } = checkText(text);
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
  return rowsOf(models[0]!.program);
}

describe('rows are apart', () => {
  test.each([
    ['element by element', 'x * 2 + 1'],
    ['summed within a row', 'onnx.ReduceSum(x, axes: [1], keepdims: 0)'],
    ['along another axis', 'onnx.Softmax(x, axis: 1)'],
    ['multiplied within a row', 'onnx.MatMul(x, onnx.Transpose(x, perm: [0, 2, 1]))'],
    ['with several places for each row', 'onnx.Reshape(onnx.Reshape(x, shape: [batch * 4, 6]) * 3, shape: [batch, 24])'],
    ['cut within', 'onnx.Slice(x, axis: 2, start: 1, end: 3)'],
  ])('%s', (_, body) => expect(rowsOfText(model(body))).toEqual({ independent: true }));
});

describe('rows are not apart, and it is said where', () => {
  test.each([
    ['summed over', 'x - onnx.ReduceMean(x, axes: [0], keepdims: 0)', '`ReduceMean`', 'along the first axis'],
    ['turned round', 'onnx.Transpose(onnx.Softmax(onnx.Transpose(x, perm: [1, 0, 2]), axis: 1), perm: [1, 0, 2])', '`Softmax`', 'it mixes rows that do not lie along the first axis, or may'],
    ['added up', 'onnx.CumSum(x, axis: 0)', '`CumSum`', ''],
  ])('%s', (_, body, op, why) => {
    const found = rowsOfText(model(body));
    expect(found).toMatchObject({ independent: false, why: expect.stringContaining(op) });
    expect(found).toMatchObject({ why: expect.stringContaining(why) });
  });

  test('an input of one for all', () => {
    expect(rowsOfText('model M { input x: f32[batch, 4] input bias: f32[4] output y = x + bias }')).toEqual({ independent: false, why: 'the input `bias` does not begin with an axis that counts rows' });
  });
});

/** Each keeps the shape. Some mix rows, some do not. */
const steps = [
  (v: string) => `onnx.Softmax(${v}, axis: 2)`,
  (v: string) => `onnx.Softmax(${v}, axis: 0)`,
  (v: string) => `onnx.Tanh(${v})`,
  (v: string) => `(${v} - onnx.ReduceMean(${v}, axes: [0], keepdims: 0))`,
  (v: string) => `(${v} * ${v} + onnx.Sigmoid(${v}))`,
  (v: string) => `onnx.Reshape(onnx.Softmax(onnx.Reshape(${v}, shape: [batch * 4, 6]), axis: 1), shape: [batch, 4, 6])`,
  (v: string) => `onnx.Reshape(onnx.Softmax(onnx.Reshape(${v}, shape: [4, batch * 6]), axis: 1), shape: [batch, 4, 6])`,
  (v: string) => `onnx.Transpose(onnx.Transpose(${v}, perm: [0, 2, 1]), perm: [0, 2, 1])`,
  (v: string) => `onnx.MatMul(onnx.Softmax(onnx.MatMul(${v}, onnx.Transpose(${v}, perm: [0, 2, 1])), axis: 2), ${v})`,
  (v: string) => `onnx.Concat(onnx.Slice(${v}, axis: 2, start: 3, end: 6), onnx.Slice(${v}, axis: 2, start: 0, end: 3), axis: 2)`,
] as const;

/**
 * What is said to be apart answers each row as it answers it alone. Kernels may sum in another order for another number of rows: the sums here have
 * at most 24 terms of size at most 6, a step makes of an error e one of at most 24 e + 24 * 6 * 2^-23, and there are three steps.
 */
const tolerance = 24 ** 3 * 6 * 2 ** -22;

test('random chains answer a row of a batch as they answer it alone, where it is said so', async () => {
  const seen = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(steps.length - 1), { minLength: 1, maxLength: 3 }), fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 72, maxLength: 72 }), async (chain, numbers) => {
      const text = model(chain.reduce((value, step) => steps[step]!(value), 'x'));
      const { independent } = rowsOfText(text);
      seen.add(independent);
      if (!independent) return;
      const loaded = await loadText(text);
      const run = async (data: readonly number[]) => (await loaded.run({ x: { data: Float32Array.from(data), dims: [data.length / 24, 4, 6] } }))['y']!.data as Float32Array;
      const together = await run(numbers);
      for (let row = 0; row < 3; row++) {
        const alone = await run(numbers.slice(24 * row, 24 * (row + 1)));
        const farthest = Math.max(...alone.map((value, i) => Math.abs(value - together[24 * row + i]!)));
        expect(farthest).toBeLessThanOrEqual(tolerance);
      }
      await loaded.close();
    }),
    { seed, numRuns: 30 },
  );
  expect(seen).toEqual(new Set([true, false]));
});
