/** What `fit`, `probe`, rollouts and pictures find wrong with data, as the terminal shows it. `UPDATE_GOLDEN=1` writes it anew, to be read. */
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { createRandom } from '../../src/data/random.ts';
import { encodeModel, node, valueInfo } from '../onnx/models.ts';
import { expectShown, type Files, type ShownCall } from './shown-calls.ts';
import { createFolder, mdl } from './harness.ts';

const encoderOf = (op: string): Uint8Array => encodeModel({ node: [node(op, ['x'], ['e'])], input: [valueInfo('x', ['batch', 4])], output: [valueInfo('e', ['batch', 4])] });
const folder = createFolder({ 'package.json': '{ "name": "vectors" }' });
afterAll(() => folder.remove());

const map = (body: string, loss: string): string => `import { linear, ${body.includes('relu') ? 'relu, ' : ''}softmax } from "std/nn"
${loss.includes('Logs') ? '\npart Logs(x: f32[batch, 4]) -> f32[batch, 4] {\n  onnx.Log(x)\n}\n' : ''}
labels Mood = ["calm", "glad"]

adapter Back(x: f32[batch, 4]) -> f32[batch, 4] weights "./back.safetensors" = learned {
  ${body}
}

head Sign(x: f32[batch, 4]) -> f32[batch, Mood] where range [0, 1] weights "./sign.safetensors" = learned {
  x |> linear(out: Mood) |> softmax
}

fit ${loss.includes('Sign') ? 'Sign' : 'Back'} {
  data d = "./rows.jsonl"
  ${loss}
}

model Both {
  input x: f32[batch, 4]
  output back = Back(x)
  output sign = Sign(x)
}
`;
const straight = 'x |> linear(out: 4)';
const bent = 'let inner = x |> linear(out: 8)\n  let outer = inner |> relu |> linear(out: 4)\n  outer';
const pooled = 'onnx.Reshape(onnx.AveragePool(onnx.Reshape(x |> linear(out: 8), shape: [batch, 1, 8]), kernel_shape: [3], strides: [2], ceil_mode: 1), shape: [batch, 4])';

const random = createRandom(7);
const normals = (): number[] => Array.from({ length: 4 }, () => Number(random.normal().toFixed(3)));
const rows = (count: number, change: (row: { x: readonly number[]; y: readonly number[]; label: string }, i: number) => object = (row) => row): string =>
  Array.from({ length: count }, (_, i) => `${JSON.stringify(change({ x: normals(), y: normals(), label: i % 2 === 0 ? 'calm' : 'glad' }, i))}\n`).join('');
const fitted = (body: string, loss: string, data: string, env = {}): ShownCall => ({ args: ['fit', 'map.mdl'], files: { 'map.mdl': map(body, loss), 'rows.jsonl': data }, code: 1, env });

const toY = 'loss mse(Back(d.x), d.y)';
const toMood = 'loss cross_entropy(Sign(d.x), d.label)';

const tokens = `part Tokens(x: f32[batch, 4]) -> f32[batch, 2, 2] {
  onnx.Reshape(x, shape: [batch, 2, 2])
}

adapter Back(x: f32[batch, 2, 2]) -> f32[batch, 2, 2] weights "./back.safetensors" = learned {
  param b: f32[2, 2]
  x + b
}

fit Back {
  data d = "./rows.jsonl"
  loss mse(Back(Tokens(d.x)), Tokens(d.y))
}
`;
const rollout = `head Old(x: f32[batch, 4]) -> f32[batch, 4] {
  x * 1
}

head New(x: f32[batch, 4]) -> f32[batch, 4] {
  x * 2
}

model Numbers {
  input x: f32[batch, 4]
  output y = Old(x)
}

rollout Production of Numbers {
  slot y {
    arm Old 90%
    arm New 10%
    rollback to Old when drift > 20%
  }
}
`;
const pictures = (type: string): string => `part See(image: ${type}) -> f32[batch, 48] {
  onnx.Reshape(onnx.Cast(image, to: f32), shape: [batch, 48])
}

head Kind(e: f32[batch, 48]) -> f32[batch, 2] weights "./kind.safetensors" = learned {
  param w: f32[48, 2]
  onnx.MatMul(e, w)
}

fit Kind {
  data d = "./pictures"
  loss mse(Kind(See(d.image)), d.label)
}
`;
const picture = (size: number): Promise<Uint8Array> => sharp({ create: { width: size, height: size, channels: 3, background: { r: 10, g: 200, b: 90 } } }).png().toBuffer();

