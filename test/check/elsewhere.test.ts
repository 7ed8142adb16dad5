/** What people write who come from PyTorch and Keras is answered with what to type, and where an edit is offered, a check that follows it finds nothing wrong. */
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/diagnostics/index.ts';
import type { MemoryFiles } from '../../src/host/memory.ts';
import { brokenFixes } from '../diagnostics/broken-fixes.ts';
import { checkFiles, errorsOf, uriOf } from './world.ts';

const head = (body: string, input = 'x: f32[batch, 8]', output = 'f32[batch, 4]', imports = ''): string =>
  `${imports}head H(${input}) -> ${output} weights "./w.safetensors" = learned {\n  ${body}\n}\n`;
const part = (body: string, input = 'x: f32[batch, 8]', output = 'f32[batch, 8]'): string => `part f(${input}) -> ${output} {\n  ${body}\n}\n`;
const linear = 'import { linear } from "std/nn"\n';
const pools = 'import { mean_pool, Mask } from "std/text"\n';
const tokens = 'import { Tokens } from "std/text"\ntokenizer t @ 1.0.0 from "./a.tokenizer.json"\npart ids(tokens: Tokens(by: t)) -> i64[batch, seq] { tokens.ids }\n';

/** A text, what it comes to by the edits that are offered first. */
const mended: readonly (readonly [text: string, meant: string])[] = [
  [head('linear(x, 8, 4)', undefined, undefined, linear), 'linear(x, out: 4)'],
  [head('linear(x, 4)', undefined, undefined, linear), 'linear(x, out: 4)'],
  [head('linear(x, in_features: 8, out_features: 4)', undefined, undefined, linear), 'linear(x, out: 4)'],
  [head('linear(x, units: 4)', undefined, undefined, linear), 'linear(x, out: 4)'],
  [head('nn.Linear(8, 4)(x)'), 'import { linear } from "std/nn"'],
  [head('nn.Linear(8, 4, bias=True)(x)'), 'linear(x, out: 4)'],
  [head('Dense(4)(x)'), 'linear(x, out: 4)'],
  [head('Dense(4, activation="relu")(x)'), 'linear(x, out: 4) |> relu'],
  [head('Dense(x, 4, "relu")'), 'linear(x, out: 4) |> relu'],
  [head('x |> nn.LayerNorm(8) |> nn.Linear(8, 4)'), 'x |> layer_norm |> linear(out: 4)'],
  [head('F.relu(linear(x, out: 4))', undefined, undefined, linear), 'relu(linear(x, out: 4))'],
  [head('softmax(linear(x, out: 4), dim=-1)', undefined, undefined, 'import { linear, softmax } from "std/nn"\n'), 'softmax(linear(x, out: 4))'],
  [head('dropout(x, 0.1) |> linear(out: 4)', undefined, undefined, linear), 'x |> linear(out: 4)'],
  [head('x |> nn.Dropout(0.1) |> linear(out: 4)', undefined, undefined, linear), 'x |> linear(out: 4)'],
  [head('nn.Conv2d(3, 4, 3, padding=1)(x)', 'x: f32[N: batch, C: 3, H: 8, W: 8]', 'f32[N: batch, C: 4, H: 8, W: 8]'), 'conv2d(x, out: 4, kernel: 3, pad: 1)'],
  [head('nn.Conv2d(3, 4, 3)(x)', 'x: f32[N: batch, C: 3, H: 8, W: 8]', 'f32[N: batch, C: 4, H: 6, W: 6]'), 'conv2d(x, out: 4, kernel: 3, pad: 0)'],
  [part('torch.softmax(x, dim=1)'), 'onnx.Softmax(x, axis: 1)'],
  [part('torch.nn.functional.normalize(x, p=2, dim=-1)'), 'l2_normalize(x)'],
  [part('mean(x, axis: -1)', undefined, 'f32[batch]'), 'onnx.ReduceMean(x, axes: [-1], keepdims: false)'],
  [part('x.mean(dim=-1, keepdim=True)', undefined, 'f32[batch, 1]'), 'onnx.ReduceMean(x, axes: [-1], keepdims: true)'],
  [part('x.mean(1)', 'x: f32[batch, seq, 8]'), 'onnx.ReduceMean(x, axes: [1], keepdims: false)'],
  [part('argmax(x, dim: -1)', undefined, 'i64[batch]'), 'onnx.ArgMax(x, axis: -1, keepdims: false)'],
  [part('torch.cat([x, x], dim=-1)', undefined, 'f32[batch, 16]'), 'onnx.Concat(x, x, axis: -1)'],
  [part('x.unsqueeze(1)', undefined, 'f32[batch, 1, 8]'), 'onnx.Unsqueeze(x, axes: [1])'],
  [part('x.permute(0, 2, 1)', 'x: f32[batch, seq, 8]', 'f32[batch, 8, seq]'), 'onnx.Transpose(x, perm: [0, 2, 1])'],
  [part('torch.clamp(x, min=0, max=1)'), 'onnx.Clip(x, 0, 1)'],
  [part('x.float()', 'x: i64[batch, 8]'), 'onnx.Cast(x, to: f32)'],
  [part('x.to(torch.float32)', 'x: i64[batch, 8]'), 'onnx.Cast(x, to: f32)'],
  [part('x.astype("float32")', 'x: i64[batch, 8]'), 'onnx.Cast(x, to: f32)'],
  [part('x.detach()'), '  x\n'],
  [part('let x = onnx.Relu(x)\n  x * x'), '  let x_2 = onnx.Relu(x)\n  x_2 * x_2'],
  [part('F.cosine_similarity(x, y)', 'x: f32[batch, 8], y: f32[batch, 8]', 'f32[batch]'), 'similarity(x, y)'],
  [part('matmul(x, transpose(w))', 'x: f32[batch, 8], w: f32[4, 8]', 'f32[batch, 4]'), 'onnx.MatMul(x, onnx.Transpose(w, perm: [-1, -2]))'],
  [part('x |> cast(to: f32)', 'x: i64[batch, 8]'), 'x |> onnx.Cast(to: f32)'],
  [part('x |> layout(to: [N, C, H, W])', 'x: u8[N: batch, H: h, W: w, C: 3]', 'u8[N: batch, C: 3, H: h, W: w]'), 'x |> nhwc_to_nchw'],
  [`import { rescale } from "std/vision"\n${part('rescale(x, from: [0, 255], to: [-1, 1])')}`, 'rescale(x, from_low: 0, from_high: 255, to_low: -1, to_high: 1)'],
  [part('x @ w.T', 'x: f32[batch, 8], w: f32[4, 8]', 'f32[batch, 4]'), 'onnx.MatMul(x, onnx.Transpose(w, perm: [-1, -2]))'],
  [part('x[:, 0]', 'x: f32[batch, seq, 8]'), 'onnx.Squeeze(onnx.Slice(x, axis: 1, start: 0, end: 1), axes: [1])'],
  [part('x[..., :4]', undefined, 'f32[batch, 4]'), 'onnx.Slice(x, axis: -1, start: 0, end: 4)'],
  [part('x and y', 'x: bool[n], y: bool[n]', 'bool[n]'), 'onnx.And(x, y)'],
  [part('x if c else y', 'c: bool[n], x: f32[n], y: f32[n]', 'f32[n]'), 'onnx.Where(c, x, y)'],
  [part('onnx.ReduceMean(x, axes: [-1], keepdims: False)', undefined, 'f32[batch]'), 'keepdims: false'],
  [part('x', 'x: f32[None, None, 8]', 'f32[batch, n, 8]'), 'x: f32[batch, n, 8]'],
  [part('x + y', 'x: f32[batch, 8], y: f32[batch, 8] = None'), 'y: f32[batch, 8])'],
  [head('mean_pool(x, mask: m) |> linear(out: 4)', 'x: f32[batch, 8], m: Mask', undefined, linear + pools), 'x |> linear(out: 4)'],
  [`${tokens}model M {\n  input text: str\n  output y = ids(text)\n}\n`, 'input text: Tokens(by: t)'],
  [`${tokens}model M {\n  input text: string[batch]\n  output y = ids(text)\n}\n`, 'input text: Tokens(by: t)'],
  [`contract Two { ids: i64[n] mask: i64[n] }\npart both(t: Two) -> i64[n] { t.ids + t.mask }\nmodel M {\n  input mask: i64[n]\n  input ids: i64[n]\n  output y = both(mask, ids)\n}\n`, 'both({ ids: ids, mask: mask })'],
  ['import torch\nimport torch.nn as nn\nmodel M {\n  input x: f32[n]\n  output y = x\n}\n', 'model M'],
  ['from torch import nn\nmodel M {\n  input x: f32[n]\n  output y = x\n}\n', 'model M'],
  ['model M {\n  input x: torch.float32[n]\n  output y = x\n}\n', 'input x: f32[n]'],
];

