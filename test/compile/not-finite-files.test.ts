/** Weights of ONNX files that are no numbers: warned of where ONNX Runtime's answer is spoilt by them, and only there. */
import type { onnx } from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import type { Host } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { library, uriOf } from '../check/world.ts';
import { attributeTypes, dataTypes, encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { f32, runModel } from '../onnx/oracles.ts';

const source = 'backbone B @ 1.0.0 { source "./b.onnx" input x: f32[batch, 4] output y: f32[batch, 4] }\nmodel M { input x: f32[batch, 4] output y = B(x).y }';

function check(files: Readonly<Record<string, Uint8Array>>, kept?: Host['kept']) {
  const memory = createMemoryHost({ 'a.mdl': source, ...files }, library);
  let opened = 0;
  const host: Host = { ...memory, ...(kept && { kept }), open: (uri) => ((opened += uri.endsWith('.mdl') ? 0 : 1), memory.open(uri)) };
  const { diagnostics } = createCompiler(host).check([uriOf('a.mdl')]);
  return { says: diagnostics.map(({ code, message }) => `${code}: ${message}`), opened };
}

const fileOf = (nodes: readonly onnx.INodeProto[], initializer: onnx.ITensorProto[]): Uint8Array =>
  encodeModel({ node: [...nodes], input: [valueInfo('x', ['batch', 4])], output: [valueInfo('y', ['batch', 4])], initializer });

const eye = (at: number, value: number): onnx.ITensorProto => floats('w', [4, 4], Array.from({ length: 16 }, (_, i) => (i === at ? value : i % 5 === 0 ? 1 : 0)));
const perm = { name: 'perm', type: attributeTypes.INTS, ints: [1, 0] };
const value = { name: 'value', type: attributeTypes.TENSOR, t: floats('', [4], [1, 2, NaN, 4]) };

/** With the place that is told of, where it is. */
const cases: readonly [what: string, file: Uint8Array, found?: string][] = [
  ['NaN in a matrix', fileOf([node('MatMul', ['x', 'w'], ['y'])], [eye(6, NaN)]), '"w" in b.onnx is NaN at [1, 2]'],
  ['an infinity in a matrix that is turned first', fileOf([node('Transpose', ['w'], ['t'], { attribute: [perm] }), node('MatMul', ['x', 't'], ['y'])], [eye(7, Infinity)]), '"w" in b.onnx is inf at [1, 3]'],
  ['NaN in a constant node', fileOf([node('Constant', [], ['c'], { attribute: [value] }), node('Mul', ['x', 'c'], ['y'])], []), '"c" in b.onnx is NaN at [2]'],
  ['a mask of infinities before a softmax', fileOf([node('Add', ['x', 'w'], ['masked']), node('Softmax', ['masked'], ['y'])], [floats('w', [4], [0, -Infinity, -Infinity, 0])])],
  ['NaN in the place of which another value is chosen', fileOf([node('IsNaN', ['w'], ['lacks']), node('Where', ['lacks', 'x', 'w'], ['y'])], [floats('w', [4], [NaN, 2, 3, 4])])],
  ['numbers', fileOf([node('MatMul', ['x', 'w'], ['y'])], [eye(6, 3.4e38)])],
];

describe('numbers that are none', () => {
  test.each(cases)('%s', async (_, file, found) => {
    expect(check({ 'b.onnx': file }).says).toEqual(found === undefined ? [] : [`weight-not-finite: ${found}`]);
    const { y } = await runModel(file, { x: f32([1, 4], [0, 0.5, 0.25, 0]) });
    expect(Array.from(y!.data as Float32Array).every(Number.isFinite)).toBe(found === undefined);
  });

  test('beside the model, in a file of weights', () => {
    const rawData = new Uint8Array(Float32Array.from({ length: 16 }, (_, i) => (i === 9 ? NaN : 0)).buffer);
    const entries = [{ key: 'location', value: 'w.bin' }, { key: 'offset', value: '4' }];
    const outside = fileOf([node('MatMul', ['x', 'w'], ['y'])], [{ name: 'w', dims: [4, 4], dataType: dataTypes.FLOAT, dataLocation: 1, externalData: entries }]);
    expect(check({ 'b.onnx': outside, 'w.bin': Uint8Array.of(0, 0, 0, 0, ...rawData) }).says).toEqual(['weight-not-finite: "w" in b.onnx is NaN at [2, 1]']);
  });

  test('are looked for once for each content where answers are kept, also in large files', () => {
    const texts = new Map<string, string>();
    const kept = { read: (name: string) => texts.get(name), write: (name: string, text: string) => void texts.set(name, text) };
    const large = (at: number): Uint8Array => fileOf([node('MatMul', ['x', 'w'], ['t']), node('MatMul', ['t', 'v'], ['y'])], [floats('w', [4, 8192], Array.from({ length: 32768 }, (_, i) => (i === at ? NaN : 0))), floats('v', [8192, 4], Array(32768).fill(0) as number[])]);
    const first = check({ 'b.onnx': large(8193) }, kept);
    expect(first.says).toEqual(['weight-not-finite: "w" in b.onnx is NaN at [1, 1]']);
    const again = check({ 'b.onnx': large(8193) }, kept);
    expect(again.says).toEqual(first.says);
    expect(again.opened).toBeLessThan(first.opened);
    expect(check({ 'b.onnx': large(8194) }, kept).says).toEqual(['weight-not-finite: "w" in b.onnx is NaN at [1, 2]']);
    expect(check({ 'b.onnx': large(8193) }).says).toEqual([]);
  });
});
