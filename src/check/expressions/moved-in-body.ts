/** Classes that the body of a part has put at other places, of axes to which its signature gives no names of its own. */
import { isElsewhere } from '../../types/match.ts';
import type { Axis, Shape, TensorType } from '../../types/type.ts';

/**
 * The type of a call's result with where the body has put the classes of each axis. `declared` is the signature's own type of it: what it
 * names is its word, and its body was held to that; names that only came from the arguments hold no longer where elements have moved.
 */
export function withMoved(type: TensorType, declared: TensorType, inferred: TensorType): TensorType {
  const { shape } = type;
  const [from, own] = [inferred.shape, declared.shape];
  if (!from.axes.some(({ moved }) => moved) || from.axes.length !== shape.axes.length || from.rest?.key !== shape.rest?.key || from.rest?.at !== shape.rest?.at) return type;
  const axes = shape.axes.map((axis, i) => (ownAxis(own, i, shape.axes.length)?.classes === undefined ? movedAxis(axis, from.axes[i]!) : axis));
  return axes.every((axis, i) => axis === shape.axes[i]) ? type : { ...type, shape: { ...shape, axes } };
}

/** The axis of a signature at a place among `count` that its `...` may stand for some of; undefined of these. */
function ownAxis({ axes, rest }: Shape, place: number, count: number): Axis | undefined {
  if (rest === undefined || place < rest.at) return axes[place];
  const fromEnd = count - place;
  return fromEnd <= axes.length - rest.at ? axes.at(-fromEnd) : undefined;
}

function movedAxis(axis: Axis, { classes: named, moved }: Axis): Axis {
  if (named !== undefined || moved === undefined || (axis.classes !== undefined && !isElsewhere(axis.classes, moved))) return axis;
  const { classes: _, ...unnamed } = axis;
  return { ...unnamed, moved };
}
