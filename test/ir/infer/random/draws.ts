/** How each operator is drawn: its operands from the graph so far, and its attributes. Many draws are refused by ONNX Runtime; those are dropped. */
import type { Tensor } from 'onnxruntime-node';
import { any, axesOf, axisOf, each, inMicrosoft, isBool, isFloat, isList, isNumber, isSmallInt, ofRank, one, rankOf, type Draw, type Maker } from './making.ts';
import { rareDraws } from './rare-draws.ts';
import { bools, floatScalar, floats, ints, intScalar, weights, type AttributeValue, type Constant, type Drawing, type DrawnNode, type Operand, type Value } from './drawing.ts';

/** A second operand of the same dtype: another tensor, or a constant number. */
function partner(d: Drawing, x: Value): Operand {
  const other = d.find((t) => t.type === x.tensor.type);
  if (other !== undefined && d.chance(0.75)) return other;
  return x.tensor.type === 'int64' ? intScalar(d.int(1, 4)) : x.tensor.type === 'float32' ? floatScalar(d.pick([0.5, 2, 3])) : x;
}
const binary = (fits: (t: Tensor) => boolean, attributes: (d: Drawing, x: Value) => Readonly<Record<string, AttributeValue>> = () => ({})): Maker =>
  one(fits, (d, x) => {
    const other = partner(d, x);
    return { inputs: d.chance(0.5) ? [x, other] : [other, x], attributes: attributes(d, x) };
  });
const variadic = one(isNumber, (d, x) => ({ inputs: [x, ...Array.from({ length: d.int(0, 2) }, () => partner(d, x))] }));

/** A list that is an attribute before an opset, an input from then on. */
function listed(d: Drawing, since: number, name: string, values: readonly number[]): Partial<DrawnNode> & { readonly extra: readonly Operand[] } {
  return d.opset >= since ? { extra: [ints(values)] } : { extra: [], attributes: { [name]: values } };
}

const reduction = (since: number): Maker =>
  one(isFloat, (d, x) => {
    const keepdims = d.int(0, 1);
    if (d.chance(0.2)) return { attributes: { keepdims } };
    const axes = axesOf(d, rankOf(x));
    if (axes.length === 0) return undefined;
    const { extra, attributes } = listed(d, since, 'axes', axes);
    return { inputs: [x, ...extra], attributes: { keepdims, ...attributes } };
  });

const arg: Maker = one(isFloat, (d, x) => (rankOf(x) === 0 ? undefined : { attributes: { axis: axisOf(d, rankOf(x)), keepdims: d.int(0, 1) } }));
const axisOnly: Maker = one((t) => isFloat(t) && t.dims.length > 0, (d, x) => ({ attributes: { axis: d.opset < 11 ? d.int(0, rankOf(x) - 1) : axisOf(d, rankOf(x)) } }));

/** A size list for a shape of as many elements: some axes joined, one -1, some 0. */
function newShape(d: Drawing, dims: readonly number[]): readonly number[] {
  const sizes: number[] = [];
  for (let i = 0; i < dims.length; i++) {
    if (sizes.length > 0 && d.chance(0.4)) sizes[sizes.length - 1]! *= dims[i]!;
    else sizes.push(dims[i]!);
  }
  if (d.chance(0.2)) sizes.push(1);
  const shape = sizes.map((n, i) => (n === dims[i] && d.chance(0.3) ? 0 : n));
  if (shape.length > 0 && d.chance(0.6)) shape[d.int(0, shape.length - 1)] = -1;
  return shape;
}

