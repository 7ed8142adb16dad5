/** The smallest of models: it copies a tensor, from wherever that lies into the process's memory. */

/** Numbers of ONNX's TensorProto.DataType, by ONNX Runtime's names. */
const types: Readonly<Record<string, number>> = {
  float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11, uint32: 12, uint64: 13,
};

const text = (value: string): readonly number[] => [value.length, ...Buffer.from(value, 'latin1')];
/** A protobuf field that holds bytes, or a message: shorter than 128, so that its length is one byte. */
const field = (number: number, bytes: readonly number[]): readonly number[] => [(number << 3) | 2, bytes.length, ...bytes];
const named = (number: number, value: string): readonly number[] => [(number << 3) | 2, ...text(value)];
const whole = (number: number, value: number): readonly number[] => [number << 3, value];

/** `y = Identity(x)`, of a type and of any shape, as the bytes of an ONNX file: opset 13, IR version 8. */
export function identityOf(type: string): Uint8Array {
  const tensor = field(2, field(1, whole(1, types[type]!)));
  const node = [...named(1, 'x'), ...named(2, 'y'), ...named(4, 'Identity')];
  const graph = [...field(1, node), ...named(2, 'copy'), ...field(11, [...named(1, 'x'), ...tensor]), ...field(12, [...named(1, 'y'), ...tensor])];
  return Uint8Array.from([...whole(1, 8), ...field(7, graph), ...field(8, whole(2, 13))]);
}
