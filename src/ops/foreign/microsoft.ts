/** ONNX Runtime's own operators (com.microsoft), as optimised and quantised files have them. */
import { divDim } from '../../types/dim-atoms.ts';
import { addDims, intDim, multiplyDims, type Dim } from '../../types/dim.ts';
import { broadcast, simplest } from './broadcast.ts';
import { elementwiseRules, likeFirst } from './elementwise.ts';
import { known } from './known.ts';
import { matmulDims, matmulRules } from './matmul.ts';
import { layerNormalization } from './normalisation.ts';
import { quantisedRules } from './quantised.ts';
import { alike, axisIn, dimsAt, dtypeAt, has, intOf, intsOf, replaceAt, type Rule, type RuleCall, type Rules } from './rule.ts';
import { windowRules } from './windows.ts';

type Dims = readonly Dim[];

/** The sum of input, skip and bias is the fourth output. */
const skipLayerNormalization: Rule = (call) => {
  const [result, mean, deviation] = layerNormalization(call);
  return [result, mean, deviation, result];
};

/** Ids [batch, length] into the rows of the word embedding [words, width]. */
const embedLayerNormalization: Rule = (call) => {
  const [ids, words] = [dimsAt(call, 0), dimsAt(call, 2)];
  const embedded = known(dtypeAt(call, 2), ids && [...ids, words?.[1] ?? call.size()]);
  return [embedded, known('i32', [ids?.[0] ?? call.size()]), embedded];
};

/** Input [batch, length, width], weights and bias of queries, keys and values side by side. */
const packedAttention =
  (dtypeFrom: number): Rule =>
  (call) => {
    const [x, weights, bias] = [dimsAt(call, 0), dimsAt(call, 1), dimsAt(call, 2)];
    const sizes = intsOf(call, 'qkv_hidden_sizes');
    const all = weights?.[1] ?? bias?.[0];
    const width = sizes?.length === 3 ? intDim(sizes[2]!) : (all && divDim(all, intDim(3)));
    return [known(dtypeAt(call, dtypeFrom), x && [...x.slice(0, 2), width ?? call.size()])];
  };

/** Queries [batch, length, heads * width], or all three packed as [batch, length, heads, 3, width]. */
const multiHeadAttention: Rule = (call) => {
  const [q, k, v] = [dimsAt(call, 0), dimsAt(call, 1), dimsAt(call, 2)];
  const dtype = dtypeAt(call, 0);
  const heads = intDim(intOf(call, 'num_heads', 1));
  if (q === undefined) return [known(dtype, undefined)];
  const width = q.length === 5 ? multiplyDims(q[2]!, q[4]!) : v?.length === 3 ? v[2]! : v?.length === 4 ? multiplyDims(v[1]!, v[3]!) : k?.length === 5 ? multiplyDims(k[2]!, k[4]!) : call.size();
  const past = has(call, 6) ? dimsAt(call, 6)?.[2] : intDim(0);
  const keys = k?.length === 3 ? k[1] : k?.length === 4 ? k[2] : undefined;
  const isPlain = q.length === 3 && k?.length === 3 && v?.length === 3;
  const present = (last: Dim | undefined): Dims | undefined => (isPlain && past && keys && last ? [q[0]!, heads, addDims(past, keys), divDim(last, heads)] : undefined);
  return [known(dtype, [q[0]!, q[1]!, width]), known(dtype, present(k?.[2])), known(dtype, present(v?.[2]))];
};

const groupQueryAttention: Rule = (call) => {
  const q = dimsAt(call, 0);
  const [heads, groups] = [intOf(call, 'num_heads', 1), intOf(call, 'kv_num_heads', 1)];
  // Without keys the queries hold all three side by side.
  const width = q?.[2] && (has(call, 1) ? q[2] : divDim(multiplyDims(q[2], intDim(heads)), intDim(heads + 2 * groups)));
  return [known(dtypeAt(call, 0), q && [q[0] ?? call.size(), q[1] ?? call.size(), width ?? call.size()])];
};

const blockMatmul: Rule = (call) => {
  const a = dimsAt(call, 0);
  return [known(dtypeAt(call, 0), a && [...a.slice(0, -1), intDim(intOf(call, 'N', 0))])];
};

const turned = (dims: Dims | undefined, flag: number): Dims | undefined => (dims === undefined || dims.length < 2 || flag === 0 ? dims : [...dims.slice(0, -2), dims.at(-1)!, dims.at(-2)!]);

/** The first axis becomes the last but one. */
const batchesTurned = (dims: Dims | undefined, flag: number): Dims | undefined => (dims === undefined || dims.length < 3 || flag === 0 ? dims : [...dims.slice(1, -1), dims[0]!, dims.at(-1)!]);

