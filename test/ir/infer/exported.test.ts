/** What exporters make of padding, squeezing and recurrent cells: as inferred, and as ONNX Runtime computes it, at three sizes. */
import type { onnx } from 'onnx-proto';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { inferGraph } from '../../../src/ir/infer/index.ts';
import { showDim } from '../../../src/types/dim.ts';
import { attributeTypes, dataTypes, encodeModel, floats, graphAttribute, node, readBytes, valueInfo } from '../../onnx/models.ts';
import { compare } from './observed.ts';
import { observe } from './random/graphs.ts';

const ints = (name: string, dims: readonly number[], ...values: readonly (number | bigint)[]): onnx.ITensorProto => ({ name, dims: [...dims], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer) });
const int = (name: string, i: number): onnx.IAttributeProto => ({ name, type: attributeTypes.INT, i });
const opset = (version: number): onnx.IModelProto => ({ opsetImport: [{ domain: '', version }] });

/** The named tensor's shape, and what is wrong at some sizes of the input `x`. */
async function inferred(bytes: Uint8Array, name: string, sizes: readonly (readonly number[])[]): Promise<readonly string[]> {
  const model = readBytes(bytes);
  const found = inferGraph(model, { ignoreDeclared: true }).get(name);
  const wrong = [];
  for (const dims of sizes) {
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
    const feeds = { x: new ort.Tensor('float32', data, [...dims]) };
    const observed = await observe(bytes, feeds);
    if (observed === undefined) wrong.push(`does not run at ${dims.join(', ')}`);
    else wrong.push(...compare(model, feeds, observed).wrong);
  }
  return [found?.dims?.map(showDim).join(', ') ?? '?', ...wrong];
}

/** torch.nn.functional.pad: the pads of the last axes, filled up with zeros, turned round by reshaping, reversing and transposing. */
test('padding of the last axes', async () => {
  const lowest = -(2n ** 63n) + 1n;
  const bytes = encodeModel(
    {
      input: [valueInfo('x', ['batch', 3, 'height', 'width'])],
      output: [{ name: 'y' }, { name: 'pads' }],
      initializer: [ints('given', [4], 1, 2, 0, 3), ints('four', [1], 4), ints('pairs', [2], -1, 2), ints('zero', [1], 0), ints('last', [1], -1), ints('lowest', [1], lowest), ints('flat', [1], -1)],
      node: [
        node('ConstantOfShape', ['four'], ['zeros'], { attribute: [{ name: 'value', type: attributeTypes.TENSOR, t: ints('', [1], 0) }] }),
        node('Concat', ['given', 'zeros'], ['all'], { attribute: [int('axis', 0)] }),
        node('Reshape', ['all', 'pairs'], ['rows']),
        node('Slice', ['rows', 'last', 'lowest', 'zero', 'last'], ['reversed']),
        node('Transpose', ['reversed'], ['columns'], { attribute: [{ name: 'perm', type: attributeTypes.INTS, ints: [1, 0] }] }),
        node('Reshape', ['columns', 'flat'], ['pads']),
        node('Pad', ['x', 'pads'], ['y']),
      ],
    },
    opset(14),
  );
  expect(await inferred(bytes, 'y', [[1, 3, 4, 5], [2, 3, 1, 7], [3, 3, 6, 1]])).toEqual(['batch, 3, height + 3, width + 3']);
});

/** torch.squeeze of an axis of open size, before a recurrent cell that runs on one of the two shapes alone. */
test('an axis that is squeezed where it is 1', async () => {
  const squeezed: onnx.IGraphProto = { name: 'squeezed', node: [node('Squeeze', ['x', 'last'], ['without'])], output: [{ name: 'without' }] };
  const kept: onnx.IGraphProto = { name: 'kept', node: [node('Identity', ['x'], ['with'])], output: [{ name: 'with' }] };
  const noise = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.cos(i));
  const bytes = encodeModel(
    {
      input: [valueInfo('x', ['batch', 4, 'chunks'])],
      output: [{ name: 'y' }, { name: 'h' }, { name: 'sequence' }],
      initializer: [ints('last', [1], -1), ints('first', [1], 0), ints('one', [], 1), floats('W', [1, 12, 4], noise(48)), floats('R', [1, 12, 3], noise(36))],
      node: [
        node('Shape', ['x'], ['shape']),
        node('Gather', ['shape', 'last'], ['chunks']),
        node('Equal', ['chunks', 'one'], ['isOne']),
        node('If', ['isOne'], ['z'], { attribute: [graphAttribute('then_branch', squeezed), graphAttribute('else_branch', kept)] }),
        node('Unsqueeze', ['z', 'first'], ['sequence']),
        node('LSTM', ['sequence', 'W', 'R'], ['y', 'h'], { attribute: [int('hidden_size', 3)] }),
      ],
    },
    opset(14),
  );
  // With more chunks than one the sequence has rank 4, and the cell does not run.
  expect(await inferred(bytes, 'h', [[1, 4, 1], [2, 4, 1], [5, 4, 1]])).toEqual(['1, batch, 3']);
});

