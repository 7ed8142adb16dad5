/** The single-operator cases of Debian's libonnx-testdata: models with recorded inputs and outputs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import proto, { type onnx } from 'onnx-proto';
import { knownOfTensor } from '../../../src/ops/foreign/constants.ts';
import type { Known } from '../../../src/ops/foreign/known.ts';
import { readModel, type OnnxFile } from '../../../src/onnx/index.ts';
import { dtypeOfOnnx, type DType } from '../../../src/types/dtype.ts';
import { fromHalf } from '../../../src/types/half.ts';
import { memorySource } from '../../onnx/helpers.ts';

const { ModelProto, TensorProto } = proto.onnx;
const root = '/usr/share/libonnx-testdata/data';

export const missing = existsSync(root) ? undefined : `${root} is not there (Debian: libonnx-testdata)`;

export interface Recorded {
  readonly dtype: DType | undefined;
  readonly dims: readonly number[];
  readonly known: Known;
  /** All its elements; undefined for dtypes that no number of JavaScript's is. */
  readonly numbers: readonly number[] | undefined;
}

export interface Case {
  readonly name: string;
  /** Undefined where the reader refuses it. */
  readonly model: OnnxFile | undefined;
  /** An input or an output is a sequence, a map or an optional. */
  readonly isSequence: boolean;
  readonly inputs: ReadonlyMap<string, Recorded>;
  readonly outputs: ReadonlyMap<string, Recorded>;
}

const readers: Partial<Record<DType, readonly [bytes: number, read: (view: DataView, at: number) => number]>> = {
  f32: [4, (view, at) => view.getFloat32(at, true)],
  f64: [8, (view, at) => view.getFloat64(at, true)],
  f16: [2, (view, at) => fromHalf(view.getUint16(at, true))],
  i8: [1, (view, at) => view.getInt8(at)],
  u8: [1, (view, at) => view.getUint8(at)],
  bool: [1, (view, at) => view.getUint8(at)],
  i16: [2, (view, at) => view.getInt16(at, true)],
  u16: [2, (view, at) => view.getUint16(at, true)],
  i32: [4, (view, at) => view.getInt32(at, true)],
  u32: [4, (view, at) => view.getUint32(at, true)],
  i64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  u64: [8, (view, at) => Number(view.getBigUint64(at, true))],
};

/** The recorded cases store their elements as raw bytes. */
function numbersOf({ rawData }: onnx.TensorProto, dtype: DType): readonly number[] | undefined {
  const row = readers[dtype];
  if (row === undefined || rawData.length === 0) return undefined;
  const bytes = Uint8Array.from(rawData);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / row[0] }, (_, i) => row[1](view, i * row[0]));
}

function recorded(path: string): Recorded {
  const tensor = TensorProto.decode(readFileSync(path));
  const dims = tensor.dims.map(Number);
  const dtype = dtypeOfOnnx(tensor.dataType);
  const isEmpty = dims.includes(0);
  const bytes = isEmpty || tensor.rawData.length > 0 ? Uint8Array.from(tensor.rawData) : undefined;
  const numbers = dtype === undefined ? undefined : numbersOf(tensor, dtype);
  return { dtype, dims, numbers, known: dtype === undefined ? {} : knownOfTensor({ name: tensor.name, dtype, dims, bytes }) };
}

function readCase(group: string, folder: string): Case | undefined {
  const path = join(root, group, folder);
  if (!existsSync(join(path, 'model.onnx'))) return undefined;
  const bytes = readFileSync(join(path, 'model.onnx'));
  const { graph } = ModelProto.decode(bytes);
  const ports = [...graph!.input!, ...graph!.output!];
  const isSequence = ports.some((port) => !port.type?.tensorType);
  const model = readModel(memorySource(Uint8Array.from(bytes)));
  const data = join(path, 'test_data_set_0');
  const tensors = (kind: 'input' | 'output', names: readonly string[]): Map<string, Recorded> =>
    new Map(names.flatMap((name, i) => (existsSync(join(data, `${kind}_${i}.pb`)) ? [[name, recorded(join(data, `${kind}_${i}.pb`))] as const] : [])));
  const [inputs, outputs] = [graph!.input!, graph!.output!].map((all) => all.map((port) => port.name!));
  return {
    name: `${group}/${folder}`,
    model: model.ok ? model.value : undefined,
    isSequence,
    inputs: isSequence ? new Map() : tensors('input', inputs!),
    outputs: isSequence ? new Map() : tensors('output', outputs!),
  };
}

export const readCases = (...groups: readonly string[]): readonly Case[] =>
  groups.flatMap((group) => readdirSync(join(root, group)).sort().flatMap((folder) => readCase(group, folder) ?? []));
