/** How operators are drawn that few models have: losses, signals, quantised ones, ONNX Runtime's own. */
import type { Tensor } from 'onnxruntime-node';
import { bytes, floatScalar, floats, ints, intScalar, weights, type Constant, type Drawing, type Operand, type Value } from './drawing.ts';
import { axisOf, each, inMicrosoft, isFloat, ofRank, one, rankOf, type Draw, type Maker } from './making.ts';

const isBytes = (t: Tensor): boolean => t.type === 'uint8';
const byte: Constant = { dims: [], values: [3], type: 'uint8' };
const scale = floatScalar(0.1);
const when = (isTrue: boolean, operands: readonly Operand[]): readonly Operand[] => (isTrue ? operands : []);
const sameAs = (d: Drawing, x: Value): Value => d.find((t) => t.type === x.tensor.type && String(t.dims) === String(x.tensor.dims)) ?? x;
const width = (x: Value): number => x.tensor.dims.at(-1)!;

/** An operator that needs no tensor of the graph. */
const alone = (op: string, draw: (d: Drawing) => Partial<ReturnType<Draw> & object>): Readonly<Record<string, Draw>> => ({ [op]: (d) => ({ op, inputs: [], ...draw(d) }) });

const labels = (d: Drawing, x: Value): Constant => {
  const [n = 1, classes = 1, ...rest] = x.tensor.dims;
  const dims = [n, ...rest];
  return { dims, values: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => d.int(0, classes - 1)), type: 'int64' };
};
const loss = (since: number, outputs: number): Maker => one(ofRank(2, 3), (d, x) => (d.opset < since ? undefined : { inputs: [x, labels(d, x)], outputs: d.int(1, outputs), attributes: { reduction: d.pick(['none', 'mean', 'sum']) } }));

const window: Maker = (op) => (d) => (d.opset < 17 ? undefined : { op, inputs: [intScalar(d.int(2, 8))] });
const scatterNd: Maker = one((t) => isFloat(t) && t.dims.length > 0 && t.size > 0, (d, x) => (d.opset < 11 ? undefined : { inputs: [x, { dims: [1, 1], values: [d.int(0, x.tensor.dims[0]! - 1)], type: 'int64' }, weights(1, ...x.tensor.dims.slice(1))] }));
const upsample: Maker = one(ofRank(4), (d) => (d.opset > 8 ? undefined : { attributes: { scales: { floats: [1, 1, 2, 1.5] } } }));
const maxUnpool: Maker = one(ofRank(4), (d, x) => (d.opset < 9 ? undefined : { inputs: [x, { dims: x.tensor.dims, values: Array.from({ length: x.tensor.size }, () => 0), type: 'int64' }], attributes: { kernel_shape: [2, 2], strides: [2, 2] } }));
const roiAlign: Maker = one(ofRank(4), (d, x) => (d.opset < 10 ? undefined : { inputs: [x, weights(2, 4), ints([0, 0])], attributes: { output_height: d.int(1, 3), output_width: d.int(1, 3) } }));
const groupNorm: Maker = one((t) => isFloat(t) && t.dims.length >= 3, (d, x) => (d.opset < 21 ? undefined : { inputs: [x, weights(x.tensor.dims[1]!), weights(x.tensor.dims[1]!)], attributes: { num_groups: 1 } }));
const rms: Maker = one((t) => isFloat(t) && t.dims.length >= 1, (d, x) => (d.opset < 23 ? undefined : { inputs: [x, weights(width(x))], attributes: { axis: -1 } }));
const attention: Maker = one(ofRank(3, 4), (d, x) => (d.opset < 23 ? undefined : { inputs: [x, x, x], attributes: rankOf(x) === 3 ? { q_num_heads: 1, kv_num_heads: 1 } : {} }));
const stft: Maker = one(ofRank(2), (d, x) => (d.opset < 17 || width(x) < 4 ? undefined : { inputs: [x, intScalar(d.int(1, 2)), '', intScalar(4)], attributes: { onesided: d.int(0, 1) } }));
const affineGrid: Maker = one(ofRank(3), (d, x) => (d.opset < 20 ? undefined : { inputs: [x, ints([x.tensor.dims[0]!, 1, 2, 3])] }));
const col2Im: Maker = one(ofRank(3), (d) => (d.opset < 18 ? undefined : { inputs: [d.find(ofRank(3))!, ints([3, 3]), ints([2, 2])] }));
const reverse: Maker = one((t) => t.dims.length >= 2, (d, x) => (d.opset < 10 ? undefined : { inputs: [x, { dims: [x.tensor.dims[1]!], values: Array.from({ length: x.tensor.dims[1]! }, () => 1), type: 'int64' }] }));
const bits: Maker = one((t) => t.type === 'int64', (d, x) => (d.opset < 18 ? undefined : { inputs: [x, sameAs(d, x)] }));
const noise: Maker = one(isFloat);