/** Swin pads its windows, and merges patches of maps padded to an even size; a map of open size is no smaller than the first kernel. */
test('windows of a padded map', async () => {
  const conv = (name: string, from: string, to: string, channels: readonly [number, number], kernel: number) => ({
    weights: floats(name, [channels[1], channels[0], kernel, kernel], Array.from({ length: channels[0] * channels[1] * kernel * kernel }, (_, i) => Math.cos(i))),
    node: node('Conv', [from, name], [to], { attribute: [{ name: 'strides', type: attributeTypes.INTS, ints: [kernel, kernel] }] }),
  });
  const patches = conv('patchWeights', 'x', 'patches', [1, 2], 4);
  const bytes = encodeModel(
    {
      input: [valueInfo('x', ['batch', 1, 'height', 'width'])],
      output: [{ name: 'windows' }, { name: 'even' }],
      initializer: [patches.weights, ints('zeros', [2], 0, 0), ints('five', [2], 5, 5), ints('two', [2], 2, 2), ints('from', [1], 2), ints('to', [1], 4), ints('first', [1], 0), ints('open', [1], 0), ints('sides', [1], 5), ints('channels', [1], 2)],
      node: [
        patches.node,
        node('Shape', ['patches'], ['shape']),
        node('Slice', ['shape', 'from', 'to'], ['sizes']),
        // What is missing to whole windows of 5: (5 - size mod 5) mod 5.
        node('Mod', ['sizes', 'five'], ['over']),
        node('Sub', ['five', 'over'], ['left']),
        node('Mod', ['left', 'five'], ['missing']),
        node('Concat', ['zeros', 'zeros', 'zeros', 'missing'], ['pads'], { attribute: [int('axis', 0)] }),
        node('Pad', ['patches', 'pads'], ['padded']),
        node('Shape', ['padded'], ['paddedShape']),
        node('Slice', ['paddedShape', 'from', 'to'], ['paddedSizes']),
        node('Div', ['paddedSizes', 'five'], ['counts']),
        node('Split', ['counts'], ['rows', 'columns'], { attribute: [int('axis', 0)] }),
        node('Slice', ['shape', 'first', 'channels'], ['images']),
        node('Concat', ['images', 'rows', 'sides', 'columns', 'sides'], ['target'], { attribute: [int('axis', 0)] }),
        node('Reshape', ['padded', 'target'], ['windows']),
        node('Mod', ['sizes', 'two'], ['odd']),
        node('Concat', ['zeros', 'zeros', 'zeros', 'odd'], ['evenPads'], { attribute: [int('axis', 0)] }),
        node('Pad', ['patches', 'evenPads'], ['even']),
      ],
    },
    opset(14),
  );
  const sizes = [[1, 1, 4, 4], [2, 1, 23, 40], [1, 1, 61, 19]] as const;
  expect(await inferred(bytes, 'windows', sizes)).toEqual(['batch, 2, (height + 16) div 20, 5, (width + 16) div 20, 5']);
  expect(await inferred(bytes, 'even', sizes)).toEqual(['batch, 2, 2*((height + 4) div 8), 2*((width + 4) div 8)']);
});

/** `if x.size(1) % 2 == 1: x = cat(x, x[:, :1])`, and the same by torch.where on the size: what decides the branch decides the size. */
test('filled up to an even size by a branch, and by a choice of sizes', async () => {
  const branch = (name: string, ...nodes: readonly onnx.INodeProto[]): onnx.IGraphProto => ({ name, node: [...nodes], output: [{ name: nodes.at(-1)!.output![0]! }] });
  const filled = branch('filled', node('Slice', ['x', 'zeroV', 'oneV', 'oneV'], ['first']), node('Concat', ['x', 'first'], ['more'], { attribute: [int('axis', 1)] }));
  const asIs = branch('asIs', node('Identity', ['x'], ['same']));
  const bytes = encodeModel(
    {
      input: [valueInfo('x', ['batch', 'seq'])],
      output: [{ name: 'y' }, { name: 'z' }],
      initializer: [ints('zeroV', [1], 0), ints('oneV', [1], 1), ints('one', [], 1), ints('two', [], 2), ints('none', [1], 0), floats('half', [], [0.5])],
      node: [
        node('Shape', ['x'], ['sizes']),
        node('Gather', ['sizes', 'one'], ['seq']),
        node('Mod', ['seq', 'two'], ['rest']),
        node('Equal', ['rest', 'one'], ['odd']),
        node('If', ['odd'], ['even'], { attribute: [graphAttribute('then_branch', filled), graphAttribute('else_branch', asIs)] }),
        node('Identity', ['even'], ['y']),
        node('Add', ['seq', 'one'], ['longer']),
        node('Not', ['odd'], ['isEven']),
        node('Where', ['isEven', 'seq', 'longer'], ['chosen']),
        node('Unsqueeze', ['chosen', 'none'], ['length']),
        node('Expand', ['half', 'length'], ['z']),
      ],
    },
    opset(14),
  );
  const sizes = [[1, 3], [2, 4], [3, 1]];
  expect(await inferred(bytes, 'y', sizes)).toEqual(['batch, 2*((seq + 1) div 2)']);
  expect(await inferred(bytes, 'z', sizes)).toEqual(['2*((seq + 1) div 2)']);
});
