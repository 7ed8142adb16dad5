/** Facts through branches, loops and local functions, on models made here: what is to be known, and that no run contradicts it. */
import * as ort from 'onnxruntime-node';
import type { onnx } from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { inferModel } from '../../../src/ir/infer/index.ts';
import { tensorFacts, type ValueFacts } from '../../../src/ir/infer/facts.ts';
import { isMask } from '../../../src/ops/foreign/facts/value-facts.ts';
import { attributeTypes, dataTypes, encodeModel, floats, graphAttribute, node, readBytes, valueInfo } from '../../onnx/models.ts';
import { factContradictions } from './fact-contradictions.ts';
import { randomNumbers } from './random/drawing.ts';
import { observe } from './random/graphs.ts';

const n = 4;
const int = (name: string, i: number): onnx.IAttributeProto => ({ name, type: attributeTypes.INT, i });
const ints = (name: string, ...values: number[]): onnx.IAttributeProto => ({ name, type: attributeTypes.INTS, ints: values });
const constants = [floats('one', [], [1]), floats('half', [], [0.5]), floats('zero', [], [0]), floats('gamma', [n], [1, -2, 0.5, 3]), floats('w', [n, 2], [1, 2, 3, 4, -1, -2, 0, 1])];
const turns = { name: 'turns', dims: [], dataType: dataTypes.INT64, int64Data: [3] };

const graph = (output: readonly string[], nodes: readonly onnx.INodeProto[], input: readonly onnx.IValueInfoProto[] = []): onnx.IGraphProto => ({ name: 'body', input: [...input], output: output.map((name) => ({ name })), node: [...nodes] });
const either = (yes: onnx.IGraphProto, no: onnx.IGraphProto, output = 'y'): onnx.INodeProto => node('If', ['c'], [output], { attribute: [graphAttribute('then_branch', yes), graphAttribute('else_branch', no)] });
const loopInputs = [valueInfo('turn', [], dataTypes.INT64), valueInfo('go', [], dataTypes.BOOL), { name: 'state' }];
const loop = (nodes: readonly onnx.INodeProto[], outputs: readonly string[], more: readonly string[] = [], from = 'x'): onnx.INodeProto =>
  node('Loop', ['turns', '', from], [...outputs], { attribute: [graphAttribute('body', graph(['still', 'next', ...more], [node('Identity', ['go'], ['still']), ...nodes], loopInputs))] });
const scan = (nodes: readonly onnx.INodeProto[], outputs: readonly string[], more: readonly string[], from = 'start'): onnx.INodeProto =>
  node('Scan', [from, 'x'], [...outputs], { attribute: [int('num_scan_inputs', 1), graphAttribute('body', graph(['next', ...more], nodes, [{ name: 'state' }, { name: 'row' }]))] });
const square = { name: 'Scaled', domain: 'local', input: ['a', 'b'], output: ['z'], opsetImport: [{ domain: '', version: 17 }], attribute: ['axis'], node: [node('Softmax', ['a'], ['s'], { attribute: [{ name: 'axis', type: attributeTypes.INT, refAttrName: 'axis' }] }), node('Mul', ['s', 'b'], ['z'])] };
const call = (input: readonly string[], output: string, axis: number): onnx.INodeProto => ({ opType: 'Scaled', domain: 'local', input: [...input], output: [output], attribute: [int('axis', axis)] });

interface Case {
  readonly nodes: readonly onnx.INodeProto[];
  readonly expects: (facts: ValueFacts) => void;
}
const inside = (low: number, high: number) => ({ range }: ValueFacts): void => {
  expect(range.low).toBeCloseTo(low, 4);
  expect(range.high).toBeCloseTo(high, 4);
};

