/** Images in another size. */
import { divDim } from '../../types/dim-atoms.ts';
import { constantOf, intDim, multiplyDims, type Dim } from '../../types/dim.ts';
import { known } from './known.ts';
import { axisIn, dimsAt, dtypeAt, has, input, intsOf, sizeOf, sizesAt, textOf, type Rule, type RuleCall, type Rules } from './rule.ts';
import * as value from './scalar.ts';
import type { Scalar } from './scalar.ts';

type Dims = readonly Dim[];

/** Scales and sizes are inputs 2 and 3; in opset 10 the scales were input 1. An empty list is an omitted one. */
const resize: Rule = (call) => {
  const { dtype, dims } = input(call, 0);
  if (dims === undefined) return [known(dtype, undefined)];
  const axes = (intsOf(call, 'axes') ?? dims.map((_, i) => i)).map((axis) => axisIn(axis, dims.length));
  const scalesAt = call.opset < 11 ? 1 : 2;
  const isGiven = (at: number): boolean => has(call, at) && !(input(call, at).dims?.length === 1 && constantOf(input(call, at).dims![0]!) === 0);
  const out = isGiven(3) && call.opset >= 11 ? toSizes(call, dims, axes) : byScales(call, dims, axes, input(call, scalesAt).values);
  return [known(dtype, out)];
};

type Axes = readonly (number | undefined)[];

function toSizes(call: RuleCall, dims: Dims, axes: Axes): Dims {
  const sizes = input(call, 3).values?.map(sizeOf);
  const policy = textOf(call, 'keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch') return keepRatio(call, dims, axes, policy);
  return dims.map((dim, i) => {
    const at = axes.indexOf(i);
    return at < 0 ? dim : (sizes?.[at] ?? call.size());
  });
}

/** One scale for all axes: the least or the greatest of those that the sizes ask for. */
function keepRatio(call: RuleCall, dims: Dims, axes: Axes, policy: string): Dims {
  const lengths = axes.map((axis) => (axis === undefined ? undefined : constantOf(dims[axis]!)));
  const wanted = sizesAt(call, 3)?.map(constantOf);
  const scales = lengths.map((length, i) => (length === undefined || wanted?.[i] === undefined ? undefined : wanted[i] / length));
  if (!scales.every((scale) => scale !== undefined)) return dims.map((dim, i) => (axes.includes(i) ? call.size() : dim));
  const scale = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales);
  // Halves go up, as the operator's definition says.
  return dims.map((dim, i) => (axes.includes(i) ? intDim(Math.floor(Math.fround(scale * constantOf(dim)!) + 0.5)) : dim));
}

function byScales(call: RuleCall, dims: Dims, axes: Axes, scales: readonly (Scalar | undefined)[] | undefined): Dims {
  return dims.map((dim, i) => {
    const at = axes.indexOf(i);
    return at < 0 ? dim : (scaled(dim, scales?.[at]) ?? call.size());
  });
}

/** `floor(size * scale)`; of a size that is not known only scales that are exact in binary can be followed. */
function scaled(dim: Dim, scale: Scalar | undefined): Dim | undefined {
  const [size, factor] = [constantOf(dim), value.numberOf(scale)];
  if (factor === undefined || !(factor > 0)) return undefined;
  if (size !== undefined) return intDim(Math.floor(Math.fround(size * factor)));
  for (let denominator = 1; denominator <= 1024; denominator *= 2) {
    if (Number.isInteger(factor * denominator)) return divDim(multiplyDims(dim, intDim(factor * denominator)), intDim(denominator));
  }
  return undefined;
}

const upsample: Rule = (call) => {
  const { dtype, dims } = input(call, 0);
  const attribute = call.node.attributes.get('scales');
  const scales = attribute?.type === 'floats' ? attribute.value.map(value.ofNumber) : input(call, 1).values;
  return [known(dtype, dims && byScales(call, dims, dims.map((_, i) => i), scales))];
};

/** Samples of an image at the places of a grid. */
const gridSample: Rule = (call) => {
  const [image, grid] = [dimsAt(call, 0), dimsAt(call, 1)];
  return [known(dtypeAt(call, 0), image && grid && [...image.slice(0, 2), ...grid.slice(1, -1)])];
};

/** [N, 2, 3] and a size [N, C, H, W] give [N, H, W, 2]; likewise with a depth. */
const affineGrid: Rule = (call) => {
  const size = input(call, 1).values?.map((v) => sizeOf(v) ?? call.size());
  return [known(dtypeAt(call, 0), size && [size[0]!, ...size.slice(2), intDim(size.length - 2)])];
};

/** Columns of blocks put back into an image. */
const col2Im: Rule = (call) => {
  const [columns, image, block] = [dimsAt(call, 0), sizesAt(call, 1), sizesAt(call, 2)];
  const area = block?.reduce(multiplyDims, intDim(1));
  const channels = columns?.[1] && area && divDim(columns[1], area);
  return [known(dtypeAt(call, 0), image && [columns?.[0] ?? call.size(), channels ?? call.size(), ...image])];
};

const imageDecoder: Rule = (call) => [known('u8', [call.size(), call.size(), intDim(textOf(call, 'pixel_format', 'RGB') === 'Grayscale' ? 1 : 3)])];

export const imageRules: Rules = {
  AffineGrid: affineGrid,
  Col2Im: col2Im,
  GridSample: gridSample,
  ImageDecoder: imageDecoder,
  Resize: resize,
  Upsample: upsample,
};
