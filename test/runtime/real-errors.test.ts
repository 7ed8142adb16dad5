/** Errors that ONNX Runtime itself makes, from a linked file and from our own nodes, in each layout of a bundle: what the app reads. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, MdlRuntimeError, type Model } from '../../src/runtime/index.ts';
import { safetensors } from '../check/world.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { plain, writeSmallBundle } from './bundles.ts';
import { attributeTypes, encodeModel, floats, node, valueInfo, dataTypes } from '../onnx/models.ts';

/** A table of ten rows; beside it a reshape that only some lengths fit. */
const encoder = encodeModel({
  node: [
    node('Gather', ['table', 'ids'], ['e'], { name: '/encoder/Gather_3' }),
    node('Reshape', ['e', 'shape'], ['r'], { name: '/encoder/Reshape_7' }),
    node('ReduceMax', ['r'], ['s'], { name: '/encoder/Max', attribute: [{ name: 'keepdims', type: attributeTypes.INT, i: 0 }] }),
    node('ReduceMean', ['e'], ['mean'], { name: '/encoder/Mean', attribute: [{ name: 'axes', type: attributeTypes.INTS, ints: [1] }, { name: 'keepdims', type: attributeTypes.INT, i: 0 }] }),
    node('Add', ['mean', 's'], ['m'], { name: '/encoder/Add' }),
  ],
  input: [valueInfo('ids', ['batch', 'seq'], dataTypes.INT64)],
  output: [valueInfo('m', ['batch', 4])],
  initializer: [floats('table', [10, 4], Array.from({ length: 40 }, (_, i) => i)), { name: 'shape', dims: [2], dataType: dataTypes.INT64, int64Data: [-1, 16] }],
});

const source = `backbone Enc {
  source "./enc.onnx"
  input ids: i64[batch, seq] from "ids"
  output m: f32[batch, 4] from "m"
}
head Pick(e: f32[batch, 4], i: i64[batch]) -> f32[batch, 3] weights "./w.safetensors" {
  param w: f32[4, 3]
  param table: f32[5, 3]
  onnx.MatMul(e, w) + onnx.Gather(table, i, axis: 0)
}
head Ratio(i: i64[batch], k: i64[batch]) -> i64[batch] { onnx.Div(i, k) }
model M {
  input ids: i64[batch, seq]
  input i: i64[batch]
  input k: i64[batch]
  let e = Enc(ids).m
  output y = Pick(e, i)
  output q = Ratio(i, k)
  output e = e
}`;

const project = createFolder({
  'package.json': '{ "name": "errors" }',
  'm.mdl': source,
  'enc.onnx': encoder,
  'w.safetensors': safetensors({ w: { dims: [4, 3], values: Array(12).fill(1) }, table: { dims: [5, 3], values: Array(15).fill(0) } }),
});
const models = new Map<string, Model>();
const layouts = { fused: [], linked: ['--link'], split: ['--split'] };
beforeAll(async () => {
  for (const [name, flags] of Object.entries(layouts)) {
    const { code, stderr } = await mdl(project.path, ['build', 'm.mdl', '--out', name, ...flags]);
    if (code !== 0) throw new Error(stderr);
    models.set(name, await load(path.join(project.path, name, 'M'), { device: 'cpu' }));
  }
});
afterAll(async () => {
  await Promise.all([...models.values()].map((model) => model.close()));
  project.remove();
});

const good = { ids: [[1, 2, 3, 4]], i: [1], k: [1] };
const cases: readonly [string, object, string, string][] = [
  ['an id beyond the table of a linked file', { ids: [[1, 2, 3, 99]] }, 'idx=99 must be within the inclusive range [-10,9]', 'The node `Enc//encoder/Gather_3` is of the backbone `Enc` (m.mdl:1:10), from enc.onnx.'],
  ['a length that a linked file cannot reshape', { ids: [[1, 2, 3]] }, 'Input shape:{1,3,4}, requested shape:{-1,16}', 'The node `Enc//encoder/Reshape_7` is of the backbone `Enc` (m.mdl:1:10), from enc.onnx.'],
  ['an index beyond a table of ours', { i: [7] }, 'idx=7 must be within the inclusive range [-5,4]', 'It happened at m.mdl:9:23, in the operator Gather.'],
  ['a division of ours by zero', { k: [0] }, 'Integer division by zero', 'It happened at m.mdl:11:58, in the operator Div.'],
];

describe.each(Object.keys(layouts))('%s', (layout) => {
  test.each(cases)('%s is told with its place', async (_, wrong, message, note) => {
    const model = models.get(layout)!;
    const error: unknown = await model.run({ ...good, ...wrong }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MdlRuntimeError);
    expect(error).toMatchObject({ code: 'runtime-failed', message: expect.stringContaining(message), notes: [note] });
    // 1 to 4 of the table, their mean and the greatest of all, by hand: 10 + 11 + 12 + 13 + 4 * 19.
    expect([...(await model.run(good))['y']!.data]).toEqual([122, 122, 122]);
  });
});

test('an axis that is empty is named where a graph cannot run with it', async () => {
  const bytes = encodeModel({
    node: [node('Reshape', ['cache', 'shape'], ['y'])],
    input: [valueInfo('cache', ['batch', 'past'])],
    output: [valueInfo('y', ['n', 4])],
    initializer: [{ name: 'shape', dims: [2], dataType: dataTypes.INT64, int64Data: [1, 4] }],
  });
  const { folder } = writeSmallBundle(bytes, { inputs: [{ name: 'cache', tensor: plain('cache', 'f32', ['batch', 'past']) }], outputs: [{ name: 'y', tensor: plain('y', 'f32', ['n', 4]) }] });
  await using model = await load(folder, { device: 'cpu' });
  const error: unknown = await model.run({ cache: [[]] }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'runtime-failed', notes: ['`cache` [batch, past] was given as [1, 0]: many graphs cannot run where an axis is empty.'] });
  expect([...(await model.run({ cache: [[1, 2, 3, 4]] }))['y']!.data]).toEqual([1, 2, 3, 4]);
});
