/**
 * Convolution and pooling: windows that move over the axes of an image. A window is taken to fit into the padded image, as it
 * must: what ONNX Runtime makes of a smaller one depends on its version.
 */
import { ceilDivDim, divDim, minDim } from '../../types/dim-atoms.ts';
import { addDims, intDim, multiplyDims, type Dim } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import { known } from './known.ts';
import { alike, dimsAt, dtypeAt, has, input, intOf, intsOf, sizesAt, textOf, type Rule, type RuleCall, type Rules } from './rule.ts';

type Dims = readonly Dim[];

const plus = (dim: Dim, number: number): Dim => addDims(dim, intDim(number));
const listOf = (call: RuleCall, name: string, count: number, otherwise: number): readonly number[] => {
  const list = intsOf(call, name);
  return list?.length === count ? list : Array.from({ length: count }, () => otherwise);
};

interface Window {
  readonly size: Dim;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** How many places a window has along an axis. */
function places(call: RuleCall, length: Dim, { size, stride, dilation, before, after }: Window): Dim {
  const reach = addDims(multiplyDims(intDim(dilation), plus(size, -1)), intDim(1));
  const auto = textOf(call, 'auto_pad', 'NOTSET');
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') return ceilDivDim(length, intDim(stride));
  const padding = auto === 'VALID' ? 0 : before + after;
  const room = addDims(plus(length, padding), multiplyDims(intDim(-1), reach));
  call.needs?.(room);
  if (intOf(call, 'ceil_mode', 0) === 0) return plus(divDim(room, intDim(stride)), 1);
  // Rounded up, but a window that would begin behind the data and its front padding is left out.
  const begins = ceilDivDim(plus(length, auto === 'VALID' ? 0 : before), intDim(stride));
  return minDim(plus(ceilDivDim(room, intDim(stride)), 1), begins);
}

/** The spatial sizes of the result; undefined where the kernel's rank does not fit. */
function slide(call: RuleCall, image: Dims, kernel: Dims): Dims | undefined {
  const rank = image.length;
  if (kernel.length !== rank) return undefined;
  const strides = listOf(call, 'strides', rank, 1);
  const dilations = listOf(call, 'dilations', rank, 1);
  const pads = listOf(call, 'pads', 2 * rank, 0);
  if (strides.some((n) => n < 1)) return undefined;
  return image.map((length, i) =>
    places(call, length, { size: kernel[i]!, stride: strides[i]!, dilation: dilations[i]!, before: pads[i]!, after: pads[i + rank]! }),
  );
}

const kernelOf = (call: RuleCall, weights: Dims | undefined): Dims | undefined => intsOf(call, 'kernel_shape')?.map(intDim) ?? weights?.slice(2);

/** [N, C, …] by weights [M, C/group, …] */
const conv =
  (weightsAt: number, dtype: (call: RuleCall) => DType | undefined): Rule =>
  (call) => {
    const [image, weights] = [dimsAt(call, 0), dimsAt(call, weightsAt)];
    const kernel = kernelOf(call, weights);
    const rank = image?.length ?? weights?.length ?? (kernel && kernel.length + 2);
    if (rank === undefined || rank < 2) return [known(dtype(call), undefined)];
    const spatial = image && kernel && slide(call, image.slice(2), kernel);
    return [known(dtype(call), [image?.[0] ?? call.size(), weights?.[0] ?? call.size(), ...(spatial ?? Array.from({ length: rank - 2 }, call.size))])];
  };

const convTranspose: Rule = (call) => {
  const [image, weights] = [dimsAt(call, 0), dimsAt(call, 1)];
  const kernel = kernelOf(call, weights);
  if (image === undefined || kernel?.length !== image.length - 2) return [known(dtypeAt(call, 0), undefined)];
  const rank = kernel.length;
  const channels = weights?.[1] && multiplyDims(weights[1], intDim(intOf(call, 'group', 1)));
  const fixed = intsOf(call, 'output_shape');
  const strides = listOf(call, 'strides', rank, 1);
  const dilations = listOf(call, 'dilations', rank, 1);
  const pads = listOf(call, 'pads', 2 * rank, 0);
  const more = listOf(call, 'output_padding', rank, 0);
  const auto = textOf(call, 'auto_pad', 'NOTSET');
  const spatial = image.slice(2).map((length, i) => {
    // Some exporters write the batch and the channels as well.
    if (fixed !== undefined) return intDim(fixed[fixed.length - rank + i] ?? 0);
    const reach = addDims(multiplyDims(intDim(dilations[i]!), plus(kernel[i]!, -1)), intDim(1 + more[i]!));
    const begins = multiplyDims(intDim(strides[i]!), plus(length, -1));
    // The stride times as long, unless the kernel does not reach that far.
    if (auto.startsWith('SAME')) return addDims(begins, minDim(intDim(strides[i]!), reach));
    return addDims(begins, plus(reach, auto === 'VALID' ? 0 : -(pads[i]! + pads[i + rank]!)));
  });
  return [known(dtypeAt(call, 0), [image[0]!, channels ?? call.size(), ...spatial])];
};

const pool: Rule = (call) => {
  const image = dimsAt(call, 0);
  const spatial = image && slide(call, image.slice(2), intsOf(call, 'kernel_shape')?.map(intDim) ?? []);
  const dims = image && [...image.slice(0, 2), ...(spatial ?? image.slice(2).map(call.size))];
  return [known(dtypeAt(call, 0), dims), known('i64', dims)];
};

/** All of the image in one window. */
const globalPool: Rule = (call) => [known(dtypeAt(call, 0), dimsAt(call, 0)?.map((dim, i) => (i < 2 ? dim : intDim(1))))];

/** [N, C, …] to a given size, as a pool that is undone: its attributes say what the pool's input was. */
const maxUnpool: Rule = (call) => {
  if (has(call, 2)) return [known(dtypeAt(call, 0), sizesAt(call, 2) ?? dimsAt(call, 0)?.map(call.size))];
  const image = dimsAt(call, 0);
  const kernel = intsOf(call, 'kernel_shape') ?? [];
  if (image === undefined || kernel.length !== image.length - 2) return [known(dtypeAt(call, 0), undefined)];
  const rank = kernel.length;
  const [strides, pads] = [listOf(call, 'strides', rank, 1), listOf(call, 'pads', 2 * rank, 0)];
  const spatial = image.slice(2).map((length, i) => plus(multiplyDims(intDim(strides[i]!), plus(length, -1)), kernel[i]! - pads[i]! - pads[i + rank]!));
  return [known(dtypeAt(call, 0), [...image.slice(0, 2), ...spatial])];
};

const roiPool: Rule = (call) => {
  const [image, rois] = [dimsAt(call, 0), dimsAt(call, 1)];
  const size = intsOf(call, 'pooled_shape') ?? [];
  return [known(dtypeAt(call, 0), [rois?.[0] ?? call.size(), image?.[1] ?? call.size(), ...size.map(intDim)])];
};

const roiAlign: Rule = (call) => {
  const [image, rois] = [dimsAt(call, 0), dimsAt(call, 1)];
  const size = ['output_height', 'output_width'].map((name) => intDim(intOf(call, name, 1)));
  return [known(dtypeAt(call, 0), [rois?.[0] ?? call.size(), image?.[1] ?? call.size(), ...size])];
};

const asInput = (call: RuleCall): DType | undefined => dtypeAt(call, 0);

export const windowRules: Rules = {
  ...alike(conv(1, asInput), 'Conv', 'DeformConv'),
  ConvInteger: conv(1, () => 'i32'),
  QLinearConv: conv(3, (call) => input(call, 7).dtype ?? input(call, 0).dtype),
  ConvTranspose: convTranspose,
  ...alike(pool, 'MaxPool', 'AveragePool', 'LpPool'),
  ...alike(globalPool, 'GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'),
  MaxRoiPool: roiPool,
  MaxUnpool: maxUnpool,
  RoiAlign: roiAlign,
};
