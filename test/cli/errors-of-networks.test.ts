/** What is wrong with networks of others, as the terminal shows it to who declares one, builds with one or looks into one. `UPDATE_GOLDEN=1` writes it anew, to be read. */
import type { onnx } from 'onnx-proto';
import { afterAll, expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import { renderDiagnostics } from '../../src/diagnostics/index.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { expectGolden } from '../diagnostics/golden.ts';
import { dataTypes, encodeModel, floats, graphAttribute, node, valueInfo } from '../onnx/models.ts';
import { expectShown, type ShownCall } from './shown-calls.ts';
import { createFolder } from './harness.ts';

const source = `backbone Foreign @ 1.0.0 {
  source "./models/foreign.onnx"
  input x: f32[batch, 2]
  output y: f32[batch, 2]
}

model Whole {
  input x: f32[batch, 2]
  output y = Foreign(x).y
}
`;
const folder = createFolder({ 'package.json': '{ "name": "app" }', 'app.mdl': source });
afterAll(() => folder.remove());

const ports = { input: [valueInfo('x', ['batch', 2])], output: [valueInfo('y', ['batch', 2])] };
const network = (graph: onnx.IGraphProto, rest: onnx.IModelProto = {}): Uint8Array => encodeModel({ node: [node('Mul', ['x', 'w'], ['y'])], ...ports, ...graph }, rest);
const stored = (rest: onnx.ITensorProto): onnx.IGraphProto => ({ initializer: [{ name: 'w', dims: [2], dataType: dataTypes.FLOAT, ...rest }] });
const beside = (entries: Readonly<Record<string, string>>): Uint8Array => network(stored({ dataLocation: 1, externalData: Object.entries(entries).map(([key, value]) => ({ key, value })) }));
function nested(depth: number): onnx.IGraphProto {
  let graph: onnx.IGraphProto = { name: 'innermost', node: [node('Neg', ['x'], ['y'])] };
  for (let i = 0; i < depth; i++) graph = { name: 'g', node: [node('If', [], ['y'], { attribute: [graphAttribute('then_branch', graph)] })], ...ports };
  return graph;
}

const checked = (bytes: Uint8Array, others: Readonly<Record<string, string | Uint8Array>> = {}): ShownCall => ({ args: ['check', 'app.mdl'], files: { 'models/foreign.onnx': bytes, ...others }, code: 1 });
/** Up to 9 a normalisation might go position by position. */
const old = encodeModel({
  node: [node('BatchNormalization', ['x', 'scale', 'bias', 'mean', 'var'], ['y'], { attribute: [{ name: 'spatial', type: 2, i: 0 }] })],
  ...ports,
  initializer: ['scale', 'bias', 'mean', 'var'].map((name) => floats(name, [2], [1, 1])),
}, { opsetImport: [{ domain: '', version: 8 }] });

const calls: Readonly<Record<string, ShownCall>> = {
  'onnx-deep': checked(encodeModel(nested(50))),
  'onnx-constant-type': checked(network({ valueInfo: [valueInfo('w', [3])], initializer: [floats('w', [2], [1, 2])] })),
  'onnx-two-makers': checked(network({ node: [node('Neg', ['x'], ['y'], { name: 'one' }), node('Abs', ['x'], ['y'], { name: 'two' })] })),
  'onnx-no-maker': checked(network({ node: [node('Add', ['x', 'bias'], ['y'])] })),
  'onnx-circle': checked(network({ node: [node('Neg', ['y'], ['t']), node('Add', ['t', 'x'], ['y'])] })),
  'onnx-few-bytes': checked(network({ initializer: [floats('w', [2], [1])] })),
  'onnx-future-type': checked(network(stored({ dataType: 99, rawData: new Uint8Array(8) }))),
  'onnx-data-absent': checked(beside({ location: 'weights.bin' })),
  'onnx-data-short': checked(beside({ location: 'weights.bin', offset: '4', length: '8' }), { 'models/weights.bin': new Uint8Array(8) }),
  'onnx-data-outside': checked(beside({ location: '../weights.bin' }), { 'weights.bin': new Uint8Array(8) }),
  'onnx-convert': { args: ['build', 'app.mdl'], files: { 'models/foreign.onnx': old, 'app.mdl': `${source.trimEnd().slice(0, -1)}  output z = onnx.CumSum(x)\n}\n` }, code: 1 },
};

test.each(Object.entries(calls))('%s', (name, call) => expectShown(folder.path, name, call));

test('a network and weights on a disk that fails', () => {
  const memory = createMemoryHost({ 'app.mdl': `${source}\nhead Two(x: f32[batch, 2]) -> f32[batch, 2] weights "./two.safetensors" {\n  param w: f32[2, 2]\n  onnx.MatMul(x, w)\n}\n`, 'models/foreign.onnx': network({ initializer: [floats('w', [2], [1, 2])] }), 'two.safetensors': new Uint8Array(100) });
  const failing = (): never => {
    throw new Error('EIO: i/o error, read');
  };
  const host = { ...memory, open: (uri: string) => { const opened = memory.open(uri); return opened.ok ? { ...opened, value: { ...opened.value, read: failing } } : opened; } };
  const { diagnostics, sources } = createCompiler(host).check(['memory:///app.mdl']);
  expect(diagnostics.map(({ code }) => code)).toEqual(['onnx-unreadable', 'data-unreadable']);
  expectGolden(renderDiagnostics(diagnostics, { sources, display: host.display }), new URL('golden/errors/disk-fails.txt', import.meta.url));
});