const perTensor = [scale, byte];
const quantisedConv: Maker = one((t) => isBytes(t) && t.dims.length === 4, (d, x) => {
  const image = x.tensor.dims.slice(2);
  const kernel = bytes(d.int(1, 3), x.tensor.dims[1]!, ...image.map((n) => Math.min(n, d.int(1, 2))));
  return { inputs: [x, ...perTensor, kernel, ...perTensor, ...perTensor] };
});
const integerConv: Maker = one((t) => isBytes(t) && t.dims.length === 4, (d, x) => ({ inputs: [x, bytes(d.int(1, 3), x.tensor.dims[1]!, 1, 1)] }));
const quantisedMatmul: Maker = one((t) => isBytes(t) && t.dims.length >= 2, (d, x) => ({ inputs: [x, ...perTensor, bytes(width(x), d.int(1, 3)), ...perTensor, ...perTensor] }));
const quantisedBinary: Maker = one(isBytes, (d, x) => ({ inputs: [x, ...perTensor, d.find(isBytes) ?? x, ...perTensor, ...perTensor] }));
const quantisedActivation: Maker = one(isBytes, (_, x) => ({ inputs: [x, ...perTensor, ...perTensor] }));
const quantisedConcat: Maker = one((t) => isBytes(t) && t.dims.length > 0, (d, x) => ({ inputs: [...perTensor, x, ...perTensor, sameAs(d, x), ...perTensor], attributes: { axis: axisOf(d, rankOf(x)) } }));
const quantisedPool: Maker = one((t) => isBytes(t) && t.dims.length === 4, (d, x) => ({ inputs: [x, ...perTensor, ...perTensor], attributes: { channels_last: d.int(0, 1) } }));
const quantisedGemm: Maker = one((t) => isBytes(t) && t.dims.length === 2, (d, x) => ({ inputs: [x, ...perTensor, bytes(width(x), d.int(1, 3)), ...perTensor, '', ...when(d.chance(0.5), perTensor)] }));
const dynamicMatmul: Maker = one((t) => isFloat(t) && t.dims.length >= 2, (d, x) => ({ inputs: [x, bytes(width(x), d.int(1, 3)), scale, byte] }));
const integerToFloat: Maker = one((t) => isBytes(t) && t.dims.length >= 2, (d, x) => ({ inputs: [x, bytes(width(x), d.int(1, 3)), scale, scale] }));
const quantisedAttention: Maker = one((t) => isBytes(t) && t.dims.length === 3, (_, x) => ({ inputs: [x, bytes(width(x), 3 * width(x)), weights(3 * width(x)), scale, scale, '', byte, byte], attributes: { num_heads: 1 } }));
const embed: Maker = one((t) => t.type === 'int32' && t.dims.length === 2, (d, x) => ({
  inputs: [x, '', weights(40, 4), weights(20, 4), '', weights(4), weights(4), ...when(d.chance(0.5), [{ dims: x.tensor.dims, values: Array.from({ length: x.tensor.size }, () => 1), type: 'int32' } as Constant])],
  outputs: 2,
}));
const fusedGemm: Maker = one(ofRank(2), (d, x) => ({ inputs: [x, weights(width(x), d.int(1, 3))], attributes: { activation: 'Relu' } }));
const splitGelu: Maker = one(ofRank(3), (_, x) => ({ inputs: [x, weights(width(x))] }));
const distances: Maker = one(ofRank(2), (d, x) => ({ inputs: [x, d.find((t) => isFloat(t) && t.dims.length === 2 && t.dims[1] === width(x)) ?? x], attributes: { metric: 'euclidean' } }));
const simplified: Maker = one((t) => isFloat(t) && t.dims.length >= 1, (_, x) => ({ inputs: [x, weights(width(x))], attributes: { axis: -1 } }));
const nBits: Maker = one((t) => isFloat(t) && t.dims.length >= 2, (d, x) => {
  const [k, n] = [width(x), d.int(1, 3)];
  return { inputs: [x, bytes(n, 1, 8), floats(Array.from({ length: n }, () => 1))], attributes: { K: k, N: n, bits: 4, block_size: 16 } };
});

