/** Inputs of a file that have a value in it: by need nobody feeds them, and ONNX Runtime answers as it does where nobody feeds the file's. */
import { describe, expect, test } from 'vitest';
import { describeModel, modelSections } from '../../src/cli/inspect/inspect-model.ts';
import { checkText } from '../check/world.ts';
import { dataTypes, decodeModel, encodeModel, floats, node, readBytes, valueInfo } from '../onnx/models.ts';
import { bitsOf, f32, runModel } from '../onnx/oracles.ts';
import { buildText } from './build.ts';

/** `y` is x by a factor of 1 to 8; the factor is the first of the inputs, where it is one, and its sizes are computed with: `rows` repeats x so often. */
const scaled = (irVersion: number, opset: number, isListed = true): Uint8Array =>
  encodeModel(
    {
      node: [node('Tile', ['x', 'rows'], ['tiled']), node('Mul', ['tiled', 'factor'], ['y'])],
      input: [...(isListed ? [valueInfo('factor', [8])] : []), valueInfo('x', ['batch', 8]), ...(isListed ? [valueInfo('rows', [2], dataTypes.INT64)] : [])],
      output: [{ name: 'y', type: { tensorType: { elemType: dataTypes.FLOAT } } }],
      initializer: [floats('factor', [8], [1, 2, 3, 4, 5, 6, 7, 8]), { name: 'rows', dims: [2], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.of(3n, 1n).buffer) }],
    },
    { irVersion, opsetImport: [{ domain: '', version: opset }] },
  );

const files: Readonly<Record<string, Uint8Array>> = { 'IR 3': scaled(3, 8), 'IR 4': scaled(4, 9), 'IR 8': scaled(8, 14), 'IR 8, none listed': scaled(8, 14, false) };
const source = 'backbone B @ 1.0.0 { source "./b.onnx" input x: f32[batch, 8] output y: f32[3 * batch, 8] }\nmodel M { input x: f32[batch, 8] output y = B(x).y }';
const x = f32([2, 8], Array.from({ length: 16 }, (_, i) => i - 7.5));

describe('inputs with a value in the file', () => {
  test.each(Object.entries(files))('%s', async (_, file) => {
    const { bytes, model } = buildText(source, { 'b.onnx': file });
    expect(model.program.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(decodeModel(bytes).graph!.input!.map(({ name }) => name)).toEqual(['x']);
    expect(bitsOf((await runModel(bytes, { x }))['y'])).toBe(bitsOf((await runModel(file, { x }))['y']));
  });

  test('are told of where ONNX lets a caller replace them', () => {
    const described = describeModel(readBytes(files['IR 8']!), false, { ranges: new Map(), sizes: new Map() });
    expect(described.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(described.defaults).toEqual([{ name: 'factor', dtype: 'f32', dims: [8] }, { name: 'rows', dtype: 'i64', dims: [2] }]);
    expect(modelSections(described).find(({ title }) => title.includes('not fed'))?.rows).toEqual([['factor', 'f32[8]'], ['rows', 'i64[2]']]);
  });

  test.each(['IR 3', 'IR 8, none listed'])('are weights like all others: %s', (name) => {
    expect(describeModel(readBytes(files[name]!), false, { ranges: new Map(), sizes: new Map() }).defaults).toEqual([]);
  });

  test.each(Object.keys(files))('cannot be declared: %s', (name) => {
    const found = checkText('backbone B @ 1.0.0 { source "./b.onnx" input x: f32[batch, 8] input factor: f32[8] output y: f32[3 * batch, 8] }', { 'b.onnx': files[name]! });
    expect(found.diagnostics.map(({ code }) => code)).toEqual(['file-constant']);
  });
});
