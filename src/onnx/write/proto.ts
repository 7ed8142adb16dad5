/**
 * Builds the messages that are ours. The only file that knows the protobuf library, which is fed 64-bit numbers as
 * pairs of halves: without its optional `long` package it would round them.
 */
import proto, { type onnx } from 'onnx-proto';
import type { Attribute, Node } from '../../ir/graph.ts';
import { dtypes, type DType } from '../../types/dtype.ts';
import { axisDenotations, typeDenotation, type Labels } from './denotations.ts';
import { attributeType } from '../schema.ts';

const {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  OperatorSetIdProto,
  StringStringEntryProto,
  TensorProto,
  ValueInfoProto,
} = proto.onnx;
const utf8 = new TextEncoder();

/** A signed 64-bit number as the library takes it in all its versions. */
const halves = (value: bigint): { low: number; high: number; unsigned: boolean } => ({
  low: Number(BigInt.asIntN(32, value)),
  high: Number(BigInt.asIntN(32, value >> 32n)),
  unsigned: false,
});

/** The library may hand out views of a pool. */
const finish = (writer: { finish(): Uint8Array }): Uint8Array => Uint8Array.from(writer.finish());

export interface ModelHead {
  readonly irVersion: number;
  readonly producer: string;
  readonly producerVersion: string;
  readonly doc: string | undefined;
  /** Domain to version. */
  readonly opsets: ReadonlyMap<string, number>;
}

/** A ModelProto without its graph, to be continued by further fields. */
export function encodeModelHead({ irVersion, producer, producerVersion, doc, opsets }: ModelHead): Uint8Array {
  const opsetImport = [...opsets].map(([domain, version]) => ({ domain, version }));
  const message: onnx.IModelProto = { irVersion, producerName: producer, producerVersion, opsetImport };
  return finish(ModelProto.encode(doc === undefined ? message : { ...message, docString: doc }));
}

/** A GraphProto of nothing but its name and description. */
export function encodeGraphHead(name: string, doc: string | undefined): Uint8Array {
  return finish(GraphProto.encode(doc === undefined ? { name } : { name, docString: doc }));
}

/** A NodeProto without its attributes. */
export function encodeNodeHead({ name, op, domain, inputs, outputs }: Omit<Node, 'attributes'>): Uint8Array {
  const message: onnx.INodeProto = { input: [...inputs], output: [...outputs], opType: op };
  if (name !== '') message.name = name;
  if (domain !== '') message.domain = domain;
  return finish(NodeProto.encode(message));
}

/** An AttributeProto; that of a tensor or a graph without its value. */
export function encodeAttribute(name: string, attribute: Exclude<Attribute, { type: 'opaque' }>): Uint8Array {
  const type = attributeType[attribute.type];
  return finish(AttributeProto.encode({ name, type, ...attributeValue(attribute) }));
}

function attributeValue(attribute: Exclude<Attribute, { type: 'opaque' }>): onnx.IAttributeProto {
  switch (attribute.type) {
    case 'int':
      return { i: halves(attribute.value) };
    case 'float':
      return { f: attribute.value };
    case 'string':
      return { s: utf8.encode(attribute.value) };
    case 'ints':
      return { ints: attribute.value.map(halves) };
    case 'floats':
      return { floats: [...attribute.value] };
    case 'strings':
      return { strings: attribute.value.map((text) => utf8.encode(text)) };
    case 'tensor':
    case 'graph':
      return {};
  }
}

/** A TensorProto without its elements. */
export function encodeTensorHead(name: string, dtype: DType, dims: readonly number[]): Uint8Array {
  const message: onnx.ITensorProto = { dims: [...dims], dataType: dtypes[dtype].onnx };
  return finish(TensorProto.encode(name === '' ? message : { ...message, name }));
}

/** The field of a TensorProto that says that its elements lie elsewhere. */
export const encodeExternalLocation = (): Uint8Array =>
  finish(TensorProto.encode({ dataLocation: TensorProto.DataLocation.EXTERNAL }));

/** A size, a size's name, or undefined where nothing is known of it. */
export type WrittenDim = number | string | undefined;

export interface WrittenInfo {
  readonly name: string;
  readonly dtype: DType;
  /** Undefined where the rank is unknown. */
  readonly dims: readonly WrittenDim[] | undefined;
  readonly doc?: string;
  /** Of the axes, for their denotations. */
  readonly labels?: Labels;
}

export function encodeValueInfo({ name, dtype, dims, doc, labels = [] }: WrittenInfo): Uint8Array {
  const tensorType: onnx.TypeProto.ITensor = { elemType: dtypes[dtype].onnx };
  const axes = axisDenotations(labels);
  if (dims !== undefined) tensorType.shape = { dim: dims.map((dim, axis) => encodeDim(dim, axes[axis] ?? '')) };
  const denotation = typeDenotation(labels);
  const message: onnx.IValueInfoProto = { name, type: denotation === undefined ? { tensorType } : { tensorType, denotation } };
  return finish(ValueInfoProto.encode(doc === undefined ? message : { ...message, docString: doc }));
}

function encodeDim(dim: WrittenDim, denotation: string): onnx.TensorShapeProto.IDimension {
  const known = denotation === '' ? {} : { denotation };
  if (dim === undefined) return known;
  return typeof dim === 'number' ? { ...known, dimValue: dim } : { ...known, dimParam: dim };
}

/** An OperatorSetIdProto. */
export const encodeOpset = (domain: string, version: number): Uint8Array =>
  finish(OperatorSetIdProto.encode({ domain, version }));

/** A StringStringEntryProto: a line of a model's metadata. */
export const encodeEntry = (key: string, value: string): Uint8Array =>
  finish(StringStringEntryProto.encode({ key, value }));
