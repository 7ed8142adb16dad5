/** Between which bounds lies what is made of many elements: sums, means, the greatest of them. */
import { constantOf, type Dim } from '../../../types/dim.ts';
import { isPositive } from '../../../types/dim-bounds.ts';
import { exactQuotient } from '../../../types/dim-quotient.ts';
import { dtypes, type DType } from '../../../types/dtype.ts';
import { mostTerms } from '../../../types/rounding.ts';
import { productOf, type Known } from '../known.ts';
import { axesIn, dimsAt, input, intOf, intsIn, intsOf, numbersAt, type RuleCall } from '../rule.ts';
import { between, everything, join, largestOf, rounded, widened, type Interval } from './interval.ts';
import type { RangeCall, RangeRule } from './rules.ts';

/** How many elements a reduction folds into one; undefined where that is not known. */
function folded({ call, output }: RangeCall): number | undefined {
  const count = (tensor: Known): Dim | undefined => tensor.dims && productOf(tensor.dims);
  const [before, after] = [count(input(call, 0)), count(output)];
  const ratio = before && after && exactQuotient(before, after);
  return ratio && constantOf(ratio);
}

/** Whether each result is made of one element or more: axes that a file cuts down or chooses may have none. */
export function foldsSome(call: RuleCall): boolean {
  const dims = dimsAt(call, 0);
  const listed = call.node.op.startsWith('Global') ? dims?.map((_, i) => i).slice(2) : intsIn(call, 'axes', 1);
  if (dims === undefined || listed === 'unknown') return false;
  const axes = listed === undefined ? dims.map((_, i) => i) : axesIn(listed, dims.length);
  return axes?.every((axis) => isPositive(dims[axis]!)) === true;
}

const largestIn = ({ low, high }: Interval): number => Math.max(Math.abs(low), Math.abs(high));

/** Where a sum of up to n elements may come by on its way, in whatever order; undefined where it leaves the dtype. */
function onTheWay(n: number, { low, high }: Interval, dtype: DType | undefined): Interval | undefined {
  const way = rounded(between(n * Math.min(low, 0), n * Math.max(high, 0)), dtype);
  return Number.isFinite(way.low) && Number.isFinite(way.high) ? way : undefined;
}

/** Of sums that may overflow: floats keep their sign then, integers do not. */
const signOnly = ({ low, high }: Interval, dtype: DType | undefined): Interval =>
  dtype !== undefined && dtypes[dtype].class === 'float' ? between(low >= 0 ? 0 : -Infinity, high <= 0 ? 0 : Infinity) : everything;

const reduceSum: RangeRule = (given) => {
  const { dtype } = given.output;
  const [n, x] = [folded(given), given.at(0)];
  const way = onTheWay(n ?? mostTerms, x, dtype);
  if (way === undefined) return signOnly(x, dtype);
  if (n === undefined) return between(x.low >= 0 ? 0 : -Infinity, x.high <= 0 ? 0 : Infinity);
  // Each of n - 1 additions errs by at most a unit of what has been added so far.
  return widened(between(n * x.low, n * x.high), n, n * largestIn(x), dtype);
};

/** The mean of n elements lies between them, as long as their sum does not overflow. */
const meanOf = (n: number, x: Interval, dtype: DType | undefined): Interval =>
  onTheWay(n, x, dtype) === undefined ? signOnly(x, dtype) : widened(x, n + 1, largestIn(x), dtype);

/** Of nothing ONNX Runtime makes 0, where ONNX says nothing. */
const reduceMean: RangeRule = (given) => {
  const mean = meanOf(folded(given) ?? mostTerms, given.at(0), given.output.dtype);
  return foldsSome(given.call) ? mean : join([mean, between(0, 0)]);
};

/** Of several tensors, element by element. */
const mean: RangeRule = ({ call, at, output }) => meanOf(call.inputs.length, join(call.inputs.map((_, i) => at(i))), output.dtype);

/** Of each window; padding may count as zeros. */
const averagePool: RangeRule = ({ call, at, output }) => {
  const isPadded = call.node.attributes.has('pads') || call.node.attributes.has('auto_pad');
  const counted = isPadded && intOf(call, 'count_include_pad', 0) === 1 ? join([at(0), between(0, 0)]) : at(0);
  return meanOf(intsOf(call, 'kernel_shape')?.reduce((all, n) => all * n, 1) ?? mostTerms, counted, output.dtype);
};

/** Sums of none to all elements along an axis. */
const cumSum: RangeRule = ({ call, at, output }) => {
  const axis = numbersAt(call, 1)?.[0];
  const size = axis === undefined ? undefined : dimsAt(call, 0)?.at(axis);
  const n = (size && constantOf(size)) ?? undefined;
  const x = at(0);
  const way = n === undefined ? undefined : onTheWay(n, x, output.dtype);
  return way === undefined ? signOnly(x, output.dtype) : widened(way, n!, n! * largestIn(x), output.dtype);
};

/** The logarithm of a sum of n exponentials: at most log n more than the greatest of what it is of. */
const logSumExp: RangeRule = (given) => {
  const [n, { low, high }] = [folded(given), given.at(0)];
  if (n === undefined || n < 1 || !Number.isFinite(low) || !Number.isFinite(high)) return everything;
  // Some kernels sum the exponentials as they are.
  if (n * Math.exp(high) > largestOf(given.output.dtype) / 2 || Math.exp(low) < 2 ** -100) return everything;
  return widened(between(low + Math.log(n), high + Math.log(n)), n + 32, Math.max(1, Math.abs(low), Math.abs(high)) + Math.log(n), given.output.dtype);
};

/** Root of a sum of squares, and sums of absolute values: not negative. `most` is what n elements of this size give. */
const positive =
  (most: (n: number, size: number) => number): RangeRule =>
  (given) => {
    const { dtype } = given.output;
    const n = folded(given);
    const size = most(n ?? mostTerms, largestIn(given.at(0)));
    const end = rounded(between(0, size), dtype, (n ?? mostTerms) + 4).high;
    if (end === Infinity) return signOnly(between(0, Infinity), dtype);
    return between(0, n === undefined ? Infinity : end);
  };

/** One of the elements; of none the least number there is, or the greatest. */
const extreme: RangeRule = ({ call, at, output }) => (foldsSome(call) ? at(0) : output.dtype !== undefined && dtypes[output.dtype].class === 'float' ? join([at(0), call.node.op === 'ReduceMax' ? between(-Infinity, -Infinity) : between(Infinity, Infinity)]) : everything);

/** The greatest of a window, and at least the least finite number, with which the search begins. */
const maxPool: RangeRule = ({ at, output }) => between(at(0).low, Math.max(at(0).high, -largestOf(output.dtype)));

export const foldedRanges: Readonly<Record<string, RangeRule>> = {
  ReduceSum: reduceSum,
  ReduceMean: reduceMean,
  GlobalAveragePool: reduceMean,
  AveragePool: averagePool,
  Mean: mean,
  CumSum: cumSum,
  ReduceLogSumExp: logSumExp,
  ReduceL1: positive((n, size) => n * size),
  // Squares may overflow where their root would not; in double precision they do so later.
  ReduceL2: positive((n, size) => (n * size * size < 2 ** 127 ? Math.sqrt(n) * size : Infinity)),
  ReduceSumSquare: positive((n, size) => n * size * size),
  ReduceMax: extreme,
  ReduceMin: extreme,
  MaxPool: maxPool,
  GlobalMaxPool: maxPool,
};