const kernel = (d: Drawing, image: readonly number[]): readonly number[] => image.map((n) => d.int(1, Math.max(1, Math.min(3, n))));
function windowAttributes(d: Drawing, image: readonly number[], isPool: boolean): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  if (d.chance(0.6)) attributes['strides'] = image.map(() => d.int(1, 3));
  const auto = d.chance(0.25) ? d.pick(['SAME_UPPER', 'SAME_LOWER', 'VALID']) : undefined;
  if (auto !== undefined) attributes['auto_pad'] = auto;
  else if (d.chance(0.5)) attributes['pads'] = [...image, ...image].map(() => d.int(0, 1));
  if (isPool && d.opset >= 10 && auto === undefined && d.chance(0.4)) attributes['ceil_mode'] = 1;
  if (!isPool && auto === undefined && d.chance(0.3)) attributes['dilations'] = image.map(() => d.int(1, 2));
  return attributes;
}
const conv: Maker = one(ofRank(3, 4), (d, x) => {
  const [, channels = 1, ...image] = x.tensor.dims;
  const size = kernel(d, image);
  const isDepthwise = d.chance(0.3);
  const out = isDepthwise ? channels : d.int(1, 4);
  const attributes = windowAttributes(d, image, false);
  if (d.chance(0.5)) attributes['kernel_shape'] = size;
  if (isDepthwise) attributes['group'] = channels;
  return { inputs: [x, weights(out, isDepthwise ? 1 : channels, ...size), ...(d.chance(0.5) ? [weights(out)] : [])], attributes };
});
const convTranspose: Maker = one(ofRank(3, 4), (d, x) => {
  const [, channels = 1, ...image] = x.tensor.dims;
  const size = image.map(() => d.int(1, 3));
  const attributes: Record<string, AttributeValue> = {};
  if (d.chance(0.6)) attributes['strides'] = image.map(() => d.int(1, 3));
  if (d.chance(0.3)) attributes['pads'] = [...image, ...image].map(() => d.int(0, 1));
  if (d.chance(0.2)) attributes['auto_pad'] = d.pick(['SAME_UPPER', 'SAME_LOWER', 'VALID']);
  if (d.chance(0.3)) attributes['dilations'] = image.map(() => d.int(1, 2));
  return { inputs: [x, weights(channels, d.int(1, 3), ...size)], attributes };
});
const pool: Maker = one(ofRank(3, 4), (d, x) => {
  const image = x.tensor.dims.slice(2);
  return { attributes: { kernel_shape: kernel(d, image), ...windowAttributes(d, image, true) } };
});

