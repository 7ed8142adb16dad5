/**
 * Operators on constants, to the last bit: those that only move elements, and those whose result IEEE 754 or arithmetic modulo 2^n
 * settles. Sums of more than two terms, divisions and functions are left to the runtime, whose kernels round as they do.
 */
import { dtypes, type DType } from '../types/dtype.ts';
import { fromHalf } from '../types/half.ts';
import type { Attribute, Node } from './graph.ts';

/** A tensor at hand; elements little endian. */
export interface Constant {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}

/** The result of a node's one output; undefined where it is not settled, or the node is malformed. `inputs` has undefined for omitted ones. */
type Evaluator = (inputs: readonly (Constant | undefined)[], node: Node) => Constant | undefined;

/** Undefined for operators that are not evaluated. */
export function evaluate(node: Node, inputs: readonly (Constant | undefined)[]): Constant | undefined {
  const evaluator = node.domain === '' && node.outputs.length === 1 && Object.hasOwn(evaluators, node.op) ? evaluators[node.op] : undefined;
  const isPlain = inputs.every((input) => input === undefined || (input.dtype !== 'string' && dtypes[input.dtype].bits % 8 === 0));
  return isPlain ? evaluator?.(inputs, node) : undefined;
}

const countOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);
const sizeOf = (dtype: DType): number => dtypes[dtype].bits / 8;
const viewOf = ({ bytes }: Constant): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function intsOf(constant: Constant | undefined): readonly number[] | undefined {
  if (constant?.dtype !== 'i64') return undefined;
  const view = viewOf(constant);
  return Array.from({ length: countOf(constant.dims) }, (_, i) => Number(view.getBigInt64(8 * i, true)));
}

const attribute = <T extends Attribute['type']>(node: Node, name: string, type: T): Extract<Attribute, { type: T }> | undefined => {
  const found = node.attributes.get(name);
  return found?.type === type ? (found as Extract<Attribute, { type: T }>) : undefined;
};
const intAt = (node: Node, name: string, otherwise: number): number => Number(attribute(node, name, 'int')?.value ?? otherwise);
const listAt = (node: Node, name: string): readonly number[] | undefined => attribute(node, name, 'ints')?.value.map(Number);

/** An axis counted from the start; undefined where there is none such. */
const axisIn = (axis: number, rank: number): number | undefined => (axis >= -rank && axis < rank ? (axis + rank) % rank : undefined);

const reshaped = (x: Constant, dims: readonly number[] | undefined): Constant | undefined =>
  dims !== undefined && dims.every((size) => Number.isSafeInteger(size) && size >= 0) && countOf(dims) === countOf(x.dims) ? { ...x, dims } : undefined;

/** The elements at these places of `x`, in this order. */
function picked(x: Constant, dims: readonly number[], placeOf: (index: number) => number): Constant {
  const size = sizeOf(x.dtype);
  const bytes = new Uint8Array(countOf(dims) * size);
  for (let i = 0; i * size < bytes.length; i++) bytes.set(x.bytes.subarray(placeOf(i) * size, (placeOf(i) + 1) * size), i * size);
  return { dtype: x.dtype, dims, bytes };
}

/** How many elements lie between two that are neighbours along each axis. */
const stridesOf = (dims: readonly number[]): readonly number[] => dims.map((_, axis) => countOf(dims.slice(axis + 1)));

const transpose: Evaluator = ([x], node) => {
  if (x === undefined) return undefined;
  const order = listAt(node, 'perm') ?? x.dims.map((_, axis) => x.dims.length - 1 - axis);
  if (order.length !== x.dims.length || new Set(order).size !== order.length || order.some((axis) => x.dims[axis] === undefined)) return undefined;
  const dims = order.map((axis) => x.dims[axis]!);
  const [from, to] = [stridesOf(x.dims), stridesOf(dims)];
  return picked(x, dims, (index) => order.reduce((place, axis, i) => place + (Math.floor(index / to[i]!) % dims[i]!) * from[axis]!, 0));
};

const reshape: Evaluator = ([x, shape], node) => {
  const wanted = intsOf(shape);
  if (x === undefined || wanted === undefined) return undefined;
  const kept = wanted.map((size, axis) => (size === 0 && intAt(node, 'allowzero', 0) === 0 ? x.dims[axis] : size));
  const rest = countOf(kept.map((size) => (size === -1 ? 1 : (size ?? 0))));
  return reshaped(x, kept.map((size) => (size === -1 ? countOf(x.dims) / rest : (size ?? -1))));
};

const flatten: Evaluator = ([x], node) => {
  const axis = intAt(node, 'axis', 1);
  if (x === undefined || Math.abs(axis) > x.dims.length) return undefined;
  const cut = axis < 0 ? axis + x.dims.length : axis;
  return reshaped(x, [countOf(x.dims.slice(0, cut)), countOf(x.dims.slice(cut))]);
};

