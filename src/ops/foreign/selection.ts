/** Operators that take parts of tensors, put parts together, or repeat them. */
import { ceilDivDim, divDim, maxDim, minDim } from '../../types/dim-atoms.ts';
import { lowerBound, upperBound } from '../../types/dim-bounds.ts';
import { addDims, constantOf, intDim, multiplyDims, subtractDims, type Dim } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import { broadcast, simplest } from './broadcast.ts';
import { highestRank, known, mostValues, productOf, type Known } from './known.ts';
import { likeFirst } from './elementwise.ts';
import { alike, axisIn, dimsAt, dtypeAt, dtypeOf, has, input, intOf, intsOf, lengthAt, numbersAt, replaceAt, sizeOf, sizesAt, sizesFor, unknownSizes, type Rule, type RuleCall, type Rules } from './rule.ts';
import * as value from './scalar.ts';
import type { Scalar } from './scalar.ts';

type Dims = readonly Dim[];
type Values = readonly (Scalar | undefined)[];
const [zero, one] = [intDim(0), intDim(1)];

// ---------------------------------------------------------------- together

const concat: Rule = (call) => {
  const tensors = call.inputs.map((tensor) => tensor ?? {});
  const dtype = tensors.find((t) => t.dtype !== undefined)?.dtype;
  const rank = tensors.find((t) => t.dims !== undefined)?.dims?.length;
  const axis = rank === undefined ? undefined : axisIn(intOf(call, 'axis', 1), rank);
  if (rank === undefined || axis === undefined || tensors.some((t) => t.dims !== undefined && t.dims.length !== rank)) return [known(dtype, undefined)];
  const dims = Array.from({ length: rank }, (_, i): Dim => {
    const sizes = tensors.flatMap((t) => t.dims?.[i] ?? []);
    if (i !== axis) return sizes.reduce(simplest);
    return sizes.length === tensors.length ? sizes.reduce(addDims) : call.size();
  });
  const values = rank === 1 ? concatValues(tensors) : undefined;
  return [{ dtype, dims, values }];
};

function concatValues(tensors: readonly Known[]): Values | undefined {
  const all = tensors.map((t) => t.values ?? unknownValues(t));
  if (!all.every((values) => values !== undefined)) return undefined;
  const flat = all.flat();
  return flat.length <= mostValues ? flat : undefined;
}

/** As many unknown values as a short list has. */
function unknownValues({ dims }: Known): Values | undefined {
  const length = dims?.length === 1 ? constantOf(dims[0]!) : undefined;
  return length !== undefined && length <= mostValues ? Array.from({ length }, () => undefined) : undefined;
}

const tile: Rule = (call) => {
  const { dtype, dims } = input(call, 0);
  const rank = dims?.length ?? lengthAt(call, 1);
  if (rank === undefined || rank > highestRank) return [known(dtype, undefined)];
  const repeats = input(call, 1).values;
  const out = Array.from({ length: rank }, (_, i) => {
    const [dim, times] = [dims?.[i], value.dimOf(repeats?.[i])];
    return dim !== undefined && times !== undefined ? (productOf([dim, times]) ?? call.size()) : call.size();
  });
  return [known(dtype, out)];
};

const expand: Rule = (call) => {
  const { dtype, dims, values } = input(call, 0);
  const wanted = input(call, 1).values?.map((v) => sizeOf(v) ?? call.size()) ?? unknownSizes(call, 1);
  const out = broadcast([dims, wanted], call.size);
  const count = out && constantOf(productOf(out) ?? call.size());
  // One number repeated: a mask, a list of positions.
  const isRepeated = values?.length === 1 && values[0] !== undefined && count !== undefined && count <= mostValues;
  return [{ dtype, dims: out, values: isRepeated ? Array.from({ length: count }, () => values[0]) : undefined }];
};

// ---------------------------------------------------------------- parts