const reshape: Draw = (d) => {
  const x = d.find(any);
  if (x === undefined) return undefined;
  return { op: 'Reshape', inputs: [x, ints(newShape(d, x.tensor.dims))] };
};
/** To a shape that the graph computes. */
const reshapeComputed: Draw = (d) => {
  const shape = d.find(isList);
  const x = d.find((t) => t.dims.length > 0);
  return shape && x && { op: d.pick(['Reshape', 'Expand', 'Tile']), inputs: [x, shape] };
};
const transpose: Maker = one(any, (d, x) => {
  const order = x.tensor.dims.map((_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = d.int(0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return d.chance(0.2) ? {} : { attributes: { perm: order } };
});
const squeeze: Maker = one((t) => t.dims.includes(1), (d, x) => {
  const axes = x.tensor.dims.flatMap((n, i) => (n === 1 && d.chance(0.7) ? [i] : []));
  if (axes.length === 0) return {};
  const { extra, attributes } = listed(d, 13, 'axes', axes);
  return { inputs: [x, ...extra], attributes: attributes ?? {} };
});
const unsqueeze: Maker = one((t) => t.dims.length < 5, (d, x) => {
  const axes = [...new Set([d.int(0, rankOf(x)), ...(d.chance(0.3) ? [d.int(0, rankOf(x) + 1)] : [])])];
  const { extra, attributes } = listed(d, 13, 'axes', axes);
  return { inputs: [x, ...extra], attributes: attributes ?? {} };
});
const concat: Maker = one((t) => t.dims.length > 0, (d, x) => {
  const same = (t: Tensor): boolean => t.type === x.tensor.type && t.dims.length === rankOf(x);
  return { inputs: [x, ...Array.from({ length: d.int(0, 2) }, () => d.find(same) ?? x)], attributes: { axis: d.opset < 11 ? d.int(0, rankOf(x) - 1) : axisOf(d, rankOf(x)) } };
});
const split: Maker = one((t) => t.dims.length > 0, (d, x) => {
  const axis = axisOf(d, rankOf(x));
  const size = x.tensor.dims.at(axis)!;
  const count = d.int(1, 3);
  if (d.chance(0.5)) return { outputs: count, attributes: { axis: d.opset < 11 && axis < 0 ? axis + rankOf(x) : axis, ...(d.opset >= 18 ? { num_outputs: count } : {}) } };
  const first = d.int(0, size);
  const { extra, attributes } = listed(d, 13, 'split', [first, size - first]);
  return { inputs: [x, ...extra], outputs: 2, attributes: { axis: d.opset < 11 && axis < 0 ? axis + rankOf(x) : axis, ...attributes } };
});
const farEnd = [2147483647, -2147483648, 1000, -1000];
const slice: Maker = one((t) => t.dims.length > 0, (d, x) => {
  const axes = axesOf(d, rankOf(x));
  if (axes.length === 0) return undefined;
  const bound = (): number => (d.chance(0.2) ? d.pick(farEnd) : d.int(-4, 5));
  const [starts, ends] = [axes.map(bound), axes.map(bound)];
  if (d.opset < 10) return { attributes: { starts, ends, axes: axes.map((axis) => (axis < 0 ? axis + rankOf(x) : axis)) } };
  const steps = axes.map(() => d.pick([1, 1, 2, -1, -2, 3]));
  return { inputs: [x, ints(starts), ints(ends), ints(axes), ...(d.chance(0.6) ? [ints(steps)] : [])] };
});
/** Ends that the graph computes, as exporters cut positions to the length of a sequence. */
const sliceComputed: Draw = (d) => {
  const x = d.find((t) => t.dims.length > 0);
  const end = d.find((t) => t.type === 'int64' && t.dims.length === 1 && t.dims[0] === 1);
  if (d.opset < 10 || x === undefined || end === undefined) return undefined;
  const other = d.chance(0.5) ? ints([d.int(-1, 1)]) : (d.find((t) => t.type === 'int64' && t.dims.length === 1 && t.dims[0] === 1) ?? end);
  const [starts, ends] = d.chance(0.8) ? [other, end] : [end, other];
  return { op: 'Slice', inputs: [x, starts, ends, ints([axisOf(d, rankOf(x))])] };
};
const indices = (d: Drawing, size: number, dims: readonly number[]): Constant => ({ dims, values: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => d.int(d.opset < 11 ? 0 : -size, size - 1)), type: 'int64' });
const gather: Maker = one((t) => t.dims.length > 0 && t.size > 0, (d, x) => {
  const axis = axisOf(d, rankOf(x));
  return { inputs: [x, indices(d, x.tensor.dims.at(axis)!, d.pick([[], [1], [2], [2, 2]]))], attributes: { axis } };
});
const gatherElements: Maker = one((t) => t.dims.length > 0 && t.size > 0, (d, x) => {
  const axis = axisOf(d, rankOf(x));
  const dims = x.tensor.dims.map((n) => d.int(1, n));
  return { inputs: [x, indices(d, x.tensor.dims.at(axis)!, dims)], attributes: { axis } };
});
const gatherNd: Maker = one((t) => t.dims.length > 1 && t.size > 0, (d, x) => {
  const depth = d.int(1, rankOf(x));
  return { inputs: [x, indices(d, Math.min(...x.tensor.dims), [...d.pick([[], [2], [2, 1]]), depth])] };
});
const expand: Maker = one(isNumber, (d, x) => {
  const shape = x.tensor.dims.map((n) => (n === 1 ? d.int(1, 3) : d.pick([n, 1])));
  return { inputs: [x, ints(d.chance(0.3) ? [2, ...shape] : shape)] };
});
const tile: Maker = one(any, (d, x) => ({ inputs: [x, ints(x.tensor.dims.map(() => d.int(1, 2)))] }));
const pad: Maker = one((t) => isFloat(t) && t.dims.length > 0, (d, x) => {
  const pads = [...x.tensor.dims, ...x.tensor.dims].map(() => d.pick([0, 0, 1, 2, -1]));
  const { extra, attributes } = listed(d, 11, 'pads', pads);
  if (d.opset >= 18 && d.chance(0.4)) return { inputs: [x, ints([1, 2]), '', ints([axisOf(d, rankOf(x))])] };
  return { inputs: [x, ...extra], attributes: attributes ?? {} };
});
const resize: Maker = one(ofRank(3, 4), (d, x) => {
  const image = x.tensor.dims.slice(2);
  const isSizes = d.opset >= 11 && d.chance(0.4);
  const scales = floats([1, 1, ...image.map(() => d.pick([0.5, 1, 1.5, 2, 3]))]);
  const sizes = ints([...x.tensor.dims.slice(0, 2), ...image.map(() => d.int(1, 6))]);
  const attributes = { mode: d.pick(['nearest', 'linear']) };
  if (d.opset < 11) return { inputs: [x, scales], attributes };
  if (d.opset >= 18 && d.chance(0.4)) {
    const axis = d.int(2, rankOf(x) - 1);
    const policy = d.pick(['stretch', 'not_larger', 'not_smaller']);
    return { inputs: [x, '', '', ints([d.int(1, 6)])], attributes: { ...attributes, axes: [axis], keep_aspect_ratio_policy: policy } };
  }
  return { inputs: isSizes ? [x, d.opset >= 13 ? '' : floats([]), d.opset >= 13 ? '' : floats([]), sizes] : [x, d.opset >= 13 ? '' : floats([]), scales], attributes };
});
const matmul: Maker = one((t) => isFloat(t) && t.dims.length > 0, (d, x) => {
  const inner = x.tensor.dims.at(-1)!;
  const other = d.find((t) => isFloat(t) && (t.dims.length > 1 ? t.dims.at(-2) : t.dims[0]) === inner);
  return { inputs: [x, other !== undefined && d.chance(0.6) ? other : weights(inner, d.int(1, 4))] };
});
const gemm: Maker = one(ofRank(2), (d, x) => {
  const transA = d.int(0, 1);
  const transB = d.int(0, 1);
  const inner = x.tensor.dims[transA === 1 ? 0 : 1]!;
  const columns = d.int(1, 4);
  return { inputs: [x, transB === 1 ? weights(columns, inner) : weights(inner, columns), ...(d.chance(0.5) ? [weights(columns)] : [])], attributes: { transA, transB } };
});
const equations = ['ij->ji', 'ij->i', 'bij->bi', 'ii->i', '...ij->...ji', 'bij->ij', 'ij,jk->ik', 'bij,bjk->bik', '...i,...i->...', 'bhid,bhjd->bhij', 'ij,ij'];
const einsum: Maker = one(isFloat, (d, x) => {
  const equation = d.pick(equations);
  // Two tensors of different ranks under `...` end the process.
  const sameRank = d.find((t) => isFloat(t) && t.dims.length === rankOf(x)) ?? x;
  return { inputs: equation.includes(',') ? [x, equation.includes('...') ? sameRank : (d.find(isFloat) ?? x)] : [x], attributes: { equation } };
});
const recurrent = (gates: number): Maker =>
  one(ofRank(3), (d, x) => {
    const width = x.tensor.dims[2]!;
    const direction = d.pick(['forward', 'reverse', 'bidirectional']);
    const directions = direction === 'bidirectional' ? 2 : 1;
    const hidden = d.int(1, 3);
    const attributes = { direction, hidden_size: hidden };
    return { inputs: [x, weights(directions, gates * hidden, width), weights(directions, gates * hidden, hidden)], outputs: gates === 4 ? 3 : 2, attributes };
  });
const normalisation = (count: number): Maker => one((t) => isFloat(t) && t.dims.length >= 2, (_, x) => ({ inputs: [x, ...Array.from({ length: count }, () => weights(x.tensor.dims[1]!))] }));
const layerNormalization: Maker = one((t) => isFloat(t) && t.dims.length >= 1, (d, x) => {
  const axis = axisOf(d, rankOf(x));
  const width = x.tensor.dims.slice(axis < 0 ? axis + rankOf(x) : axis);
  return { inputs: [x, weights(...width), ...(d.chance(0.5) ? [weights(...width)] : [])], outputs: d.int(1, 3), attributes: { axis } };
});
const skipNormalization = (count: number): Maker => one(ofRank(3), (d, x) => ({ inputs: [x, d.find((t) => isFloat(t) && String(t.dims) === String(x.tensor.dims)) ?? x, ...Array.from({ length: count }, () => weights(x.tensor.dims[2]!))] }));
const quantize: Maker = one(isFloat, (_, x) => ({ inputs: [x, floatScalar(0.1)] }));
const blocks: Maker = one(ofRank(4), (d) => ({ attributes: { blocksize: d.pick([1, 2]) } }));
/** Of an input: it is never empty, and an empty one would end the process. */
const topK: Maker = one((t, name) => isFloat(t) && t.dims.length > 0 && !name.startsWith('v'), (d, x) => {
  const axis = axisOf(d, rankOf(x));
  const k = d.int(1, Math.max(1, x.tensor.dims.at(axis)!));
  return d.opset < 10 ? { outputs: 2, attributes: { k, axis } } : { inputs: [x, ints([k])], outputs: 2, attributes: { axis } };
});
const oneHot: Maker = one((t) => t.type === 'int64' && t.dims.length < 3, (d, x) => ({ inputs: [x, intScalar(d.int(1, 4)), floats([0, 1])], attributes: { axis: axisOf(d, rankOf(x) + 1) } }));
const range: Draw = (d) => {
  const limit = d.find((t) => t.type === 'int64' && t.dims.length === 0);
  if (d.opset < 11) return undefined;
  const number = (): Operand => (limit !== undefined && d.chance(0.6) ? limit : intScalar(d.int(0, 6)));
  return { op: 'Range', inputs: [d.chance(0.7) ? intScalar(0) : number(), number(), intScalar(d.pick([1, 1, 2, 3, -1]))] };
};
const constantOfShape: Draw = (d) => {
  const shape = d.find(isList);
  if (d.opset < 9) return undefined;
  const value: Constant = d.chance(0.5) ? ints([d.int(-1, 2)]) : floats([1]);
  return { op: 'ConstantOfShape', inputs: [shape !== undefined && d.chance(0.7) ? shape : ints([d.int(0, 3), d.int(1, 3)])], ...(d.chance(0.7) ? { attributes: { value: { tensor: value } } } : {}) };
};
const shape: Maker = one(any, (d) => (d.opset >= 15 && d.chance(0.3) ? { attributes: { start: d.int(-2, 1), end: d.int(-1, 3) } } : {}));
/** One of a shape's sizes, as a number or as a list of one. */
const gatherSize: Draw = (d) => {
  const x = d.find((t) => isList(t) && t.size > 0);
  return x && { op: 'Gather', inputs: [x, d.pick([intScalar, (n: number) => ints([n])])(d.int(0, x.tensor.size - 1))], attributes: { axis: 0 } };
};
/** Arithmetic on sizes. */
const sizeArithmetic: Draw = (d) => {
  const x = d.find(isSmallInt);
  if (x === undefined) return undefined;
  const other = d.chance(0.4) ? d.find((t) => isSmallInt(t) && t.dims.length === x.tensor.dims.length) : undefined;
  const op = d.pick(['Add', 'Sub', 'Mul', 'Div', 'Equal', 'Less', 'Greater', ...(d.opset >= 10 ? ['Mod'] : []), ...(d.opset >= 12 ? ['Min', 'Max', 'LessOrEqual', 'GreaterOrEqual'] : [])]);
  return { op, inputs: [x, op === 'Div' || op === 'Mod' ? intScalar(d.int(1, 4)) : (other ?? intScalar(d.int(1, 4)))] };
};
/** Sizes as floating-point numbers and back, as interpolation is exported. */
const sizeRounding: Draw = (d) => {
  const x = d.find((t) => t.dims.length <= 1 && t.size <= 8 && (t.type === 'int64' || t.type === 'float32'));
  if (x === undefined) return undefined;
  if (x.tensor.type === 'int64') return { op: 'Cast', inputs: [x], attributes: { to: 1 } };
  const op = d.pick(['Mul', 'Div', 'Floor', 'Ceil', 'Sqrt', 'Cast']);
  if (op === 'Cast') return { op, inputs: [x], attributes: { to: 7 } };
  return op === 'Mul' || op === 'Div' ? { op, inputs: [x, floatScalar(d.pick([0.5, 2, 3, 0.1]))] } : { op, inputs: [x] };
};
const joinSizes: Draw = (d) => {
  const x = d.find(isList);
  if (x === undefined) return undefined;
  const other = d.find((t) => isList(t) && t.size + x.tensor.size <= 5) ?? x;
  return { op: 'Concat', inputs: [x, d.chance(0.3) ? ints([d.pick([-1, 1, 2])]) : other], attributes: { axis: 0 } };
};
const where: Draw = (d) => {
  const condition = d.find(isBool);
  const x = d.find(isNumber);
  return d.opset < 9 || condition === undefined || x === undefined ? undefined : { op: 'Where', inputs: [condition, x, partner(d, x)] };
};
const castTargets = [1, 6, 7, 9, 11];
const cast: Maker = one(any, (d) => ({ attributes: { to: d.pick(castTargets) } }));
const clip: Maker = one(isFloat, (d, x) => (d.opset < 11 ? { attributes: { min: { float: -1 }, max: { float: 1 } } } : { inputs: [x, d.chance(0.7) ? floatScalar(-1) : '', ...(d.chance(0.7) ? [floatScalar(1)] : [])] }));
const cumSum: Maker = one((t) => isFloat(t) && t.dims.length > 0, (d, x) => (d.opset < 11 ? undefined : { inputs: [x, intScalar(axisOf(d, rankOf(x)))] }));
const compress: Maker = one((t) => t.dims.length > 0, (d, x) => {
  const axis = axisOf(d, rankOf(x));
  const size = x.tensor.dims.at(axis)!;
  return { inputs: [x, bools(Array.from({ length: Math.max(1, size) }, () => d.chance(0.5)))], attributes: d.chance(0.8) ? { axis: axis < 0 && d.opset < 11 ? axis + rankOf(x) : axis } : {} };
});
const scatterElements: Maker = one((t) => isFloat(t) && t.dims.length > 0 && t.size > 0, (d, x) => ({ inputs: [x, indices(d, Math.min(...x.tensor.dims), x.tensor.dims.map(() => 1)), weights(...x.tensor.dims.map(() => 1))] }));
const flatten: Maker = one((t) => t.dims.length > 0, (d, x) => ({ attributes: { axis: d.opset < 11 ? d.int(0, rankOf(x)) : d.int(-rankOf(x), rankOf(x)) } }));
const plain = one(isFloat);
const centerCropPad: Maker = one((t) => isFloat(t) && t.dims.length > 0, (d, x) => ({ inputs: [x, ints([d.int(1, 5)])], attributes: { axes: [axisOf(d, rankOf(x))] } }));
const gridSample: Maker = one(ofRank(4), (d, x) => (d.opset < 16 ? undefined : { inputs: [x, { ...weights(1, 2, 3, 2), dims: [1, 2, 3, 2] }] }));
const dft: Maker = one((t) => isFloat(t) && t.dims.length >= 2 && t.dims.at(-1) === 1, (d) => (d.opset < 17 ? undefined : { attributes: { ...(d.opset < 20 ? { axis: 1 } : {}), onesided: d.int(0, 1) } }));

export const draws: Readonly<Record<string, Draw>> = {
  ...rareDraws,
  ...each(plain, 'Abs', 'Acos', 'Asin', 'Atan', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Floor', 'HardSigmoid', 'HardSwish', 'Identity', 'LeakyRelu', 'Log', 'Neg', 'Reciprocal', 'Relu', 'Round', 'Selu'),
  ...each(plain, 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Softsign', 'Sqrt', 'Tan', 'Tanh', 'ThresholdedRelu', 'Celu', 'Mish', 'Gelu', 'IsNaN', 'IsInf', 'Dropout', 'Swish'),
  ...each(one(isBool), 'Not'),
  ...each(binary(isNumber), 'Add', 'Sub', 'Mul', 'Equal', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual'),
  ...each(binary(isFloat), 'Div', 'Pow', 'PRelu'),
  // A division of integers by 0 ends the process.
  ...each(one((t) => t.type === 'int64', (d, x) => ({ inputs: [x, intScalar(d.pick([2, 3, -2]))] })), 'Mod'),
  ...each(binary(isBool), 'And', 'Or', 'Xor'),
  ...each(variadic, 'Max', 'Min', 'Sum', 'Mean'),
  ...each(reduction(18), 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceLogSumExp', 'ReduceSumSquare'),
  ...each(reduction(13), 'ReduceSum'),
  ...each(arg, 'ArgMax', 'ArgMin'),
  ...each(axisOnly, 'Softmax', 'LogSoftmax', 'Hardmax', 'LpNormalization'),
  ...each(conv, 'Conv'),
  ...each(convTranspose, 'ConvTranspose'),
  ...each(pool, 'MaxPool', 'AveragePool', 'LpPool'),
  ...each(one(ofRank(3, 4)), 'GlobalAveragePool', 'GlobalMaxPool'),
  ...each(transpose, 'Transpose'),
  ...each(squeeze, 'Squeeze'),
  ...each(unsqueeze, 'Unsqueeze'),
  ...each(concat, 'Concat'),
  ...each(split, 'Split'),
  ...each(slice, 'Slice'),
  ...each(gather, 'Gather'),
  ...each(gatherElements, 'GatherElements'),
  ...each(gatherNd, 'GatherND'),
  ...each(expand, 'Expand'),
  ...each(tile, 'Tile'),
  ...each(pad, 'Pad'),
  ...each(resize, 'Resize'),
  ...each(matmul, 'MatMul'),
  ...each(gemm, 'Gemm'),
  ...each(einsum, 'Einsum'),
  ...each(recurrent(4), 'LSTM'),
  ...each(recurrent(3), 'GRU'),
  ...each(recurrent(1), 'RNN'),
  ...each(normalisation(4), 'BatchNormalization'),
  ...each(normalisation(2), 'InstanceNormalization'),
  ...each(layerNormalization, 'LayerNormalization'),
  ...each(one(ofRank(4), (d) => ({ attributes: { size: d.pick([1, 3]) } })), 'LRN'),
  ...each(plain, 'MeanVarianceNormalization'),
  ...each(quantize, 'QuantizeLinear'),
  ...each(one((t) => t.type === 'uint8', () => undefined), 'ConvInteger'),
  ...each(one(isFloat, () => ({ outputs: 3 })), 'DynamicQuantizeLinear'),
  ...each(one((t) => t.type === 'uint8', (_, x) => ({ inputs: [x, floatScalar(0.1)] })), 'DequantizeLinear'),
  ...each(one((t) => t.type === 'uint8', (d, x) => ({ inputs: [x, d.find((t) => t.type === 'uint8') ?? x] })), 'MatMulInteger'),
  ...each(blocks, 'DepthToSpace', 'SpaceToDepth'),
  ...each(topK, 'TopK'),
  ...each(oneHot, 'OneHot'),
  ...each(shape, 'Shape'),
  ...each(one(any), 'Size'),
  ...each(one(any), 'NonZero'),
  ...each(cast, 'Cast'),
  ...each(binary(any), 'CastLike'),
  ...each(clip, 'Clip'),
  ...each(cumSum, 'CumSum'),
  ...each(compress, 'Compress'),
  ...each(scatterElements, 'ScatterElements'),
  ...each(flatten, 'Flatten'),
  ...each(one(ofRank(2), (d) => ({ attributes: { k: d.int(-1, 1) } })), 'EyeLike'),
  ...each(one((t) => isFloat(t) && t.dims.length >= 2), 'Trilu'),
  ...each(one(ofRank(2, 3), (_, x) => (x.tensor.dims.at(-1) === x.tensor.dims.at(-2) ? {} : undefined)), 'Det'),
  ...each(one((t) => isNumber(t) && t.dims.length > 0, (d, x) => ({ outputs: 4, attributes: d.chance(0.5) ? { axis: d.int(0, rankOf(x) - 1) } : {} })), 'Unique'),
  ...each(centerCropPad, 'CenterCropPad'),
  ...each(gridSample, 'GridSample'),
  ...each(dft, 'DFT'),
  Range: range,
  ConstantOfShape: constantOfShape,
  Reshape: reshape,
  Where: where,
  'Reshape to a computed shape': reshapeComputed,
  'Slice to a computed end': sliceComputed,
  'a size of a shape': gatherSize,
  'arithmetic on sizes': sizeArithmetic,
  'rounding of sizes': sizeRounding,
  'a list of sizes': joinSizes,
  ...inMicrosoft(plain, 'Gelu', 'QuickGelu'),
  ...inMicrosoft(one((t) => isFloat(t) && t.dims.length > 0, (_, x) => ({ inputs: [x, weights(x.tensor.dims.at(-1)!)] })), 'BiasGelu', 'FastGelu'),
  ...inMicrosoft(skipNormalization(2), 'SkipLayerNormalization'),
  ...inMicrosoft(skipNormalization(1), 'SkipSimplifiedLayerNormalization'),
  ...inMicrosoft(one((t) => isFloat(t) && t.dims.length > 1, (d, x) => ({ inputs: [x, d.find((t) => isFloat(t) && t.dims.length > 1) ?? x], attributes: { transA: d.int(0, 1), transB: d.int(0, 1), ...(rankOf(x) > 2 && d.chance(0.5) ? { transBatchA: d.int(0, 1), transBatchB: d.int(0, 1) } : {}) } })), 'FusedMatMul'),
  ...inMicrosoft(one(ofRank(3), (d, x) => (x.tensor.dims[2]! % 2 === 0 ? { inputs: [x, x, x], attributes: { num_heads: d.pick([1, 2]) } } : undefined)), 'MultiHeadAttention'),
  ...inMicrosoft(one(ofRank(3), (_, x) => (x.tensor.dims[2]! % 2 === 0 ? { inputs: [x, weights(x.tensor.dims[2]!, 3 * x.tensor.dims[2]!), weights(3 * x.tensor.dims[2]!)], attributes: { num_heads: 2 } } : undefined)), 'Attention'),
};
