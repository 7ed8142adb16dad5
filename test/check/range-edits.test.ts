/** What is offered where a range is demanded: an edit that hides the mistake is worse than none. */
import { expect, test } from 'vitest';
import { applyEdits } from '../../src/diagnostics/index.ts';
import { checkFiles } from './world.ts';

const demanding = (demand: string, input: string, value: string, above = ''): string => `import { softmax } from "std/nn"
import { nhwc_to_nchw } from "std/vision"

contract Wanted = ${demand}
part net(x: Wanted) -> ${demand.split(' where')[0]!} { x * 2 }
model M {
  input x: ${input}
${above}  output y = net(${value})
}
`;

/** The titles of what is offered for the first error, and the line that the first edit makes. */
function offered(text: string): { readonly titles: readonly string[]; readonly line: string | undefined } {
  const fixes = checkFiles({ 'main.mdl': text }).diagnostics.find(({ severity }) => severity === 'error')?.fixes ?? [];
  const mended = fixes[0] && applyEdits(text, fixes[0].edits).text;
  if (mended !== undefined) expect(checkFiles({ 'main.mdl': mended }).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return { titles: fixes.map(({ title }) => title), line: mended?.split('\n').find((line) => line.includes('output y'))?.trim() };
}

test('whole numbers that were cast come to the demanded range by a line, and are not cut off', () => {
  const of = (dtype: string, value: string, range: string) => offered(demanding(`f32[batch, 320] where range ${range}`, `${dtype}[batch, 320]`, value));
  const cast = 'onnx.Cast(x, to: f32)';
  expect(of('i16', cast, '[-1, 1]')).toEqual({ titles: ['bring [-32768, 32767] to [-1, 1]'], line: `output y = net(${cast} / 32768)` });
  expect(of('i8', cast, '[-1, 1]').line).toBe(`output y = net(${cast} / 128)`);
  expect(of('u8', cast, '[0, 1]').line).toBe(`output y = net(${cast} / 255)`);
  expect(of('u8', cast, '[-1, 1]').line).toBe(`output y = net(${cast} / 127.5 - 1)`);
  expect(of('i16', 'x |> onnx.Cast(to: f32)', '[-1, 1]').line).toBe('output y = net(x |> onnx.Cast(to: f32) |> onnx.Div(32768))');
  expect(of('i16', 'x', '[-1, 1]').line).toBe('output y = net(x |> onnx.Cast(to: f32) |> onnx.Div(32768))');
  // Divided by what bytes are divided by, nearly all of it lies outside.
  expect(of('i16', `${cast} / 255`, '[-1, 1]').titles).not.toContain('cut off what lies outside [-1, 1]');
  // Ids are no amounts.
  expect(of('i64', cast, '[0, 1]').titles).toEqual([]);
});

test('where the ends are reached, a line stands in the place of a cut', () => {
  const of = (value: string, above = '') => offered(demanding('f32[N: batch, C: 3, H: 8, W: 8] where range [0, 1]', 'u8[N: batch, H: 8, W: 8, C: 3]', value, above)).titles;
  expect(of('onnx.Cast(x, to: f32) / 127.5 - 1 |> nhwc_to_nchw')).toEqual(['bring [-1, 1] to [0, 1]']);
  expect(of('centred |> nhwc_to_nchw', '  let centred = onnx.Cast(x, to: f32) / 127.5 - 1\n')).toEqual(['bring [-1, 1] to [0, 1]']);
  expect(of('onnx.Tanh(onnx.Cast(x, to: f32)) |> nhwc_to_nchw')).toEqual(['cut off what lies outside [0, 1]']);
});

test('of logarithms of probabilities the logarithm is left out, and nothing is cut off', () => {
  const of = (value: string) => offered(demanding('f32[batch, 4] where range [0, 1]', 'f32[batch, 4]', value));
  expect(of('onnx.Log(softmax(x))')).toEqual({ titles: ['leave out `onnx.Log`'], line: 'output y = net(softmax(x))' });
  expect(of('softmax(x) |> onnx.Log').line).toBe('output y = net(softmax(x))');
  // What lies below 0 would be all zeros; of a shift of probabilities half is left.
  expect(of('onnx.Neg(softmax(x))').titles).toEqual([]);
  expect(of('softmax(x) - 0.5').titles).toEqual(['cut off what lies outside [0, 1]']);
  expect(of('x').titles).toContain('cut off what lies outside [0, 1]');
});

test('of a product of vectors the other factor is divided by its norm before anything is cut off', () => {
  const text = (value: string): string => `import { l2_normalize } from "std/norm"
model M {
  input i: f32[n, 8]
  input t: f32[m, 8]
  output y: f32[n, m] where range [-1, 1] = ${value}
  output z = l2_normalize(i)
}
`;
  const normalised = 'onnx.MatMul(l2_normalize(i), onnx.Transpose(t, perm: [1, 0]))';
  const { titles, line } = offered(text(normalised));
  expect(titles[0]).toBe('divide the other factor by its norm, too, and cut off what rounding adds');
  expect(line).toBe('output y: f32[n, m] where range [-1, 1] = onnx.MatMul(l2_normalize(i), onnx.Transpose(l2_normalize(t), perm: [1, 0])) |> onnx.Clip(min: -1, max: 1)');
  const [{ notes, label } = { notes: [], label: '' }] = checkFiles({ 'main.mdl': text(normalised) }).diagnostics;
  expect([label, ...notes].join(' ')).not.toContain('It holds of');
  // Where both are of length 1, rounding alone is cut off.
  expect(offered(text('onnx.MatMul(l2_normalize(i), onnx.Transpose(l2_normalize(t), perm: [1, 0]))')).titles).toEqual(['cut off what lies outside [-1, 1]', 'leave out `range [-1, 1]`']);
  // Where nothing is known of either factor, one norm mends nothing.
  expect(offered(text('onnx.MatMul(i, onnx.Transpose(t, perm: [1, 0]))')).titles[0]).toContain('cut off');
});

test('a softmax over another axis than the one that is promised to add up gets that axis', () => {
  const text = (axis: number): string => `model M {\n  input x: f32[batch, 16, 3]\n  output y: f32[batch, 16, 3] where sum(-1) == 1 = onnx.Softmax(x, axis: ${axis})\n}\n`;
  expect(offered(text(1))).toEqual({ titles: ['write `axis: -1`', 'leave out `sum(-1) == 1`'], line: 'output y: f32[batch, 16, 3] where sum(-1) == 1 = onnx.Softmax(x, axis: -1)' });
  expect(offered(text(2))).toEqual({ titles: [], line: undefined });
});

test('ids in the place of weights are no amounts: their mask is offered, and no cut', () => {
  const text = (weights: string): string => `import { Tokens, weighted_pool } from "std/text"
tokenizer pieces @ 1.0.0
model M {
  input q: Tokens(by: pieces)
  input h: f32[batch, seq, 8]
  output y = h |> weighted_pool(weights: ${weights})
}
`;
  expect(offered(text('onnx.Cast(q.ids, to: f32)'))).toEqual({ titles: ['take `q.mask`: ids are numbers of words'], line: 'output y = h |> weighted_pool(weights: onnx.Cast(q.mask, to: f32))' });
  expect(offered(text('q.ids |> onnx.Cast(to: f32)')).line).toBe('output y = h |> weighted_pool(weights: q.mask |> onnx.Cast(to: f32))');
  expect(offered(text('onnx.Cast(q.mask, to: f32)')).titles).toEqual([]);
});
