/** `mdl inspect FILE.onnx --mdl`: what it prints is held against the file by the checker. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { backboneText } from '../../src/cli/inspect/backbone-text.ts';
import { readModel } from '../../src/onnx/index.ts';
import { checkText, errorsOf, foreignFiles } from '../check/world.ts';
import { memorySource } from '../onnx/helpers.ts';
import { dataTypes, encodeModel, node, readBytes, valueInfo, type Dims } from '../onnx/models.ts';
import { randomModel, randomNumbers } from '../onnx/random-models.ts';
import { seed } from '../seed.ts';
import { mdl, createFolder } from './harness.ts';

const root = new URL('../../examples/', import.meta.url);
const models = ['glosses/models/use-lite/model.onnx', 'fashion/models/encoder_a_cnn128.onnx', 'fashion/models/encoder_b_mixer64.onnx'];

/** The declaration, and what the checker says of it and of a model that reads its outputs. */
function declare(bytes: Uint8Array): { readonly text: string; readonly codes: readonly string[] } {
  const text = backboneText(readBytes(bytes), 'Net', './net.onnx');
  // Some of the files are as no file should be; that is told of them, however they are declared.
  const found = checkText(text, { 'net.onnx': bytes }).diagnostics.filter(({ code }) => code !== 'weight-not-finite' && code !== 'file-training');
  return { text, codes: found.map(({ code, message }) => `${code}: ${message}`) };
}

const relayed = (inputs: Readonly<Record<string, Dims>>, outputs: readonly string[] = Object.keys(inputs)): Uint8Array =>
  encodeModel(
    {
      node: outputs.map((name) => node('Identity', [name], [`${name}_out`])),
      input: Object.entries(inputs).map(([name, dims]) => valueInfo(name, dims)),
      output: outputs.map((name) => ({ name: `${name}_out`, type: { tensorType: { elemType: dataTypes.FLOAT } } })),
    },
    { opsetImport: [{ domain: '', version: 17 }] },
  );

const pooled = (h: string, w: string): Uint8Array =>
  encodeModel({
    node: [node('MaxPool', ['x'], ['y'], { attribute: [{ name: 'kernel_shape', type: 7, ints: [14, 14] }, { name: 'strides', type: 7, ints: [14, 14] }] })],
    input: [valueInfo('x', ['batch', 3, h, w])],
    output: [{ name: 'y', type: { tensorType: { elemType: dataTypes.FLOAT } } }],
  });

/** Random graphs of sound and unsound nodes, of the seed that all tests draw from. */
const random = randomNumbers(seed);

describe('a declaration checks against its file', () => {
  test.each(models)('%s', (path) => {
    expect(declare(readFileSync(new URL(path, root))).codes).toEqual([]);
  });

  test.each(Object.entries(foreignFiles).flatMap(([name, bytes]) => (name.endsWith('.onnx') && typeof bytes !== 'string' ? [[name, bytes] as const] : [])))('%s', (_, bytes) => {
    expect(declare(bytes).codes).toEqual([]);
  });

  test.each<[string, Uint8Array, string]>([
    ['multiples', pooled('14*h', '14*w'), 'input x: f32[batch, 3, 14*h, 14*w]\n  output y: f32[batch, 3, h, w]'],
    ['sizes that are divided', pooled('h', 'w'), 'input x: f32[batch, 3, h, w]\n  output y: f32[batch, 3, h div 14, w div 14]'],
    ['sizes of two names', relayed({ x: ['a*b', 'a', 'b'] }), 'input x: f32[a*b, a, b]\n  output x_out: f32[a*b, a, b]'],
    ['a multiple that is handed on', relayed({ x: ['n', '14*h', '2*w + 1'] }), 'input x: f32[n, 14*h, size]\n  output x_out: f32[n, 14*h, size]'],
    ['a size and one more', relayed({ x: ['n', 'n + 1'] }), 'input x: f32[n, n + 1]\n  output x_out: f32[n, n + 1]'],
    ['sizes without names', relayed({ x: ['', 8, ''] }), 'input x: f32[x_0, 8, x_2]\n  output x_out: f32[x_0, 8, x_2]'],
    ['names that are words of the language', relayed({ input: ['model', 'f32', 'some', 'float'] }), 'input input: f32[model_2, f32_2, some_2, float_2]\n  output input_out: f32[model_2, f32_2, some_2, float_2]'],
    ['names that are none', relayed({ 'a"b\\/c:0': ['x.y', '2n', 'größe'], 'a_b_c_0': [1] }), 'input a_b_c_0: f32[x_y, size_2n, gr_e] from "a\\"b\\\\/c:0"\n  input a_b_c_0_2: f32[1] from "a_b_c_0"'],
  ])('%s', (_, bytes, lines) => {
    const { text, codes } = declare(bytes);
    expect(text).toContain(lines);
    expect(codes).toEqual([]);
  });

  test('random graphs', () => {
    let checked = 0;
    for (let i = 0; i < 200; i++) {
      const bytes = randomModel(random);
      const read = readModel(memorySource(bytes, 'memory:///net.onnx'));
      if (!read.ok) continue;
      const text = backboneText(read.value, 'Net', './net.onnx');
      // Where something cannot be declared, the comment says so and the checker names it, too.
      if (text.includes('//') || !text.includes('output')) continue;
      checked++;
      // What the file itself lacks, no declaration mends.
      const errors = errorsOf(checkText(text, { 'net.onnx': bytes })).filter(({ code }) => !code.startsWith('onnx-'));
      expect(errors.map(({ code, message }) => `${code}: ${message}`), `seed ${seed}\n${text}`).toEqual([]);
    }
    expect(checked).toBeGreaterThan(0);
  });
});

test('the command prints it, with the path from the working folder', async () => {
  const folder = createFolder({ 'package.json': '{ "name": "first" }', 'nets/wide-net.onnx': relayed({ x: ['n', 8] }) });
  const { code, stdout } = await mdl(folder.path, ['inspect', 'nets/wide-net.onnx', '--mdl']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'backbone WideNet {\n  source "./nets/wide-net.onnx"\n  input x: f32[n, 8]\n  output x_out: f32[n, 8]\n}\n' });
  folder.remove();
});