/** Of larger matrices ONNX Runtime's kernel ends the process. */
const inverse: Maker = (op, domain = '') => (d) => ({ op, domain, inputs: [weights(d.int(1, 3), 1, 1)] });

export const rareDraws: Readonly<Record<string, Draw>> = {
  ...each(one(isFloat), 'Acosh', 'Asinh', 'Atanh', 'Shrink'),
  ...each(one(ofRank(3, 4)), 'GlobalLpPool'),
  ...each(loss(12, 1), 'NegativeLogLikelihoodLoss'),
  ...each(loss(12, 2), 'SoftmaxCrossEntropyLoss'),
  ...each(window, 'BlackmanWindow', 'HammingWindow', 'HannWindow'),
  ...each(scatterNd, 'ScatterND'),
  ...each(upsample, 'Upsample'),
  ...each(maxUnpool, 'MaxUnpool'),
  ...each(roiAlign, 'RoiAlign'),
  ...each(groupNorm, 'GroupNormalization'),
  ...each(rms, 'RMSNormalization'),
  ...each(attention, 'Attention'),
  ...each(stft, 'STFT'),
  ...each(affineGrid, 'AffineGrid'),
  ...each(col2Im, 'Col2Im'),
  ...each(reverse, 'ReverseSequence'),
  ...each(bits, 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor'),
  ...each(one((t) => t.type === 'int64', (d) => (d.opset < 18 ? undefined : {})), 'BitwiseNot'),
  ...each(noise, 'RandomNormalLike', 'RandomUniformLike'),
  ...each(one(isFloat, (d) => (d.opset < 15 ? undefined : {})), 'Bernoulli'),
  ...each(one(ofRank(2), (d) => ({ attributes: { sample_size: d.int(1, 4) } })), 'Multinomial'),
  ...alone('RandomNormal', (d) => ({ attributes: { shape: [d.int(1, 3), d.int(1, 3)] } })),
  ...alone('RandomUniform', (d) => ({ attributes: { shape: [d.int(1, 3)] } })),
  ...alone('MelWeightMatrix', (d) => ({ inputs: [intScalar(d.int(2, 4)), intScalar(16), intScalar(8000), floatScalar(0), floatScalar(4000)] })),
  ...alone('NonMaxSuppression', (d) => ({ inputs: [weights(1, 6, 4), weights(1, 2, 6), intScalar(d.int(1, 3))] })),
  ...each(integerConv, 'ConvInteger'),
  ...each(quantisedConv, 'QLinearConv'),
  ...each(quantisedMatmul, 'QLinearMatMul'),
  ...each(simplified, 'SimplifiedLayerNormalization'),
  ...inMicrosoft(quantisedBinary, 'QLinearAdd', 'QLinearMul'),
  ...inMicrosoft(quantisedActivation, 'QLinearLeakyRelu', 'QLinearSigmoid'),
  ...inMicrosoft(quantisedConcat, 'QLinearConcat'),
  ...inMicrosoft(quantisedPool, 'QLinearGlobalAveragePool'),
  ...inMicrosoft(quantisedGemm, 'QGemm'),
  ...inMicrosoft(dynamicMatmul, 'DynamicQuantizeMatMul'),
  ...inMicrosoft(integerToFloat, 'MatMulIntegerToFloat'),
  ...inMicrosoft(quantisedAttention, 'QAttention'),
  ...inMicrosoft(embed, 'EmbedLayerNormalization'),
  ...inMicrosoft(fusedGemm, 'FusedGemm'),
  ...inMicrosoft(splitGelu, 'BiasSplitGelu'),
  ...inMicrosoft(distances, 'CDist'),
  ...inMicrosoft(nBits, 'MatMulNBits'),
  ...inMicrosoft(one((t) => isFloat(t) && t.dims.length >= 2), 'Trilu'),
  ...inMicrosoft(inverse, 'Inverse'),
};
