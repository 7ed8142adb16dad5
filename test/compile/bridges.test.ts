/** Conversions that errors offer: applied, compiled, and run on ONNX Runtime against numbers computed by hand. */
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { applyEdits } from '../../src/diagnostics/index.ts';
import { checkText } from '../check/world.ts';
import { buildText } from './build.ts';

/** The program with the first fix of its first error applied. */
function mended(text: string): string {
  const [first] = checkText(text).diagnostics;
  return applyEdits(text, first!.fixes[0]!.edits).text;
}

const signature: Readonly<Record<string, string>> = {
  pixels: 'contract Wanted = f32[N: batch, C: 3, H: 2, W: 1] where range [0, 1], color == rgb',
  thumbnail: 'contract Wanted = f32[N: batch, C: 3, H: 1, W: 1] where range [0, 1], color == rgb',
  signed: 'contract Wanted = f32[N: batch, C: 3, H: 1, W: 1] where range [-1, 1], color == rgb',
  swapped: 'contract Wanted = u8[N: batch, H: 2, W: 1, C: 3] where color == bgr',
  centred: 'contract Wanted = f32[batch, 4] where range [-1, 1]',
  direction: 'contract Wanted = f32[batch, 2] where norm(-1) == 1 +- 1e-3',
  column: 'contract Wanted = f32[batch, 1, 4]',
  row: 'contract Wanted = f32[batch, 4]',
  wide: 'contract Wanted = i64[batch, 4]',
  fewer: 'contract Wanted = f32[batch, 2]',
  more: 'contract Wanted = f32[batch, 6]',
};

const raw = 'contract Given = u8[N: batch, H: 2, W: 1, C: 3] where color == rgb';
const bytes = [0, 51, 102, 153, 204, 255];
const cast = 'contract Given = f32[N: batch, H: 2, W: 2, C: 3] where range [0, 255], color == bgr';
const places = [0, 51, 102, 51, 102, 153, 102, 153, 204, 153, 204, 255];
const cases: readonly [name: string, given: string, feed: ort.Tensor, expected: readonly number[], inserted: string][] = [
  ['pixels', raw, new ort.Tensor('uint8', bytes, [1, 2, 1, 3]), [0, 0.6, 0.2, 0.8, 0.4, 1], ' |> to_unit |> nhwc_to_nchw'],
  // Colours, size, layout and range at once; of four places the one in their middle is the mean.
  ['thumbnail', 'contract Given = u8[N: batch, H: 2, W: 2, C: 3] where color == bgr', new ort.Tensor('uint8', places, [1, 2, 2, 3]), [0.7, 0.5, 0.3], ' |> to_unit |> to_rgb |> resize(height: 1, width: 1) |> nhwc_to_nchw'],
  ['thumbnail', cast, new ort.Tensor('float32', places, [1, 2, 2, 3]), [0.7, 0.5, 0.3], ' |> to_unit_float |> to_rgb |> resize(height: 1, width: 1) |> nhwc_to_nchw'],
  ['signed', cast, new ort.Tensor('float32', places, [1, 2, 2, 3]), [0.4, 0, -0.4], ' |> to_unit_float |> to_rgb |> resize(height: 1, width: 1) |> centre |> nhwc_to_nchw'],
  ['pixels', cast.replaceAll('2, W: 2', '2, W: 1').replace('bgr', 'rgb'), new ort.Tensor('float32', bytes, [1, 2, 1, 3]), [0, 0.6, 0.2, 0.8, 0.4, 1], ' |> to_unit_float |> nhwc_to_nchw'],
  ['swapped', raw, new ort.Tensor('uint8', bytes, [1, 2, 1, 3]), [102, 51, 0, 255, 204, 153], ' |> to_bgr'],
  ['centred', 'contract Given = f32[batch, 4] where range [0, 100]', new ort.Tensor('float32', [0, 25, 50, 100], [1, 4]), [-1, -0.5, 0, 1], ' |> rescale(from_low: 0, from_high: 100, to_low: -1, to_high: 1) |> onnx.Clip(min: -1, max: 1)'],
  ['direction', 'contract Given = f32[batch, 2]', new ort.Tensor('float32', [3, 4], [1, 2]), [0.6, 0.8], ' |> l2_normalize'],
  ['column', 'contract Given = f64[batch, 4]', new ort.Tensor('float64', [1, 2, 3, 4], [1, 4]), [1, 2, 3, 4], ' |> onnx.Cast(to: f32) |> onnx.Unsqueeze(axes: [1])'],
  ['row', 'contract Given = f32[batch, 4, 1]', new ort.Tensor('float32', [1, 2, 3, 4], [1, 4, 1]), [1, 2, 3, 4], ' |> onnx.Squeeze(axes: [2])'],
  ['wide', 'contract Given = i32[batch, 4]', new ort.Tensor('int32', [1, 2, 3, 4], [1, 4]), [1, 2, 3, 4], ' |> onnx.Cast(to: i64)'],
  ['fewer', 'contract Given = f32[batch, 4]', new ort.Tensor('float32', [1, 2, 3, 4], [1, 4]), [1, 2], ' |> onnx.Slice(axis: -1, start: 0, end: 2)'],
  ['more', 'contract Given = f32[batch, 4]', new ort.Tensor('float32', [1, 2, 3, 4], [1, 4]), [1, 2, 3, 4, 0, 0], ' |> onnx.Pad(pads: [0, 0, 0, 2])'],
];

