/** The diagnostics that matter most, as the terminal shows them. `UPDATE_GOLDEN=1` writes them anew, to be read. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import { renderDiagnostics } from '../../src/diagnostics/index.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { createNodeHost } from '../../src/host/node.ts';
import { foreignFiles, uriOf } from './world.ts';

/** A library of the goldens' own, so that its lines stay where they are. */
const library = {
  nn: `/// An affine map of the last axis: x W + b.
part linear(x: float[..., d], out: int) -> float[..., out] {
  param w: float[d, out]
  param b: float[out]
  onnx.MatMul(x, w) + b
}

part softmax(x: float[..., n]) -> float[..., n] where range [0, 1], sum(-1) == 1 {
  onnx.Softmax(x, axis: -1)
}

part sigmoid(x: float[..., n]) -> float[..., n] where range [0, 1] {
  onnx.Sigmoid(x)
}

part relu(x: float[..., n]) -> float[..., n] where range [0, inf] {
  onnx.Relu(x)
}
`,
  norm: `part l2_normalize(x: float[..., d]) -> float[..., d] where norm(-1) == 1 +- 1e-3 keeps space {
  onnx.LpNormalization(x, axis: -1, p: 2)
}
`,
};

const prelude = `import { linear, sigmoid } from "std/nn"
space meaning @ 1.0.0
space sound @ 1.0.0
labels Polarity = ["negative", "positive"]
contract Meant = f32[batch, 8] where space meaning@^1
`;

/** What they import. */
const modules = { 'encoders.mdl': 'part Encode(x: f32[batch, n]) -> f32[batch, n] {\n  x\n}\n' };

