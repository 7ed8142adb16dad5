/** Where an axis of an input stands in the output of an operator that moves elements; axes count from the end. */
import { constantOf, equalDims, type Dim } from '../../../types/dim.ts';
import { axisIn, dimsAt, input, intOf, intsIn, numbersAt, type RuleCall } from '../rule.ts';
import type { Known } from '../known.ts';

/** The output's axis along which whole vectors of the input lie; undefined where they are taken apart or mixed. */
export type MovedAxis = (axis: number, call: RuleCall, output: Known) => number | undefined;

const same: MovedAxis = (axis) => axis;

const transposed: MovedAxis = (axis, call) => {
  const rank = dimsAt(call, 0)?.length;
  if (rank === undefined) return undefined;
  const perm = intsIn(call, 'perm', 9);
  if (perm === 'unknown') return undefined;
  const from = axis + rank;
  const to = perm === undefined ? rank - 1 - from : perm.indexOf(from);
  return to < 0 ? undefined : to - rank;
};

const product = (dims: readonly Dim[]): number => dims.reduce((all, dim) => all * (constantOf(dim) ?? NaN), 1);

/** An axis stays whole where what stands behind it has as many elements as before, and it has its size. */
const reshaped: MovedAxis = (axis, call, output) => {
  const before = dimsAt(call, 0);
  const after = output.dims;
  if (before === undefined || after === undefined || before.length + axis < 0) return undefined;
  const size = before.at(axis)!;
  const behind = axis === -1 ? 1 : product(before.slice(axis + 1));
  for (let to = -1; -to <= after.length; to--) {
    if ((to === -1 ? 1 : product(after.slice(to + 1))) === behind && equalDims(after.at(to)!, size)) return to;
  }
  return undefined;
};

/** Along another axis than the operator's own. */
const beside =
  (axisOf: (call: RuleCall) => number): MovedAxis =>
  (axis, call) => {
    const rank = dimsAt(call, 0)?.length;
    if (rank === undefined) return undefined;
    const own = axisIn(axisOf(call), rank);
    return own === undefined || own - rank === axis ? undefined : axis;
  };

const sliced: MovedAxis = (axis, call) => {
  const rank = dimsAt(call, 0)?.length;
  if (rank === undefined) return undefined;
  const axes = intsIn(call, 'axes', 3);
  const starts = intsIn(call, 'starts', 1);
  if (axes === 'unknown') return undefined;
  const touched = axes ?? (Array.isArray(starts) ? starts.map((_, i) => i) : undefined);
  return touched === undefined || touched.some((a) => axisIn(a, rank) === axis + rank) ? undefined : axis;
};

/** One index, or several along an axis of their own. */
const gathered: MovedAxis = (axis, call) => {
  const [rank, indices] = [dimsAt(call, 0)?.length, dimsAt(call, 1)?.length];
  const own = rank === undefined ? undefined : axisIn(intOf(call, 'axis', 0), rank);
  if (own === undefined || indices === undefined || rank === undefined || own === axis + rank) return undefined;
  return axis + rank > own ? axis : axis - (indices - 1);
};

const expanded: MovedAxis = (axis, call, output) => {
  const [before, after] = [dimsAt(call, 0)?.at(axis), output.dims?.at(axis)];
  return before && after && equalDims(before, after) ? axis : undefined;
};

const unsqueezed: MovedAxis = (axis, call, output) => {
  const rank = output.dims?.length;
  const axes = intsIn(call, 'axes', 1);
  if (rank === undefined || axes === undefined || axes === 'unknown') return undefined;
  const added = axes.map((a) => axisIn(a, rank));
  const kept = Array.from({ length: rank }, (_, i) => i).filter((i) => !added.includes(i));
  const to = kept.at(axis);
  return to === undefined ? undefined : to - rank;
};

const squeezed: MovedAxis = (axis, call, output) => {
  const [rank, left] = [dimsAt(call, 0)?.length, output.dims?.length];
  const axes = intsIn(call, 'axes', 1);
  if (rank === undefined || left === undefined || axes === undefined || axes === 'unknown') return undefined;
  const gone = axes.map((a) => axisIn(a, rank));
  const kept = Array.from({ length: rank }, (_, i) => i).filter((i) => !gone.includes(i));
  const to = kept.indexOf(axis + rank);
  return to === -1 || kept.length !== left ? undefined : to - left;
};

/** Where an axis is that a reduction leaves, if it leaves it. */
export const reducedAxis: MovedAxis = (axis, call) => {
  const rank = dimsAt(call, 0)?.length;
  const axes = intsIn(call, 'axes', 1);
  if (rank === undefined || axes === undefined || axes === 'unknown' || axes.length === 0) return undefined;
  const folded = axes.map((a) => axisIn(a, rank));
  if (folded.includes(axis + rank)) return undefined;
  if (intOf(call, 'keepdims', 1) === 1) return axis;
  const kept = Array.from({ length: rank }, (_, i) => i).filter((i) => !folded.includes(i));
  return kept.indexOf(axis + rank) - kept.length;
};

export const movedAxes: Readonly<Record<string, MovedAxis>> = {
  Identity: same,
  Dropout: same,
  Transpose: transposed,
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: squeezed,
  Unsqueeze: unsqueezed,
  Slice: sliced,
  Gather: gathered,
  Expand: expanded,
  Tile: expanded,
  Split: beside((call) => intOf(call, 'axis', 0)),
};

/** For each index of an output's axis which index of the input's it is; undefined where that is not known. */
export function pickedIndices(call: RuleCall, axis: number): readonly number[] | undefined {
  const rank = dimsAt(call, 0)?.length;
  const { dims } = input(call, 0);
  const size = dims?.at(axis) && constantOf(dims.at(axis)!);
  if (rank === undefined || size === undefined) return undefined;
  if (call.node.op === 'Gather' && axisIn(intOf(call, 'axis', 0), rank) === axis + rank && dimsAt(call, 1)?.length === 1) {
    const indices = numbersAt(call, 1)?.map((i) => (i < 0 ? i + size : i));
    return indices?.every((i) => i >= 0 && i < size) ? indices : undefined;
  }
  return undefined;
}
