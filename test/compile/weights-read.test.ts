/** How much of a backbone's file a check and the making of a bundle read: its header, and weights only where something is known of what they meet. */
import type { onnx } from 'onnx-proto';
import { expect, test } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { createBundle } from '../../src/index.ts';
import { compilerFor, uriOf, worldOf } from '../check/world.ts';
import { valueOf } from '../onnx/helpers.ts';
import { encodeModel, node, valueInfo } from '../onnx/models.ts';

const width = 256;
const layers = 6;
const weightBytes = 4 * width * width;
/** The header is read through windows of some KiB, one behind each weight. */
const headerBytes = weightBytes / 2;

/** Layer after layer of an operator with a matrix of its own. */
function layered(op: 'MatMul' | 'Add' | 'Mul'): Uint8Array {
  const numbers = Array.from({ length: layers }, (_, i) => i);
  const weight = (i: number): onnx.ITensorProto => ({ name: `w${i}`, dims: [width, width], dataType: 1, rawData: new Uint8Array(Float32Array.from({ length: width * width }, (_, k) => Math.sin(k + i)).buffer) });
  return encodeModel({
    node: numbers.map((i) => node(op, [i === 0 ? 'x' : `t${i}`, `w${i}`], [i === layers - 1 ? 'y' : `t${i + 1}`])),
    input: [valueInfo('x', [width, width])],
    output: [valueInfo('y', [width, width])],
    initializer: numbers.map(weight),
  });
}

/** As many bytes of `net.onnx` as were asked for until the bundle could be written. */
function bytesRead(file: Uint8Array, facts = ''): number {
  const type = `f32[${width}, ${width}]`;
  const text = `backbone Net @ 1.0.0 {
  source "./net.onnx"
  input x: ${type}${facts}
  output y: ${type}
}
model M {
  input x: ${type}${facts}
  output y = Net(x).y
}`;
  let asked = 0;
  const world = worldOf({ 'main.mdl': text, 'net.onnx': file });
  const open: Host['open'] = (uri) => {
    const opened = world.open(uri);
    if (!opened.ok || uri !== uriOf('net.onnx')) return opened;
    const source = opened.value;
    return { ok: true, value: { ...source, read: (offset, length) => ((asked += length), source.read(offset, length)) } };
  };
  const host = { ...world, open };
  const compiler = compilerFor(host);
  const { models, sources, diagnostics } = compiler.check([uriOf('main.mdl')]);
  expect(diagnostics.map((d) => d.message)).toEqual([]);
  const fingerprints = new Map(models[0]!.files.map((uri) => [uri, '0'.repeat(64)]));
  const bundle = valueOf(createBundle(models[0]!, { host, version: '0.0.0', sources, fingerprints, model: compiler.files.model }));
  bundle.others({ path: 'model.onnx', bytes: bundle.onnx.byteLength, sha256: '0'.repeat(64) });
  return asked;
}

test('no weight is read where nothing is known of what it meets', () => {
  for (const op of ['MatMul', 'Add', 'Mul'] as const) expect(bytesRead(layered(op)), op).toBeLessThan(headerBytes);
});

test('where the input is bounded, no weight is read more than once', () => {
  const asked = bytesRead(layered('Add'), ' where range [0, 1]');
  expect(asked).toBeGreaterThan(layers * weightBytes);
  expect(asked).toBeLessThan(layers * weightBytes + headerBytes);
});
