/** Elements picked by numbers that are written, against indexing by hand, at the opsets where Gather changed. */
import { describe, expect, test } from 'vitest';
import { compilePart, runPart } from '../stdlib/run-part.ts';

const rows = [[0, 1, 2, 3, 4], [10, 11, 12, 13, 14]];

describe.each([9, 11, 13, 21])('at opset %i', (opset) => {
  test.each([
    ['onnx.Gather(x, [2, 1, 0], axis: -1)', [2, 3], [2, 1, 0, 12, 11, 10]],
    ['onnx.Gather(x, indices: [4, 4], axis: 1)', [2, 2], [4, 4, 14, 14]],
    ['onnx.Gather(x, 2, axis: -1)', [2], [2, 12]],
    ['onnx.Gather(x, [2], axis: -1)', [2, 1], [2, 12]],
  ] as const)('%s', async (call, dims, data) => {
    const part = compilePart({ module: '', part: '', call, types: { x: 'f32[batch, 5]' }, opset });
    const given = await runPart(part.bytes, { x: { dims: [2, 5], data: rows.flat() } });
    expect([given.dims, [...given.data]]).toEqual([dims, data]);
  });
});