/** Axes are an attribute before opset 13, and an input since. */
const axesOf = (input: Constant | undefined, node: Node, rank: number): readonly number[] | undefined => {
  const axes = (input === undefined ? listAt(node, 'axes') : intsOf(input))?.map((axis) => axisIn(axis, rank));
  return axes?.every((axis) => axis !== undefined) && new Set(axes).size === axes.length ? (axes as number[]) : undefined;
};

const squeeze: Evaluator = ([x, given], node) => {
  if (x === undefined) return undefined;
  const axes = given === undefined && !node.attributes.has('axes') ? x.dims.flatMap((size, axis) => (size === 1 ? [axis] : [])) : axesOf(given, node, x.dims.length);
  return axes && reshaped(x, x.dims.filter((_, axis) => !axes.includes(axis)));
};

const unsqueeze: Evaluator = ([x, given], node) => {
  if (x === undefined) return undefined;
  const added = (given === undefined ? listAt(node, 'axes') : intsOf(given))?.length;
  const axes = added === undefined ? undefined : axesOf(given, node, x.dims.length + added);
  if (axes === undefined) return undefined;
  const rest = [...x.dims];
  return reshaped(x, Array.from({ length: x.dims.length + axes.length }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)));
};

const concat: Evaluator = (inputs, node) => {
  const all = inputs.filter((input) => input !== undefined);
  const [first] = all;
  const axis = first && axisIn(intAt(node, 'axis', 0), first.dims.length);
  if (axis === undefined || all.length !== inputs.length) return undefined;
  const isAlike = ({ dtype, dims }: Constant): boolean => dtype === first!.dtype && dims.length === first!.dims.length && dims.every((size, i) => i === axis || size === first!.dims[i]);
  if (!all.every(isAlike)) return undefined;
  const dims = first!.dims.map((size, i) => (i === axis ? all.reduce((sum, each) => sum + each.dims[axis]!, 0) : size));
  const rows = countOf(dims.slice(0, axis));
  const bytes = new Uint8Array(countOf(dims) * sizeOf(first!.dtype));
  let at = 0;
  for (let row = 0; row < rows; row++)
    for (const each of all) {
      const length = each.bytes.length / rows;
      bytes.set(each.bytes.subarray(row * length, (row + 1) * length), at);
      at += length;
    }
  return { dtype: first!.dtype, dims, bytes };
};

const gather: Evaluator = ([x, indices], node) => {
  const axis = x && axisIn(intAt(node, 'axis', 0), x.dims.length);
  const chosen = intsOf(indices)?.map((index) => axisIn(index, x?.dims[axis ?? 0] ?? 0));
  if (x === undefined || axis === undefined || chosen === undefined || chosen.some((index) => index === undefined)) return undefined;
  const [before, after] = [x.dims.slice(0, axis), x.dims.slice(axis + 1)];
  const block = countOf(after);
  const place = (index: number): number => {
    const row = Math.floor(index / (block * chosen.length));
    const which = chosen[Math.floor(index / block) % chosen.length]!;
    return (row * x.dims[axis]! + which) * block + (index % block);
  };
  return picked(x, [...before, ...indices!.dims, ...after], place);
};

/** Every number of the first is one of the second, or is rounded to one as IEEE 754 does. */
const casts: Partial<Record<DType, Partial<Record<DType, (from: DataView, to: DataView, i: number) => void>>>> = {
  f16: { f32: (from, to, i) => to.setFloat32(4 * i, fromHalf(from.getUint16(2 * i, true)), true) },
  f32: { f64: (from, to, i) => to.setFloat64(8 * i, from.getFloat32(4 * i, true), true) },
  f64: { f32: (from, to, i) => to.setFloat32(4 * i, from.getFloat64(8 * i, true), true) },
  i32: {
    i64: (from, to, i) => to.setBigInt64(8 * i, BigInt(from.getInt32(4 * i, true)), true),
    f64: (from, to, i) => to.setFloat64(8 * i, from.getInt32(4 * i, true), true),
    f32: (from, to, i) => to.setFloat32(4 * i, from.getInt32(4 * i, true), true),
  },
  u8: {
    f32: (from, to, i) => to.setFloat32(4 * i, from.getUint8(i), true),
    i64: (from, to, i) => to.setBigInt64(8 * i, BigInt(from.getUint8(i)), true),
  },
  bool: {
    f32: (from, to, i) => to.setFloat32(4 * i, from.getUint8(i), true),
    i64: (from, to, i) => to.setBigInt64(8 * i, BigInt(from.getUint8(i)), true),
  },
};

