/** Operators whose result is as large as the values of their operands say. */
import { lowerBound } from '../../types/dim-bounds.ts';
import { constantOf, intDim, type Dim } from '../../types/dim.ts';
import { known, productOf } from './known.ts';
import { axisIn, dimsAt, input, intOf, numbersAt, replaceAt, type Rule, type RuleCall, type Rules } from './rule.ts';

const nonZero: Rule = (call) => {
  const rank = dimsAt(call, 0)?.length;
  const count = numbersAt(call, 0)?.filter((n) => n !== 0).length;
  return [known('i64', [rank === undefined ? call.size() : intDim(Math.max(rank, 1)), count === undefined ? call.size() : intDim(count)])];
};

const compress: Rule = (call) => {
  const { dtype, dims } = input(call, 0);
  if (!call.node.attributes.has('axis')) return [known(dtype, [chosen(call, dims && productOf(dims))])];
  const axis = dims && axisIn(intOf(call, 'axis', 0), dims.length);
  return [known(dtype, dims && axis !== undefined ? replaceAt(dims, axis, chosen(call, dims[axis]!)) : undefined)];
};

/** How many flags are set, of those within the axis. */
function chosen(call: RuleCall, size: Dim | undefined): Dim {
  const flags = numbersAt(call, 1);
  if (flags === undefined || size === undefined) return call.size();
  const count = constantOf(size);
  if (count === undefined && lowerBound(size) < flags.length) return call.size();
  return intDim(flags.slice(0, count).filter((flag) => flag !== 0).length);
}

const unique: Rule = (call) => {
  const { dtype, dims } = input(call, 0);
  const axis = dims && axisIn(intOf(call, 'axis', 0), dims.length);
  const isFlat = !call.node.attributes.has('axis');
  const count = countUnique(call, isFlat ? undefined : axis) ?? call.size();
  const out = isFlat ? [count] : dims && axis !== undefined ? replaceAt(dims, axis, count) : undefined;
  const whole = isFlat ? (dims && productOf(dims)) : dims && axis !== undefined ? dims[axis] : undefined;
  return [known(dtype, out), known('i64', [count]), known('i64', [whole ?? call.size()]), known('i64', [count])];
};

/** How many different elements there are, or different slices along an axis. */
function countUnique(call: RuleCall, axis: number | undefined): Dim | undefined {
  const numbers = numbersAt(call, 0);
  const sizes = dimsAt(call, 0)?.map((dim) => constantOf(dim)!);
  if (numbers === undefined || sizes === undefined) return undefined;
  if (axis === undefined) return intDim(new Set(numbers).size);
  const inner = sizes.slice(axis + 1).reduce((product, n) => product * n, 1);
  const length = sizes[axis]!;
  const slices = Array.from({ length }, (_, i) => numbers.filter((__, at) => Math.floor(at / inner) % length === i).join(' '));
  return intDim(new Set(slices).size);
}

const nonMaxSuppression: Rule = (call) => [known('i64', [call.size(), intDim(3)])];

export const valueRules: Rules = {
  Compress: compress,
  NonMaxSuppression: nonMaxSuppression,
  NonZero: nonZero,
  Unique: unique,
};
