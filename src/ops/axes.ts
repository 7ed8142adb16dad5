/** Axes named by number, and facts that travel with them. */
import { constantOf, intDim } from '../types/dim.ts';
import type { Fact, SizeStatement } from '../types/fact.ts';
import { showTensor } from '../types/show.ts';
import type { Shape, TensorType } from '../types/type.ts';
import { fromEnd } from './shapes.ts';
import { atLeast, stillOpen } from './size-demands.ts';

/** Why axes are refused: one lies outside of the shape, or is named twice, perhaps from the start and from the end. */
export function whyNotAxes(axes: readonly number[], x: TensorType): string {
  const counted = axes.map((axis) => fromEnd(axis, x.shape));
  const again = counted.findIndex((axis, at) => counted.indexOf(axis) < at);
  if (counted.includes(undefined) || again < 0) return `axes [${axes.join(', ')}] are not those of ${showTensor(x)}`;
  const [first, second] = [axes[counted.indexOf(counted[again])]!, axes[again]!];
  return first === second ? `axes [${axes.join(', ')}] name ${first} twice` : `axes [${axes.join(', ')}] name one axis of ${showTensor(x)} twice: ${first} and ${second} are the same`;
}

/** The axes counted from the end, sorted; undefined where one lies outside the shape or stands twice. */
export function axesFromEnd(axes: readonly number[], shape: Shape): readonly number[] | undefined {
  const counted = axes.map((axis) => fromEnd(axis, shape));
  if (counted.some((axis) => axis === undefined) || new Set(counted).size !== counted.length) return undefined;
  return (counted as number[]).sort((a, b) => a - b);
}

/** Axes counted from the start, for ONNX before opset 11; the rank is known in a program. */
export const axesFromStart = (axes: readonly number[], rank: number): readonly number[] =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);

export const oneAxis = { size: intDim(1) } as const;

/** The shape without these axes (counted from the end), or with size 1 in their place. */
export function reduceAxes(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  const rank = shape.axes.length;
  const dropped = new Set(axes.map((axis) => axis + rank));
  if (keep) return { ...shape, axes: shape.axes.map((axis, i) => (dropped.has(i) ? oneAxis : axis)) };
  // `...` lies left of everything that is counted from the end, where there is one.
  return { ...shape, axes: shape.axes.filter((_, i) => !dropped.has(i)) };
}

/** What axes (counted from the end) have to have for something to be chosen along them, or averaged. */
export const someElements = (x: TensorType, axes: readonly number[]): readonly SizeStatement[] => stillOpen(axes.map((axis) => atLeast(x.shape.axes.at(axis)!.size, oneAxis.size)));

/** Why nothing can be chosen along these axes (counted from the end), or averaged; undefined where it can, as far as is known. */
export function emptyAxis(x: TensorType, axes: readonly number[]): string | undefined {
  const empty = axes.find((axis) => constantOf(x.shape.axes.at(axis)!.size) === 0);
  return empty === undefined ? undefined : `the axis ${empty} of ${showTensor(x)} has no element`;
}

const ofElements: ReadonlySet<Fact['kind']> = new Set(['range', 'mask', 'integer', 'finite']);

/** Facts of single elements: they hold wherever the elements go. */
export const elementFacts = (x: TensorType): readonly Fact[] => movedFacts(x, () => undefined);

/** A range's rows along another axis; without one what is known of all elements is left. */
function withRows(fact: Fact, axis: number | undefined): Fact {
  if (fact.kind !== 'range' || fact.rows === undefined) return fact;
  const { rows, ...whole } = fact;
  return axis === undefined ? whole : { ...whole, rows: { ...rows, axis } };
}

/** Facts of elements, and of whole rows whose axis moves as `to` says; undefined where it is no row any more. */
export function movedFacts(x: TensorType, to: (axis: number) => number | undefined): readonly Fact[] {
  return x.facts.flatMap((fact) => {
    if (ofElements.has(fact.kind)) return [withRows(fact, fact.kind === 'range' && fact.rows ? to(fact.rows.axis) : undefined)];
    // Flags of rows: without the rows, what they say of single elements is left.
    if (fact.kind === 'prefix_mask' || fact.kind === 'one_hot') return to(-1) === -1 ? [fact] : [asMask(fact)];
    if (fact.kind === 'nonzero') return to(-1) === -1 ? [fact] : [];
    if (fact.kind !== 'norm' && fact.kind !== 'sum' && fact.kind !== 'mean' && fact.kind !== 'std') return [];
    const axis = to(fact.axis);
    return axis === undefined ? [] : [{ ...fact, axis }];
  });
}

const asMask = ({ evidence, location }: Fact): Fact => ({ kind: 'mask', evidence, ...(location && { location }) });

export const isOne = (axis: Shape['axes'][number]): boolean => constantOf(axis.size) === 1;
