/** Shape rules that several operators share. */
import { equalDims } from '../types/dim.ts';
import { showElementType, showShape, showTensor } from '../types/show.ts';
import { weakest } from '../types/evidence.ts';
import type { Fact } from '../types/fact.ts';
import type { Axis, ElementType, Shape, TensorType } from '../types/type.ts';

export const sameElementType = (a: ElementType, b: ElementType): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : a.key === b.key;

/** Whether two axes can be one: their sizes are equal, and so are labels and classes where both have them. */
export const sameAxis = (a: Axis, b: Axis): boolean =>
  equalDims(a.size, b.size) &&
  (a.label === undefined || b.label === undefined || a.label === b.label) &&
  (a.classes === undefined || b.classes === undefined || a.classes.id === b.classes.id);

/** Why two operands cannot meet in an elementwise operator, in words. */
export function describeOperands(a: TensorType, b: TensorType): string {
  if (!sameElementType(a.dtype, b.dtype)) {
    return `one side is ${showElementType(a.dtype)} and the other ${showElementType(b.dtype)}; nothing is cast silently`;
  }
  const shapes = `${showShape(a.shape)} and ${showShape(b.shape)}`;
  const named = differentNames(a.shape, b.shape);
  return named === undefined ? `${shapes} are neither equal nor is one the end of the other` : `${shapes} have the same sizes, but ${named}`;
}

/** Where two shapes differ only by what their axes are called or count: the last such axis, in words. */
function differentNames(a: Shape, b: Shape): string | undefined {
  if (a.rest !== undefined || b.rest !== undefined) return undefined;
  const [long, short] = a.axes.length >= b.axes.length ? [a, b] : [b, a];
  const pairs = short.axes.map((axis, i) => [long.axes[long.axes.length - short.axes.length + i]!, axis] as const);
  if (!pairs.every(([x, y]) => equalDims(x.size, y.size))) return undefined;
  const at = pairs.findLastIndex(([x, y]) => !sameAxis(x, y));
  if (at < 0) return undefined;
  const [x, y] = a.axes.length >= b.axes.length ? pairs[at]! : pairs[at]!.toReversed() as [Axis, Axis];
  const place = at === pairs.length - 1 ? 'the last axis' : `the axis ${at - pairs.length}`;
  if (x.label !== undefined && y.label !== undefined && x.label !== y.label) return `${place} is \`${x.label}\` on one side and \`${y.label}\` on the other`;
  const [left, right] = [x.classes!, y.classes!];
  const index = left.values.findIndex((value, i) => value !== right.values[i]);
  const how = index < 0 ? 'two lists of equal words' : `class ${index} is "${left.values[index]}" in one and "${right.values[index]}" in the other`;
  return `${place} counts the classes of \`${left.name}\` on one side and those of \`${right.name}\` on the other: ${how}`;
}

/** The shape of an elementwise operator: equal shapes, or one the suffix of the other. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const [long, short] = a.axes.length >= b.axes.length && (a.rest || !b.rest) ? [a, b] : [b, a];
  if (short.rest !== undefined) {
    const same = long.rest?.key === short.rest.key && long.rest.at === short.rest.at && long.axes.length === short.axes.length;
    return same && long.axes.every((axis, i) => sameAxis(axis, short.axes[i]!)) ? mergeAxes(long, short, 0) : undefined;
  }
  const offset = long.axes.length - short.axes.length;
  // Axes before `...` are not known to stand at a given distance from the end.
  if (long.rest !== undefined && long.rest.at > offset) return undefined;
  return short.axes.every((axis, i) => sameAxis(axis, long.axes[offset + i]!)) ? mergeAxes(long, short, offset) : undefined;
}

/** Labels and classes that only one side knows are kept. */
function mergeAxes(long: Shape, short: Shape, offset: number): Shape {
  if (short.axes.every((other, i) => knowsAll(long.axes[offset + i]!, other))) return long;
  return { ...long, axes: long.axes.map((axis, i) => (i < offset ? axis : { ...short.axes[i - offset], ...axis })) };
}

/** Whether an axis says of itself what another one of the same size says. */
const knowsAll = (axis: Axis, other: Axis): boolean =>
  (axis.label !== undefined || other.label === undefined) && (axis.classes !== undefined || other.classes === undefined) && (axis.trained !== undefined || other.trained === undefined) && (axis.moved !== undefined || other.moved === undefined);

/** `axis` counted from the end, as facts count; undefined outside the shape. */
export function fromEnd(axis: number, shape: Shape): number | undefined {
  const rank = shape.axes.length;
  if (axis < 0) return shape.rest === undefined ? (axis >= -rank ? axis : undefined) : axis >= shape.rest.at - rank ? axis : undefined;
  return shape.rest === undefined && axis < rank ? axis - rank : undefined;
}

export const axisFromEnd = (shape: Shape, axis: number): Axis => shape.axes[shape.axes.length + axis]!;

/** A result with this shape and these facts, all proved by the operator. */
export function result(from: readonly TensorType[], shape: Shape, facts: readonly Fact[] = []): TensorType {
  return { kind: 'tensor', dtype: from[0]!.dtype, shape, facts, evidence: weakest(...from.map((t) => t.evidence)) };
}

export const outOfRange = (axis: number, type: TensorType): string => `axis ${axis} is not one of ${showTensor(type)}`;
