/** Which classes stand along an axis once operators have picked, cut, joined or sorted what it counted. */
import { constantOf } from '../types/dim.ts';
import type { Axis, Moved, TensorType } from '../types/type.ts';
import { rangeOf } from './range.ts';

/** The classes of an axis by their places, whose they were; undefined where it never counted any. */
const countedBy = ({ classes, moved }: Axis): Moved | undefined => (classes === undefined ? moved : { classes, values: classes.values });

const withMoved = (axis: Axis, moved: Moved | undefined): Axis => (moved === undefined ? axis : { ...axis, moved });

/** A new axis whose elements are those of another at these places; undefined where they depend on the numbers. */
export function pickedFrom(from: Axis, places: readonly number[] | undefined, axis: Axis): Axis {
  const counted = countedBy(from);
  return withMoved(axis, counted && { classes: counted.classes, values: places && counted.values && places.map((place) => counted.values!.at(place)) });
}

/** A new axis with the elements of others, one behind the other; `sizes` are theirs, undefined where one is not known. */
export function joinedFrom(from: readonly Axis[], sizes: readonly (number | undefined)[], axis: Axis): Axis {
  const counted = from.map(countedBy);
  const first = counted.find((one) => one !== undefined);
  if (first === undefined || sizes.some((size) => size === undefined)) return axis;
  if (counted.some((one) => one !== undefined && one.values === undefined)) return withMoved(axis, { classes: first.classes, values: undefined });
  return withMoved(axis, { classes: first.classes, values: counted.flatMap((one, i) => one?.values ?? Array.from({ length: sizes[i]! }, () => undefined)) });
}

/** The indices that a vector holds, where all of them are known. */
export function knownIndices(indices: TensorType): readonly number[] | undefined {
  const known = constantsOf(indices);
  const count = constantOf(indices.shape.axes[0]!.size);
  if (known === undefined || typeof known !== 'number') return known;
  return count === undefined ? undefined : Array.from({ length: count }, () => known);
}

/** What the elements of a tensor are, where that is known: all of them one number, or those of each index of an axis one; undefined where any may be several. */
export function constantsOf(type: TensorType): number | readonly number[] | undefined {
  const { low, high } = rangeOf(type);
  if (low === high && Number.isFinite(low)) return low;
  const ends = type.facts.flatMap((fact) => (fact.kind === 'range' ? (fact.rows?.ends ?? []) : []));
  return ends.length > 0 && ends.every((end) => end.low === end.high) ? ends.map((end) => end.low) : undefined;
}