/** A text, and what the first answer says. */
const told: readonly (readonly [text: string, note: string])[] = [
  [part('nn.Sequential(nn.Linear(8, 4), nn.ReLU())(x)'), 'by pipes'],
  [part('nn.LSTM(8, 8)(x)'), 'come as an ONNX file'],
  [part('nn.BatchNorm1d(8)(x)'), '`scale_shift`'],
  [part('Embedding(100, 8)(x)'), '`onnx.Gather(table, ids)`'],
  [part('nn.Linear(8, 4, bias=False)(x)'), '`linear(x, out: 4)`'],
  [part('F.normalize(x, p=1)'), '`l2_normalize(x)`'],
  [part('x.view(4, 2)'), '`onnx.Reshape(x, shape: [batch, 2, 4])`'],
  [part('x.transpose(0, 1)'), '`onnx.Transpose(x, perm: [-1, -2])`'],
  [part('transpose(x)', 'x: f32[batch, seq, 8]'), 'the order of all axes'],
  [part('x |> layout(to: [C, N])'), '`nhwc_to_nchw` and `nchw_to_nhwc`'],
  [part('x.sum()'), 'axes: [-1]'],
  [part('x + self.bias'), 'There are no objects'],
  [part('x * math.pi'), 'written out'],
  [part('onnx.Clip(x, None, 1)'), 'is left out'],
  [part('print(x)\n  x'), 'one value, its last line'],
  [part('x', 'x: Optional[Tensor]'), 'a type says the element type and the axes'],
  ['model M {\n  input text: str\n  output y = text\n}\n', '`tokenizer words @ 1.0.0 from "./tokenizer.json"`'],
  ['import { nn } from "torch"\nmodel M {\n  input x: f32[n]\n  output y = x\n}\n', 'Packages of Python'],
];