const split: Rule = (call) => {
  const { dtype, dims, values } = input(call, 0);
  const count = call.node.outputs.length;
  const axis = dims && axisIn(intOf(call, 'axis', 0), dims.length);
  if (dims === undefined || axis === undefined) return Array.from({ length: count }, () => known(dtype, undefined));
  const sizes = partSizes(call, dims[axis]!, count);
  let at = 0;
  return sizes.map((size) => {
    const n = constantOf(size);
    const part = dims.length === 1 && n !== undefined && sizes.every((s) => constantOf(s) !== undefined) ? values?.slice(at, at + n) : undefined;
    at += n ?? 0;
    return { dtype, dims: replaceAt(dims, axis, size), values: part };
  });
};

function partSizes(call: RuleCall, whole: Dim, count: number): Dims {
  const given = has(call, 1) ? sizesAt(call, 1) : intsOf(call, 'split')?.map(intDim);
  if (given !== undefined && given.length === count) return given;
  if (has(call, 1) || call.node.attributes.has('split')) return sizesFor(call, count);
  const isEven = call.opset < 18 && call.node.domain === '';
  if (isEven) return Array.from({ length: count }, () => divDim(whole, intDim(count)));
  // The last part may be smaller.
  const part = ceilDivDim(whole, intDim(count));
  const last = subtractDims(whole, multiplyDims(intDim(count - 1), part));
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? last : part));
}

const slice: Rule = (call) => {
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
  const cuts: (Cut | undefined)[] = [];
  for (let i = 0; i < count; i++) {
    const axis = axisIn(axes?.[i] ?? i, dims.length);
    if (axis === undefined) return [known(dtype, undefined)];
    const cut = cutOf(dims[axis]!, { start: value.dimOf(lists.starts?.[i]), end: value.dimOf(lists.ends?.[i]), step: value.numberOf(steps?.[i]) });
    cuts.push(cut);
    out = replaceAt(out, axis, cut?.length ?? call.size());
  }
  const values = dims.length === 1 && cuts.length === 1 ? cutValues(from.values, cuts[0]) : undefined;
  return [{ dtype, dims: out, values }];
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
  if (from === undefined || to === undefined) return undefined;
  return { start: from, step, length: maxDim(zero, ceilDivDim(subtractDims(to, from), intDim(step))) };
}

function cutBackwards(size: Dim, start: Dim, end: Dim, step: number): Cut | undefined {
  if (constantOf(size) === 0) return { start: zero, step, length: zero };
  if (lowerBound(size) < 1) return undefined;
  const from = clamped(start, size, zero, subtractDims(size, one));
  const to = isOpenEnd(end) ? intDim(-1) : clamped(end, size, intDim(-1), size);
  if (from === undefined || to === undefined) return undefined;
  return { start: from, step, length: maxDim(zero, ceilDivDim(subtractDims(from, to), intDim(-step))) };
}

/** Farther than any axis is long: "all". */
const isHigh = (dim: Dim): boolean => (constantOf(dim) ?? 0) >= 2 ** 31 - 1;
const isLow = (dim: Dim): boolean => (constantOf(dim) ?? 0) <= -(2 ** 31 - 1);
/** The greatest i32 and i64 (which no double is): "to the very end" in either direction, as ONNX Runtime reads them. */
const isOpenEnd = (dim: Dim): boolean => isLow(dim) || [2 ** 31 - 1, 2 ** 63].includes(constantOf(dim) ?? 0);

/** An index counted from the front, within bounds; undefined where its sign is not known. */
function clamped(index: Dim, size: Dim, low: Dim, high: Dim): Dim | undefined {
  if (isHigh(index)) return high;
  if (isLow(index)) return low;
  const isNegative = upperBound(index) < 0;
  if (!isNegative && lowerBound(index) < 0) return undefined;
  const place = isNegative ? addDims(index, size) : index;
  return maxDim(low, minDim(high, place));
}

function cutValues(values: Values | undefined, cut: Cut | undefined): Values | undefined {
  const [start, length] = [cut && constantOf(cut.start), cut && constantOf(cut.length)];
  if (values === undefined || start === undefined || length === undefined) return undefined;
  return Array.from({ length }, (_, i) => values[start + i * cut!.step]);
}

