/** Operators that repeat, join and pick elements. */
import { addDims, constantOf, equalDims, intDim, multiplyDims, showDim, subtractDims, type Dim } from '../types/dim.ts';
import type { Fact, SizeStatement } from '../types/fact.ts';
import { showTensor } from '../types/show.ts';
import type { Axis, Shape, TensorType } from '../types/type.ts';
import { axesFromStart, elementFacts, isOne, movedFacts } from './axes.ts';
import { describeDType, sinceOf } from './dtypes.ts';
import { constantsOf, joinedFrom, knownIndices, pickedFrom } from './moved-classes.ts';
import { inferred, int, ints, numberAt, refuse, sizeAt, type Operator, type OperatorCall } from './operator.ts';
import { joinedRanges, pickedRanges, rangeOf } from './range.ts';
import { axisFromEnd, fromEnd, outOfRange, result, sameAxis, sameElementType } from './shapes.ts';
import { atLeast, isBroken, stillOpen } from './size-demands.ts';

const rankOf = (type: TensorType): number => type.shape.axes.length;
const withAxis = (shape: Shape, axis: number, by: Axis): Shape => ({ ...shape, axes: shape.axes.with(shape.axes.length + axis, by) });
const sameRest = (a: Shape, b: Shape): boolean => a.rest?.key === b.rest?.key && a.rest?.at === b.rest?.at;
const axisFromStart = ({ attributes, types }: OperatorCall): number => axesFromStart([numberAt(attributes, 'axis')], rankOf(types[0]!))[0]!;

/** Repeats what has size 1 until the shape is that of `like`. The only broadcasting besides that of scalars and suffixes. */
const expand: Operator = {
  name: 'Expand',
  inputs: ['x', 'like'],
  ownDType: ['like'],
  attributes: {},
  since: ([x]) => sinceOf(x!.dtype, 8),
  infer: ([x, like]) =>
    canExpand(x!.shape, like!.shape)
      ? inferred({ ...result([x!, like!], like!.shape, expandedFacts(x!, like!)), dtype: x!.dtype })
      : refuse(`${showTensor(x!)} cannot be repeated to the shape of ${showTensor(like!)}`),
  emit: ({ inputs: [x, like] }, to) => to.node('Expand', [x!, to.node('Shape', [like!])]),
};

/** Rows that are repeated whole stay what they are. */
const expandedFacts = (x: TensorType, like: TensorType): readonly Fact[] =>
  movedFacts(x, (axis) => (equalDims(axisFromEnd(x.shape, axis).size, axisFromEnd(like.shape, axis).size) ? axis : undefined));

function canExpand(from: Shape, to: Shape): boolean {
  const offset = to.axes.length - from.axes.length;
  // Axes left of `...` stand at no known distance from the end.
  const reachable = from.rest === undefined ? offset >= (to.rest?.at ?? 0) : offset === 0 && sameRest(from, to);
  return reachable && from.axes.every((axis, i) => isOne(axis) || sameAxis(axis, to.axes[offset + i]!));
}

/** `times` copies of the tensor, one behind the other along an axis. */
const tile: Operator = {
  name: 'Tile',
  inputs: ['x'],
  attributes: { axis: { type: 'int' }, times: { type: 'size' } },
  since: ([x]) => sinceOf(x!.dtype, 6),
  infer: ([x], attributes) => {
    const axis = fromEnd(numberAt(attributes, 'axis'), x!.shape);
    if (axis === undefined) return refuse(outOfRange(numberAt(attributes, 'axis'), x!));
    if ((constantOf(sizeAt(attributes, 'times')) ?? 0) < 0) return refuse('`times` is 0 or more');
    const size = multiplyDims(axisFromEnd(x!.shape, axis).size, sizeAt(attributes, 'times'));
    return inferred(result([x!], withAxis(x!.shape, axis, { size }), elementFacts(x!)));
  },
  emit: (call, to) => {
    const times = constantOf(sizeAt(call.attributes, 'times')) ?? 1;
    const repeats = Array.from({ length: rankOf(call.types[0]!) }, (_, i) => (i === axisFromStart(call) ? times : 1));
    return to.node('Tile', [call.inputs[0]!, to.ints(repeats)]);
  },
};