const measured = `backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input x: f32[batch, 4]
  output e: f32[batch, 4] where norm(-1) == 1 +- 1e-3
}

probe Space {
  data "./rows.jsonl"
  through Encoder
}
`;

const calls: Readonly<Record<string, ShownCall>> = {
  'fit-rows': fitted(straight, toY, rows(6)),
  'fit-rows-of-class': fitted(straight, toMood, rows(30, (row, i) => ({ ...row, label: i === 7 ? 'glad' : 'calm' }))),
  'fit-worse': fitted(bent, `${toY}\n  method adam(lr: 1000)`, rows(400)),
  'features-nan': fitted(straight, 'loss mse(Back(Logs(d.x)), d.y)', rows(40, ({ x, y }, i) => ({ x: x.map((v, j) => (i === 12 && j === 2 ? -1 : Math.abs(v) + 1)), y }))),
  'features-large': fitted(straight, toMood, rows(40, ({ x, label }, i) => ({ x: [x[0], x[1], (i % 3) * 1e30, x[3]], label }))),
  'features-same': fitted(straight, toY, rows(40, ({ x }) => ({ x, y: [1, 1, 1, 1] }))),
  'fit-form-tokens': { args: ['fit', 'tokens.mdl'], files: { 'tokens.mdl': tokens.replace('Tokens(d.y))', 'Tokens(d.y))\n  method ridge'), 'rows.jsonl': rows(40) }, code: 1 },
  'features-tokens': { args: ['fit', 'tokens.mdl'], files: { 'tokens.mdl': tokens, 'rows.jsonl': rows(40) }, code: 1 },
  'fit-gradient': fitted(pooled, toY, rows(400)),
  'fit-memory': fitted(straight, `${toMood}\n  method logistic`, rows(2000), { MDL_MEMORY: '30KiB' }),
  'rollout-drift': { args: ['build', 'rollout.mdl'], files: { 'rollout.mdl': rollout }, code: 1 },
};
/** What is measured first, and what is there at the check. */
const measuredRows = rows(40, ({ x }) => ({ x }));
const later: Readonly<Record<string, Files>> = { 'probe-contradicts': { 'rows.jsonl': measuredRows }, 'probe-stale': { 'encoder.onnx': encoderOf('Abs') } };

test.each(Object.entries(calls))('%s', (name, call) => expectShown(folder.path, name, call));

test.each(Object.entries(later))('%s', async (name, files) => {
  const own = createFolder({ 'package.json': '{ "name": "vectors" }', 'measured.mdl': measured, 'rows.jsonl': measuredRows, 'encoder.onnx': encoderOf('Neg') });
  expect((await mdl(own.path, ['probe', 'measured.mdl'])).code).toBe(0);
  await expectShown(own.path, name, { args: ['check', 'measured.mdl'], files, code: 0, onlyErrors: true });
  own.remove();
});

test.each<[name: string, type: string, size: number]>([
  ['image-size', 'u8[N: batch, H: 4, W: 4, C: 3]', 6],
  ['image-input', 'f32[N: batch, H: 4, W: 4, C: 3]', 4],
])('%s', async (name, type, size) => {
  await expectShown(folder.path, name, { args: ['fit', 'pictures.mdl'], files: { 'pictures.mdl': pictures(type), 'pictures/leaf/a.png': await picture(size), 'pictures/leaf/b.png': await picture(size), 'pictures/tree/c.png': await picture(size) }, code: 1 });
});