test.each(cases)('%s', async (name, given, feed, expected, inserted) => {
  const text = `import { color } from "std/vision"

${given}
${signature[name]}

part take(x: Wanted) -> ${/= ([^=]*?)( where|$)/.exec(signature[name]!)![1]} {
  onnx.Identity(x)
}

model Bridged {
  input x: Given
  output y = take(x)
}
`;
  const after = mended(text);
  expect(after).toContain(`take(x${inserted})`);
  const session = await ort.InferenceSession.create(buildText(after).bytes, { logSeverityLevel: 4 });
  const { y } = await session.run({ x: feed });
  const numbers = Array.from(y!.data as ArrayLike<number>, Number);
  expect(numbers.length).toBe(expected.length);
  numbers.forEach((n, i) => expect(n).toBeCloseTo(expected[i]!, 6));
  await session.release();
});

test.each([
  ['x - x * x', ' |> onnx.Clip(min: 0, max: 0.5)'],
  ['x', ' |> rescale(from_low: 0, from_high: 1, to_low: 0, to_high: 0.5) |> onnx.Clip(min: 0, max: 0.5)'],
])('%s: a line where somebody said the range, a cut where operators bound it', (value, inserted) => {
  const text = `contract Share = f32[batch, 4] where range [0, 1]
contract Half = f32[batch, 4] where range [0, 0.5]

part half(x: Half) -> f32[batch, 4] {
  x * 2
}

model Bounds {
  input x: Share
  output y = half(${value})
}
`;
  expect(mended(text)).toContain(`half(${value}${inserted})`);
});

test('what divides whole numbers by their greatest is a comparison, or a division of fractions', async () => {
  const text = `model Mask {
  input x: u8[batch]
  output y = x / 255
}
`;
  const [told] = checkText(text).diagnostics;
  expect(told!.fixes.map(({ title }) => title)).toEqual(['write `onnx.Cast(x, to: f32) / 255`', 'write `onnx.Cast(onnx.Equal(x, 255), to: u8)`']);
  const runs: readonly (readonly [string, readonly number[]])[] = [[text, [0, 0, 0, 1]], ...told!.fixes.map(({ edits }, i) => [applyEdits(text, edits).text, i === 0 ? [0, 0.2, 254 / 255, 1] : [0, 0, 0, 1]] as const)];
  for (const [program, expected] of runs) {
    const session = await ort.InferenceSession.create(buildText(program).bytes, { logSeverityLevel: 4 });
    const { y } = await session.run({ x: new ort.Tensor('uint8', [0, 51, 254, 255], [4]) });
    Array.from(y!.data as ArrayLike<number>, Number).forEach((n, i) => expect(n).toBeCloseTo(expected[i]!, 6));
    await session.release();
    if (program !== text) expect(checkText(program).diagnostics).toEqual([]);
  }
});
