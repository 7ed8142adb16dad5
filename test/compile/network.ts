/** A small text encoder as exporters write them: three inputs, two layers, weights, and types of inner tensors. */
import type { onnx } from 'onnx-proto';
import { attributeTypes, dataTypes, encodeModel, floats, node, valueInfo } from '../onnx/models.ts';

const words = 20;
const width = 4;

/** Numbers without a pattern that any operator would hide. */
const numbers = (count: number, seed: number): number[] => Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + seed * 78.233) * 0.9);

const int = (name: string, i: number): onnx.IAttributeProto => ({ name, type: attributeTypes.INT, i });

const inputs = [valueInfo('input_ids', ['batch', 'seq'], dataTypes.INT64), valueInfo('attention_mask', ['batch', 'seq'], dataTypes.INT64), valueInfo('token_type_ids', ['batch', 'seq'], dataTypes.INT64)];

/** Tensors of `[batch, seq, 4]`: `embedded`, `/layer.0/out`, `/layer.1/out`; outputs `last_hidden_state` and `pooled`. */
export const networkGraph = (seed = 1): onnx.IGraphProto => ({
  node: [
    node('Gather', ['words', 'input_ids'], ['word'], { attribute: [int('axis', 0)] }),
    node('Gather', ['types', 'token_type_ids'], ['type'], { attribute: [int('axis', 0)] }),
    node('Add', ['word', 'type'], ['embedded']),
    node('Cast', ['attention_mask'], ['mask_f'], { attribute: [int('to', dataTypes.FLOAT)] }),
    node('Unsqueeze', ['mask_f', 'last'], ['mask_c']),
    ...['embedded', '/layer.0/out'].flatMap((from, i) => [
      node('MatMul', [from, `layer.${i}.w`], [`/layer.${i}/product`]),
      node('Add', [`/layer.${i}/product`, `layer.${i}.b`], [`/layer.${i}/sum`]),
      node('Tanh', [`/layer.${i}/sum`], [`/layer.${i}/tanh`]),
      node('Mul', [`/layer.${i}/tanh`, 'mask_c'], [`/layer.${i}/out`]),
    ]),
    node('Identity', ['/layer.1/out'], ['last_hidden_state']),
    node('ReduceMean', ['/layer.1/out'], ['pooled'], { attribute: [{ name: 'axes', type: attributeTypes.INTS, ints: [1] }, int('keepdims', 0)] }),
  ],
  input: inputs,
  output: [valueInfo('last_hidden_state', ['batch', 'seq', width]), valueInfo('pooled', ['batch', width])],
  valueInfo: [valueInfo('embedded', ['batch', 'seq', width]), valueInfo('/layer.0/out', ['batch', 'seq', width])],
  initializer: [
    floats('words', [words, width], numbers(words * width, seed)),
    floats('types', [2, width], numbers(2 * width, seed + 1)),
    ...[0, 1].flatMap((i) => [floats(`layer.${i}.w`, [width, width], numbers(width * width, seed + 2 + i)), floats(`layer.${i}.b`, [width], numbers(width, seed + 4 + i))]),
    { name: 'last', dims: [1], dataType: dataTypes.INT64, rawData: new Uint8Array(new BigInt64Array([2n]).buffer) },
  ],
});

export const network = (seed = 1): Uint8Array => encodeModel(networkGraph(seed));

/** The network with what makes one tensor followed by other nodes that end in its name: an edit by hand. */
export function edited(tensor: string, between: (old: string) => onnx.INodeProto[], more: readonly onnx.ITensorProto[] = []): Uint8Array {
  const graph = networkGraph();
  const nodes = graph.node!.flatMap((each) => (each.output![0] === tensor ? [{ ...each, output: ['old'] }, ...between('old')] : [each]));
  return encodeModel({ ...graph, node: nodes, initializer: [...graph.initializer!, ...more] });
}

/** The declaration of it, with more members. */
export const networkText = (more = '', name = 'Net'): string => `
contract Tokens { ids: i64[batch, seq] mask: i64[batch, seq] where mask }
space net @ 1.0.0
backbone ${name} @ 1.0.0 {
  source "./net.onnx"
  input tokens: Tokens from { ids: "input_ids", mask: "attention_mask" }
  input types: i64[batch, seq] = 0 from "token_type_ids"
  output hidden: f32[batch, seq, 4] where space net from "last_hidden_state"
  output pooled: f32[batch, 4] where space net
  tap first: f32[batch, seq, 4] from "/layer.0/out"
  ${more}
}
`;
