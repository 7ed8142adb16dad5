/**
 * The numbers of constants near an output: stored ones, and what is made of them by operators that only turn, cast or
 * dequantise them, as exporters leave them. What a question may read is bounded, so that a backbone is never read at large.
 */
import type { Numbers } from '../../ops/foreign/facts/fact-rule.ts';
import type { Known } from '../../ops/foreign/known.ts';
import { numberOf } from '../../ops/foreign/scalar.ts';
import { constantOf } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import { fromHalf } from '../../types/half.ts';
import type { Graph, Node, Tensor } from '../graph.ts';

/** The bytes of a stored tensor; undefined where they cannot be had. */
export type ReadTensor = (tensor: Tensor) => Uint8Array | undefined;

/** Bytes of one constant, and of all that one analysis reads. */
const mostBytes = 2 ** 22;
const mostOfAll = 2 ** 24;

const single = new DataView(new ArrayBuffer(4));
const fromBfloat = (bits: number): number => {
  single.setUint32(0, bits * 2 ** 16);
  return single.getFloat32(0);
};

const elements: Partial<Record<DType, readonly [bytes: number, read: (view: DataView, at: number) => number]>> = {
  f64: [8, (view, at) => view.getFloat64(at, true)],
  f32: [4, (view, at) => view.getFloat32(at, true)],
  f16: [2, (view, at) => fromHalf(view.getUint16(at, true))],
  bf16: [2, (view, at) => fromBfloat(view.getUint16(at, true))],
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

/** Whether this machine stores numbers as ONNX does, so that an array of them is taken over whole. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function decode(bytes: Uint8Array, dtype: DType, count: number): Float64Array | undefined {
  const row = elements[dtype];
  if (row === undefined || bytes.length < count * row[0]) return undefined;
  if (dtype === 'f32' && isLittleEndian) return new Float64Array(floatsIn(bytes.subarray(0, 4 * count)));
  const [size, read] = row;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = read(view, i * size);
  // Of a whole number that no double holds, the nearest one would be another.
  return (dtype === 'i64' || dtype === 'u64') && !data.every(Number.isSafeInteger) ? undefined : data;
}

/** Copied to a place that is a multiple of four. */
function floatsIn(bytes: Uint8Array): Float32Array {
  const floats = new Float32Array(bytes.length / 4);
  new Uint8Array(floats.buffer).set(bytes);
  return floats;
}

export type NumbersOf = (name: string) => Numbers | undefined;

/** The reading for the questions about one file: each constant is read once, and not more than may be. */
export type Stored = (tensor: Tensor) => Numbers | undefined;

export function startReading(read: ReadTensor): Stored {
  const known = new Map<Tensor, Numbers | undefined>();
  let left = mostOfAll;
  const stored: Stored = (tensor) => {
    const row = elements[tensor.dtype];
    const count = tensor.dims.reduce((all, n) => all * n, 1);
    if (row === undefined || count * row[0] > Math.min(mostBytes, left)) return undefined;
    const bytes = tensor.bytes instanceof Uint8Array ? tensor.bytes : read(tensor);
    const data = bytes && decode(bytes, tensor.dtype, count);
    if (data === undefined) return undefined;
    left -= count * row[0];
    return { dims: tensor.dims, data };
  };
  return (tensor) => {
    if (!known.has(tensor)) known.set(tensor, stored(tensor));
    return known.get(tensor);
  };
}

/** A graph in which constants are looked for. */
export interface ConstantSource {
  readonly graph: Graph;
  readonly known: (name: string) => Known | undefined;
  readonly maker: (name: string) => Node | undefined;
  /** Of tensors that the graph does not make. */
  readonly around: NumbersOf;
}

export function constantNumbers({ graph, known: knownOf, maker, around }: ConstantSource, stored: Stored): NumbersOf {
  const known = new Map<string, Numbers | undefined>();
  const ask = (name: string, depth: number): Numbers | undefined => {
    if (known.has(name)) return known.get(name);
    const initializer = graph.initializers.get(name);
    const numbers = initializer ? stored(initializer) : (followed(knownOf(name)) ?? (depth < 8 ? made(name, depth) : undefined));
    known.set(name, numbers);
    return numbers;
  };
  const made = (name: string, depth: number): Numbers | undefined => {
    const node = maker(name);
    if (node === undefined) return around(name);
    if (node.domain !== '') return undefined;
    const value = node.op === 'Constant' ? node.attributes.get('value') : undefined;
    if (value?.type === 'tensor') return stored(value.value);
    const make = Object.hasOwn(makers, node.op) ? makers[node.op] : undefined;
    const dims = knownOf(name)?.dims?.map(constantOf);
    const inputs = make && node.inputs.slice(0, make.inputs).map((input) => (input === '' ? undefined : ask(input, depth + 1)));
    if (make === undefined || inputs?.[0] === undefined || !dims?.every((n) => n !== undefined)) return undefined;
    return make.from(inputs, dims, node);
  };
  return (name) => ask(name, 0);
}

/** Small tensors whose elements were followed. */
function followed(tensor: Known | undefined): Numbers | undefined {
  const dims = tensor?.dims?.map(constantOf);
  const data = tensor?.values?.map(numberOf);
  if (!dims?.every((n) => n !== undefined) || !data?.every((n) => n !== undefined)) return undefined;
  return { dims, data: Float64Array.from(data) };
}

interface Maker {
  /** How many of its inputs have to be constants. */
  readonly inputs: number;
  readonly from: (inputs: readonly (Numbers | undefined)[], dims: readonly number[], node: Node) => Numbers | undefined;
}

const sameData: Maker = { inputs: 1, from: ([x], dims) => ({ dims, data: x!.data }) };

const transposed: Maker = {
  inputs: 1,
  from: ([x], dims, node) => {
    const perm = node.attributes.get('perm');
    const order = perm?.type === 'ints' ? perm.value.map(Number) : x!.dims.map((_, i) => x!.dims.length - 1 - i);
    if (x!.dims.length !== dims.length || order.some((from, i) => x!.dims[from] !== dims[i])) return undefined;
    const strides = x!.dims.map((_, i) => x!.dims.slice(i + 1).reduce((all, n) => all * n, 1));
    const data = Float64Array.from({ length: x!.data.length }, (_, flat) => {
      let [rest, from] = [flat, 0];
      for (let axis = dims.length - 1; axis >= 0; axis--) {
        from += (rest % dims[axis]!) * strides[order[axis]!]!;
        rest = Math.floor(rest / dims[axis]!);
      }
      return x!.data[from]!;
    });
    return { dims, data };
  },
};

/** (q - zero point) * scale, with one of each for the whole or for each index of an axis. */
const dequantised: Maker = {
  inputs: 3,
  from: ([q, scale, zero], dims, node) => {
    if (scale === undefined || (node.inputs[2] && zero === undefined)) return undefined;
    const attribute = node.attributes.get('axis');
    const axis = ((attribute?.type === 'int' ? Number(attribute.value) : 1) + dims.length) % Math.max(1, dims.length);
    const count = scale.data.length;
    if (count !== 1 && (scale.dims.length !== 1 || count !== dims[axis])) return undefined;
    const behind = dims.slice(axis + 1).reduce((all, n) => all * n, 1);
    const at = (flat: number): number => (count === 1 ? 0 : Math.floor(flat / behind) % count);
    return { dims, data: q!.data.map((value, flat) => (value - (zero?.data[at(flat)] ?? 0)) * scale.data[at(flat)]!) };
  },
};

const makers: Readonly<Record<string, Maker>> = {
  Identity: sameData, Reshape: sameData, Squeeze: sameData, Unsqueeze: sameData, Flatten: sameData,
  Cast: { inputs: 1, from: ([x], dims, node) => castTo(node, x!, dims) },
  Transpose: transposed,
  DequantizeLinear: dequantised,
};

/** To single or double precision. */
function castTo(node: Node, { data }: Numbers, dims: readonly number[]): Numbers | undefined {
  const to = node.attributes.get('to');
  const number = to?.type === 'int' ? Number(to.value) : 0;
  return number === 1 ? { dims, data: data.map(Math.fround) } : number === 11 ? { dims, data } : undefined;
}
