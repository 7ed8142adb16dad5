/** Operators that keep all elements in their order and give them another shape. */
import { divDim, minDim } from '../../types/dim-atoms.ts';
import { areDifferent, lowerBound } from '../../types/dim-bounds.ts';
import { exactQuotient } from '../../types/dim-quotient.ts';
import { addDims, constantOf, equalDims, intDim, multiplyDims, substituteDim, subtractDims, symbolDim, type Dim } from '../../types/dim.ts';
import { aroundZero } from '../../types/least-sizes.ts';
import { highestRank, known, productOf, type Known } from './known.ts';
import { viewed, wholeView } from './moved.ts';
import { axesIn, axisIn, dimsAt, dtypeAt, input, intOf, intsIn, intsOf, lengthAt, sizesFor, type Rule, type RuleCall, type Rules } from './rule.ts';
import * as value from './scalar.ts';
import type { Scalar } from './scalar.ts';

/** The same elements in another shape. */
const reshaped = (from: Known, dims: readonly Dim[] | undefined): Known => (dims === undefined ? known(from.dtype, dims) : { ...from, dims });

type Wanted = Scalar | undefined;

const reshape: Rule = (call) => {
  const from = input(call, 0);
  const wanted = intsOf(call, 'shape')?.map((n): Wanted => intDim(n)) ?? input(call, 1).values;
  if (wanted !== undefined) return [reshaped(from, target(call, from, wanted))];
  const rank = lengthAt(call, 1);
  return [known(from.dtype, rank === undefined || rank > highestRank ? undefined : sizesFor(call, rank))];
};

function target(call: RuleCall, from: Known, wanted: readonly Wanted[]): readonly Dim[] | undefined {
  if (wanted.length > highestRank) return undefined;
  const copies = intOf(call, 'allowzero', 0) === 0;
  const dims = wanted.map((size, i): Dim | undefined => {
    const dim = value.dimOf(size);
    const number = value.numberOf(size);
    if (number === 0 && copies) return from.dims?.[i];
    // As it was: 0 would copy what it is.
    if (dim !== undefined && from.dims?.[i] !== undefined && equalDims(dim, from.dims[i])) return dim;
    // What may be -1 says nothing until it is known not to be.
    return dim !== undefined && lowerBound(dim) >= 0 ? dim : undefined;
  });
  if (copies) settleZeros(dims, from.dims, call);
  const open = dims.flatMap((dim, i) => (dim === undefined ? [i] : []));
  const left = open.length === 1 ? quotient(from.dims, dims.filter((dim) => dim !== undefined)) : undefined;
  return dims.map((dim) => dim ?? left ?? call.size());
}

/** Of sizes that may be 0, which would copy an axis of the input: where no run can have that, it is noted; else both cases are said. */
function settleZeros(dims: (Dim | undefined)[], from: readonly Dim[] | undefined, call: RuleCall): void {
  for (const [i, dim] of dims.entries()) {
    if (dim === undefined || lowerBound(dim) > 0 || constantOf(dim) !== undefined) continue;
    const copied = from?.[i];
    if (from !== undefined && (copied === undefined || !fitsAtZero(dim, i, dims, from))) call.needs?.(subtractDims(dim, intDim(1)));
    else dims[i] = copied && addDims(dim, multiplyDims(copied, subtractDims(intDim(1), minDim(dim, intDim(1)))));
  }
}

/** Whether all elements could find their places where one size is 0, so that its axis keeps what it was. */
function fitsAtZero(dim: Dim, i: number, dims: readonly (Dim | undefined)[], from: readonly Dim[]): boolean {
  const others = dims.filter((_, j) => j !== i);
  if (!others.every((other) => other !== undefined)) return true;
  const most = aroundZero(dim)?.atMost;
  const small = (size: Dim): Dim => (most === undefined ? size : substituteDim(size, (symbol) => (symbol.key === most.key ? symbolDim(most) : undefined)));
  const [wanted, left] = [productOf(others), productOf(from.filter((_, j) => j !== i))];
  return wanted === undefined || left === undefined || !areDifferent(small(wanted), small(left));
}

