import { describe, expect, test } from 'vitest';
import { madeOf } from '../../src/ir/made-of.ts';
import { attributeTypes, dataTypes, encodeModel, floats, graphAttribute, node, readBytes, valueInfo } from '../onnx/models.ts';

type Graph = Parameters<typeof encodeModel>[0];

const whole = (name: string, values: readonly number[], dims: readonly number[] = [values.length]) => ({ name, dims: [...dims], dataType: dataTypes.INT64, rawData: new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer) });
const bytes = (name: string, dims: readonly number[], dataType: number) => ({ name, dims: [...dims], dataType, rawData: new Uint8Array(dims.reduce((a, b) => a * b, dataType === dataTypes.FLOAT16 ? 2 : 1)).map((_, i) => i % 7) });
const matrix = floats('W', [8, 8], Array.from({ length: 64 }, (_, i) => i / 64));

/** What `y` [batch, 8] is made of, in a graph over `x` [batch, 8]. */
function made(graph: Graph, rest: Parameters<typeof encodeModel>[1] = {}) {
  const model = readBytes(encodeModel({ input: [valueInfo('x', ['batch', 8])], output: [valueInfo('y', ['batch', 8])], ...graph }, rest));
  const { inputs, weights, looksUp, isOpen } = madeOf(model, 'y', () => undefined);
  return { inputs: [...inputs], weights: weights.map(({ name, isOfRows }) => (isOfRows ? `rows: ${name}` : name)), looksUp, isOpen };
}

const alone = { inputs: ['x'], weights: [], looksUp: false, isOpen: false };

describe('weights are', () => {
  test.each<[string, Graph, Parameters<typeof encodeModel>[1]?]>([
    ['a matrix', { node: [node('MatMul', ['x', 'W'], ['y'])], initializer: [matrix] }],
    ['a matrix that is turned first', { node: [node('Transpose', ['W'], ['t']), node('MatMul', ['x', 't'], ['y'])], initializer: [matrix] }],
    ['half precision that is cast', { node: [node('Cast', ['W'], ['c'], { attribute: [{ name: 'to', type: 2, i: 1 }] }), node('MatMul', ['x', 'c'], ['y'])], initializer: [bytes('W', [8, 8], dataTypes.FLOAT16)] }],
    ['bytes that are dequantised', { node: [node('DequantizeLinear', ['W', 'scale'], ['c']), node('MatMul', ['x', 'c'], ['y'])], initializer: [bytes('W', [8, 8], dataTypes.INT8), floats('scale', [], [0.1])] }],
    ['a vector by features', { node: [node('Add', ['x', 'W'], ['y'])], initializer: [floats('W', [8], [0, 1, 2, 3, 4, 5, 6, 7])] }],
    ['fractions in a node', { node: [node('Constant', [], ['W'], { attribute: [{ name: 'value_floats', type: attributeTypes.FLOATS, floats: [1, 2, 3, 4, 5, 6, 7, 8] }] }), node('Mul', ['x', 'W'], ['y'])] }],
    ['what a branch takes from around it', {
      node: [node('If', ['yes'], ['y'], { attribute: [graphAttribute('then_branch', { name: 't', node: [node('MatMul', ['x', 'W'], ['a'])], output: [valueInfo('a', ['batch', 8])] }), graphAttribute('else_branch', { name: 'e', node: [node('Identity', ['x'], ['b'])], output: [valueInfo('b', ['batch', 8])] })] })],
      initializer: [matrix, { name: 'yes', dims: [], dataType: dataTypes.BOOL, rawData: Uint8Array.of(1) }],
    }],
    ['what a function holds', { node: [node('F', ['x'], ['y'], { domain: 'own' })] }, {
      opsetImport: [{ domain: '', version: 17 }, { domain: 'own', version: 1 }],
      functions: [{ domain: 'own', name: 'F', input: ['a'], output: ['b'], opsetImport: [{ domain: '', version: 17 }], node: [node('Constant', [], ['W'], { attribute: [{ name: 'value', type: attributeTypes.TENSOR, t: matrix }] }), node('MatMul', ['a', 'W'], ['b'])] }],
    }],
  ])('%s', (_, graph, rest) => {
    expect(made(graph, rest)).toEqual({ ...alone, weights: ['W'] });
  });

  test('what a linear model has in its attributes', () => {
    const learned = node('Scaler', ['x'], ['y'], { domain: 'ai.onnx.ml', attribute: [{ name: 'scale', type: attributeTypes.FLOATS, floats: [1, 2, 3, 4, 5, 6, 7, 8] }] });
    expect(made({ node: [learned] }, { opsetImport: [{ domain: '', version: 14 }, { domain: 'ai.onnx.ml', version: 2 }] })).toEqual({ ...alone, weights: ['y'] });
  });

  test('told from those of rows alone', () => {
    expect(made({ node: [node('Mul', ['x', 'p'], ['m']), node('MatMul', ['P', 'm'], ['y'])], initializer: [floats('p', [2, 1], [1, 2]), floats('P', [2, 2], [1, 0, 1, 1])] })).toEqual({ ...alone, weights: ['rows: P', 'rows: p'] });
  });
});