/** Tensors one behind the other along an axis; the others are equal. */
const concat: Operator = {
  name: 'Concat',
  inputs: ['a', 'b'],
  variadic: true,
  attributes: { axis: { type: 'int' } },
  since: ([a]) => sinceOf(a!.dtype, 4),
  infer: (inputs, attributes) => {
    const a = inputs[0]!;
    const axis = fromEnd(numberAt(attributes, 'axis'), a.shape);
    if (axis === undefined) return refuse(outOfRange(numberAt(attributes, 'axis'), a));
    const place = rankOf(a) + axis;
    for (const b of inputs.slice(1)) {
      if (!sameElementType(a.dtype, b.dtype)) return refuse(`one is ${showTensor(a)} and the other ${showTensor(b)}; nothing is cast silently`);
      const fits = rankOf(a) === rankOf(b) && sameRest(a.shape, b.shape) && a.shape.axes.every((own, i) => i === place || sameAxis(own, b.shape.axes[i]!));
      if (!fits) return refuse(`${showTensor(a)} and ${showTensor(b)} differ beside the axis ${numberAt(attributes, 'axis')}`);
    }
    const joined = inputs.map(({ shape }) => axisFromEnd(shape, axis));
    const size = joined.map((each) => each.size).reduce(addDims);
    const sizes = joined.map((each) => constantOf(each.size));
    return inferred(result(inputs, withAxis(a.shape, axis, joinedFrom(joined, sizes, { size })), joinedRanges(inputs, axis, sizes)));
  },
  emit: (call, to) => to.node('Concat', call.inputs, { axis: int(axisFromStart(call)) }),
};

/** `the 3`, or `the size batch`. */
const extentOf = (size: Dim): string => `the ${constantOf(size) === undefined ? 'size ' : ''}${showDim(size)}`;

/** What is said of places below 0, which count from the end elsewhere. */
function countedFromEnd(places: readonly Dim[], whole: Dim): string {
  const below = places.flatMap((place) => constantOf(place) ?? []).find((place) => place < 0);
  return below === undefined ? '' : `: places count from the beginning, and the one ${-below} before the end is \`${showDim(subtractDims(whole, intDim(-below)))}\``;
}

/** The places from one up to another; undefined where one of them is no number. */
function placesBetween(start: Dim, end: Dim): readonly number[] | undefined {
  const [first, last] = [constantOf(start), constantOf(end)];
  return first === undefined || last === undefined ? undefined : Array.from({ length: last - first }, (_, i) => first + i);
}

/** From `start` up to, not including, `end` of one axis. */
const slice: Operator = {
  name: 'Slice',
  inputs: ['x'],
  attributes: { axis: { type: 'int' }, start: { type: 'size' }, end: { type: 'size' } },
  since: ([x]) => sinceOf(x!.dtype, 1),
  infer: ([x], attributes) => {
    const axis = fromEnd(numberAt(attributes, 'axis'), x!.shape);
    if (axis === undefined) return refuse(outOfRange(numberAt(attributes, 'axis'), x!));
    const [start, end] = [sizeAt(attributes, 'start'), sizeAt(attributes, 'end')];
    const whole = axisFromEnd(x!.shape, axis).size;
    const demands = [...[start, end].map((place) => fromBeginning(place, whole)), atLeast(end, start), atLeast(whole, end)];
    if (demands.some(isBroken)) {
      return refuse(`${showDim(start)} to ${showDim(end)} does not lie within ${extentOf(whole)} of the axis ${axis} of ${showTensor(x!)}${countedFromEnd([start, end], whole)}`);
    }
    const size = subtractDims(end, start);
    const places = placesBetween(start, end);
    const moved = pickedRanges(movedFacts(x!, (other) => (other === axis ? undefined : other)), x!, axis, places);
    const facts = equalDims(size, whole) ? x!.facts : [...moved, ...(axis === -1 ? cutMask(x!, start, size) : [])];
    return inferred(result([x!], withAxis(x!.shape, axis, pickedFrom(axisFromEnd(x!.shape, axis), places, { size })), facts), stillOpen(demands));
  },
  clamps: true,
  takesOpenSize: (attribute, call) => writtenPlace(attribute, call) !== undefined,
  emit: (call, to) => {
    const [starts, ends] = ['start', 'end'].map((attribute) => [writtenPlace(attribute, call) ?? 0]) as [number[], number[]];
    const axes = [axisFromStart(call)];
    // The ranges are inputs since opset 10.
    if (to.opset < 10) return to.node('Slice', call.inputs, { axes: ints(axes), starts: ints(starts), ends: ints(ends) });
    return to.node('Slice', [call.inputs[0]!, to.ints(starts), to.ints(ends), to.ints(axes)]);
  },
};

/** That a place does not lie before the axis: so many before its end are no more than it has. */
function fromBeginning(place: Dim, whole: Dim): SizeStatement {
  const before = subtractDims(whole, place);
  return constantOf(place) === undefined && constantOf(before) !== undefined ? atLeast(whole, before) : atLeast(place, intDim(0));
}

