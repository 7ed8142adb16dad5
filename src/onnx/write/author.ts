/** Records of ours: nodes, constants and types, built as pieces so that weights stay ranges of their files. */
import type { Attribute, Graph, Node, Tensor, TensorInfo } from '../../ir/graph.ts';
import type { Dim } from '../../types/dim.ts';
import { record, type Piece } from './pieces.ts';
import {
  encodeAttribute,
  encodeGraphHead,
  encodeNodeHead,
  encodeTensorHead,
  encodeValueInfo,
  type WrittenDim,
  type WrittenInfo,
} from './proto.ts';
import { attributeField, graphField, nodeField, tensorField } from '../schema.ts';

export interface Authoring {
  /** The ONNX name of a tensor of the program. */
  readonly nameOf: (value: string) => string;
  readonly writeDim: (dim: Dim) => WrittenDim;
  /** Answers what a graph cannot hold; building goes on, and its result is not used. */
  readonly complain: (reason: string) => void;
}

/** A NodeProto's payload. */
export function writeNode(node: Node, authoring: Authoring): Piece[] {
  const name = (value: string): string => (value === '' ? '' : authoring.nameOf(value));
  const head = encodeNodeHead({ ...node, inputs: node.inputs.map(name), outputs: node.outputs.map(name) });
  const attributes = [...node.attributes].flatMap(([key, attribute]) =>
    record(nodeField.attribute, writeAttribute(key, attribute, node, authoring)),
  );
  return [head, ...attributes];
}

function writeAttribute(name: string, attribute: Attribute, node: Node, authoring: Authoring): Piece[] {
  if (attribute.type === 'opaque') {
    authoring.complain(`the attribute \`${name}\` of ${node.op} is of a kind that only its own file can hold`);
    return [];
  }
  const head = encodeAttribute(name, attribute);
  if (attribute.type === 'tensor')
    return [head, ...record(attributeField.t, writeTensor(attribute.value, attribute.value.name, authoring))];
  if (attribute.type === 'graph') return [head, ...record(attributeField.g, writeSubgraph(attribute.value, authoring))];
  return [head];
}

/** A TensorProto's payload; `elsewhere` are the fields that stand for its elements where they lie in another file. */
export function writeTensor(
  tensor: Tensor,
  name: string,
  { complain }: Pick<Authoring, 'complain'>,
  elsewhere?: readonly Piece[],
): Piece[] {
  const { dtype, dims, bytes } = tensor;
  if (elsewhere !== undefined) return [encodeTensorHead(name, dtype, dims), ...elsewhere];
  if (bytes === undefined || dtype === 'string') complain(`the constant \`${tensor.name}\` has no raw bytes`);
  return [encodeTensorHead(name, dtype, dims), ...record(tensorField.rawData, bytes === undefined ? [] : [bytes])];
}

/** The payload of a GraphProto inside an attribute. Its own tensors are named as the others are. */
function writeSubgraph(graph: Graph, authoring: Authoring): Piece[] {
  const infos = (number: number, values: readonly string[]): Piece[] =>
    values.flatMap((value) => {
      const info = writeInfo(authoring.nameOf(value), graph.types.get(value), authoring);
      if (info === undefined) authoring.complain(`the subgraph's tensor \`${value}\` has no known dtype`);
      return info === undefined ? [] : record(number, [info]);
    });
  return [
    ...graph.nodes.flatMap((node) => record(graphField.node, writeNode(node, authoring))),
    encodeGraphHead(graph.name, undefined),
    ...[...graph.initializers.values()].flatMap((tensor) =>
      record(graphField.initializer, writeTensor(tensor, authoring.nameOf(tensor.name), authoring)),
    ),
    ...infos(graphField.input, graph.inputs),
    ...infos(graphField.output, graph.outputs),
  ];
}

/** A ValueInfoProto's payload; undefined where not even the dtype is known. */
export function writeInfo(
  name: string,
  info: TensorInfo | undefined,
  { writeDim }: Pick<Authoring, 'writeDim'>,
  about: Pick<WrittenInfo, 'doc' | 'labels'> = {},
): Uint8Array | undefined {
  if (info?.dtype === undefined) return undefined;
  const { dtype } = info;
  const dims = info.dims?.map(writeDim);
  return encodeValueInfo({ name, dtype, dims, ...about });
}
