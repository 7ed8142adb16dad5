/** Floats as integers: of NaN each machine makes another number, so none may reach the cast. */
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { runModel } from '../onnx/oracles.ts';
import { compilePart } from '../stdlib/run-part.ts';
import { programSteps } from './program-steps.ts';

describe.each([9, 13, 21])('at opset %i', (opset) => {
  const numbers = new ort.Tensor('float32', Float32Array.of(NaN, -5, 1.9, 300, Infinity, -Infinity), [6]);

  test.each([['i64', [2n, 2n, 2n, 200n, 200n, 2n]], ['u8', [2, 2, 2, 200, 200, 2]], ['i32', [2, 2, 2, 200, 200, 2]]] as const)('NaN becomes the least %s of its range', async (to, expected) => {
    const call = `onnx.Cast(onnx.Clip(x, 2.5, 200.25), to: ${to})`;
    const { answer } = await runModel(compilePart({ module: '', part: '', call, types: { x: 'f32[n]' }, opset }).bytes, { x: numbers });
    expect(Array.from(answer!.data as ArrayLike<number | bigint>)).toEqual([...expected]);
  });
});

const nodesOf = (x: string, to: string): number => programSteps({ x }, `onnx.Cast(x, to: ${to})`);

test('where there is no NaN, and of what is no integer, it is one node', () => {
  expect(nodesOf('u8[n]', 'f32')).toBe(1);
  expect(nodesOf('f32[n]', 'bool')).toBe(1);
  expect(nodesOf('f32[n]', 'f16')).toBe(1);
  expect(nodesOf('bool[n]', 'i64')).toBe(1);
  expect(nodesOf('f32[n] where mask', 'i64')).toBe(1);
  expect(nodesOf('f32[n] where finite, range [0, 9]', 'i64')).toBe(1);
});
