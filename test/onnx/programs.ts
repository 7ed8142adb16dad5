/** Programs put together by hand, as the checker would. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Node, Tensor, TensorInfo } from '../../src/ir/graph.ts';
import type { Initializer, Link, Operation, Port, Program } from '../../src/ir/program.ts';
import type { OnnxFile } from '../../src/onnx/index.ts';
import { intDim, symbolDim, type Dim } from '../../src/types/dim.ts';
import type { DType } from '../../src/types/dtype.ts';

export const origin = { uri: 'memory:///glosses.mdl', span: { start: 0, end: 0 } };

export const size = (name: string): Dim => symbolDim({ key: `Test:${name}`, name, kind: 'rigid' });
export const info = (dtype: DType, ...dims: (number | string)[]): TensorInfo => ({
  dtype,
  dims: dims.map((dim) => (typeof dim === 'number' ? intDim(dim) : size(dim))),
});

export const port = (name: string, value = name): Port => ({ name, value });

export function operation(
  op: string,
  inputs: string[],
  outputs: string[],
  attributes: Node['attributes'] = new Map(),
  name = 'glosses.mdl:3:5',
): Operation {
  return { kind: 'operation', name, op, domain: '', inputs, outputs, attributes, origin };
}

export function link(
  name: string,
  model: OnnxFile,
  inputs: Record<string, string>,
  outputs: Record<string, string>,
): Link {
  return {
    kind: 'link',
    name,
    model,
    inputs: new Map(Object.entries(inputs)),
    outputs: new Map(Object.entries(outputs)),
    origin,
  };
}

export interface ProgramParts {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly steps: Program['steps'];
  readonly types: Record<string, TensorInfo>;
  readonly initializers?: readonly Initializer[];
  readonly opset?: number;
}

export const program = ({ inputs, outputs, steps, types, initializers = [], opset = 14 }: ProgramParts): Program => ({
  name: 'Test',
  inputs,
  outputs,
  steps,
  initializers,
  types: new Map(Object.entries(types)),
  opsets: new Map([['', opset]]),
});

/** A tensor of a safetensors file of ours, as a range of it. */
export function safetensor(path: string, key: string, name: string): Tensor {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString()) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  const {
    shape,
    data_offsets: [from, to],
  } = header[key]!;
  const bytesRange = { uri: pathToFileURL(path).href, offset: 8 + headerLength + from, length: to - from };
  return { name, dtype: 'f32', dims: shape, bytes: bytesRange };
}

const topicPath = 'examples/glosses/heads/topic.safetensors';

/** use-lite and the topic head, in one graph. */
export function topicProgram(encoder: OnnxFile): Program {
  return program({
    inputs: [port('tokens.ids', 'ids'), port('tokens.mask', 'mask')],
    outputs: [port('topic', 'probabilities'), port('embedding', 'e')],
    steps: [
      link('UseLite', encoder, { input_ids: 'ids', attention_mask: 'mask' }, { embedding: 'e' }),
      operation('MatMul', ['e', 'w'], ['product']),
      operation('Add', ['product', 'b'], ['logits']),
      operation('Softmax', ['logits'], ['probabilities'], new Map([['axis', { type: 'int', value: -1n }]])),
    ],
    initializers: [safetensor(topicPath, 'w', 'w'), safetensor(topicPath, 'b', 'b')],
    types: {
      ids: info('i64', 'batch', 'seq'),
      mask: info('i64', 'batch', 'seq'),
      e: info('f32', 'batch', 512),
      product: info('f32', 'batch', 10),
      logits: info('f32', 'batch', 10),
      probabilities: info('f32', 'batch', 10),
    },
  });
}
