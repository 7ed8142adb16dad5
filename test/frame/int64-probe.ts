/** Bundled by int64.test.ts as the package is: prints what the protobuf library makes of the extremes of int64. */
import proto from 'onnx-proto';
import { encodeAttribute } from '../../src/onnx/write/proto.ts';

const { AttributeProto } = proto.onnx;
const extremes = [2n ** 63n - 1n, -(2n ** 63n), 1n];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

console.log(
  JSON.stringify({
    ours: extremes.map((value) => hex(encodeAttribute('i', { type: 'int', value }))),
    // Right only where the library has its optional package for 64-bit numbers.
    library: extremes.map((value) => hex(AttributeProto.encode(AttributeProto.fromObject({ i: String(value) })).finish())),
  }),
);
