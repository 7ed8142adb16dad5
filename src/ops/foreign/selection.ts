/** Operators that take parts of tensors, put parts together, or repeat them. */
import { ceilDivDim, divDim } from '../../types/dim-atoms.ts';
import { addDims, constantOf, intDim, multiplyDims, subtractDims, type Dim } from '../../types/dim.ts';
import { broadcast, simplest } from './broadcast.ts';
import { highestRank, known, mostValues, productOf, type Known } from './known.ts';
import { joined, viewed, wholeView, type Values, type View } from './moved.ts';
import { likeFirst } from './elementwise.ts';
import { alike, axisIn, dimsAt, dtypeAt, has, input, intOf, intsOf, lengthAt, numbersAt, replaceAt, sizeOf, sizesAt, sizesFor, unknownSizes, type Rule, type RuleCall, type Rules } from './rule.ts';
import * as value from './scalar.ts';
import { slice } from './slice.ts';

type Dims = readonly Dim[];
const one = intDim(1);

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
  return [{ dtype, dims, values: concatValues(tensors, axis) }];
};

function concatValues(tensors: readonly Known[], axis: number): Values | undefined {
  const all = tensors.map((t) => ({ dims: t.dims ?? [], values: t.values ?? unknownValues(t) }));
  const isKnown = (t: (typeof all)[number]): t is { dims: Dims; values: Values } => t.values !== undefined;
  return all.every(isKnown) ? joined(all, axis) : undefined;
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
  return [{ dtype, dims: out, values: viewed(values, out && repeatedView(dims, out)) }];
};

/** Axes that are missing in front, and those of size 1, are repeated. */
function repeatedView(dims: Dims | undefined, out: Dims): View | undefined {
  const [whole, target] = [dims && wholeView(dims), wholeView(out)];
  if (whole === undefined || target === undefined) return undefined;
  const missing = out.length - whole.sizes.length;
  return { ...target, strides: out.map((_, i) => (i < missing || whole.sizes[i - missing] === 1 ? 0 : whole.strides[i - missing]!)) };
}

// ---------------------------------------------------------------- parts

const split: Rule = (call) => {
  const { dtype, dims, values } = input(call, 0);
  const count = call.node.outputs.length;
  const axis = dims && axisIn(intOf(call, 'axis', 0), dims.length);
  if (dims === undefined || axis === undefined) return Array.from({ length: count }, () => known(dtype, undefined));
  const sizes = partSizes(call, dims[axis]!, count);
  const whole = wholeView(dims);
  let at: number | undefined = 0;
  return sizes.map((size) => {
    const [start, n]: (number | undefined)[] = [at, constantOf(size)];
    at = start === undefined || n === undefined ? undefined : start + n;
    const view = at === undefined || whole === undefined ? undefined : { ...whole, sizes: replaceAt(whole.sizes, axis, n!), offset: start! * whole.strides[axis]! };
    return { dtype, dims: replaceAt(dims, axis, size), values: viewed(values, view) };
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

const gather: Rule = (call) => {
  const [data, indices] = [input(call, 0), input(call, 1)];
  const axis = data.dims && axisIn(intOf(call, 'axis', 0), data.dims.length);
  if (data.dims === undefined || indices.dims === undefined || axis === undefined) return [known(data.dtype, undefined)];
  const dims = [...data.dims.slice(0, axis), ...indices.dims, ...data.dims.slice(axis + 1)];
  return [{ dtype: data.dtype, dims: dims.length > highestRank ? undefined : dims, values: gatherValues(data, indices, axis) }];
};

function gatherValues(data: Known, indices: Known, axis: number): Values | undefined {
  const whole = data.values && data.dims && wholeView(data.dims);
  if (whole === undefined || indices.values === undefined) return undefined;
  const slices = indices.values.map((index) => {
    const at = value.numberOf(index);
    const fromFront = at !== undefined && at < 0 ? at + whole.sizes[axis]! : (at ?? 0);
    const taken = viewed(data.values, { ...whole, sizes: replaceAt(whole.sizes, axis, 1), offset: fromFront * whole.strides[axis]! }) ?? [];
    // Which one it is that is not known: none of its elements is.
    return { values: at === undefined ? taken.map(() => undefined) : taken, dims: replaceAt(data.dims!, axis, one) };
  });
  return joined(slices, axis);
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

/** The elements of the last axis that indices choose: of ai.onnx.ml. */
const arrayFeatures: Rule = (call) => {
  const [data, indices] = [dimsAt(call, 0), dimsAt(call, 1)];
  const count = indices && productOf(indices);
  if (data === undefined || data.length === 0) return [known(dtypeAt(call, 0), undefined)];
  return [known(dtypeAt(call, 0), data.length === 1 ? [one, count ?? call.size()] : [...data.slice(0, -1), count ?? call.size()])];
};

export const selectionRules: Rules = {
  CenterCropPad: centerCropPad,
  Concat: concat,
  Expand: expand,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  Pad: pad,
  Slice: slice,
  Split: split,
  Tile: tile,
  ...alike(likeFirst, 'Scatter', 'ScatterElements', 'ScatterND', 'TensorScatter'),
};
export const featureRules: Rules = { ArrayFeatureExtractor: arrayFeatures };
