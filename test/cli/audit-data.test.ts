/** Weights that lie beside an ONNX file are held to what that file records of them, with and without a manifest. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { createFolder, mdl } from './harness.ts';

const width = 64;
const large = encodeModel({
  node: [node('MatMul', ['x', 'w'], ['y'])],
  input: [valueInfo('x', ['batch', width])],
  output: [valueInfo('y', ['batch', width])],
  initializer: [floats('w', [width, width], Array.from({ length: width * width }, (_, i) => i % 7))],
});
const source = `
backbone Large @ 1.0.0 {
  source "./large.onnx"
  input x: f32[batch, ${width}]
  output y: f32[batch, ${width}]
}
model Whole {
  input x: f32[batch, ${width}]
  output y = Large(x).y
}
`;
const folder = createFolder({ 'package.json': '{ "name": "beside" }', 'source.mdl': source, 'large.onnx': large });
afterAll(() => folder.remove());
beforeAll(() => mdl(folder.path, ['build', 'source.mdl', '--link']));
const weights = path.join(folder.path, 'dist/Whole/weights/large.onnx');
const targets = ['dist/Whole/model.onnx', 'dist/Whole'];

test('the file of weights is called by its path from the source, not by the folder that the project lies in', () => {
  expect(Buffer.compare(readFileSync(weights), large)).toBe(0);
});

test.each(targets)('%s passes as it was built', async (target) => {
  const { code, stdout } = await mdl(folder.path, ['audit', target]);
  expect([code, stdout]).toEqual([0, expect.stringContaining('weights in weights/large.onnx, SHA-256 ')]);
});

test.each(targets)('%s: one bit of the weights is found', async (target) => {
  // A new file: the old one has a second name, which is the project's.
  rmSync(weights);
  const altered = new Uint8Array(large);
  altered[altered.length >> 1]! ^= 1;
  writeFileSync(weights, altered);
  const { code, stdout } = await mdl(folder.path, ['audit', target]);
  expect([code, /error\[[\w-]+\]: .*large\.onnx/.exec(stdout)?.[0]]).toEqual([1, 'error[bundle-changed]: `weights/large.onnx']);
});

test.each(targets)('%s: weights that are gone are missed', async (target) => {
  rmSync(weights, { force: true });
  const { code, stdout } = await mdl(folder.path, ['audit', target]);
  expect([code, /error\[([\w-]+)\]/.exec(stdout)?.[1]]).toEqual([1, 'bundle-unreadable']);
});
