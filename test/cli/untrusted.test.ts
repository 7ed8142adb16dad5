/** Files that lie, as a user meets them: every command that reads an ONNX file answers with the same coded diagnostic, and ends. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { onnx } from 'onnx-proto';
import { afterAll, expect, test } from 'vitest';
import { dataTypes, encodeModel, floats, graphAttribute, node, valueInfo, varint } from '../onnx/models.ts';
import { createFolder, mdl } from './harness.ts';

const source = `
backbone Foreign @ 1.0.0 {
  source "./foreign.onnx"
  input x: f32[batch, 2]
  output y: f32[batch, 2]
}
model Whole {
  input x: f32[batch, 2]
  output y = Foreign(x).y
}
`;
const folder = createFolder({ 'package.json': '{ "name": "untrusted" }', 'source.mdl': source, 'secret.bin': new Uint8Array(8) });
afterAll(() => folder.remove());
const at = (name: string): string => path.join(folder.path, name);
mkdirSync(at('sub'));
symlinkSync(at('secret.bin'), at('sub/link.bin'));
symlinkSync(folder.path, at('sub/up'));

const x = valueInfo('x', ['batch', 2]);
const y = valueInfo('y', ['batch', 2]);
const ports = { input: [x], output: [y] };
const neg = [node('Neg', ['x'], ['y'])];
/** IR version 8, operator set 14, and a graph that claims to be so long. */
const graphOf = (length: number, ...bytes: number[]): Uint8Array => Uint8Array.of(0x08, 8, 0x42, 2, 0x10, 14, 0x3a, ...varint(length), ...bytes);
const tensor = (rest: onnx.ITensorProto): onnx.ITensorProto => ({ name: 'w', dims: [2], dataType: dataTypes.FLOAT, ...rest });
const beside = (entries: Record<string, string>): Uint8Array =>
  encodeModel({
    node: [node('Mul', ['x', 'w'], ['y'])],
    ...ports,
    initializer: [tensor({ dataLocation: 1, externalData: Object.entries(entries).map(([key, value]) => ({ key, value })) })],
  });
function nested(depth: number): onnx.IGraphProto {
  let graph: onnx.IGraphProto = { name: 'innermost', node: neg };
  for (let i = 0; i < depth; i++) graph = { name: 'g', node: [node('If', [], ['y'], { attribute: [graphAttribute('then_branch', graph)] })], ...ports };
  return graph;
}
function many(count: number): Uint8Array {
  const nodes = new Uint8Array(2 * count);
  for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
  return Buffer.concat([graphOf(nodes.length), nodes]);
}

const calls = [['check', 'source.mdl'], ['build', 'source.mdl'], ['inspect', 'foreign.onnx'], ['inspect', 'foreign.onnx', '--mdl'], ['audit', 'foreign.onnx']] as const;
type Calls = readonly (typeof calls)[number][];
/** An inspection and an audit read the header, and leave the files of weights alone. */
const onDisk: Calls = [calls[0], calls[1]];