const gather: Rule = (call) => {
  const [data, indices] = [input(call, 0), input(call, 1)];
  const axis = data.dims && axisIn(intOf(call, 'axis', 0), data.dims.length);
  if (data.dims === undefined || indices.dims === undefined || axis === undefined) return [known(data.dtype, undefined)];
  const dims = [...data.dims.slice(0, axis), ...indices.dims, ...data.dims.slice(axis + 1)];
  const values = data.dims.length === 1 && data.values !== undefined ? indices.values?.map((index) => elementAt(data.values!, index)) : undefined;
  return [{ dtype: data.dtype, dims: dims.length > highestRank ? undefined : dims, values }];
};

function elementAt(values: Values, index: Scalar | undefined): Scalar | undefined {
  const at = value.numberOf(index);
  return at === undefined ? undefined : values[at < 0 ? at + values.length : at];
}

const gatherElements: Rule = (call) => [known(dtypeAt(call, 0), dimsAt(call, 1))];

const gatherNd: Rule = (call) => {
  const [data, indices] = [dimsAt(call, 0), dimsAt(call, 1)];
  const depth = indices?.length ? constantOf(indices.at(-1)!) : undefined;
  const batch = intOf(call, 'batch_dims', 0);
  if (data === undefined || indices === undefined || depth === undefined || batch + depth > data.length) return [known(dtypeAt(call, 0), undefined)];
  return [known(dtypeAt(call, 0), [...indices.slice(0, -1), ...data.slice(batch + depth)])];
};

// ---------------------------------------------------------------- around

const pad: Rule = (call) => {
  const { dtype, dims } = input(call, 0);
  if (dims === undefined) return [known(dtype, undefined)];
  const pads = intsOf(call, 'pads')?.map(intDim) ?? intsOf(call, 'paddings')?.map(intDim) ?? input(call, 1).values?.map(value.dimOf);
  const axes = has(call, 3) ? (numbersAt(call, 3) ?? 'unknown') : dims.map((_, i) => i);
  if (pads === undefined || axes === 'unknown' || pads.length !== 2 * axes.length) return [known(dtype, sizesFor(call, dims.length))];
  let out: Dims = dims;
  for (const [i, given] of axes.entries()) {
    const axis = axisIn(given, dims.length);
    if (axis === undefined) return [known(dtype, undefined)];
    const [before, after] = [pads[i], pads[i + axes.length]];
    out = replaceAt(out, axis, before && after ? addDims(out[axis]!, addDims(before, after)) : call.size());
  }
  return [known(dtype, out)];
};

const centerCropPad: Rule = (call) => {
  const { dtype, dims } = input(call, 0);
  const sizes = input(call, 1).values;
  if (dims === undefined) return [known(dtype, undefined)];
  const axes = intsOf(call, 'axes') ?? dims.map((_, i) => i);
  return [known(dtype, dims.map((dim, i) => {
    const at = axes.findIndex((axis) => axisIn(axis, dims.length) === i);
    return at < 0 ? dim : (value.dimOf(sizes?.[at]) ?? call.size());
  }))];
};

// ---------------------------------------------------------------- by value

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

// ---------------------------------------------------------------- made

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

/** The elements of the last axis that indices choose: of ai.onnx.ml. */
const arrayFeatures: Rule = (call) => {
  const [data, indices] = [dimsAt(call, 0), dimsAt(call, 1)];
  const count = indices && productOf(indices);
  if (data === undefined || data.length === 0) return [known(dtypeAt(call, 0), undefined)];
  return [known(dtypeAt(call, 0), data.length === 1 ? [one, count ?? call.size()] : [...data.slice(0, -1), count ?? call.size()])];
};

export const selectionRules: Rules = {
  CenterCropPad: centerCropPad,
  Compress: compress,
  Concat: concat,
  Expand: expand,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  Multinomial: multinomial,
  NonMaxSuppression: nonMaxSuppression,
  NonZero: nonZero,
  OneHot: oneHot,
  Pad: pad,
  Range: range,
  Slice: slice,
  Split: split,
  Tile: tile,
  Unique: unique,
  ...alike(random, 'RandomNormal', 'RandomUniform'),
  ...alike(likeFirst, 'Scatter', 'ScatterElements', 'ScatterND', 'TensorScatter'),
};
export const featureRules: Rules = { ArrayFeatureExtractor: arrayFeatures };
