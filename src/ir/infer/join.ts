/** What is true of a tensor that is one of several: a branch's or the other's, or what a node makes of one shape or of another. */
import type { Known } from '../../ops/foreign/known.ts';
import { equalDims, type Dim } from '../../types/dim.ts';

type Dims = readonly Dim[];

/** More shapes than these are followed no further. */
const mostShapes = 4;

/** The shapes that a tensor may have; undefined where it may have any. */
export const shapesOf = ({ dims, oneOf }: Known): readonly Dims[] | undefined => (dims === undefined ? oneOf : [dims]);

const isSame = (a: Dims, b: Dims): boolean => a.length === b.length && a.every((dim, i) => equalDims(dim, b[i]!));

export function join(all: readonly Known[], size: () => Dim): Known {
  const first = all[0];
  if (all.length <= 1) return first ?? {};
  const dtype = all.every((known) => known.dtype === first!.dtype) ? first!.dtype : undefined;
  if (all.some(({ items }) => items !== undefined)) return joinItems(all, dtype, size);
  const shapes = all.map(shapesOf);
  if (!shapes.every((list) => list !== undefined)) return { dtype };
  const different = shapes.flat().filter((shape, i, list) => list.findIndex((other) => isSame(shape, other)) === i);
  const [one] = different;
  if (different.every(({ length }) => length === one!.length)) return { dtype, dims: one!.map((dim, i) => (different.every((shape) => equalDims(shape[i]!, dim)) ? dim : size())) };
  return different.length <= mostShapes ? { dtype, oneOf: different } : { dtype };
}

/** Sequences of one length are one of tensors that are each one of several. */
function joinItems(all: readonly Known[], dtype: Known['dtype'], size: () => Dim): Known {
  const count = all[0]!.items?.length ?? 0;
  if (!all.every(({ items }) => items?.length === count)) return { dtype };
  return { dtype, items: Array.from({ length: count }, (_, i) => join(all.map(({ items }) => items![i]!), size)) };
}
