/** Equal weights: once, or as often as backbones have them where that is asked for. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type * as ort from 'onnxruntime-node';
import { afterAll, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/data/safetensors-write.ts';
import { decodeModel, encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { bitsOf, f32, runModel } from '../onnx/oracles.ts';
import { createFolder, mdl } from './harness.ts';

const size = 32;
const wave = Array.from({ length: size * size }, (_, i) => Math.fround(Math.sin(i)));
const backbone = (name: string): string => `backbone ${name} @ 1.0.0 {\n  source "./file.onnx"\n  input x: f32[batch, ${size}]\n  output y: f32[batch, ${size}]\n}\n`;
const head = (name: string): string => `head ${name}(x: f32[batch, ${size}]) -> f32[batch, ${size}] weights "./head.safetensors" { x |> linear(out: ${size}) }\n`;
const folder = createFolder({
  'package.json': '{ "name": "share" }',
  'share.mdl': `import { linear } from "std/nn"
${backbone('First')}${backbone('Second')}${head('Left')}${head('Right')}
model Both {
  input x: f32[batch, ${size}]
  output once = Left(First(x).y)
  output again = Right(Second(x + 1).y)
  output third = First(x + 2).y
}
`,
  'file.onnx': encodeModel({
    node: [node('MatMul', ['x', 'w'], ['m']), node('Tanh', ['m'], ['y'])],
    input: [valueInfo('x', ['batch', size])],
    output: [valueInfo('y', ['batch', size])],
    initializer: [floats('w', [size, size], wave)],
  }),
  'head.safetensors': writeSafetensors([
    { name: 'linear.w', dtype: 'f32', dims: [size, size], bytes: new Uint8Array(Float32Array.from(wave).buffer) },
    { name: 'linear.b', dtype: 'f32', dims: [size], bytes: new Uint8Array(size * 4) },
  ]),
});
afterAll(() => folder.remove());

async function build(...options: string[]): Promise<{ matrices: number; multiplications: number; answers: Record<string, ort.Tensor>; audit: number }> {
  await mdl(folder.path, ['build', 'share.mdl', ...options]);
  const bytes = readFileSync(path.join(folder.path, 'dist/Both/model.onnx'));
  const { node: nodes = [], initializer = [] } = decodeModel(bytes).graph!;
  return {
    matrices: initializer!.filter(({ dims }) => dims!.length === 2).length,
    multiplications: nodes!.filter(({ opType }) => opType === 'MatMul' || opType === 'Gemm').length,
    answers: await runModel(bytes, { x: f32([1, size], wave.slice(0, size)) }),
    audit: (await mdl(folder.path, ['audit', 'dist/Both'])).code,
  };
}

test('two backbones of one file, and two heads of one file, have theirs once, or twice where that is asked for', async () => {
  const [shared, apart] = [await build(), await build('--no-share')];
  expect([shared.matrices, shared.multiplications]).toEqual([2, 5]);
  expect([apart.matrices, apart.multiplications]).toEqual([4, 5]);
  expect([shared.audit, apart.audit]).toEqual([0, 0]);
  for (const output of ['once', 'again', 'third']) expect(bitsOf(apart.answers[output])).toBe(bitsOf(shared.answers[output]));
});
