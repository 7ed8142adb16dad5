/** The single-operator cases of Debian's libonnx-testdata: models with recorded inputs and outputs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import proto from 'onnx-proto';
import { knownOfTensor } from '../../../src/ops/foreign/constants.ts';
import type { Known } from '../../../src/ops/foreign/known.ts';
import { readModel, type OnnxFile } from '../../../src/onnx/index.ts';
import { dtypeOfOnnx, type DType } from '../../../src/types/dtype.ts';
import { memorySource } from '../../onnx/helpers.ts';

const { ModelProto, TensorProto } = proto.onnx;
const root = '/usr/share/libonnx-testdata/data';

export const missing = existsSync(root) ? undefined : `${root} is not there (Debian: libonnx-testdata)`;

export interface Recorded {
  readonly dtype: DType | undefined;
  readonly dims: readonly number[];
  readonly known: Known;
}

export interface Case {
  readonly name: string;
  /** Undefined where the reader refuses it. */
  readonly model: OnnxFile | undefined;
  /** Something in it is a sequence, a map or an optional. */
  readonly isSequence: boolean;
  readonly inputs: ReadonlyMap<string, Recorded>;
  readonly outputs: ReadonlyMap<string, Recorded>;
}

function recorded(path: string): Recorded {
  const tensor = TensorProto.decode(readFileSync(path));
  const dims = tensor.dims.map(Number);
  const dtype = dtypeOfOnnx(tensor.dataType);
  const isEmpty = dims.includes(0);
  const bytes = isEmpty || tensor.rawData.length > 0 ? Uint8Array.from(tensor.rawData) : undefined;
  return { dtype, dims, known: dtype === undefined ? {} : knownOfTensor({ name: tensor.name, dtype, dims, bytes }) };
}

function readCase(group: string, folder: string): Case | undefined {
  const path = join(root, group, folder);
  if (!existsSync(join(path, 'model.onnx'))) return undefined;
  const bytes = readFileSync(join(path, 'model.onnx'));
  const { graph } = ModelProto.decode(bytes);
  const ports = [...graph!.input!, ...graph!.output!];
  const isSequence = ports.some((port) => !port.type?.tensorType) || graph!.node!.some((node) => node.opType!.includes('Sequence') && node.opType !== 'ReverseSequence');
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
