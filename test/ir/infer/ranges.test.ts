/** Bounds of elements on models made here; random graphs and real models hold them to ONNX Runtime in the other tests. */
import { describe, expect, test } from 'vitest';
import { inferModel } from '../../../src/ir/infer/index.ts';
import { givenRanges, tensorFacts } from '../../../src/ir/infer/facts.ts';
import { attributeTypes, encodeModel, floats, node, readBytes, valueInfo } from '../../onnx/models.ts';
import type { onnx } from 'onnx-proto';

const rangeOfY = (nodes: readonly onnx.INodeProto[], given?: readonly [number, number]): readonly [number, number] => {
  const model = readBytes(encodeModel({ input: [valueInfo('x', ['n', 4])], output: [{ name: 'y' }], initializer: [floats('two', [], [2]), floats('eps', [], [1e-12]), floats('one', [], [1])], node: [...nodes] }));
  const { low, high } = tensorFacts(model, inferModel(model), { given: givenRanges(new Map(given ? [['x', { low: given[0], high: given[1] }]] : [])) })('y').facts.range;
  return [low, high];
};
const last: onnx.IAttributeProto = { name: 'axes', type: attributeTypes.INTS, ints: [-1] };
const length = [node('ReduceL2', ['x'], ['r'], { attribute: [last] }), node('Max', ['r', 'eps'], ['floor'])];

describe('bounds', () => {
  test('come from the last operator that has some', () => {
    expect(rangeOfY([node('Exp', ['x'], ['e']), node('Softmax', ['e'], ['y'])])).toEqual([0, 1]);
    expect(rangeOfY([node('Relu', ['x'], ['y'])])).toEqual([0, Infinity]);
    expect(rangeOfY([node('MatMul', ['x', 'x'], ['y'])])).toEqual([-Infinity, Infinity]);
  });

  test('follow from those of the inputs, outwards', () => {
    const [low, high] = rangeOfY([node('Mul', ['x', 'two'], ['t']), node('Add', ['t', 'one'], ['y'])], [-1, 3]);
    expect(low).toBeLessThanOrEqual(-1);
    expect(low).toBeGreaterThan(-1.00001);
    expect(high).toBeGreaterThanOrEqual(7);
    expect(high).toBeLessThan(7.00001);
  });

  test('a division across 0 has none', () => expect(rangeOfY([node('Div', ['one', 'x'], ['y'])], [-1, 1])).toEqual([-Infinity, Infinity]));
  test('what overflows has none', () => expect(rangeOfY([node('Mul', ['x', 'x'], ['y'])], [0, 1e30])).toEqual([0, Infinity]));

  test.each([
    ['a quotient', [...length, node('Div', ['x', 'floor'], ['y'])]],
    ['a product with the inverse', [...length, node('Div', ['one', 'floor'], ['i']), node('Mul', ['x', 'i'], ['y'])]],
    ['a root of a sum', [node('Pow', ['x', 'two'], ['s']), node('ReduceSum', ['s'], ['t'], {}), node('Sqrt', ['t'], ['r']), node('Max', ['r', 'eps'], ['m']), node('Div', ['x', 'm'], ['y'])]],
  ])('an element of a unit vector is at most 1: %s', (_, nodes) => {
    const [low, high] = rangeOfY(nodes);
    expect(high).toBeGreaterThanOrEqual(1);
    expect(high).toBeLessThan(1.00001);
    expect(low).toBe(-high);
  });

  test('a vector over another one’s length is none', () => {
    const other = [node('Exp', ['x'], ['z']), node('ReduceL2', ['z'], ['r'], { attribute: [last] }), node('Clip', ['r', 'eps'], ['floor']), node('Div', ['x', 'floor'], ['y'])];
    expect(rangeOfY(other)).toEqual([-Infinity, Infinity]);
  });
});
