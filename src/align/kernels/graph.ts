/** Small graphs of ONNX operators, written down as lists and made into models. */
import type { Outcome } from '../../diagnostics/diagnostic.ts';
import type { Attribute, TensorInfo } from '../../ir/graph.ts';
import type { Operation, Program } from '../../ir/program.ts';
import { composeProgram, materialize } from '../../onnx/index.ts';
import { emptySpan } from '../../text/source.ts';
import { symbolDim } from '../../types/dim.ts';

export interface KernelValue {
  readonly name: string;
  readonly dtype: 'f32' | 'f64';
  readonly rank: number;
}

export interface KernelNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number>>;
}

/** All sizes are open: one session serves every size. */
export interface KernelGraph {
  readonly name: string;
  readonly inputs: readonly KernelValue[];
  readonly nodes: readonly KernelNode[];
  readonly outputs: readonly KernelValue[];
}

const opset = 13;
const meta = { producer: 'mdl', producerVersion: '' };

/** The graph as an ONNX model. Throws where it is no graph: it is ours, not a user's. */
export const kernelModel = (graph: KernelGraph): Uint8Array =>
  programModel({
    name: graph.name,
    inputs: graph.inputs.map(({ name }) => ({ name, value: name })),
    outputs: graph.outputs.map(({ name }) => ({ name, value: name })),
    steps: graph.nodes.map(operationOf),
    initializers: [],
    types: new Map([...graph.inputs, ...graph.outputs].map((value) => [value.name, infoOf(value)])),
    opsets: new Map([['', opset]]),
  });

/** A program of our own operators, all of whose constants are at hand, as an ONNX model. Throws where it is none. */
export function programModel(program: Program): Uint8Array {
  const composed = composeProgram(program, new Map(), meta, noFiles);
  if (!composed.ok) throw new Error(composed.finding.message);
  return materialize(composed.value.pieces, noFiles);
}

function noFiles(uri: string): Outcome<never> {
  throw new Error(`a kernel refers to the file ${uri}`);
}

const operationOf = ({ op, inputs, output, attributes = {} }: KernelNode): Operation => ({
  kind: 'operation',
  name: output,
  op,
  domain: '',
  inputs,
  outputs: [output],
  attributes: new Map(
    Object.entries(attributes).map(([name, value]): [string, Attribute] => [name, { type: 'int', value: BigInt(value) }]),
  ),
  origin: { uri: 'memory:///kernel', span: emptySpan },
});

const infoOf = ({ name, dtype, rank }: KernelValue): TensorInfo => ({
  dtype,
  dims: Array.from({ length: rank }, (_, axis) =>
    symbolDim({ key: `${name}.${axis}`, name: `${name}_${axis}`, kind: 'rigid' }),
  ),
});
