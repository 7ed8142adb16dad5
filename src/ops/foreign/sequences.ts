/** Sequences of tensors, as exporters write a split into parts that they take one by one; and optional values. Of a list of open length is known what all have in common. */
import { ceilDivDim } from '../../types/dim-atoms.ts';
import { addDims, constantOf, equalDims, intDim, subtractDims, type Dim } from '../../types/dim.ts';
import { simplest } from './broadcast.ts';
import { known, productOf, type Known, type Many } from './known.ts';
import { axisIn, dimsAt, dtypeOf, has, input, intOf, replaceAt, sizesAt, type Rule, type RuleCall, type Rules } from './rule.ts';
import { numberOf } from './scalar.ts';

type Items = readonly Known[];

const one = intDim(1);

/** No exporter writes longer lists. */
const mostItems = 256;

const listOf = (items: Items | undefined): Known => (items === undefined || items.length > mostItems ? {} : { items });

/** An index from the front; undefined where it is not known, or outside of what is there. */
function placeIn(call: RuleCall, at: number, count: number): number | undefined {
  const index = numberOf(input(call, at).values?.[0]);
  if (index === undefined) return undefined;
  const place = index < 0 ? index + count : index;
  return Number.isInteger(place) && place >= 0 && place < count ? place : undefined;
}

const manyOf = (each: Known | undefined, count: Dim): Known => ({ many: { each, count } });

const construct: Rule = (call) => [listOf(call.inputs.map((item) => item ?? {}))];
const empty: Rule = (call) => [{ dtype: dtypeOf(call, 'dtype', 'f32'), items: [] }];

const insert: Rule = (call) => {
  const { items, many } = input(call, 0);
  if (many !== undefined) return [manyOf(many.each === undefined ? input(call, 1) : alike([many.each, input(call, 1)]), addDims(many.count, one))];
  const place = items && (has(call, 2) ? placeIn(call, 2, items.length + 1) : items.length);
  return [listOf(place === undefined ? undefined : [...items!.slice(0, place), input(call, 1), ...items!.slice(place)])];
};

const erase: Rule = (call) => {
  const { items, many } = input(call, 0);
  if (many !== undefined) return [manyOf(many.each, subtractDims(many.count, one))];
  const place = items && (has(call, 1) ? placeIn(call, 1, items.length) : items.length - 1);
  return [listOf(place === undefined ? undefined : items!.filter((_, i) => i !== place))];
};

const itemAt: Rule = (call) => {
  const { items, many } = input(call, 0);
  if (many !== undefined) return [many.each];
  if (items === undefined || items.length === 0) return [];
  const place = placeIn(call, 1, items.length);
  return [place === undefined ? alike(items) : items[place]];
};

/** What is true of all. */
export function alike(items: Items): Known {
  const [first] = items;
  const isAlike = items.every(({ dims }) => dims?.length === first!.dims?.length && dims?.every((dim, i) => equalDims(dim, first!.dims![i]!)));
  return { dtype: items.every(({ dtype }) => dtype === first!.dtype) ? first!.dtype : undefined, dims: isAlike ? first!.dims : undefined };
}

const lengthOf: Rule = (call) => {
  const { items, many } = input(call, 0);
  const count = items === undefined ? many?.count : intDim(items.length);
  return [{ dtype: 'i64', dims: [], values: count && [count] }];
};

/** Pieces of given sizes; of one size, the last of which may be smaller; or single slices. */
const split: Rule = (call) => {
  const { dtype, dims } = input(call, 0);
  const axis = dims && axisIn(intOf(call, 'axis', 0), dims.length);
  if (dims === undefined || axis === undefined) return [];
  const piece = (size: Dim): Known => known(dtype, replaceAt(dims, axis, size));
  const length = constantOf(dims[axis]!);
  const given = has(call, 1) ? sizesAt(call, 1) : undefined;
  const listed = has(call, 1) && dimsAt(call, 1)?.length === 1 ? dimsAt(call, 1)![0]! : undefined;
  if (given !== undefined && listed !== undefined) return [listOf(given.map(piece))];
  const pieces = (count: Dim): Known => ({ many: { each: known(dtype, undefined), count, whole: { dims, axis } } });
  if (listed !== undefined) return [pieces(listed)];
  const each = has(call, 1) ? given?.[0] && constantOf(given[0]) : 1;
  const slice = !has(call, 1) && intOf(call, 'keepdims', 1) === 0 ? known(dtype, dims.filter((_, i) => i !== axis)) : piece(one);
  if (each === 1 && (length === undefined || length > mostItems)) return [manyOf(slice, dims[axis]!)];
  if (each === undefined || each < 1) return [];
  if (length === undefined || length / each > mostItems) return [pieces(ceilDivDim(dims[axis]!, intDim(each)))];
  const sizes = Array.from({ length: Math.ceil(length / each) }, (_, i) => Math.min(each, length - i * each));
  return [listOf(sizes.map((size) => (has(call, 1) ? piece(intDim(size)) : slice)))];
};

const concat: Rule = (call) => {
  const { items = [], many } = input(call, 0);
  const isNew = intOf(call, 'new_axis', 0) === 1;
  if (many !== undefined) return [concatMany(many, intOf(call, 'axis', 0), isNew)];
  const [first] = items;
  const rank = first?.dims?.length;
  const axis = rank === undefined ? undefined : axisIn(intOf(call, 'axis', 0), rank + Number(isNew));
  if (axis === undefined || !items.every(({ dims }) => dims?.length === rank)) return [known(first?.dtype, undefined)];
  const along = (i: number, join: (a: Dim, b: Dim) => Dim): Dim => items.map(({ dims }) => dims![i]!).reduce(join);
  const shared = first!.dims!.map((_, i) => along(i, !isNew && i === axis ? addDims : simplest));
  return [known(first!.dtype, isNew ? [...shared.slice(0, axis), intDim(items.length), ...shared.slice(axis)] : shared)];
};

function concatMany({ each, count, whole }: Many, given: number, isNew: boolean): Known {
  const { dtype, dims } = each ?? {};
  if (whole !== undefined && !isNew && axisIn(given, whole.dims.length) === whole.axis) return known(dtype, whole.dims);
  const axis = dims && axisIn(given, dims.length + Number(isNew));
  if (axis === undefined) return known(dtype, undefined);
  const all = isNew ? count : productOf([dims![axis]!, count]);
  return known(dtype, all && [...dims!.slice(0, axis), all, ...dims!.slice(isNew ? axis : axis + 1)]);
}

const same: Rule = (call) => [input(call, 0)];

export const sequenceRules: Rules = {
  ConcatFromSequence: concat,
  Optional: (call) => (has(call, 0) ? same(call) : []),
  OptionalGetElement: same,
  OptionalHasElement: () => [known('bool', [])],
  SequenceAt: itemAt,
  SequenceConstruct: construct,
  SequenceEmpty: empty,
  SequenceErase: erase,
  SequenceInsert: insert,
  SequenceLength: lengthOf,
  SplitToSequence: split,
};
