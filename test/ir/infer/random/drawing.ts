/** Random choices while a graph is drawn, and what a node is drawn from. */
import type { onnx } from 'onnx-proto';
import proto from 'onnx-proto';
import type { Tensor } from 'onnxruntime-node';
import { attributeTypes } from '../../../onnx/models.ts';

/** A tensor of the graph drawn so far, as ONNX Runtime computed it. */
export interface Value {
  readonly name: string;
  readonly tensor: Tensor;
}

/** A stored list or number: integers as i64, others as f32. */
export interface Constant {
  readonly dims: readonly number[];
  readonly values: readonly number[];
  readonly type: 'int64' | 'float32' | 'int32' | 'bool' | 'uint8';
}

/** An input of a drawn node: a tensor of the graph, a new constant, or "" for an omitted one. */
export type Operand = Value | Constant | '';

export interface DrawnNode {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly Operand[];
  readonly outputs?: number;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}
export type AttributeValue = number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] } | { readonly tensor: Constant };

export interface Drawing {
  readonly opset: number;
  readonly values: readonly Value[];
  readonly int: (low: number, high: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  /** A tensor of the graph that fits; undefined where there is none. */
  readonly find: (fits: (tensor: Tensor, name: string) => boolean) => Value | undefined;
}

export function startDrawing(random: () => number, opset: number, values: readonly Value[]): Drawing {
  const int = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const pick = <T>(list: readonly T[]): T => list[int(0, list.length - 1)]!;
  return {
    opset,
    values,
    int,
    pick,
    chance: (probability) => random() < probability,
    find: (fits) => {
      // Some kernels end the process on tensors without elements.
      const all = values.filter((value) => value.tensor.size > 0 && fits(value.tensor, value.name));
      return all.length === 0 ? undefined : pick(all);
    },
  };
}

/** mulberry32: 32 bits of state are enough for tests. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// ---------------------------------------------------------------- constants

export const ints = (values: readonly number[]): Constant => ({ dims: [values.length], values, type: 'int64' });
export const intScalar = (value: number): Constant => ({ dims: [], values: [value], type: 'int64' });
export const floatScalar = (value: number): Constant => ({ dims: [], values: [value], type: 'float32' });
export const floats = (values: readonly number[]): Constant => ({ dims: [values.length], values, type: 'float32' });
export const bools = (values: readonly boolean[]): Constant => ({ dims: [values.length], values: values.map(Number), type: 'bool' });
export const bytes = (...dims: readonly number[]): Constant => ({ dims, values: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => (i * 53) % 256), type: 'uint8' });
/** Weights without a pattern. */
export const weights = (...dims: readonly number[]): Constant => ({
  dims,
  values: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 12.9898 + 1) / 2),
  type: 'float32',
});

const arrays = { int64: BigInt64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array } as const;
const dataTypes = { int64: proto.onnx.TensorProto.DataType.INT64, float32: proto.onnx.TensorProto.DataType.FLOAT, int32: proto.onnx.TensorProto.DataType.INT32, bool: proto.onnx.TensorProto.DataType.BOOL, uint8: proto.onnx.TensorProto.DataType.UINT8 } as const;

export function encodeConstant(name: string, { dims, values, type }: Constant): onnx.ITensorProto {
  const data = type === 'int64' ? BigInt64Array.from(values.map(BigInt)) : arrays[type].from(values);
  return { name, dims: [...dims], dataType: dataTypes[type], rawData: new Uint8Array(data.buffer) };
}

export function encodeAttribute(name: string, value: AttributeValue): onnx.IAttributeProto {
  if (typeof value === 'number') return { name, type: attributeTypes.INT, i: value };
  if (typeof value === 'string') return { name, type: attributeTypes.STRING, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: attributeTypes.INTS, ints: [...(value as readonly number[])] };
  if ('float' in value) return { name, type: attributeTypes.FLOAT, f: value.float };
  if ('floats' in value) return { name, type: attributeTypes.FLOATS, floats: [...value.floats] };
  return { name, type: attributeTypes.TENSOR, t: encodeConstant('', (value as { tensor: Constant }).tensor) };
}
