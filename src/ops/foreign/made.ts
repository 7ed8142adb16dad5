/** Tensors that are made from a few numbers. */
import { ceilDivDim, maxDim } from '../../types/dim-atoms.ts';
import { lowerBound } from '../../types/dim-bounds.ts';
import { addDims, constantOf, intDim, multiplyDims, subtractDims, type Dim } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import { known, mostValues } from './known.ts';
import { alike, axisIn, dimsAt, dtypeAt, dtypeOf, input, intOf, intsOf, type Rule, type Rules } from './rule.ts';
import * as value from './scalar.ts';
import type { Scalar } from './scalar.ts';

const zero = intDim(0);

const range: Rule = (call) => {
  const dtype = dtypeAt(call, 0) ?? dtypeAt(call, 1);
  const [start, limit, delta] = [0, 1, 2].map((i) => input(call, i).values?.[0]);
  const length = rangeLength(start, limit, delta, dtype);
  const count = length && constantOf(length);
  const isShort = count !== undefined && count <= mostValues && value.isDim(start) && value.isDim(delta);
  const values = isShort ? Array.from({ length: count }, (_, i) => addDims(start, multiplyDims(delta, intDim(i)))) : undefined;
  return [{ dtype, dims: [length ?? call.size()], values }];
};

function rangeLength(start: Scalar | undefined, limit: Scalar | undefined, delta: Scalar | undefined, dtype: DType | undefined): Dim | undefined {
  const [from, to, by] = [start, limit, delta].map(value.numberOf);
  if (from !== undefined && to !== undefined && by !== undefined) {
    const span = dtype === 'f32' ? Math.fround(to - from) : to - from;
    const steps = Math.ceil(span / by);
    return Number.isSafeInteger(steps) ? intDim(Math.max(0, steps)) : undefined;
  }
  if (!value.isDim(start) || !value.isDim(limit) || !value.isDim(delta)) return undefined;
  if (lowerBound(delta) > 0) return maxDim(zero, ceilDivDim(subtractDims(limit, start), delta));
  return by !== undefined && by < 0 ? maxDim(zero, ceilDivDim(subtractDims(start, limit), intDim(-by))) : undefined;
}

const oneHot: Rule = (call) => {
  const indices = dimsAt(call, 0);
  const axis = indices && axisIn(intOf(call, 'axis', -1), indices.length + 1);
  if (indices === undefined || axis === undefined) return [known(dtypeAt(call, 2), undefined)];
  const depth = value.dimOf(input(call, 1).values?.[0]) ?? call.size();
  return [known(dtypeAt(call, 2), [...indices.slice(0, axis), depth, ...indices.slice(axis)])];
};

/** Random numbers in a shape that an attribute gives. */
const random: Rule = (call) => [known(dtypeOf(call, 'dtype', 'f32'), intsOf(call, 'shape')?.map(intDim))];

const multinomial: Rule = (call) => [known(dtypeOf(call, 'dtype', 'i32'), [dimsAt(call, 0)?.[0] ?? call.size(), intDim(intOf(call, 'sample_size', 1))])];

export const madeRules: Rules = {
  Multinomial: multinomial,
  OneHot: oneHot,
  Range: range,
  ...alike(random, 'RandomNormal', 'RandomUniform'),
};
