/** From what an app gives (lists in lists, typed arrays, `{ data, dims }`) to the elements that a session takes. */
import { describe, isCount, isRecord, printable } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import type { CarriedDType } from '../../types/dtype.ts';
import { toHalf } from '../../types/half.ts';
import { describeInput } from './describe.ts';
import { arrayKind, rowOf, type NumericArray, type TensorData } from './elements.ts';
import { raise } from '../errors.ts';
import type { RawTensor } from '../session.ts';
import { showType } from './sizes.ts';
import type { Target } from './target.ts';

const maxRank = 64;
/** Lists of more elements than this exhaust memory before they are read. */
const maxListElements = 2 ** 28;

/** Reads a value as the target's dtype; its sizes are still to be checked. Raises for whatever is no such tensor. */
export function readTensorInput(value: unknown, target: Target): RawTensor {
  const { dtype } = target;
  const kind = arrayKind(value);
  if (kind !== undefined)
    return { dtype, data: fromTyped(value as NumericArray, kind, target), dims: [(value as NumericArray).length] };
  if (Array.isArray(value)) return fromNested(value, target);
  if (isRecord(value)) return fromTensorLike(value, target);
  const isElement = ['number', 'bigint', 'boolean', 'string'].includes(typeof value);
  if (!isElement) refuseKind(target, describeInput(value));
  return { dtype, data: fromList([value], target, []), dims: [] };
}

/** Other kinds of array with the same elements, viewed as the one that sessions take. */
const sameElements: Readonly<Record<string, string>> = { Uint8ClampedArray: 'Uint8Array', Float16Array: 'Uint16Array' };

function fromTyped(array: NumericArray, kind: string, target: Target): TensorData {
  const { array: expected } = rowOf(target.dtype);
  const alike = kind === 'Float16Array' && target.dtype !== 'f16' ? undefined : sameElements[kind];
  if (expected === undefined || (kind !== expected.name && alike !== expected.name)) {
    const takes = expected === undefined ? `${target.dtype}, a list of strings` : `${target.dtype}, a ${expected.name}`;
    refuseDtype(target, takes, `a ${kind}`);
  }
  const odd = target.dtype === 'bool' ? (array as Uint8Array).findIndex((bit) => bit > 1) : -1;
  if (odd >= 0) refuseDtype(target, 'bool, a Uint8Array of 0 and 1', `${array[odd]} at element ${odd}`);
  const own = kind === expected.name ? array : new expected(array.buffer, array.byteOffset, array.length);
  // ONNX Runtime takes no memory that threads share.
  return array.buffer instanceof ArrayBuffer ? own : own.slice();
}

function fromTensorLike(value: Readonly<Record<string, unknown>>, target: Target): RawTensor {
  const { location, type, dims } = value;
  if (!('data' in value) || dims === undefined) refuseKind(target, `an object with ${keysOf(value)}`);
  if (location !== undefined && location !== 'cpu') refuseKind(target, `a tensor that lies on ${describe(location)}`);
  const { ort } = rowOf(target.dtype);
  if (type !== undefined && type !== ort) refuseDtype(target, `${target.dtype} (${ort})`, describe(type));
  const sizes = Array.isArray(dims) && dims.length <= maxRank ? Array.from<unknown>(dims) : undefined;
  // What `every` says it is true of: a copy has no holes, and is no proxy.
  if (!sizes?.every(isCount)) return refuseKind(target, `dims that are no list of whole numbers from 0`);
  const { data } = value;
  const kind = arrayKind(data);
  if (kind === undefined && !Array.isArray(data)) refuseKind(target, `data that are ${describe(data)}`);
  const count = sizes.reduce((product, dim) => product * dim, 1);
  const length = (data as ArrayLike<unknown>).length;
  if (count !== length) {
    const found = `${length} elements with the dims [${sizes.join(', ')}], which take ${count}`;
    raise(runtimeCodes.finding('input-shape', { ...target, expected: showType(target.spec), found }));
  }
  const read =
    kind === undefined ? fromList(data as unknown[], target, sizes) : fromTyped(data as NumericArray, kind, target);
  return { dtype: target.dtype, data: read, dims: sizes };
}

const keysOf = (value: object): string => {
  const keys = Object.keys(value)
    .slice(0, 5)
    .map((key) => `\`${printable(key, 40)}\``);
  return keys.length === 0 ? 'no members' : keys.join(', ');
};

function fromNested(value: readonly unknown[], target: Target): RawTensor {
  const dims = nestedDims(value, target);
  const flat: unknown[] = [];
  flatten(value, dims, [], flat, target);
  return { dtype: target.dtype, data: fromList(flat, target, dims), dims };
}