/** By the golden file's name. */
const sources: Readonly<Record<string, string>> = {
  'dtype-parameter': `import { softmax } from "std/nn"

part p(x: t[batch, d], t: dtype) -> t[batch, d] {
  softmax(x)
}
`,
  'space-replaced': `space law @ 1.0.0

backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input ids: i64[batch, seq] from "input_ids"
  input mask: i64[batch, seq] from "attention_mask"
  output embedding: f32[batch, 8] where space law
  tap hidden: f32[batch, seq, 8]
}

backbone Adapted @ 1.0.0 = Encoder {
  replace hidden = onnx.Tanh(hidden)
}`,
  'replace-type': `backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input ids: i64[batch, seq] from "input_ids"
  input mask: i64[batch, seq] from "attention_mask"
  output embedding: f32[batch, 8]
  tap hidden: f32[batch, seq, 8]
  replace hidden = onnx.Slice(hidden, axis: -1, start: 0, end: 4)
}`,
  'tap-missing': `backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input ids: i64[batch, seq] from "input_ids"
  input mask: i64[batch, seq] from "attention_mask"
  tap column: f32[batch, seq, 1] from "colum"
}`,
  'space-mismatch': `${prelude}contract Heard = f32[batch, 8] where space sound@^1

head Sentiment(e: Meant) -> f32[batch, Polarity] weights "./two.safetensors" from { linear.w: "w", linear.b: "b" } {
  e |> linear(out: Polarity)
}

model Reviews {
  input heard: Heard
  output sentiment = Sentiment(heard)
}`,
  'space-version': `space meaning @ 2.0.0
contract Old = f32[batch, 8] where space meaning@^1
contract New = f32[batch, 8] where space meaning@^2

part read(e: Old) -> f32[batch, 8] {
  e
}

model Reviews {
  input e: New
  output y = read(e)
}`,
  'space-versions': `space meaning @ 2.1.0
contract Mix = f32[batch, 8] where space meaning@^1 | ^2
contract New = f32[batch, 8] where space meaning@^2

part read(e: New) -> f32[batch, 8] {
  e
}

part outer(e: Mix) -> f32[batch, 8] {
  read(e)
}

model Reviews {
  input e: Mix
  input old: f32[batch, 8] where space meaning@^1
  output y = outer(e)
  output z = e + old
}`,
  'space-laundered': `${prelude}contract Heard = f32[batch, 8] where space sound@^1

adapter Listen(e: Meant) -> Heard {
  e
}`,
  'budget-exceeded': `import { linear } from "std/nn"

contract Ids = i64[batch, seq]

backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input ids: Ids from "input_ids"
  input mask: Ids from "attention_mask"
  output hidden: f32[batch, seq, 8]
}

head Mood(x: f32[batch, seq, 8]) -> f32[batch, seq, 2] weights "./two.safetensors" from { linear.w: "w", linear.b: "b" } {
  x |> linear(out: 2)
}

head Kind(x: f32[batch, seq, 8]) -> f32[batch, seq, 3] weights "./three.safetensors" from { linear.w: "w", linear.b: "b" } {
  x |> linear(out: 3)
}

model Reviews {
  input ids: Ids
  input mask: Ids
  let hidden = Encoder(ids, mask).hidden
  output mood = Mood(hidden)
  output kind = Kind(hidden)
  budget {
    macs <= 10000
    bytes <= 50%
  }
}
`,
  'unmet-size': `contract Picture = f32[N: batch, H: h, W: w, C: 3] where h >= 32, w >= 32

part read(image: Picture) -> f32[N: batch, H: h, W: w, C: 3] {
  image
}

part thumbnail(image: f32[N: batch, H: rows, W: 16, C: 3]) -> f32[N: batch, H: rows, W: 16, C: 3] {
  read(image)
}`,
  'attribute-mismatch': `attribute color { rgb, bgr }

contract Picture = f32[N: batch, H: h, W: w, C: 3] where color == rgb
contract Net = f32[N: batch, H: h, W: w, C: 3] where color == bgr

part to_bgr(image: Picture) -> Net {
  image - 0
}

head Read(image: Net) -> f32[N: batch, H: h, W: w, C: 3] {
  image
}

model Photos {
  input image: Picture
  output y = Read(image)
}`,
  'attribute-unproved': `attribute color { rgb, bgr }

contract Picture = f32[N: batch, H: h, W: w, C: 3] where color == rgb

part to_bgr(image: Picture) -> f32[N: batch, H: h, W: w, C: 3] where color == bgr {
  image
}`,
  'shape-mismatch': `part similarity(images: f32[batch, d], texts: f32[batch, d]) -> f32[batch, d] {
  images * texts
}

model Search {
  input images: f32[batch, 512]
  input texts: f32[batch, 384]
  output y = similarity(images, texts)
}`,
  'shape-mismatch-in-a-body': `import { linear, softmax } from "std/nn"
labels Polarity = ["negative", "positive"]

head Sentiment(e: f32[batch, 8]) -> f32[batch, Polarity]
  weights "./three.safetensors" from { linear.w: "w", linear.b: "b" }
{
  e |> linear(out: 3) |> softmax
}`,
  'dtype-mismatch': `import { relu } from "std/nn"

model Ids {
  input ids: i64[batch, seq]
  output y = relu(ids)
}`,
  'classes-mismatch': `labels Trained = ["negative", "positive"]
labels Shown = ["positive", "negative"]

part judge(x: f32[batch, Trained]) -> f32[batch, Shown] {
  x
}`,
  'weight-classes': `import { linear } from "std/nn"
labels Polarity = ["positive", "negative"]

head Sentiment(e: f32[batch, 8]) -> f32[batch, Polarity]
  weights "./trained.safetensors" from { linear.w: "w", linear.b: "b" }
{
  e |> linear(out: Polarity)
}`,
  'weight-transposed': `import { linear } from "std/nn"

head Sentiment(e: f32[batch, 8]) -> f32[batch, 2]
  weights "./turned.safetensors" from { linear.w: "w", linear.b: "b" }
{
  e |> linear(out: 2)
}`,
  'weight-dtype': `import { linear } from "std/nn"

head Sentiment(e: f32[batch, 8]) -> f32[batch, 2]
  weights "./double.safetensors" from { linear.w: "w", linear.b: "b" }
{
  e |> linear(out: 2)
}`,
  'weight-missing': `import { linear } from "std/nn"

head Sentiment(e: f32[batch, 8]) -> f32[batch, 2] weights "./two.safetensors" {
  e |> linear(out: 2)
}`,
  'unproved-claim-refuted': `contract Small = f32[batch, 8] where range [-1, 3]

part double(x: Small) -> f32[batch, 8] where range [0, 5] {
  let y = x * 2
  y
}
`,
  'unproved-claim-rounding': `contract Unit = f32[batch, d] where norm(-1) == 1 +- 1e-3

part cosines(a: Unit, b: Unit(batch: others)) -> f32[batch, others] where range [-1, 1] {
  onnx.MatMul(a, onnx.Transpose(b, perm: [1, 0]))
}
`,
  'unproved-claim-open-end': `contract Positive = f32[batch, 8] where range [0.1, 3]

part average(x: Positive) -> f32[batch] where range [0.1, inf] {
  onnx.ReduceMean(x, axes: [-1], keepdims: false)
}
`,
  'unproved-claim-gate': `contract Shares = f32[batch, 8] where range [0, 1], sum(-1) == 1

part mixed(a: Shares, b: Shares, gate: f32[batch, 1]) -> Shares {
  let s = onnx.Expand(onnx.Sigmoid(gate), like: a)
  s * a + (1 - s) * b
}
`,
  'unproved-claim-sum': `contract Shares = f32[batch, 8] where range [0, 1], sum(-1) == 1

part both(a: Shares, b: Shares) -> f32[batch, 8] where sum(-1) == 1 {
  let all = a + b
  onnx.Min(all, 1)
}
`,
  'unproved-claim': `adapter Encode(x: f32[batch, 8]) -> f32[batch, 8] where norm(-1) == 1 +- 1e-3 {
  onnx.Tanh(x)
}`,
  'unmet-fact': `contract Unit = f32[batch, 8] where norm(-1) == 1 +- 1e-3

part angle(e: Unit) -> f32[batch, 8] {
  e
}

model Reviews {
  input e: f32[batch, 8]
  output y = angle(e)
}`,
  'file-type': `backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input ids: i32[batch, seq] from "input_ids"
  input mask: i64[batch, seq] from "attention_mask"
  output embedding: f32[batch, 384]
}`,
  'unknown-name': `import { sigmoid } from "std/nn"

model Scores {
  input scores: f32[batch, 8]
  output a = sigmiod(scores)
  output b = softmax(scores)
  output c = scroes
}`,
  'unknown-export': `import { gelu, sofmax } from "std/nn"

model Scores {
  input scores: f32[batch, 8]
  output a = gelu(scores) |> sofmax
}`,
  'unknown-module': `import { Encode } from "encoders.mdl"
import { relu } from "std/nm"

model Scores {
  input scores: f32[batch, 8]
  output a = Encode(scores) |> relu
}`,
  'not-a-value': `contract Ids { ids: i64[batch, seq]  mask: i64[batch, seq] }

backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input tokens: Ids from { ids: "input_ids", mask: "attention_mask" }
  output embedding: f32[batch, 8]
}

model Vectors {
  input x: f32[batch, 8]
  input tokens: Ids
  output a = Encoder.embedding + x
}`,
  'file-port-swapped': `backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input mask: i64[batch, seq] from "input_ids"
  input ids: i64[batch, seq] from "attention_mask"
  output embedding: f32[batch, 8]
}`,
  'unowned-parameters': `import { linear, sigmoid } from "std/nn"

head Toxic(e: f32[batch, 8]) -> f32[batch, 2] where range [0, 1] {
  e |> linear(out: 2) |> sigmoid
}

model Reviews {
  input e: f32[batch, 8]
  output toxic = Toxic(e)
}`,
  'measure-inputs': `import { linear } from "std/nn"

head Topic(e: f32[batch, 8]) -> f32[batch, 4] weights "./topic.safetensors" = learned {
  e |> linear(out: 4)
}

fit Topic {
  data d = "./glosses.jsonl"
  let scores = Topic(d.embedding)
  loss cross_entropy(scores, d.topic)
}`,
  'fit-target': `head Two(e: f32[batch, 8]) -> f32[batch, 2] weights "./own-names.safetensors" from { w: "linear.w", b: "linear.b" } {
  param w: f32[8, 2]
  param b: f32[2]
  onnx.MatMul(e, w) + b
}

fit Two {
  data d = "./pairs.jsonl"
  loss mse(Two(d.x), d.y)
}`,
  'swap-mismatch': `${prelude}
adapter Old(x: f32[batch, 4]) -> Meant weights "./old.safetensors" = learned
adapter New(x: f32[batch, 4]) -> f32[batch, 8] where space sound weights "./new.safetensors" = learned

model Reviews {
  input x: f32[batch, 4]
  output e = Old(x)
}

verify Upgrade {
  swap Old with New in Reviews
  data d = "./test.jsonl"
  let y = Reviews(d.x)
  require cosine(y.e, d.e) >= 0.9
}`,
  'arm-shares': `head One(x: f32[batch, 4]) -> f32[batch, 4] {
  x * 1
}

head Two(x: f32[batch, 4]) -> f32[batch, 4] {
  x * 2
}

model Numbers {
  input x: f32[batch, 4]
  output y = One(x)
}

rollout Production of Numbers {
  slot y {
    arm One 90%
    arm Two 5%
  }
}`,
  'wrong-unit': `model Numbers {
  input x: f32[batch, 4]
  output y = x
  budget {
    latency.p99 <= 20
    bytes <= 20ms
  }
}`,
  'initializer-misfit': `import { linear } from "std/nn"

part shift(x: float[..., d], init: initializer) -> float[..., d] {
  param b: float[d] = init
  x + b
}

adapter Move(x: f32[batch, 8]) -> f32[batch, 8] weights "./move.safetensors" = learned {
  shift(x, init: identity)
}`,
};

const goldenOf = (name: string): URL => new URL(`golden/${name}.txt`, import.meta.url);

function expectGolden(name: string, shown: string): void {
  if (process.env['UPDATE_GOLDEN']) writeFileSync(goldenOf(name), shown);
  expect(shown).toBe(readFileSync(goldenOf(name), 'utf8'));
}

describe('golden', () => {
  test.each(Object.entries(sources))('%s', (name, text) => {
    const host = createMemoryHost({ ...foreignFiles, ...modules, 'main.mdl': text }, library);
    const { diagnostics, sources: read } = createCompiler(host).check([uriOf('main.mdl')]);
    expectGolden(name, renderDiagnostics(diagnostics, { sources: read, display: host.display }));
  });

  test('tokenizer-mismatch, of the glosses example', () => {
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const host = createNodeHost({ cwd: root });
    const { diagnostics, sources: read } = createCompiler(host).check([pathToFileURL(`${root}examples/glosses/wrong.mdl`).href]);
    expectGolden('tokenizer-mismatch', renderDiagnostics(diagnostics, { sources: read, display: host.display }));
  });
});
