/** Operators that give the elements other axes. */
import { multiplyDims } from '../types/dim.ts';
import { showTensor } from '../types/show.ts';
import type { Axis, Shape, TensorType } from '../types/type.ts';
import { axesFromEnd, axesFromStart, elementFacts, isOne, movedFacts, oneAxis, reduceAxes, whyNotAxes } from './axes.ts';
import { sinceOf } from './dtypes.ts';
import { inferred, ints, intsAt, numberAt, refuse, type Emitter, type Inference, type Operator } from './operator.ts';
import { axisFromEnd, outOfRange, result } from './shapes.ts';

const rankOf = (type: TensorType): number => type.shape.axes.length;
const since = ([x]: readonly TensorType[]): number => sinceOf(x!.dtype, 1);
const notAxes = (axes: readonly number[], x: TensorType): Inference => refuse(whyNotAxes(axes, x));

/** The axes in another order: all of them, or as many at the end as `perm` has, counted from the end. */
const transpose: Operator = {
  name: 'Transpose',
  inputs: ['x'],
  attributes: { perm: { type: 'ints' } },
  since,
  infer: ([x], attributes) => {
    const perm = intsAt(attributes, 'perm');
    const from = permuted(perm, x!.shape);
    if (from === undefined) return refuse(`[${perm.join(', ')}] is no order of the axes of ${showTensor(x!)}`);
    const rank = rankOf(x!);
    const axes = [...x!.shape.axes.slice(0, rank - from.length), ...from.map((axis) => axisFromEnd(x!.shape, axis))];
    const to = (axis: number): number => (axis < -from.length ? axis : from.indexOf(axis) - from.length);
    return inferred(result([x!], { ...x!.shape, axes }, movedFacts(x!, to)));
  },
  emit: (call, to) => {
    const x = call.types[0]!;
    const from = permuted(intsAt(call.attributes, 'perm'), x.shape)!.map((axis) => axis + rankOf(x));
    const before = Array.from({ length: rankOf(x) - from.length }, (_, i) => i);
    return to.node('Transpose', call.inputs, { perm: ints([...before, ...from]) });
  },
};

/** Where each of the last axes comes from, counted from the end; undefined where `perm` is no permutation of them. */
function permuted(perm: readonly number[], shape: Shape): readonly number[] | undefined {
  const fromTheEnd = perm.length > 0 && perm.every((axis) => axis < 0);
  if (!fromTheEnd && (shape.rest !== undefined || perm.length !== shape.axes.length)) return undefined;
  const from = perm.map((axis) => (axis < 0 ? axis : axis - shape.axes.length));
  if (from.some((axis) => axis >= 0)) return undefined;
  const last = axesFromEnd(from, shape);
  return last?.every((axis, i) => axis === i - perm.length) ? from : undefined;
}

/** New axes of size 1 at these places of the result. */
const unsqueeze: Operator = {
  name: 'Unsqueeze',
  inputs: ['x'],
  attributes: { axes: { type: 'ints' } },
  since,
  infer: ([x], attributes) => {
    const axes = intsAt(attributes, 'axes');
    const added = insertAxes(x!.shape, axes);
    if (added === undefined) return notAxes(axes, x!);
    const { shape, places } = added;
    return inferred(result([x!], shape, movedFacts(x!, (axis) => shiftAxis(axis, places))));
  },
  emit: (call, to) => emitAxes('Unsqueeze', call.inputs[0]!, axesFromStart(intsAt(call.attributes, 'axes'), rankOf(call.output)), to),
};

/** The shape with axes of size 1, which then stand at `places`, counted from the end, the last first. */
function insertAxes(shape: Shape, axes: readonly number[]): { shape: Shape; places: readonly number[] } | undefined {
  const rank = shape.axes.length + axes.length;
  if (axes.length === 0 || (shape.rest !== undefined && axes.some((axis) => axis >= 0))) return undefined;
  const places = axes.map((axis) => (axis < 0 ? axis : axis - rank)).sort((a, b) => b - a);
  const first = shape.rest === undefined ? -rank : shape.rest.at - rank;
  if (new Set(places).size !== places.length || places.some((place) => place < first || place > -1)) return undefined;
  const all: Axis[] = [...shape.axes];
  // What stands right of a place is complete when its turn comes.
  for (const place of places) all.splice(all.length + place + 1, 0, oneAxis);
  return { shape: { ...shape, axes: all }, places };
}

/** Where an axis counted from the end is once others stand at `places`, the last first. */
const shiftAxis = (axis: number, places: readonly number[]): number => places.reduce((moved, place) => (place >= moved ? moved - 1 : moved), axis);

/** Drops axes of size 1. */
const squeeze: Operator = {
  name: 'Squeeze',
  inputs: ['x'],
  attributes: { axes: { type: 'ints' } },
  since,
  infer: ([x], attributes) => {
    const axes = axesFromEnd(intsAt(attributes, 'axes'), x!.shape);
    if (axes === undefined || axes.length === 0) return notAxes(intsAt(attributes, 'axes'), x!);
    const large = axes.find((axis) => !isOne(axisFromEnd(x!.shape, axis)));
    if (large !== undefined) return refuse(`the axis ${large} of ${showTensor(x!)} is not known to have the size 1`);
    const to = (axis: number): number | undefined => (axes.includes(axis) ? undefined : axis + axes.filter((a) => a > axis).length);
    return inferred(result([x!], reduceAxes(x!.shape, axes, false), movedFacts(x!, to)));
  },
  emit: (call, to) => emitAxes('Squeeze', call.inputs[0]!, axesFromStart(intsAt(call.attributes, 'axes'), rankOf(call.types[0]!)), to),
};

/** The axes are an input since opset 13. */
const emitAxes = (op: string, x: string, axes: readonly number[], to: Emitter): string =>
  to.opset >= 13 ? to.node(op, [x, to.ints(axes)]) : to.node(op, [x], { axes: ints(axes) });

/** [first axes as one, the others as one]. */
const flatten: Operator = {
  name: 'Flatten',
  inputs: ['x'],
  attributes: { axis: { type: 'int', default: 1 } },
  since: ([x]) => sinceOf(x!.dtype, x!.dtype === 'f32' || x!.dtype === 'f64' || x!.dtype === 'f16' ? 1 : 9),
  infer: ([x], attributes) => {
    const axis = numberAt(attributes, 'axis');
    if (x!.shape.rest !== undefined || axis < 0 || axis > rankOf(x!)) return refuse(outOfRange(axis, x!));
    const product = (axes: readonly Axis[]): Axis => ({ size: axes.map(({ size }) => size).reduce(multiplyDims, oneAxis.size) });
    const { axes } = x!.shape;
    return inferred(result([x!], { axes: [product(axes.slice(0, axis)), product(axes.slice(axis))] }, elementFacts(x!)));
  },
};

export const layoutOperators: readonly Operator[] = [transpose, unsqueeze, squeeze, flatten];
