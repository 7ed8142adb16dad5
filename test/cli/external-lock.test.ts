/** Weights beside a network's file are a part of what it is: other ones are another encoder, though its own file is the same. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Manifest } from '../../src/bundle/manifest.ts';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';
import { createFolder, mdl } from './harness.ts';

const external = [['location', 'net.data'], ['offset', '0'], ['length', '16']].map(([key, value]) => ({ key: key!, value: value! }));
const network = encodeModel({
  node: [node('MatMul', ['x', 'w'], ['y'])],
  input: [valueInfo('x', ['batch', 2])],
  output: [valueInfo('y', ['batch', 2])],
  initializer: [{ name: 'w', dims: [2, 2], dataType: dataTypes.FLOAT, dataLocation: 1, externalData: external }],
});
const source = `
space points @ 1.0.0
backbone Net @ 1.0.0 {
  source "./net.onnx"
  input x: f32[batch, 2]
  output y: f32[batch, 2] where space points
}
model Points {
  input x: f32[batch, 2]
  output y = Net(x).y
}
`;
const weights = (first: number): Uint8Array => new Uint8Array(Float32Array.of(first, 2, 3, 4).buffer);
const folder = createFolder({ 'package.json': '{ "name": "points" }', 'points.mdl': source, 'net.onnx': network, 'net.data': weights(1) });
afterAll(() => folder.remove());

test('they are locked, bound to the space, and among the sources of what is built', async () => {
  expect((await mdl(folder.path, ['build', 'points.mdl'])).code).toBe(0);
  const lock = JSON.parse(readFileSync(path.join(folder.path, 'mdl.lock'), 'utf8')) as { files: object; spaces: Record<string, object> };
  expect([Object.keys(lock.files), Object.keys(lock.spaces['points#points@1.0.0']!)]).toEqual([['net.data', 'net.onnx'], ['net.data', 'net.onnx']]);
  const manifest = JSON.parse(readFileSync(path.join(folder.path, 'dist/Points/manifest.json'), 'utf8')) as Manifest;
  expect(manifest.sources.map((file) => file.path)).toEqual(['net.data', 'net.onnx']);
});

test('other ones are an error while the version stays, told at the one literal that names the network', async () => {
  writeFileSync(path.join(folder.path, 'net.data'), weights(1.5));
  const { code, stderr, stdout } = await mdl(folder.path, ['check', 'points.mdl']);
  const said = `${stdout}${stderr}`;
  expect([code, said]).toEqual([1, expect.stringContaining('error[space-changed]')]);
  expect(said).toMatch(/net\.data was [0-9a-f]{12} and is now [0-9a-f]{12}\./);
  expect(said.match(/this file/g)).toHaveLength(1);
  expect((await mdl(folder.path, ['check', 'points.mdl', '--accept'])).code).toBe(0);
  expect((await mdl(folder.path, ['check', 'points.mdl', '--locked'])).code).toBe(0);
});
