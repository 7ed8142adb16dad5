/** Constants, and the values of small ones. */
import type { Tensor } from '../../ir/graph.ts';
import { constantOf, intDim } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import { known, mostValues, productOf, vector, type Known } from './known.ts';
import { input, sizeOf, unknownSizes, type Rule, type Rules } from './rule.ts';
import * as value from './scalar.ts';

const readers: Partial<Record<DType, (view: DataView, index: number) => number>> = {
  bool: (view, i) => view.getUint8(i),
  u8: (view, i) => view.getUint8(i),
  i8: (view, i) => view.getInt8(i),
  u16: (view, i) => view.getUint16(2 * i, true),
  i16: (view, i) => view.getInt16(2 * i, true),
  u32: (view, i) => view.getUint32(4 * i, true),
  i32: (view, i) => view.getInt32(4 * i, true),
  i64: (view, i) => Number(view.getBigInt64(8 * i, true)),
  u64: (view, i) => Number(view.getBigUint64(8 * i, true)),
  f32: (view, i) => view.getFloat32(4 * i, true),
  f64: (view, i) => view.getFloat64(8 * i, true),
};

/** A stored tensor: its dtype, its shape, and its elements where they are few and at hand. */
export function knownOfTensor({ dtype, dims, bytes }: Tensor): Known {
  const shape = dims.map(intDim);
  const count = dims.reduce((product, n) => product * n, 1);
  const read = readers[dtype];
  if (count > mostValues || read === undefined || !(bytes instanceof Uint8Array)) return known(dtype, shape);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { dtype, dims: shape, values: Array.from({ length: count }, (_, i) => value.ofNumber(read(view, i))) };
}

const constant: Rule = (call) => {
  for (const [name, attribute] of call.node.attributes) {
    if (attribute.type === 'tensor') return [knownOfTensor(attribute.value)];
    if (attribute.type === 'int' && name === 'value_int') return [{ dtype: 'i64', dims: [], values: [intDim(Number(attribute.value))] }];
    if (attribute.type === 'float' && name === 'value_float') return [{ dtype: 'f32', dims: [], values: [value.ofNumber(attribute.value)] }];
    if (attribute.type === 'string' && name === 'value_string') return [known('string', [])];
    if (attribute.type === 'ints' && name === 'value_ints') return [vector('i64', attribute.value.map((n) => intDim(Number(n))))];
    if (attribute.type === 'floats' && name === 'value_floats') return [vector('f32', attribute.value.map(value.ofNumber))];
    if (attribute.type === 'strings' && name === 'value_strings') return [known('string', [intDim(attribute.value.length)])];
  }
  return [];
};

const constantOfShape: Rule = (call) => {
  const attribute = call.node.attributes.get('value');
  const filled: Known = attribute?.type === 'tensor' ? knownOfTensor(attribute.value) : { dtype: 'f32', dims: [], values: [intDim(0)] };
  const dims = input(call, 0).values?.map((v) => sizeOf(v) ?? call.size()) ?? unknownSizes(call, 0);
  const count = dims && constantOf(productOf(dims) ?? call.size());
  const element = filled.values?.[0];
  if (element === undefined || count === undefined || count > mostValues) return [known(filled.dtype, dims)];
  return [{ dtype: filled.dtype, dims, values: Array.from({ length: count }, () => element) }];
};

export const constantRules: Rules = { Constant: constant, ConstantOfShape: constantOfShape };
