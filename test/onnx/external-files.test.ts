/** External data on a real file system: links, missing files, files that are too short; and weights in several places at once. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { onnx } from 'onnx-proto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createForeignFiles } from '../../src/foreign-files.ts';
import { createNodeHost } from '../../src/host/node.ts';
import { composeProgram, materialize } from '../../src/onnx/index.ts';
import { codeOf, opener, valueOf } from './helpers.ts';
import { attributeTypes, dataTypes, encodeModel, floats, node, valueInfo } from './models.ts';
import { f32, numbersOf, runModel } from './oracles.ts';
import { info, link, port, program } from './programs.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'mdl-external-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);
const uriOf = (name: string): string => pathToFileURL(at(name)).href;
const bytesOf = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

const elsewhere = (name: string, entries: Record<string, string>): onnx.ITensorProto => ({
  name,
  dims: [2],
  dataType: dataTypes.FLOAT,
  dataLocation: 1,
  externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
});

const scaled = (...initializer: onnx.ITensorProto[]): Uint8Array =>
  encodeModel({
    node: initializer.map(({ name }, i) => node('Mul', [i === 0 ? 'x' : `t${i - 1}`, name!], [i === initializer.length - 1 ? 'y' : `t${i}`])),
    input: [valueInfo('x', ['batch', 2])],
    output: [valueInfo('y', ['batch', 2])],
    initializer,
  });

const read = (name = 'model.onnx') => createForeignFiles(createNodeHost({ cwd: folder })).model(uriOf(name));

describe('a file beside the model', () => {
  const message = (): string => {
    const answer = read();
    expect(codeOf(answer)).toBe('onnx-external-data');
    return answer.ok ? '' : answer.finding.message;
  };

  test('that is missing', () => {
    writeFileSync(at('model.onnx'), scaled(elsewhere('w', { location: 'w.bin' })));
    expect(message()).toContain('there is no file');
  });

  test('that is too short for the tensor that reaches farthest', () => {
    writeFileSync(at('model.onnx'), scaled(elsewhere('w', { location: 'w.bin' }), elsewhere('v', { location: 'w.bin', offset: '8' })));
    writeFileSync(at('w.bin'), bytesOf(1, 2, 3));
    expect(message()).toContain('`v`');
    expect(message()).toContain('byte 16');
  });

  test('that is a link out of the folder', () => {
    mkdirSync(at('inside'));
    writeFileSync(at('secret.bin'), bytesOf(1, 2));
    writeFileSync(at('inside/model.onnx'), scaled(elsewhere('w', { location: 'w.bin' })));
    symlinkSync(at('secret.bin'), at('inside/w.bin'));
    const answer = read('inside/model.onnx');
    expect(codeOf(answer)).toBe('onnx-external-data');
    expect(answer.ok ? '' : answer.finding.message).toContain('leads out');
  });

  test('in a folder that is a link out of the folder', () => {
    mkdirSync(at('inside'));
    mkdirSync(at('other'));
    writeFileSync(at('other/w.bin'), bytesOf(1, 2));
    writeFileSync(at('inside/model.onnx'), scaled(elsewhere('w', { location: 'data/w.bin' })));
    symlinkSync(at('other'), at('inside/data'));
    expect(codeOf(read('inside/model.onnx'))).toBe('onnx-external-data');
  });

  test('is read where a download cache keeps both as links, and through a linked folder', () => {
    mkdirSync(at('blobs'));
    mkdirSync(at('snapshot'));
    writeFileSync(at('blobs/abc'), scaled(elsewhere('w', { location: 'w.bin' })));
    writeFileSync(at('blobs/def'), bytesOf(1, 2));
    symlinkSync('../blobs/abc', at('snapshot/model.onnx'));
    symlinkSync('../blobs/def', at('snapshot/w.bin'));
    symlinkSync('snapshot', at('latest'));
    expect([codeOf(read('snapshot/model.onnx')), codeOf(read('latest/model.onnx'))]).toEqual(['ok', 'ok']);
  });
});

test('weights inside, in two files, in typed fields, in Constant nodes and sparse ones, in one model', async () => {
  const typed: onnx.ITensorProto = { name: 'typed', dims: [2], dataType: dataTypes.FLOAT, floatData: [5, 7] };
  const graph: onnx.IGraphProto = {
    node: [
      node('Constant', [], ['constant'], { attribute: [{ name: 'value', type: attributeTypes.TENSOR, t: elsewhere('', { location: 'two.bin', offset: '4' }) }] }),
      ...['inside', 'one', 'two', 'typed', 'constant', 'sparse'].map((name, i) => node('Mul', [i === 0 ? 'x' : `t${i - 1}`, name], [i === 5 ? 'y' : `t${i}`])),
    ],
    input: [valueInfo('x', ['batch', 2])],
    output: [valueInfo('y', ['batch', 2])],
    initializer: [floats('inside', [2], [2, 3]), elsewhere('one', { location: 'one.bin', offset: '4', length: '8' }), elsewhere('two', { location: 'two.bin' }), typed],
    sparseInitializer: [{ values: floats('sparse', [2], [11, 13]), indices: { name: '', dims: [2], dataType: dataTypes.INT64, int64Data: [0, 1] }, dims: [2] }],
  };
  writeFileSync(at('model.onnx'), encodeModel(graph));
  writeFileSync(at('one.bin'), bytesOf(99, 0.5, 0.25));
  writeFileSync(at('two.bin'), bytesOf(10, 100, 1000));
  const file = valueOf(read());
  const joined = program({
    inputs: [port('a')],
    outputs: [port('b')],
    steps: [link('F', file, { x: 'a' }, { y: 'b' })],
    types: { a: info('f32', 'n', 2), b: info('f32', 'n', 2) },
  });
  const { pieces } = valueOf(composeProgram(joined, new Map([[file.uri, file]]), { producer: 'mdl', producerVersion: '0' }, opener()));
  const found = await runModel(materialize(pieces, opener()), { a: f32([1, 2], [1, 1]) });
  // 2 · 0.5 · 10 · 5 · 100 · 11 and 3 · 0.25 · 100 · 7 · 1000 · 13
  expect(numbersOf(found['b'])).toEqual([55_000, 6_825_000]);
  expect(readFileSync(at('model.onnx')).equals(Buffer.from(encodeModel(graph)))).toBe(true);
});
