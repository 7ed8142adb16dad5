/**
 * Networks of known size, against what is published of them: torchvision's table of models (parameters, and GFLOPS as
 * multiply-adds), and BERT's paper.
 */
import { describe, expect, test } from 'vitest';
import { graphCosts } from '../../../src/ir/costs/index.ts';
import type { Node, Tensor } from '../../../src/ir/graph.ts';
import { constantOf } from '../../../src/types/dim.ts';
import { modelOf, node, numbers, weight } from './made.ts';

/** Nodes and weights as they come, each with a name of its own. */
function startNetwork() {
  const nodes: Node[] = [];
  const weights: Tensor[] = [];
  const stored = (dims: readonly number[]): string => {
    weights.push(weight(`w${weights.length}`, dims));
    return weights.at(-1)!.name;
  };
  const made = (op: string, inputs: readonly string[], values: Parameters<typeof node>[3] = {}): string => {
    nodes.push(node(op, inputs, [`t${nodes.length}`], values));
    return nodes.at(-1)!.outputs[0]!;
  };
  const conv = (x: string, from: number, to: number, kernel: number, stride: number): string => {
    const pad = kernel >> 1;
    const y = made('Conv', [x, stored([to, from, kernel, kernel])], { strides: [stride, stride], pads: [pad, pad, pad, pad] });
    return made('BatchNormalization', [y, stored([to]), stored([to]), stored([to]), stored([to])]);
  };
  const linear = (x: string, from: number, to: number): string => made('Add', [made('MatMul', [x, stored([from, to])]), stored([to])]);
  const reshape = (x: string, ...sizes: readonly number[]): string => {
    weights.push(numbers(`w${weights.length}`, sizes));
    return made('Reshape', [x, weights.at(-1)!.name]);
  };
  const norm = (x: string, width: number): string => made('LayerNormalization', [x, stored([width]), stored([width])]);
  return { nodes, weights, stored, made, conv, linear, reshape, norm };
}
type Network = ReturnType<typeof startNetwork>;

/** He et al. 2015; `deep` has three convolutions in a block. */
function resnet(blocks: readonly number[], deep: boolean): Network {
  const net = startNetwork();
  const { made, conv } = net;
  let x = made('MaxPool', [made('Relu', [conv('x', 3, 64, 7, 2)])], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let from = 64;
  for (const [stage, count] of blocks.entries()) {
    const width = 64 * 2 ** stage;
    const to = deep ? 4 * width : width;
    for (let block = 0; block < count; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const side = stride > 1 || from !== to ? conv(x, from, to, 1, stride) : x;
      const inner = deep ? conv(made('Relu', [conv(made('Relu', [conv(x, from, width, 1, 1)]), width, width, 3, stride)]), width, to, 1, 1) : conv(made('Relu', [conv(x, from, width, 3, stride)]), width, to, 3, 1);
      x = made('Relu', [made('Add', [inner, side])]);
      from = to;
    }
  }
  net.linear(net.reshape(made('GlobalAveragePool', [x]), 1, from), from, 1000);
  return net;
}

function transformer(net: Network, start: string, length: number, width: number, layers: number, before: boolean): string {
  const { made, linear, norm, reshape } = net;
  const heads = (x: string, turned = false) => made('Transpose', [reshape(x, 1, length, width / 64, 64)], { perm: turned ? [0, 2, 3, 1] : [0, 2, 1, 3] });
  let x = start;
  for (let layer = 0; layer < layers; layer++) {
    const normed = before ? norm(x, width) : x;
    const scores = made('Softmax', [made('MatMul', [heads(linear(normed, width, width)), heads(linear(normed, width, width), true)])]);
    const mixed = reshape(made('Transpose', [made('MatMul', [scores, heads(linear(normed, width, width))])], { perm: [0, 2, 1, 3] }), 1, length, width);
    const attended = made('Add', [x, linear(mixed, width, width)]);
    const middle = before ? attended : norm(attended, width);
    const fed = linear(made('Gelu', [linear(before ? norm(middle, width) : middle, width, 4 * width)]), 4 * width, width);
    const sum = made('Add', [middle, fed]);
    x = before ? sum : norm(sum, width);
  }
  return x;
}

function figures({ nodes, weights }: Network, ...x: readonly [DType, ...number[]]) {
  const { parameters, bytes, macs, uncounted } = graphCosts(modelOf({ inputs: { x }, outputs: nodes.at(-1)!.outputs, nodes, weights }, [], 20));
  expect(uncounted).toEqual({ operators: [], tensors: [] });
  // A network stores the sizes of its reshapes, too.
  expect(bytes).toBe(4 * parameters + weights.filter((w) => w.dtype === 'i64').reduce((sum, w) => sum + 8 * w.dims[0]!, 0));
  return { parameters, macs: constantOf(macs!)! };
}
type DType = 'f32' | 'i64';

describe('published figures', () => {
  test.each([
    ['ResNet-18', [2, 2, 2, 2], false, 11_689_512, 1.814, 4800],
    ['ResNet-50', [3, 4, 6, 3], true, 25_557_032, 4.089, 26_560],
  ] as const)('%s', (_, blocks, deep, parameters, gigas, channels) => {
    const found = figures(resnet(blocks, deep), 'f32', 1, 3, 224, 224);
    // Published without the running mean and variance of each channel.
    expect(found.parameters).toBe(parameters + 2 * channels);
    expect(Number((found.macs / 1e9).toFixed(3))).toBe(gigas);
  });

  test('ViT-B/16', () => {
    const net = startNetwork();
    const { made, linear, norm, reshape, stored } = net;
    const patches = made('Conv', ['x', stored([768, 3, 16, 16]), stored([768])], { strides: [16, 16] });
    const tokens = made('Transpose', [reshape(patches, 1, 768, 196)], { perm: [0, 2, 1] });
    const placed = made('Add', [made('Concat', [stored([1, 1, 768]), tokens], { axis: 1 }), stored([1, 197, 768])]);
    const out = norm(transformer(net, placed, 197, 768, 12, true), 768);
    net.weights.push(numbers('first', [0]));
    linear(made('Gather', [out, 'first'], { axis: 1 }), 768, 1000);
    const found = figures(net, 'f32', 1, 3, 224, 224);
    expect(found.parameters).toBe(86_567_656);
    expect(Number((found.macs / 1e9).toFixed(3))).toBe(17.564);
  });

  test('BERT base: 110 M parameters, 11.2 G multiply-adds at 128 tokens', () => {
    const net = startNetwork();
    const { made, linear, norm, stored } = net;
    const words = made('Gather', [stored([30_522, 768]), 'x']);
    net.weights.push(numbers('places', Array.from({ length: 128 }, (_, i) => i)), numbers('zeros', Array.from({ length: 128 }, () => 0)));
    const placed = made('Add', [made('Add', [words, made('Gather', [stored([512, 768]), 'places'])]), made('Gather', [stored([2, 768]), 'zeros'])]);
    const out = transformer(net, norm(placed, 768), 128, 768, 12, false);
    net.weights.push(numbers('first', [0]));
    made('Tanh', [linear(made('Gather', [out, 'first'], { axis: 1 }), 768, 768)]);
    const found = figures(net, 'i64', 1, 128);
    // What transformers' BertModel counts.
    expect(found.parameters).toBe(109_482_240);
    expect(Number((found.macs / 1e9).toFixed(1))).toBe(11.2);
  });
});
