/** Small ONNX models from a few lines each, the same bytes at every run; opset 13. */
import proto from 'onnx-proto';

const { AttributeProto, ModelProto, TensorProto } = proto.onnx;
const { DataType } = TensorProto;
const kinds = AttributeProto.AttributeType;
const dtypes = { f32: DataType.FLOAT, f16: DataType.FLOAT16, i64: DataType.INT64, u8: DataType.UINT8, bool: DataType.BOOL };

/** Numbers between -1 and 1 without a pattern. */
export const noise = (count, seed) => Array.from({ length: count }, (_, i) => (((i + 1) * 7919 + seed * 104729) % 1009) / 504.5 - 1);

/** `f32[batch, 8]` as ONNX writes it. */
function portOf(name, type) {
  const [, dtype, dims] = /^(\w+)\[(.*)\]$/.exec(type);
  const dim = dims.split(',').map((size) => size.trim()).filter((size) => size !== '').map((size) => (/^\d+$/.test(size) ? { dimValue: Number(size) } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: dtypes[dtype], shape: { dim } } } };
}

function attributeOf(name, value) {
  if (Array.isArray(value)) return { name, type: kinds.INTS, ints: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { name, type: kinds.INT, i: value } : { name, type: kinds.FLOAT, f: value };
  return { name, type: kinds.FLOAT, f: value.float };
}

/**
 * A model of these inputs and outputs. `write` gets the names of the inputs and makes nodes: `op` answers with the name of its result, `several` with those of
 * as many results, `floats` and `ints` with that of a constant. It answers with the results, in the outputs' order. `notes` are what an exporter writes beside the graph.
 */
export function encode(inputs, outputs, write, notes = {}) {
  const nodes = [];
  const initializer = [];
  const constant = (dtype, dims, bytes) => {
    const name = `constant_${initializer.length}`;
    initializer.push({ name, dims, dataType: dtypes[dtype], rawData: new Uint8Array(bytes.buffer) });
    return name;
  };
  const several = (opType, input, attributes, count) => {
    const name = `${opType}_${nodes.length}`;
    const output = Array.from({ length: count }, (_, i) => (i === 0 ? name : `${name}_${i}`));
    nodes.push({ opType, input, output, name, attribute: Object.entries(attributes).map(([key, value]) => attributeOf(key, value)) });
    return output;
  };
  const make = {
    several,
    op: (opType, input, attributes = {}) => several(opType, input, attributes, 1)[0],
    floats: (dims, values) => constant('f32', dims, Float32Array.from(values)),
    ints: (dims, values) => constant('i64', dims, BigInt64Array.from(values, BigInt)),
    matrix: (from, to, seed) => constant('f32', [from, to], Float32Array.from(noise(from * to, seed))),
    number: (value) => constant('f32', [], Float32Array.of(value)),
  };
  const results = [write(make, ...Object.keys(inputs))].flat();
  const names = Object.keys(outputs);
  names.forEach((name, i) => nodes.push({ opType: 'Identity', input: [results[i]], output: [name], name: `give_${name}` }));
  const ports = (types) => Object.entries(types).map(([name, type]) => portOf(name, type));
  const graph = { name: 'piece', node: nodes, input: ports(inputs), output: ports(outputs), initializer };
  const message = { irVersion: 8, producerName: 'silent-joints', opsetImport: [{ domain: '', version: 13 }], graph, metadataProps: Object.entries(notes).map(([key, value]) => ({ key, value })) };
  return ModelProto.encode(ModelProto.create(message)).finish();
}