/** A piece of ones and then zeros is such, too, and begins with 1 where the whole does and the piece is its beginning. */
function cutMask({ facts }: TensorType, start: Dim, size: Dim): readonly Fact[] {
  const prefix = facts.filter(({ kind }) => kind === 'prefix_mask');
  const isBeginning = prefix.length > 0 && constantOf(start) === 0 && (constantOf(size) ?? 1) > 0;
  return [...prefix, ...(isBeginning ? facts.filter(({ kind }) => kind === 'nonzero') : [])];
}

/** A place as ONNX takes it: a number, or one so many before the end, however long the axis is; undefined for others. */
function writtenPlace(attribute: string, { types, attributes }: Pick<OperatorCall, 'types' | 'attributes'>): number | undefined {
  const place = sizeAt(attributes, attribute);
  const whole = types[0]!.shape.axes.at(fromEnd(numberAt(attributes, 'axis'), types[0]!.shape)!)!.size;
  const before = constantOf(subtractDims(whole, place));
  if (before === 0 && (attribute === 'end' || constantOf(place) === undefined)) return beyondAll;
  return constantOf(place) ?? (before !== undefined && before > 0 ? -before : cutOff(place, whole));
}

/** The number of `min(n, 128)`, where the axis is `n` long: ONNX cuts a place off there. */
function cutOff({ terms: [first, ...others] }: Dim, whole: Dim): number | undefined {
  const atom = others.length === 0 && first?.coefficient === 1 && first.symbols.length === 1 ? first.symbols[0]!.atom : undefined;
  const limit = atom?.op === 'min' && atom.args.length === 2 && equalDims(atom.args[0]!, whole) ? constantOf(atom.args[1]!) : undefined;
  return limit !== undefined && limit >= 0 ? limit : undefined;
}

/** ONNX cuts an end off at the size of the axis. */
const beyondAll = 2 ** 31 - 1;

/** The slices of an axis that the indices name, in their order. */
const gather: Operator = {
  name: 'Gather',
  inputs: ['x', 'indices'],
  ownDType: ['indices'],
  numbersAs: { indices: 'i64' },
  attributes: { axis: { type: 'int', default: 0 } },
  since: ([x]) => sinceOf(x!.dtype, 1),
  infer: ([x, indices], attributes) => {
    const axis = fromEnd(numberAt(attributes, 'axis'), x!.shape);
    if (axis === undefined) return refuse(outOfRange(numberAt(attributes, 'axis'), x!));
    if (indices!.dtype !== 'i64' && indices!.dtype !== 'i32') return refuse(describeDType(indices!.dtype, 'indices in i64 or i32'));
    if (x!.shape.rest !== undefined && indices!.shape.rest !== undefined) return refuse('only one of the operands may have `...`');
    const { size } = axisFromEnd(x!.shape, axis);
    const demands = taken(indices!).map((count) => atLeast(size, intDim(count)));
    if (demands.some(isBroken)) return refuse(`an index does not lie within ${extentOf(size)} of the axis ${axis} of ${showTensor(x!)}`);
    const place = rankOf(x!) + axis;
    const { axes } = x!.shape;
    const rest = indices!.shape.rest ? { ...indices!.shape.rest, at: indices!.shape.rest.at + place } : x!.shape.rest;
    // Of indices with several axes, none counts what was counted.
    const isVector = indices!.shape.axes.length === 1 && indices!.shape.rest === undefined;
    const known = isVector ? knownIndices(indices!) : undefined;
    const picked = indices!.shape.axes.length === 1 ? [pickedFrom(axes[place]!, known, indices!.shape.axes[0]!)] : indices!.shape.axes;
    const shape = { axes: [...axes.slice(0, place), ...picked, ...axes.slice(place + 1)], ...(rest ? { rest } : {}) };
    // Axes behind the gathered one stand as far from the end as before.
    const to = (other: number): number | undefined => (other === axis ? undefined : other > axis ? other : indices!.shape.rest ? undefined : other - (rankOf(indices!) - 1));
    return inferred({ ...result([x!, indices!], shape, pickedRanges(movedFacts(x!, to), x!, axis, known)), dtype: x!.dtype }, stillOpen(demands));
  },
  emit: (call, to) => to.node('Gather', call.inputs, { axis: int(axisFromStart(call)) }),
};

/** How many elements an axis has at least if it has what the indices name: of constants each is taken, of others one. */
function taken(indices: TensorType): readonly number[] {
  const { low, high } = rangeOf(indices);
  // Of those that lie anywhere in a range, the nearest to the axis is the least that can be meant.
  const reached = constantsOf(indices) !== undefined ? [low, high] : [Math.min(high, Math.max(low, 0))];
  return reached.filter(Number.isFinite).map((index) => (index < 0 ? -index : index + 1));
}

export const selectionOperators: readonly Operator[] = [expand, tile, concat, slice, gather];
