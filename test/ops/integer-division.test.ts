/** Division of integers, at every opset, against BigInt's: no pair of operands may end the process. */
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { compilePart } from '../stdlib/run-part.ts';
import { runModel } from '../onnx/oracles.ts';
import { programSteps } from './program-steps.ts';

const dtypes = {
  i64: { bits: 64, tensor: (values: readonly bigint[]) => new ort.Tensor('int64', BigInt64Array.from(values), [values.length]) },
  i32: { bits: 32, tensor: (values: readonly bigint[]) => new ort.Tensor('int32', Int32Array.from(values, Number), [values.length]) },
  i16: { bits: 16, tensor: (values: readonly bigint[]) => new ort.Tensor('int16', Int16Array.from(values, Number), [values.length]) },
  i8: { bits: 8, tensor: (values: readonly bigint[]) => new ort.Tensor('int8', Int8Array.from(values, Number), [values.length]) },
} as const;

describe.each(Object.entries(dtypes))('%s', (dtype, { bits, tensor }) => {
  const least = -(2n ** BigInt(bits - 1));
  const most = -least - 1n;
  const edge = fc.constantFrom(least, least + 1n, -2n, -1n, 0n, 1n, 2n, most - 1n, most);
  const number = fc.oneof(edge, fc.bigInt({ min: least, max: most }));
  const pairs = fc.array(fc.tuple(number, number.filter((by) => by !== 0n)), { minLength: 1, maxLength: 20 });
  // Kernels of the narrow ones are as young as opset 14.
  const opsets = bits < 32 ? [14, 21] : [7, 9, 13, 21];

  test.each(opsets)('at opset %i', async (opset) => {
    const { bytes } = compilePart({ module: '', part: '', call: 'x / y', types: { x: `${dtype}[n]`, y: `${dtype}[n]` }, opset });
    await fc.assert(
      fc.asyncProperty(pairs, async (drawn) => {
        const all = [...drawn, [least, -1n] as const];
        const { answer } = await runModel(bytes, { x: tensor(all.map(([of]) => of)), y: tensor(all.map(([, by]) => by)) });
        expect(Array.from(answer!.data as BigInt64Array | Int32Array, BigInt)).toEqual(all.map(([of, by]) => BigInt.asIntN(bits, of / by)));
      }),
      { numRuns: 10 },
    );
  });
});

/** Of an input by another one, or by a number. */
const nodesOf = (a: string, b: string): number => (/^-?\d+$/.test(b) ? programSteps({ a }, `a / ${b}`) : programSteps({ a, b }, 'a / b'));

test('where the operands rule the overflow out, it is one node', () => {
  expect(nodesOf('i64[n]', '2')).toBe(1);
  expect(nodesOf('i32[n] where range [0, inf]', 'i32[n]')).toBe(1);
  expect(nodesOf('i64[n]', 'i64[n] where range [1, inf]')).toBe(1);
  expect(nodesOf('i8[n]', 'i8[n]')).toBe(1);
  expect(nodesOf('u64[n]', 'u64[n]')).toBe(1);
  expect(nodesOf('i64[n]', '-1')).toBeGreaterThan(1);
  expect(nodesOf('i64[n]', 'i64[n] where range [-3, inf]')).toBeGreaterThan(1);
});