/** The sizes along the first elements; where a list is empty, what lies below is as declared, or empty. */
function nestedDims(value: readonly unknown[], target: Target): number[] {
  const dims: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0]) {
    dims.push(level.length);
    if (dims.length > maxRank) refuseKind(target, `lists nested deeper than ${maxRank} levels`);
    if (level.length > 0) continue;
    for (const dim of target.spec.dims.slice(dims.length)) dims.push(typeof dim.size === 'number' ? dim.size : 0);
    break;
  }
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (count > maxListElements) refuseKind(target, `lists of ${count} elements`);
  return dims;
}

function flatten(
  value: unknown,
  dims: readonly number[],
  index: readonly number[],
  into: unknown[],
  target: Target,
): void {
  const size = dims[index.length];
  if (!Array.isArray(value) || value.length !== size) {
    const found = Array.isArray(value) ? `a list of ${value.length}` : describeInput(value);
    const expected = `${showType(target.spec)}, lists of equal lengths`;
    const ragged = `${found} at [${index.join(', ')}], where the first list has ${size}`;
    raise(runtimeCodes.finding('input-shape', { ...target, expected, found: ragged }));
  }
  const isInnermost = index.length === dims.length - 1;
  for (const [i, item] of value.entries()) {
    if (!isInnermost) flatten(item, dims, [...index, i], into, target);
    else if (Array.isArray(item))
      refuseKind(target, `a list at [${[...index, i].join(', ')}], where the first is an element`);
    else if (item === undefined) refuseKind(target, `nothing at [${[...index, i].join(', ')}]`);
    else into.push(item);
  }
}

/** Converts elements one by one; only what the dtype holds as it is meant is taken. */
function fromList(list: readonly unknown[], target: Target, dims: readonly number[]): TensorData {
  const { array, whole } = rowOf(target.dtype);
  const wrong = (i: number): never =>
    refuseDtype(target, `${target.dtype}`, `${showElement(list[i])} at [${indexOf(i, dims).join(', ')}]`);
  if (list.length > maxListElements) refuseKind(target, `a list of ${list.length} elements`);
  // Not `map`, which passes over holes.
  if (array === undefined) return Array.from(list, (v, i) => (typeof v === 'string' ? v : wrong(i)));
  const data = new array(list.length);
  for (let i = 0; i < list.length; i++) {
    const element = whole ? wholeElement(list[i], target.dtype, whole) : floatElement(list[i], target.dtype);
    if (element === undefined) wrong(i);
    // One of the two by the row's kind of array, which the compiler does not know.
    (data as { [i: number]: number | bigint })[i] = element!;
  }
  return data;
}

const showElement = (value: unknown): string => (typeof value === 'bigint' ? `${value}n` : describeInput(value));

function wholeElement(
  value: unknown,
  dtype: CarriedDType,
  [low, high]: readonly [bigint, bigint],
): number | bigint | undefined {
  if (dtype === 'bool' && typeof value !== 'boolean') return undefined;
  const asBig =
    typeof value === 'bigint'
      ? value
      : Number.isSafeInteger(value)
        ? BigInt(value as number)
        : value === true
          ? 1n
          : value === false
            ? 0n
            : undefined;
  if (asBig === undefined || asBig < low || asBig > high || (typeof value === 'boolean' && dtype !== 'bool'))
    return undefined;
  return dtype === 'i64' || dtype === 'u64' ? asBig : Number(asBig);
}

const largest: Partial<Record<CarriedDType, number>> = { f32: 3.4028235677973366e38, f16: 65520 };

function floatElement(value: unknown, dtype: CarriedDType): number | undefined {
  if (typeof value !== 'number') return undefined;
  if (Number.isFinite(value) && Math.abs(value) >= (largest[dtype] ?? Infinity)) return undefined;
  return dtype === 'f16' ? toHalf(value) : value;
}

/** The index along every axis of the element at a row-major position. */
export function indexOf(position: number, dims: readonly number[]): readonly number[] {
  const index: number[] = [];
  for (let axis = dims.length - 1, rest = position; axis >= 0; axis--) {
    const size = dims[axis]!;
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}

function refuseKind(target: Target, found: string): never {
  const expected = `a tensor ${showType(target.spec)} (lists in lists, a typed array, or { data, dims })`;
  raise(runtimeCodes.finding('input-kind', { ...target, expected, found }));
}

function refuseDtype(target: Target, expected: string, found: string): never {
  raise(runtimeCodes.finding('input-dtype', { ...target, expected, found }));
}