/** What the sizes of one axis must be for the products to agree. */
function quotient(from: readonly Dim[] | undefined, others: readonly Dim[]): Dim | undefined {
  if (from === undefined) return undefined;
  // Axes on both sides need not be multiplied out; what is longer than anybody means stays apart that way.
  const rest = [...others];
  const kept = from.filter((dim) => {
    const at = rest.findIndex((other) => equalDims(dim, other));
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  const [all, by] = [productOf(kept), productOf(rest)];
  if (all === undefined || by === undefined || constantOf(by) === 0) return undefined;
  return exactQuotient(all, by) ?? (lowerBound(by) > 0 ? divDim(all, by) : undefined);
}

const flatten: Rule = (call) => {
  const from = input(call, 0);
  const axis = intOf(call, 'axis', 1);
  if (from.dims === undefined) return [known(from.dtype, sizesFor(call, 2))];
  const at = axis < 0 ? axis + from.dims.length : axis;
  const part = (dims: readonly Dim[]): Dim => productOf(dims) ?? call.size();
  return [reshaped(from, [part(from.dims.slice(0, at)), part(from.dims.slice(at))])];
};

const squeeze: Rule = (call) => {
  const from = input(call, 0);
  const axes = intsIn(call, 'axes', 1);
  if (from.dims === undefined || axes === 'unknown') return [known(from.dtype, undefined)];
  if (axes !== undefined) {
    const gone = axesIn(axes, from.dims.length);
    return [reshaped(from, gone && from.dims.filter((_, i) => !gone.includes(i)))];
  }
  const isKnown = from.dims.every((dim) => constantOf(dim) !== undefined || lowerBound(dim) > 1);
  return [reshaped(from, isKnown ? from.dims.filter((dim) => constantOf(dim) !== 1) : undefined)];
};

const unsqueeze: Rule = (call) => {
  const from = input(call, 0);
  const given = intsIn(call, 'axes', 1);
  const count = Array.isArray(given) ? given.length : lengthAt(call, 1);
  if (from.dims === undefined || count === undefined) return [known(from.dtype, undefined)];
  const rank = from.dims.length + count;
  if (rank > highestRank) return [known(from.dtype, undefined)];
  const axes = Array.isArray(given) ? axesIn(given as readonly number[], rank) : undefined;
  if (axes === undefined) return [known(from.dtype, sizesFor(call, rank))];
  const left = [...from.dims];
  return [reshaped(from, Array.from({ length: rank }, (_, i) => (axes.includes(i) ? intDim(1) : left.shift()!)))];
};

const shape: Rule = (call) => {
  const { dims } = input(call, 0);
  if (dims === undefined) return [known('i64', [call.size()])];
  const clamp = (n: number): number => Math.min(Math.max(n < 0 ? n + dims.length : n, 0), dims.length);
  const part = dims.slice(clamp(intOf(call, 'start', 0)), clamp(intOf(call, 'end', dims.length)));
  return [{ dtype: 'i64', dims: [intDim(part.length)], values: part }];
};

const size: Rule = (call) => {
  const dims = dimsAt(call, 0);
  const count = dims && productOf(dims);
  return [{ dtype: 'i64', dims: [], values: count && [count] }];
};

/** Blocks of an image's rows and columns become channels, and back. */
const blocks =
  (sign: 1 | -1): Rule =>
  (call) => {
    const dims = dimsAt(call, 0);
    const block = intOf(call, 'blocksize', 1);
    if (dims?.length !== 4 || block < 1) return [known(dtypeAt(call, 0), sizesFor(call, 4))];
    const [n, c, h, w] = dims as [Dim, Dim, Dim, Dim];
    const grow = (dim: Dim, by: number): Dim => productOf([dim, intDim(by)]) ?? call.size();
    const shrink = (dim: Dim, by: number): Dim => divDim(dim, intDim(by));
    const out = sign === 1 ? [n, shrink(c, block * block), grow(h, block), grow(w, block)] : [n, grow(c, block * block), shrink(h, block), shrink(w, block)];
    return [known(dtypeAt(call, 0), out)];
  };

const transpose: Rule = (call) => {
  const from = input(call, 0);
  const { dims } = from;
  if (dims === undefined) return [known(from.dtype, undefined)];
  const given = intsOf(call, 'perm');
  const order = given === undefined ? dims.map((_, i) => dims.length - 1 - i) : given;
  if (order.length !== dims.length || axesIn(order, dims.length) === undefined) return [known(from.dtype, undefined)];
  const places = order.map((i) => axisIn(i, dims.length)!);
  const whole = from.values && wholeView(dims);
  const view = whole && { ...whole, sizes: places.map((i) => whole.sizes[i]!), strides: places.map((i) => whole.strides[i]!) };
  return [{ dtype: from.dtype, dims: places.map((i) => dims[i]!), values: viewed(from.values, view) }];
};

export const reshapeRules: Rules = {
  DepthToSpace: blocks(1),
  Flatten: flatten,
  Reshape: reshape,
  Shape: shape,
  Size: size,
  SpaceToDepth: blocks(-1),
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