const main = 'main.mdl';
const check = (text: string) => errorsOf(checkFiles({ [main]: text }));

/** The text after its fixes, one by one. */
function follow(text: string): string {
  let now = text;
  for (let i = 0; i < 8; i++) {
    const fix = check(now).flatMap(({ fixes }) => fixes.slice(0, 1))[0];
    if (fix === undefined) return now;
    now = applyEdits(now, fix.edits.filter(({ location }) => location.uri === uriOf(main))).text;
  }
  return now;
}

describe('what is written as in PyTorch and Keras', () => {
  test.each(mended)('%j is mended by its edits', (text, meant) => {
    const files: MemoryFiles = { [main]: text };
    expect(brokenFixes(files).filter((broken) => !broken.startsWith('other-notation'))).toEqual([]);
    const fixed = follow(text);
    expect(fixed).toContain(meant);
    expect(check(fixed).map(({ message }) => message)).toEqual([]);
  });

  test.each(told)('%j is told how', (text, note) => {
    const [first] = check(text);
    expect(first?.notes.join(' ')).toContain(note);
  });

  test('names in the lists of a call of nothing that there is are not told of one by one', () => {
    expect(check(part('x |> layuot(to: [N, C, H, W])')).map(({ message }) => message)).toEqual(['there is no part called `layuot` here']);
    expect(check(part('layuot(y)')).map(({ message }) => message)).toEqual(['there is no part called `layuot` here', 'there is no value called `y` here']);
  });
});