describe('no weights are', () => {
  test.each<[string, Graph, Parameters<typeof encodeModel>[1]?]>([
    ['nothing', { node: [node('Identity', ['x'], ['y'])] }],
    ['single numbers', { node: [node('Mul', ['x', 'h'], ['y'])], initializer: [floats('h', [1, 1], [0.5])] }],
    ['one number that is written for each element', { node: [node('Mul', ['x', 'h'], ['y'])], initializer: [floats('h', [8], Array.from({ length: 8 }, () => 0.5))] }],
    ['sizes and places', { node: [node('Reshape', ['x', 's'], ['r']), node('Gather', ['r', 'i'], ['y'], { attribute: [{ name: 'axis', type: 2, i: 1 }] })], initializer: [whole('s', [-1, 8]), whole('i', [7, 6, 5, 4, 3, 2, 1, 0])] }],
    ['how large weights are', { node: [node('Shape', ['W'], ['s']), node('Reshape', ['x', 's'], ['y'])], initializer: [matrix] }],
    ['the factors of a resize', { node: [node('Resize', ['x', '', 'f'], ['y'])], initializer: [floats('f', [2], [1, 2])] }],
    ['what another output is made of', { node: [node('Identity', ['x'], ['y']), node('MatMul', ['x', 'W'], ['z'])], initializer: [matrix] }],
    ['the number that a matrix is said to be full of', { node: [node('ConstantOfShape', ['s'], ['ones']), node('Mul', ['x', 'ones'], ['y'])], initializer: [whole('s', [8])] }],
  ])('%s', (_, graph, rest) => {
    expect(made(graph, rest)).toEqual(alone);
  });
});

test('a long constant of one number is read from the file', () => {
  const model = readBytes(encodeModel({ node: [node('Mul', ['x', 'h'], ['y'])], input: [valueInfo('x', ['batch', 200])], output: [valueInfo('y', ['batch', 200])], initializer: [floats('h', [200], Array.from({ length: 200 }, () => 0.5))] }));
  const asked: string[] = [];
  const read = ({ name, dims }: { readonly name: string; readonly dims: readonly number[] }) => {
    asked.push(name);
    return new Uint8Array(Float32Array.from({ length: dims[0]! }, () => 0.5).buffer);
  };
  expect(madeOf(model, 'y', read).weights).toEqual([]);
  expect(asked).toEqual(['h']);
  expect(madeOf(model, 'y', () => undefined).weights).toHaveLength(1);
});

test('a table of ids, and operators that nobody knows', () => {
  expect(made({ node: [node('Gather', ['T', 'x'], ['y'])], input: [valueInfo('x', ['batch', 8], dataTypes.INT64)], initializer: [whole('T', [2, 0, 1])] })).toEqual({ ...alone, looksUp: true });
  expect(made({ node: [node('Own', ['x'], ['y'], { domain: 'own' })] }, { opsetImport: [{ domain: '', version: 14 }, { domain: 'own', version: 1 }] })).toEqual({ ...alone, isOpen: true });
});

test('a value that only says a size is no part of it', () => {
  const input = [valueInfo('x', ['batch', 8]), valueInfo('like', ['batch', 8])];
  expect(made({ input, node: [node('Shape', ['like'], ['s']), node('Reshape', ['x', 's'], ['y'])] }).inputs).toEqual(['x']);
  expect(made({ input, node: [node('Add', ['x', 'like'], ['y'])] }).inputs).toEqual(['x', 'like']);
});
