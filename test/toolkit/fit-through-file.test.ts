/** What is learned in front of a head that is an ONNX file: derivatives go through the file's operators. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { programModel } from '../../src/align/kernels/graph.ts';
import { createRandom } from '../../src/data/random.ts';
import { writeSafetensors } from '../../src/data/safetensors-write.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { numberBytes } from '../../src/ir/scalar.ts';
import type { Attribute, TensorInfo } from '../../src/ir/graph.ts';
import type { Operation } from '../../src/ir/program.ts';
import { emptySpan } from '../../src/text/source.ts';
import { intDim, symbolDim } from '../../src/types/dim.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const random = createRandom(11);
const shapes = { w1: [4, 6], b1: [6], w2: [6, 3], b2: [3] };
const weights = Object.entries(shapes).map(([name, dims]) => ({ name, dims, values: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.normal()) }));

type Step = readonly [op: string, inputs: readonly string[], output: string, axes?: readonly bigint[]];

/** A head as an exporter of 2019 writes it, under operators of that time. */
function headFile(steps: readonly Step[]): Uint8Array {
  const rows = symbolDim({ key: 'rows', name: 'rows', kind: 'rigid' });
  const operation = ([op, inputs, output, axes]: Step): Operation => ({ kind: 'operation', name: `/head/${op}`, op, domain: '', inputs, outputs: [output], attributes: new Map<string, Attribute>(axes === undefined ? [] : [['axes', { type: 'ints', value: axes }]]), origin: { uri: 'memory:///head', span: emptySpan } });
  const known = (name: string, info: TensorInfo): [string, TensorInfo] => [name, info];
  return programModel({
    name: 'head',
    inputs: [{ name: 'x', value: 'x' }],
    outputs: [{ name: 'y', value: 'y' }],
    steps: steps.map(operation),
    initializers: weights.map(({ name, dims, values }) => ({ name, dtype: 'f32', dims, bytes: numberBytes('f32', values) })),
    types: new Map([known('x', { dtype: 'f32', dims: [rows, intDim(4)] }), known('y', { dtype: 'f32', dims: [rows, intDim(3)] }), ...steps.map(([, , output]) => known(output, { dtype: 'f32', dims: output === 'y' ? [rows, intDim(3)] : undefined })), ...weights.map(({ name, dims }) => known(name, { dtype: 'f32', dims: dims.map(intDim) }))]),
    opsets: new Map([['', 11]]),
  });
}

const layers: readonly Step[] = [['MatMul', ['x', 'w1'], 'm'], ['Add', ['m', 'b1'], 'a'], ['Tanh', ['a'], 't'], ['Unsqueeze', ['t'], 'u', [1n]], ['Squeeze', ['u'], 's', [1n]], ['MatMul', ['s', 'w2'], 'n'], ['Add', ['n', 'b2'], 'z'], ['Softmax', ['z'], 'y']];

const source = (head: string): string => `import { linear, softmax } from "std/nn"
labels Mood = ["calm", "glad", "sad"]
head Tell(e: f32[batch, 4]) -> f32[batch, Mood] ${head}
adapter Back(x: f32[batch, 4]) -> f32[batch, 4] weights "./back.safetensors" = learned { x |> linear(out: 4) }
fit Back { data d = "./pairs.jsonl" let x = Back(d.x) loss 0.1 * mse(x, d.y) + kl(Tell(x), Tell(d.y)) method adam(lr: 0.01, epochs: 30) seed 7 }
`;

const ownHead = `weights "./head.safetensors" from { inner.w: "w1", inner.b: "b1", outer.w: "w2", outer.b: "b2" } {
  let inner = e |> linear(out: 6)
  let outer = onnx.Tanh(inner) |> linear(out: Mood)
  outer |> softmax
}`;
const ownWeights = writeSafetensors(weights.map(({ name, dims, values }) => ({ name, dtype: 'f32' as const, dims, bytes: new Uint8Array(Float32Array.from(values).buffer) })), {});

const pairs = Array.from({ length: 300 }, () => {
  const x = Array.from({ length: 4 }, () => random.normal());
  return `${JSON.stringify({ x, y: [x[1]! - x[0]!, x[2], x[3]! + 0.5 * x[0]!, 0.2 * random.normal()] })}\n`;
}).join('');

const folder = createFolder({ 'package.json': '{ "name": "heads" }', 'pairs.jsonl': pairs, 'head.onnx': headFile(layers), 'head.safetensors': ownWeights });
afterAll(() => folder.remove());

async function fitted(head: string): Promise<readonly number[]> {
  writeFileSync(path.join(folder.path, 'a.mdl'), source(head));
  const { code, stderr } = await mdl(folder.path, ['fit', 'a.mdl']);
  expect([code, stderr.includes('error')]).toEqual([0, false]);
  const bytes = readFileSync(path.join(folder.path, 'back.safetensors'));
  const file = readSafetensors({ uri: 'memory:///back', size: bytes.length, read: (from, length) => bytes.subarray(from, from + length), close: () => {} });
  if (!file.ok) throw new Error(file.finding.message);
  return file.value.tensors.flatMap(({ offset, length }) => Array.from({ length: length / 4 }, (_, i) => bytes.readFloatLE(offset + 4 * i)));
}

// Both compute the same function in single precision, in the same order; kernels of another processor may differ in the last digits.
test('a head from a file of older operators teaches what the same head in the language teaches', async () => {
  const [own, foreign] = [await fitted(ownHead), await fitted('source "./head.onnx" from "x" to "y"')];
  expect(foreign).toHaveLength(20);
  foreign.forEach((value, i) => expect(Math.abs(value - own[i]!)).toBeLessThan(1e-5));
});

test('an operator without a derivative is named with its node and its file', async () => {
  writeFileSync(path.join(folder.path, 'head.onnx'), headFile([...layers.slice(0, 2), ['Hardmax', ['a'], 't'], ...layers.slice(3)]));
  writeFileSync(path.join(folder.path, 'a.mdl'), source('source "./head.onnx" from "x" to "y"'));
  const { code, stderr } = await mdl(folder.path, ['fit', 'a.mdl']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/error\[fit-gradient\]: nothing can be learned through `Hardmax "[^"]*Hardmax[^"]*" in head\.onnx`: its derivative is not known/);
});
