/** What stands in padding is without effect, also where it is no number; and the head whose answer is a record. */
import { describe, expect, test } from 'vitest';
import { among } from './cases.ts';
import { compilePart, runPart, type PartCall, type Tensor } from './run-part.ts';

const [batch, seq, d] = [3, 4, 2];
const mask: Tensor = { dims: [batch, seq], data: [0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0], dtype: 'i64' };
const values = Array.from({ length: batch * seq * d }, (_, i) => ((i * 7) % 13) / 4 - 1.5);
const filled = (by: number): Tensor => ({ dims: [batch, seq, d], data: values.map((v, i) => (mask.data[Math.floor(i / d)] === 1 ? v : by)) });
const weights = (shape: Readonly<Record<string, readonly number[]>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(shape).map(([name, dims]) => [name, { dims, data: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => (i % 5) / 2 - 1) }]));

const types = { x: 'f32[batch, seq, 2]', mask: 'i64[batch, seq] where mask' };
const byMask = ['mean_pool', 'max_pool', 'last_token_pool', 'position_weighted_pool', 'zero_padding'];
const calls: readonly PartCall[] = [
  ...byMask.map((part) => ({ module: 'std/text', part, call: `${part}(x, mask: mask)`, types, opset: 14 })),
  { module: 'std/text', part: 'weighted_pool', call: 'weighted_pool(x, weights: w)', types: { x: types.x, w: 'f32[batch, seq] where range [0, inf]' }, opset: 14 },
  { module: 'std/heads', part: 'attention_pool', call: 'attention_pool(x, mask: mask)', types, result: 'f32[batch, 2]', weights: weights({ 'attention_pool.query': [2, 1] }), opset: 14 },
];

describe('padding', () => {
  test.each(calls)('$part does not see it', async (call) => {
    const { bytes } = compilePart(call);
    const given = (by: number) => ({ x: filled(by), ...('w' in call.types ? { w: { dims: mask.dims, data: mask.data } } : { mask }) });
    const clean = await runPart(bytes, given(0));
    expect(clean.data.every(Number.isFinite)).toBe(true);
    for (const by of [NaN, Infinity, -Infinity, 3e38]) expect(await runPart(bytes, given(by)), String(by)).toEqual(clean);
    if (clean.dims.length === 2) expect(clean.data.slice(0, d), 'a text without tokens').toEqual([0, 0]);
  });

  test('the places of 600 tokens add up to 180,300, which half precision does not hold, and their mean is a mean', async () => {
    const half = 'onnx.Cast(position_weighted_pool(onnx.Cast(x, to: f16), mask: mask), to: f32)';
    const { bytes } = compilePart({ module: 'std/text', part: 'position_weighted_pool', call: half, types, opset: 14 });
    const tokens = 600;
    const x: Tensor = { dims: [1, tokens, 2], data: Array.from({ length: tokens }, () => [1, 150]).flat() };
    const { data } = await runPart(bytes, { x, mask: { dims: [1, tokens], data: Array.from({ length: tokens }, () => 1), dtype: 'i64' } });
    // 600 shares, each rounded once.
    expect(data.map((value, i) => Math.abs(value / [1, 150][i]! - 1) <= 2 ** -11 * 4)).toEqual([true, true]);
  });

  test('among_tokens is of the tokens alone, and even where there are none', async () => {
    const scores: Tensor = { dims: [batch, seq], data: [5, -3, 0, 1, 2, -7.5, 80, 4, -90, 3, 3.5, 12] };
    const call = { module: 'std/heads', part: 'among_tokens', call: 'among_tokens(x, mask: mask)', types: { x: 'f32[batch, seq]', mask: types.mask }, opset: 14 };
    const { bytes } = compilePart(call);
    const expected = Array.from({ length: batch }, (_, n) => among(scores.data.slice(n * seq, (n + 1) * seq), mask.data.slice(n * seq, (n + 1) * seq))).flat();
    for (const by of [0, NaN, Infinity, -Infinity, 3e38]) {
      const { data } = await runPart(bytes, { x: { ...scores, data: scores.data.map((v, i) => (mask.data[i] === 1 ? v : by)) }, mask });
      data.forEach((value, i) => expect(Math.abs(value - expected[i]!), `${i} of ${by}`).toBeLessThanOrEqual(2 ** -24 * 64));
    }
  });

  test('span answers where an answer begins and ends, of the tokens alone', async () => {
    const w = weights({ 'span.first.w': [2, 1], 'span.first.b': [1], 'span.last.w': [2, 1], 'span.last.b': [1] });
    w['span.last.w'] = { dims: [2, 1], data: [0.5, -2] };
    for (const end of ['start', 'end'] as const) {
      const call = { module: 'std/heads', part: 'span', call: `span(x, mask: mask).${end}`, types, result: 'f32[batch, seq]', weights: w, opset: 14 };
      const { bytes } = compilePart(call);
      const name = end === 'start' ? 'first' : 'last';
      const [a, b] = w[`span.${name}.w`]!.data as [number, number];
      const bias = w[`span.${name}.b`]!.data[0]!;
      const expected = Array.from({ length: batch }, (_, n) => {
        const scores = Array.from({ length: seq }, (_value, t) => values[(n * seq + t) * 2]! * a + values[(n * seq + t) * 2 + 1]! * b + bias);
        return among(scores, mask.data.slice(n * seq, (n + 1) * seq));
      }).flat();
      for (const by of [0, NaN]) {
        const found = await runPart(bytes, { x: filled(by), mask });
        // A softmax of four scores of at most 9: a few roundings of each.
        found.data.forEach((value, i) => expect(Math.abs(value - expected[i]!), `${end} ${i} of ${by}`).toBeLessThanOrEqual(2 ** -24 * 64));
      }
    }
  });
});