const cast: Evaluator = ([x], node) => {
  const to = (Object.keys(dtypes) as DType[]).find((dtype) => dtypes[dtype].onnx === intAt(node, 'to', 0));
  if (x === undefined || to === undefined) return undefined;
  if (x.dtype === to) return x;
  const convert = casts[x.dtype]?.[to];
  const count = countOf(x.dims);
  const made: Constant = { dtype: to, dims: x.dims, bytes: new Uint8Array(count * sizeOf(to)) };
  if (convert === undefined) return undefined;
  for (let i = 0; i < count; i++) convert(viewOf(x), viewOf(made), i);
  return isSettled(made) ? made : undefined;
};

/** Which of its many bit patterns a NaN gets, nobody settles. */
function isSettled(constant: Constant): boolean {
  const view = viewOf(constant);
  const count = countOf(constant.dims);
  const isNumber = constant.dtype === 'f32' ? (i: number) => !Number.isNaN(view.getFloat32(4 * i, true)) : constant.dtype === 'f64' ? (i: number) => !Number.isNaN(view.getFloat64(8 * i, true)) : () => true;
  for (let i = 0; i < count; i++) if (!isNumber(i)) return false;
  return true;
}

type Operator = 'Add' | 'Sub' | 'Mul';
/** One element from two. */
type Compute = (left: DataView, i: number, right: DataView, j: number, to: DataView, k: number) => void;

function elementwise<T>(get: (view: DataView, i: number) => T, set: (view: DataView, i: number, value: T) => void, operators: Readonly<Record<Operator, (a: T, b: T) => T>>): Readonly<Record<Operator, Compute>> {
  const by = (operate: (a: T, b: T) => T): Compute => (left, i, right, j, to, k) => set(to, k, operate(get(left, i), get(right, j)));
  return { Add: by(operators.Add), Sub: by(operators.Sub), Mul: by(operators.Mul) };
}

const ofNumbers = { Add: (a: number, b: number) => a + b, Sub: (a: number, b: number) => a - b, Mul: (a: number, b: number) => a * b };
const ofIntegers = { Add: (a: bigint, b: bigint) => a + b, Sub: (a: bigint, b: bigint) => a - b, Mul: (a: bigint, b: bigint) => a * b };

/** A double holds what two numbers of single precision make so well that rounding twice is rounding once (Figueroa 1995); integers wrap. */
const arithmetic: Partial<Record<DType, Readonly<Record<Operator, Compute>>>> = {
  f32: elementwise((view, i) => view.getFloat32(4 * i, true), (view, i, value) => view.setFloat32(4 * i, value, true), ofNumbers),
  f64: elementwise((view, i) => view.getFloat64(8 * i, true), (view, i, value) => view.setFloat64(8 * i, value, true), ofNumbers),
  i32: elementwise((view, i) => BigInt(view.getInt32(4 * i, true)), (view, i, value) => view.setInt32(4 * i, Number(BigInt.asIntN(32, value)), true), ofIntegers),
  i64: elementwise((view, i) => view.getBigInt64(8 * i, true), (view, i, value) => view.setBigInt64(8 * i, BigInt.asIntN(64, value), true), ofIntegers),
};

const binary = (operator: Operator): Evaluator => ([a, b]) => {
  const compute = a && a.dtype === b?.dtype ? arithmetic[a.dtype]?.[operator] : undefined;
  const dims = compute && broadcast(a!.dims, b!.dims);
  if (dims === undefined) return undefined;
  const made: Constant = { dtype: a!.dtype, dims, bytes: new Uint8Array(countOf(dims) * sizeOf(a!.dtype)) };
  const [left, right] = [spread(a!, dims), spread(b!, dims)];
  const [from, other, to] = [viewOf(a!), viewOf(b!), viewOf(made)];
  for (let i = 0; i < countOf(dims); i++) compute!(from, left(i), other, right(i), to, i);
  return isSettled(made) ? made : undefined;
};

function broadcast(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const pairs = Array.from({ length: rank }, (_, axis) => [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1] as const);
  if (pairs.some(([x, y]) => x !== y && x !== 1 && y !== 1)) return undefined;
  return pairs.map(([x, y]) => (x === 1 ? y : x));
}

/** Where an element of the broadcast tensor comes from. */
function spread({ dims }: Constant, wide: readonly number[]): (index: number) => number {
  const own = stridesOf(dims);
  const all = stridesOf(wide);
  const skipped = wide.length - dims.length;
  return (index) => dims.reduce((place, size, axis) => place + (size === 1 ? 0 : (Math.floor(index / all[axis + skipped]!) % size) * own[axis]!), 0);
}

const evaluators: Readonly<Record<string, Evaluator>> = {
  Identity: ([x]) => x,
  Transpose: transpose,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Gather: gather,
  Cast: cast,
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
};
