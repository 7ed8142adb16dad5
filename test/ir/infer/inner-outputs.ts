/** Models that give all they make. */
import proto from 'onnx-proto';
import type { OnnxFile } from '../../../src/onnx/index.ts';

/** Protobuf joins what is written one after the other: a second message with more outputs. */
export function withInnerOutputs(bytes: Uint8Array, { graph }: OnnxFile): Uint8Array {
  const names = graph.nodes.flatMap((node) => node.outputs).filter((name) => name !== '' && !graph.outputs.includes(name));
  const more = proto.onnx.ModelProto.encode({ graph: { output: names.map((name) => ({ name })) } }).finish();
  return Buffer.concat([bytes, more]);
}
