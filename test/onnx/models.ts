/** Small foreign models, encoded by onnx-proto: an independent writer. */
import proto, { type onnx } from 'onnx-proto';
import { readModel, type OnnxFile } from '../../src/onnx/index.ts';
import { memorySource, valueOf } from './helpers.ts';

const { AttributeProto, ModelProto, TensorProto } = proto.onnx;
export const attributeTypes = AttributeProto.AttributeType;
export const dataTypes = TensorProto.DataType;

export type Dims = readonly (number | string)[];

export function valueInfo(name: string, dims: Dims, elemType: number = dataTypes.FLOAT): onnx.IValueInfoProto {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

export function floats(name: string, dims: readonly number[], values: readonly number[]): onnx.ITensorProto {
  const rawData = new Uint8Array(Float32Array.from(values).buffer);
  return { name, dims: [...dims], dataType: dataTypes.FLOAT, rawData };
}

export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  rest: onnx.INodeProto = {},
): onnx.INodeProto {
  return { opType, input: [...input], output: [...output], name: `${opType}_${output.join('_')}`, ...rest };
}

export const graphAttribute = (name: string, g: onnx.IGraphProto): onnx.IAttributeProto => ({
  name,
  type: attributeTypes.GRAPH,
  g,
});

/** A serialised model; opset 14 and IR 8 unless told otherwise. */
export function encodeModel(graph: onnx.IGraphProto, rest: onnx.IModelProto = {}): Uint8Array {
  const message: onnx.IModelProto = {
    irVersion: 8,
    producerName: 'test',
    opsetImport: [{ domain: '', version: 14 }],
    ...rest,
    graph: { name: 'g', ...graph },
  };
  return Uint8Array.from(ModelProto.encode(message).finish());
}

/** What onnx-proto makes of the bytes. */
export const decodeModel = (bytes: Uint8Array): onnx.ModelProto => ModelProto.decode(bytes);

/** The file without its weights, which become inputs: what is left is small, and a mutation of it meets nodes. */
export function nodesOf(bytes: Uint8Array): Uint8Array {
  const { graph, ...rest } = decodeModel(bytes);
  const weights = (graph?.initializer ?? []).map(({ name }) => valueInfo(name!, []));
  return encodeModel({ ...graph, initializer: [], input: [...(graph?.input ?? []), ...weights] }, rest);
}

export function readBytes(bytes: Uint8Array, uri = 'memory:///model.onnx'): OnnxFile {
  return valueOf(readModel(memorySource(bytes, uri)));
}

/** A number of protobuf's wire format: lengths of records that are written byte by byte. */
export const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]);
