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