const cases: Readonly<Record<string, Case>> = {
  'either branch': { nodes: [either(graph(['s'], [node('Sigmoid', ['x'], ['s'])]), graph(['t'], [node('Tanh', ['x'], ['t'])]))], expects: inside(-1, 1) },
  'both branches sum to 1': { nodes: [either(graph(['s'], [node('Softmax', ['x'], ['s'])]), graph(['t'], [node('Neg', ['x'], ['u']), node('Softmax', ['u'], ['t'])]))], expects: ({ lines }) => expect(lines).toMatchObject([{ kind: 'sum', axis: -1 }]) },
  'what stands around a branch': { nodes: [node('Tanh', ['x'], ['a']), either(graph(['s'], [node('Add', ['a', 'one'], ['s'])]), graph(['t'], [node('Mul', ['a', 'half'], ['t'])]))], expects: inside(-0.5, 2) },
  'a linear map in a branch in a branch': {
    nodes: [node('Tanh', ['x'], ['a']), either(graph(['o'], [either(graph(['s'], [node('MatMul', ['a', 'w'], ['s'])]), graph(['t'], [node('MatMul', ['a', 'w'], ['t'])]), 'o')]), graph(['r'], [node('MatMul', ['a', 'w'], ['r'])]))],
    expects: ({ rows }) => expect([rows!.high[0]!, rows!.high[1]!].map((x) => Math.round(x * 1e3) / 1e3)).toEqual([5, 9]),
  },
  'a mask in branches': { nodes: [node('Greater', ['x', 'zero'], ['m']), either(graph(['s'], [node('Cast', ['m'], ['s'], { attribute: [int('to', 1)] })]), graph(['t'], [node('Not', ['m'], ['k']), node('Cast', ['k'], ['t'], { attribute: [int('to', 1)] })]))], expects: (facts) => expect(isMask(facts)).toBe(true) },
  'a function': { nodes: [node('Tanh', ['x'], ['a']), call(['x', 'a'], 'y', -1)], expects: inside(-1, 1) },
  'a function of a constant': { nodes: [call(['x', 'gamma'], 'y', -1)], expects: ({ rows }) => expect(Array.from(rows!.low, (x, i) => [x, rows!.high[i]!].map((end) => Math.round(end) + 0))).toEqual([[0, 1], [-2, 0], [0, 1], [0, 3]]) },
  'a loop that keeps its bounds': { nodes: [node('Sigmoid', ['x'], ['a']), loop([node('Mul', ['state', 'half'], ['next'])], ['y'], [], 'a')], expects: inside(0, 1) },
  'a loop that only grows': { nodes: [node('Sigmoid', ['x'], ['a']), loop([node('Add', ['state', 'one'], ['next'])], ['y'], [], 'a')], expects: ({ range }) => expect([range.low, range.high]).toEqual([0, Infinity]) },
  'a loop that changes signs': { nodes: [loop([node('Neg', ['state'], ['next'])], ['y'])], expects: ({ range }) => expect([range.low, range.high]).toEqual([-Infinity, Infinity]) },
  'what the turns of a loop give': { nodes: [loop([node('Tanh', ['state'], ['next']), node('Sigmoid', ['state'], ['each'])], ['last', 'y'], ['each'])], expects: inside(0, 1) },
  'the number of the turn': { nodes: [loop([node('Identity', ['state'], ['next']), node('Cast', ['turn'], ['each'], { attribute: [int('to', 1)] })], ['last', 'y'], ['each'])], expects: inside(0, 2) },
  'a recurrent cell': { nodes: [node('ReduceMean', ['x'], ['start'], { attribute: [ints('axes', 0), int('keepdims', 0)] }), scan([node('Add', ['state', 'row'], ['a']), node('Tanh', ['a'], ['next']), node('Identity', ['next'], ['each'])], ['last', 'y'], ['each'])], expects: inside(-1, 1) },
  'rows taken apart': { nodes: [node('Softmax', ['x'], ['p']), node('ReduceMean', ['x'], ['start'], { attribute: [ints('axes', 0), int('keepdims', 0)] }), node('Scan', ['start', 'p'], ['last', 'y'], { attribute: [int('num_scan_inputs', 1), graphAttribute('body', graph(['next', 'each'], [node('Identity', ['state'], ['next']), node('Identity', ['row'], ['each'])], [{ name: 'state' }, { name: 'row' }]))] })], expects: ({ lines }) => expect(lines).toMatchObject([{ kind: 'sum', axis: -1 }]) },
  'columns taken apart': { nodes: [node('Softmax', ['x'], ['p']), node('ReduceMean', ['x'], ['start'], { attribute: [ints('axes', 2), int('keepdims', 0)] }), node('Scan', ['start', 'p'], ['last', 'y'], { attribute: [int('num_scan_inputs', 1), ints('scan_input_axes', 2), ints('scan_output_axes', 1), graphAttribute('body', graph(['next', 'each'], [node('Identity', ['state'], ['next']), node('Identity', ['row'], ['each'])], [{ name: 'state' }, { name: 'row' }]))] })], expects: ({ lines, range }) => expect([lines, range.low, range.high]).toEqual([[], 0, 1]) },
};

const random = randomNumbers(5);

describe('facts of what bodies give', () => {
  test.each(Object.entries(cases))('%s', async (_, { nodes, expects }) => {
    const bytes = encodeModel(
      { input: [valueInfo('x', ['a', 'b', n]), valueInfo('c', [], dataTypes.BOOL)], output: [{ name: 'y' }], initializer: [...constants, turns], node: [...nodes] },
      { functions: [square], opsetImport: [{ domain: '', version: 17 }, { domain: 'local', version: 1 }] } as onnx.IModelProto,
    );
    const model = readBytes(bytes);
    const factsOf = tensorFacts(model, inferModel(model));
    const { facts } = factsOf('y');
    expects(facts);
    for (const [c, scale] of [[0, 1], [1, 1], [0, 1e3], [1, 1e-3]] as const) {
      const feeds = { x: new ort.Tensor('float32', Float32Array.from({ length: 3 * 2 * n }, () => (random() * 2 - 1) * scale), [3, 2, n]), c: new ort.Tensor('bool', Uint8Array.of(c), []) };
      const y = (await observe(bytes, feeds))?.get('y');
      expect(y).toBeDefined();
      expect(factContradictions(facts, Array.from(y!.data as ArrayLike<number>, Number), y!.dims)).toEqual([]);
    }
  });
});
