import { expect, test } from 'vitest';
import { load } from '../../src/runtime/index.ts';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';
import { plain, writeSmallBundle } from './bundles.ts';

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('an input and an output may be called %s', async (name) => {
  const bytes = encodeModel({
    node: [node('Identity', ['in'], ['out'])],
    input: [valueInfo('in', ['n'], dataTypes.FLOAT)],
    output: [valueInfo('out', ['n'], dataTypes.FLOAT)],
  });
  const { folder } = writeSmallBundle(bytes, {
    inputs: [{ name, tensor: plain('in', 'f32', ['n']) }],
    outputs: [{ name, tensor: plain('out', 'f32', ['n']) }],
  });
  const model = await load(folder, { device: 'cpu' });
  const outputs = await model.run(Object.fromEntries([[name, [1.5]]]));
  expect(Object.getOwnPropertyNames(outputs)).toEqual([name]);
  expect(Object.getOwnPropertyDescriptor(outputs, name)?.value).toMatchObject({ dims: [1] });
  await expect(model.run({})).rejects.toMatchObject({ code: 'input-missing' });
  await model.close();
});

test('an output may be asked for beside one that is called constructor', async () => {
  const bytes = encodeModel({
    node: [node('Identity', ['x'], ['constructor']), node('Neg', ['x'], ['plain'])],
    input: [valueInfo('x', ['n'], dataTypes.FLOAT)],
    output: [valueInfo('constructor', ['n'], dataTypes.FLOAT), valueInfo('plain', ['n'], dataTypes.FLOAT)],
  });
  const { folder } = writeSmallBundle(bytes, {
    inputs: [{ name: 'x', tensor: plain('x', 'f32', ['n']) }],
    outputs: ['constructor', 'plain'].map((name) => ({ name, tensor: plain(name, 'f32', ['n']) })),
  });
  await using model = await load(folder, { device: 'cpu' });
  expect(await model.run({ x: [1.5] }, { outputs: ['plain'] })).toEqual({ plain: expect.objectContaining({ data: Float32Array.of(-1.5) }) });
  expect(Object.keys(await model.run({ x: [1.5] }, { outputs: ['constructor'] }))).toEqual(['constructor']);
});

/** A model whose file calls its tensors so. */
async function loadRelay(input: string, output: string) {
  const bytes = encodeModel({
    node: [node('Identity', [input], [output])],
    input: [valueInfo(input, ['n'], dataTypes.FLOAT)],
    output: [valueInfo(output, ['n'], dataTypes.FLOAT)],
  });
  const { folder } = writeSmallBundle(bytes, {
    inputs: [{ name: 'x', tensor: plain(input, 'f32', ['n']) }],
    outputs: [{ name: 'y', tensor: plain(output, 'f32', ['n']) }],
  });
  return load(folder, { device: 'cpu' });
}

test.each([
  ['constructor', 'toString'],
  ['toString', 'constructor'],
  ['__proto__', 'valueOf'],
])('tensors of the file may be called %s and %s', async (input, output) => {
  const model = await loadRelay(input, output);
  expect((await model.run({ x: [1.5] }))['y']).toMatchObject({ dims: [1], data: Float32Array.of(1.5) });
  await model.close();
});

test('an output of the file that is called __proto__ is a coded error', async () => {
  const model = await loadRelay('in', '__proto__');
  await expect(model.run({ x: [1.5] })).rejects.toMatchObject({ code: 'runtime-failed' });
  await model.close();
});