/** The factors of a fused product as they are multiplied: their batches are turned first. */
export const fusedFactors = (call: RuleCall): readonly [Dims | undefined, Dims | undefined] => {
  const factor = (i: number, side: 'A' | 'B'): Dims | undefined => turned(batchesTurned(dimsAt(call, i), intOf(call, `transBatch${side}`, 0)), intOf(call, `trans${side}`, 0));
  return [factor(0, 'A'), factor(1, 'B')];
};

const fusedMatmul: Rule = (call) => [known(dtypeAt(call, 0), matmulDims(...fusedFactors(call), call.size))];

const floatMatmul: Rule = (call) => [known('f32', matmulDims(dimsAt(call, 0), dimsAt(call, 1), call.size))];

/** a and b, each with its scale and zero point; then those of the result. */
const quantisedBinary: Rule = (call) => [known(dtypeAt(call, 0), broadcast([dimsAt(call, 0), dimsAt(call, 3)], call.size))];

const quantisedGemm: Rule = (call) => {
  const [a, b] = [turned(dimsAt(call, 0), intOf(call, 'transA', 0)), turned(dimsAt(call, 3), intOf(call, 'transB', 0))];
  return [known(has(call, 8) ? dtypeAt(call, 8) : 'f32', [a?.[0] ?? call.size(), b?.[1] ?? call.size()])];
};

/** The result's scale and zero point, then tensor, scale and zero point of each part. */
const quantisedConcat: Rule = (call) => {
  const parts = call.inputs.slice(2).filter((_, i) => i % 3 === 0).map((tensor) => tensor?.dims);
  const rank = parts.find((dims) => dims !== undefined)?.length;
  const axis = rank === undefined ? undefined : axisIn(intOf(call, 'axis', 1), rank);
  if (axis === undefined || !parts.every((dims) => dims?.length === rank)) return [known(dtypeAt(call, 1), undefined)];
  const all = parts as readonly Dims[];
  return [known(dtypeAt(call, 1), all[0]!.map((_, i) => all.map((dims) => dims[i]!).reduce(i === axis ? addDims : simplest)))];
};

const quantisedGlobalPool: Rule = (call) => {
  const dims = dimsAt(call, 0);
  const isLast = intOf(call, 'channels_last', 0) === 1;
  return [known(dtypeAt(call, 0), dims?.map((dim, i) => (i === 0 || i === (isLast ? dims.length - 1 : 1) ? dim : intDim(1))))];
};

const splitGelu: Rule = (call) => {
  const dims = dimsAt(call, 0);
  return [known(dtypeAt(call, 0), dims && dims.length > 0 ? replaceAt(dims, dims.length - 1, divDim(dims.at(-1)!, intDim(2))) : undefined)];
};

const distances: Rule = (call) => [known(dtypeAt(call, 0), [dimsAt(call, 0)?.[0] ?? call.size(), dimsAt(call, 1)?.[0] ?? call.size()])];

/** ORT reads rules of ONNX's for these as they are. */
const shared: Rules = {
  Conv: windowRules['Conv']!,
  FusedConv: windowRules['Conv']!,
  FusedGemm: matmulRules['Gemm']!,
  MaxPool: windowRules['MaxPool']!,
  Trilu: elementwiseRules['Trilu']!,
  QuantizeLinear: quantisedRules['QuantizeLinear']!,
  DequantizeLinear: quantisedRules['DequantizeLinear']!,
};

export const microsoftRules: Rules = {
  ...shared,
  ...alike(likeFirst, 'BiasGelu', 'FastGelu', 'Gelu', 'QuickGelu', 'BiasAdd', 'GroupNorm', 'LongformerAttention', 'MoE', 'NGramRepeatBlock', 'RotaryEmbedding', 'ComplexMul', 'Inverse'),
  ...alike(likeFirst, 'QLinearLeakyRelu', 'QLinearSigmoid', 'QLinearSoftmax'),
  ...alike(skipLayerNormalization, 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization'),
  ...alike(quantisedBinary, 'QLinearAdd', 'QLinearMul'),
  ...alike(floatMatmul, 'DynamicQuantizeMatMul', 'MatMulIntegerToFloat'),
  ...alike(fusedMatmul, 'FusedMatMul', 'TransposeMatMul'),
  Attention: packedAttention(0),
  BiasSplitGelu: splitGelu,
  CDist: distances,
  EmbedLayerNormalization: embedLayerNormalization,
  GroupQueryAttention: groupQueryAttention,
  MatMulNBits: blockMatmul,
  MultiHeadAttention: multiHeadAttention,
  QAttention: packedAttention(3),
  QGemm: quantisedGemm,
  QLinearConcat: quantisedConcat,
  QLinearGlobalAveragePool: quantisedGlobalPool,
  SimplifiedLayerNormalization: layerNormalization,
};
