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

const arrays: Partial<Record<DType, new (buffer: ArrayBuffer) => ArrayLike<number | bigint>>> = {
  f32: Float32Array, f64: Float64Array, f16: Uint16Array, i8: Int8Array, u8: Uint8Array, bool: Uint8Array, i16: Int16Array, u16: Uint16Array,
  i32: Int32Array, u32: Uint32Array, i64: BigInt64Array, u64: BigUint64Array,
};

/** The recorded cases store their elements as raw bytes. */
function numbersOf({ rawData }: onnx.TensorProto, dtype: DType): readonly number[] | undefined {
  const array = arrays[dtype];
  if (array === undefined || rawData.length === 0) return undefined;
  const elements = new array(Uint8Array.from(rawData).buffer);
  return Array.from(elements, (element) => (dtype === 'f16' ? fromHalf(Number(element)) : Number(element)));
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