const files: readonly (readonly [what: string, bytes: Uint8Array, code: string, by?: Calls])[] = [
  ['a length past the end of the file', graphOf(1000, 0x0a, 100), 'onnx-truncated'],
  ['a length past the end of its message', graphOf(3, 0x0a, 100, 0, 0x6a, 120, ...Array.from({ length: 120 }, () => 0)), 'onnx-malformed'],
  ['a length of 2^63', Uint8Array.of(0x08, 8, 0x42, 2, 0x10, 14, 0x3a, ...Array.from({ length: 9 }, () => 0xff), 0x01), 'onnx-malformed'],
  ['a billion nodes in 30 bytes', graphOf(4_000_000_000, ...Array.from({ length: 10 }, () => [0x0a, 0]).flat()), 'onnx-truncated'],
  ['as many nodes as eight megabytes hold', many(4_000_000), 'onnx-too-complex', [calls[0]]],
  ['a tensor of 2^80 elements', encodeModel({ node: neg, ...ports, initializer: [tensor({ dims: [2 ** 40, 2 ** 40] })] }), 'onnx-tensor-size'],
  ['a tensor of a size below zero', encodeModel({ node: neg, ...ports, initializer: [tensor({ dims: [-1] })] }), 'onnx-malformed'],
  ['graphs in graphs', encodeModel(nested(50)), 'onnx-too-complex'],
  ['nodes in a circle', encodeModel({ node: [node('Neg', ['y'], ['t']), node('Add', ['t', 'x'], ['y'])], ...ports }), 'onnx-cycle'],
  ['a name that nothing makes', encodeModel({ node: [node('Add', ['x', 'nowhere'], ['y'])], ...ports }), 'onnx-unknown-name'],
  ['a constant whose type is declared otherwise', encodeModel({ node: [node('Add', ['x', 'w'], ['y'])], ...ports, valueInfo: [valueInfo('w', [3])], initializer: [floats('w', [2], [1, 2])] }), 'onnx-inconsistent'],
  ['fewer bytes than a size declares', encodeModel({ node: [node('Add', ['x', 'w'], ['y'])], ...ports, initializer: [floats('w', [2], [1])] }), 'onnx-tensor-size'],
  ['more bytes than a size declares', encodeModel({ node: [node('Add', ['x', 'w'], ['y'])], ...ports, initializer: [floats('w', [2], [1, 2, 3])] }), 'onnx-tensor-size'],
  ['weights outside of the folder', beside({ location: '../outside.bin' }), 'onnx-external-data'],
  ['weights at an absolute path', beside({ location: '/etc/passwd' }), 'onnx-external-data'],
  ['weights behind a link that leads out', beside({ location: 'sub/up/../../secret.bin' }), 'onnx-external-data'],
  ['weights that are not there', beside({ location: 'none.bin' }), 'onnx-external-data', onDisk],
  ['weights past the end of their file', beside({ location: 'secret.bin', offset: '4', length: '8' }), 'onnx-external-data', onDisk],
  ['weights at an offset below zero', beside({ location: 'secret.bin', offset: '-4', length: '8' }), 'onnx-external-data'],
  ['weights at an offset of 2^70', beside({ location: 'secret.bin', offset: String(2n ** 70n), length: '8' }), 'onnx-external-data'],
  ['weights of another length than the size declares', beside({ location: 'secret.bin', length: '4' }), 'onnx-external-data'],
  ['weights in what is no file', beside({ location: 'sub' }), 'onnx-external-data', onDisk],
];

test.each(files.map(([what, bytes, code, by = calls]) => ({ what, bytes, code, by })))('$what', async ({ bytes, code, by }) => {
  writeFileSync(at('foreign.onnx'), bytes);
  for (const call of by) {
    const { code: exit, stdout, stderr } = await mdl(folder.path, [...call]);
    const said = `${stdout}${stderr}`;
    expect([call[0], exit, /error\[([\w-]+)\]/.exec(said)?.[1]]).toEqual([call[0], 1, code]);
    // The file's name stands in what is said, and nothing of ours.
    expect(said).toContain('foreign.onnx');
    expect(said).not.toMatch(/\bat .*\.[jt]s:\d+/);
  }
});

test('a file whose type contradicts what its operators make is told of by the declaration that relies on it, and by an inspection', async () => {
  writeFileSync(at('foreign.onnx'), encodeModel({ node: [node('Concat', ['x', 'x'], ['y'], { attribute: [{ name: 'axis', type: 2, i: 1 }] })], ...ports }));
  const { code, stdout: said } = await mdl(folder.path, ['check', 'source.mdl']);
  expect([code, said]).toEqual([1, expect.stringContaining('[batch, 4]')]);
  const { stdout } = await mdl(folder.path, ['inspect', 'foreign.onnx']);
  expect(stdout).toContain('[batch, 4]');
});
