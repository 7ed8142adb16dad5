/** What is true of a tensor that is one of two: a branch's or the other's, before a loop or after it. */
import type { Known } from '../../ops/foreign/known.ts';
import { equalDims, type Dim } from '../../types/dim.ts';

export function join(a: Known, b: Known, size: () => Dim): Known {
  const dtype = a.dtype === b.dtype ? a.dtype : undefined;
  if (a.dims === undefined || b.dims === undefined || a.dims.length !== b.dims.length) return { dtype };
  return { dtype, dims: a.dims.map((dim, i) => (equalDims(dim, b.dims![i]!) ? dim : size())) };
}
