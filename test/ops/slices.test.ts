/** Slices of an axis whose length is decided at each run, at every opset's form, against Array.prototype.slice. */
import { describe, expect, test } from 'vitest';
import { compilePart, runPart } from '../stdlib/run-part.ts';

describe.each([9, 10, 13, 21])('at opset %i', (opset) => {
  test.each([
    ['last(x, n: 2)', 'std/nn', 2, (row: number[]) => row.slice(-2)],
    ['onnx.Slice(x, axis: -1, start: n - 2, end: n)', '', 2, (row: number[]) => row.slice(-2)],
    ['onnx.Slice(x, axis: 1, start: 1, end: n - 2)', '', 3, (row: number[]) => row.slice(1, -2)],
    ['onnx.Slice(x, axis: -1, start: n - 3, end: n - 1)', '', 3, (row: number[]) => row.slice(-3, -1)],
    ['onnx.Slice(x, axis: -1, start: 0, end: min(n, 4))', '', 1, (row: number[]) => row.slice(0, 4)],
    ['onnx.Slice(x, axis: 1, start: min(3, n), end: n)', '', 1, (row: number[]) => row.slice(3)],
    ['onnx.Slice(x, axis: -1, start: 0, end: n)', '', 1, (row: number[]) => row],
  ] as const)('%s', async (call, module, least, expected) => {
    const part = compilePart({ module, part: module === '' ? '' : 'last', call, types: { x: 'f32[batch, n]' }, opset });
    for (const length of [least, least + 1, 7]) {
      const rows = [0, 1].map((row) => Array.from({ length }, (_, i) => 10 * row + i));
      const { dims, data } = await runPart(part.bytes, { x: { dims: [2, length], data: rows.flat() } });
      const wanted = rows.map((row) => expected([...row]));
      expect([dims, [...data]]).toEqual([[2, wanted[0]!.length], wanted.flat()]);
    }
  });
});
