/** Operators that fold axes: reductions, and the place of the greatest and the smallest. */
import { intDim, type Dim } from '../../types/dim.ts';
import { known } from './known.ts';
import { alike, axesIn, axisIn, dimsAt, dtypeAt, hasAttribute, input, intOf, intsIn, sizesFor, type Rule, type RuleCall, type Rules } from './rule.ts';
import * as value from './scalar.ts';
import type { Binary, Scalar } from './scalar.ts';

/** The folded shape; `all` where the axes are every one. */
function fold(call: RuleCall, dims: readonly Dim[], axes: readonly number[] | 'unknown'): readonly Dim[] | undefined {
  const keeps = intOf(call, 'keepdims', 1) === 1;
  if (axes === 'unknown') return keeps ? sizesFor(call, dims.length) : undefined;
  const folded = axesIn(axes, dims.length);
  if (folded === undefined) return undefined;
  if (keeps) return dims.map((dim, i) => (folded.includes(i) ? intDim(1) : dim));
  return dims.filter((_, i) => !folded.includes(i));
}

/** Small lists of sizes are folded as well: exporters multiply a shape's elements so. */
const reduce =
  (f?: Binary): Rule =>
  (call) => {
    const { dtype, dims, values } = input(call, 0);
    if (dims === undefined) return [known(dtype, foldedAll(call))];
    const given = intsIn(call, 'axes', 1);
    const isEmpty = given === undefined || given.length === 0;
    if (isEmpty && intOf(call, 'noop_with_empty_axes', 0) === 1) return [{ dtype, dims, values: f && values }];
    const axes = isEmpty ? dims.map((_, i) => i) : given;
    const out = fold(call, dims, axes);
    const isWhole = axes !== 'unknown' && axes.length === dims.length;
    if (f === undefined || values === undefined || !isWhole || out === undefined || dtype === undefined) return [known(dtype, out)];
    const total = values.length === 0 ? undefined : values.reduce((a, b) => (a === undefined || b === undefined ? undefined : f(a, b, dtype)));
    return [{ dtype, dims: out, values: [total === undefined ? undefined : value.convert(total, dtype)] }];
  };

/** A reduction over all axes without keeping them is a scalar, whatever the rank. */
function foldedAll(call: RuleCall): readonly Dim[] | undefined {
  const isAll = intsIn(call, 'axes', 1) === undefined && intOf(call, 'noop_with_empty_axes', 0) === 0;
  return isAll && intOf(call, 'keepdims', 1) === 0 ? [] : undefined;
}

const argument: Rule = (call) => {
  const dims = dimsAt(call, 0);
  return [known('i64', dims && fold(call, dims, [intOf(call, 'axis', 0)]))];
};

const topK: Rule = (call) => {
  const dims = dimsAt(call, 0);
  const axis = dims && axisIn(intOf(call, 'axis', -1), dims.length);
  if (dims === undefined || axis === undefined) return [known(dtypeAt(call, 0), undefined), known('i64', undefined)];
  const k: Scalar | undefined = hasAttribute(call, 'k') ? intDim(intOf(call, 'k', 0)) : input(call, 1).values?.[0];
  const out = dims.map((dim, i) => (i === axis ? (value.dimOf(k) ?? call.size()) : dim));
  return [known(dtypeAt(call, 0), out), known('i64', out)];
};

export const reductionRules: Rules = {
  ...alike(reduce(), 'ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMean', 'ReduceSumSquare'),
  ReduceMax: reduce(value.greater),
  ReduceMin: reduce(value.smaller),
  ReduceProd: reduce(value.times),
  ReduceSum: reduce(value.plus),
  ...alike(argument, 'ArgMax', 'ArgMin'),
  TopK: topK,
};
