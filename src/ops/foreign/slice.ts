/** What a slice takes of its axes, also where its bounds are sizes. */
import { ceilDivDim, maxDim, minDim } from '../../types/dim-atoms.ts';
import { lowerBound } from '../../types/dim-bounds.ts';
import { addDims, constantOf, intDim, multiplyDims, negateDim, subtractDims, type Dim } from '../../types/dim.ts';
import { known } from './known.ts';
import { viewed, wholeView, type Values, type View } from './moved.ts';
import { axisIn, has, input, intsOf, lengthAt, numbersAt, replaceAt, sizesFor, type Rule, type RuleCall } from './rule.ts';
import * as value from './scalar.ts';

type Dims = readonly Dim[];
const [zero, one] = [intDim(0), intDim(1)];

export const slice: Rule = (call) => {
  const from = input(call, 0);
  const { dtype, dims } = from;
  if (dims === undefined) return [known(dtype, undefined)];
  const isOld = call.opset < 10 && call.node.domain === '';
  const lists = isOld ? { starts: attributeList(call, 'starts'), ends: attributeList(call, 'ends') } : { starts: input(call, 1).values, ends: input(call, 2).values };
  const count = lists.starts?.length ?? lists.ends?.length ?? lengthAt(call, 1);
  const axes = isOld ? intsOf(call, 'axes') : has(call, 3) ? (numbersAt(call, 3) ?? 'unknown') : undefined;
  if (axes === 'unknown' || count === undefined) return [known(dtype, sizesFor(call, dims.length))];
  const steps: Values | undefined = isOld || !has(call, 4) ? Array.from({ length: count }, () => one) : input(call, 4).values;
  let out: Dims = dims;
  const cuts: (Cut | undefined)[] = dims.map((size) => ({ start: zero, step: 1, length: size }));
  for (let i = 0; i < count; i++) {
    const axis = axisIn(axes?.[i] ?? i, dims.length);
    if (axis === undefined) return [known(dtype, undefined)];
    const cut = cutOf(dims[axis]!, { start: value.dimOf(lists.starts?.[i]), end: value.dimOf(lists.ends?.[i]), step: value.numberOf(steps?.[i]) });
    cuts[axis] = cut;
    out = replaceAt(out, axis, cut?.length ?? call.size());
  }
  return [{ dtype, dims: out, values: viewed(from.values, viewOf(dims, cuts)) }];
};

const attributeList = (call: RuleCall, name: string): Values | undefined => intsOf(call, name)?.map(intDim);

interface Bounds {
  readonly start: Dim | undefined;
  readonly end: Dim | undefined;
  readonly step: number | undefined;
}
interface Cut {
  readonly start: Dim;
  readonly step: number;
  readonly length: Dim;
}

/** What a slice takes of an axis; undefined where it cannot be told. */
function cutOf(size: Dim, { start, end, step }: Bounds): Cut | undefined {
  if (step === undefined || step === 0 || start === undefined || end === undefined) return undefined;
  if (step < 0) return cutBackwards(size, start, end, step);
  const [from, to] = [clamped(start, size, zero, size), clamped(end, size, zero, size)];
  return { start: from, step, length: maxDim(zero, ceilDivDim(subtractDims(to, from), intDim(step))) };
}

function cutBackwards(size: Dim, start: Dim, end: Dim, step: number): Cut | undefined {
  if (constantOf(size) === 0) return { start: zero, step, length: zero };
  if (lowerBound(size) < 1) return undefined;
  const from = clamped(start, size, zero, subtractDims(size, one));
  const to = isOpenEnd(end) ? intDim(-1) : clamped(end, size, intDim(-1), size);
  return { start: from, step, length: maxDim(zero, ceilDivDim(subtractDims(from, to), intDim(-step))) };
}

/** Farther than any axis is long: "all". */
const isHigh = (dim: Dim): boolean => (constantOf(dim) ?? 0) >= 2 ** 31 - 1;
const isLow = (dim: Dim): boolean => (constantOf(dim) ?? 0) <= -(2 ** 31 - 1);
/** The greatest i32 and i64 (which no double is): "to the very end" in either direction, as ONNX Runtime reads them. */
const isOpenEnd = (dim: Dim): boolean => isLow(dim) || [2 ** 31 - 1, 2 ** 63].includes(constantOf(dim) ?? 0);

/** An index counted from the front, within bounds. */
function clamped(index: Dim, size: Dim, low: Dim, high: Dim): Dim {
  if (isHigh(index)) return high;
  if (isLow(index)) return low;
  // 1 where it counts from the end: `min(max(-index, 0), 1)`.
  const isNegative = minDim(maxDim(negateDim(index), zero), one);
  return maxDim(low, minDim(high, addDims(index, multiplyDims(isNegative, size))));
}

/** The elements that are left, where all bounds are numbers. */
function viewOf(dims: Dims, cuts: readonly (Cut | undefined)[]): View | undefined {
  const whole = wholeView(dims);
  const starts = cuts.map((cut) => cut && constantOf(cut.start));
  const sizes = cuts.map((cut) => cut && constantOf(cut.length));
  if (whole === undefined || !starts.every((n) => n !== undefined) || !sizes.every((n) => n !== undefined)) return undefined;
  return {
    sizes,
    strides: whole.strides.map((stride, i) => stride * cuts[i]!.step),
    offset: whole.strides.reduce((at, stride, i) => at + stride * starts[i]!, 0),
  };
}
