import { describe, expect, test } from 'vitest';
import type { onnx } from 'onnx-proto';
import { composeProgram, materialize, readModel } from '../../src/onnx/index.ts';
import { memorySource, opener, valueOf } from './helpers.ts';
import { dataTypes, decodeModel, encodeModel, node, readBytes, valueInfo } from './models.ts';
import { f32, numbersOf, runModel } from './oracles.ts';
import { info, link, port, program } from './programs.ts';

/** TensorProto.DataLocation.EXTERNAL. */
const external = 1;
const uri = 'memory:///models/model.onnx';

function withExternal(entries: Record<string, string>): Uint8Array {
  const tensor: onnx.ITensorProto = {
    name: 'w',
    dims: [2],
    dataType: dataTypes.FLOAT,
    dataLocation: external,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  };
  return encodeModel({
    node: [node('Mul', ['x', 'w'], ['y'])],
    input: [valueInfo('x', ['batch', 2])],
    output: [valueInfo('y', ['batch', 2])],
    initializer: [tensor],
  });
}

describe('external data', () => {
  test('is a range of the file beside the model', () => {
    const model = readBytes(withExternal({ location: 'weights/a b.bin', offset: '4', length: '8' }), uri);
    const range = { uri: 'memory:///models/weights/a%20b.bin', offset: 4, length: 8 };
    expect(model.graph.initializers.get('w')!.bytes).toEqual(range);
  });

  test('is taken into the composed file', async () => {
    const bytes = withExternal({ location: 'w.bin', offset: '4' });
    const model = readBytes(bytes, uri);
    const files = new Map([
      [uri, bytes],
      ['memory:///models/w.bin', new Uint8Array(Float32Array.of(9, 3, 5).buffer)],
    ]);
    const joined = program({
      inputs: [port('a')],
      outputs: [port('b')],
      steps: [link('F', model, { x: 'a' }, { y: 'b' })],
      types: { a: info('f32', 'n', 2), b: info('f32', 'n', 2) },
    });
    const meta = { producer: 'mdl', producerVersion: '0' };
    const { pieces } = valueOf(composeProgram(joined, new Map([[uri, model]]), meta, opener(files)));
    const composed = materialize(pieces, opener(files));
    const found = await runModel(composed, { a: f32([1, 2], [1, 10]) });
    expect(numbersOf(found['b'])).toEqual([3, 50]);
    expect(decodeModel(composed).graph!.initializer![0]!.externalData).toEqual([]);
  });

  test.each([
    ['leaves the folder', { location: '../w.bin' }, '../w.bin'],
    ['leaves it on the way', { location: 'a/../../w.bin' }, 'a/../../w.bin'],
    ['is absolute', { location: '/etc/passwd' }, '/etc/passwd'],
    ['is absolute on Windows', { location: 'C:\\w.bin' }, 'C:'],
    ['has a scheme', { location: 'http://example.com/w' }, 'http'],
    ['is missing', {}, 'location'],
    ['has an offset that is no number', { location: 'w.bin', offset: '-1' }, '`-1`'],
    ['has another length than the dims', { location: 'w.bin', length: '12' }, '12'],
  ])('that %s is refused', (_, entries: Record<string, string>, part) => {
    const answer = readModel(memorySource(withExternal(entries), uri));
    expect(answer.ok ? '' : answer.finding.code).toBe('onnx-external-data');
    expect(answer.ok ? '' : answer.finding.message).toContain(part);
  });
});
