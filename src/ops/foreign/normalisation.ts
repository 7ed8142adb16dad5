/** Normalisation, and attention as one operator. */
import { addDims, constantOf, intDim, type Dim } from '../../types/dim.ts';
import { divDim } from '../../types/dim-atoms.ts';
import { dtypeOfOnnx } from '../../types/dtype.ts';
import { likeFirst } from './elementwise.ts';
import { known } from './known.ts';
import { alike, axisIn, dimsAt, dtypeAt, has, hasAttribute, input, intOf, type Rule, type RuleCall, type Rules } from './rule.ts';

/** The result, and in training the running mean and variance. */
const batchNormalization: Rule = (call) => [known(dtypeAt(call, 0), dimsAt(call, 0)), ...[3, 4, 3, 4].map((i) => known(dtypeAt(call, i), dimsAt(call, i)))];

/** The result, and the mean and the inverse deviation with the normalised axes folded to 1. */
export const layerNormalization: Rule = (call) => {
  const { dtype, dims } = input(call, 0);
  const axis = dims && axisIn(intOf(call, 'axis', -1), dims.length);
  const folded = dims && axis !== undefined ? dims.map((dim, i) => (i < axis ? dim : intDim(1))) : undefined;
  const stash = hasAttribute(call, 'stash_type') ? dtypeOfOnnx(intOf(call, 'stash_type', 1)) : 'f32';
  return [known(dtype, dims), known(stash, folded), known(stash, folded)];
};

export interface Heads {
  readonly batch: Dim;
  readonly heads: Dim;
  readonly length: Dim;
  readonly width: Dim;
}

/** [batch, heads, length, width], or [batch, length, heads * width] with the number of heads as an attribute. */
export function headsOf(call: RuleCall, i: number, count: string): Heads | undefined {
  const dims = dimsAt(call, i);
  if (dims?.length === 4) return { batch: dims[0]!, heads: dims[1]!, length: dims[2]!, width: dims[3]! };
  const heads = intOf(call, count, 0);
  return dims?.length === 3 && heads > 0 ? { batch: dims[0]!, heads: intDim(heads), length: dims[1]!, width: divDim(dims[2]!, intDim(heads)) } : undefined;
}

/** Queries, keys, values, mask, and the past keys and values, to which the present ones are appended. */
const attention: Rule = (call) => {
  const [q, k, v] = [headsOf(call, 0, 'q_num_heads'), headsOf(call, 1, 'kv_num_heads'), headsOf(call, 2, 'kv_num_heads')];
  const dtype = dtypeAt(call, 0);
  if (q === undefined || k === undefined || v === undefined) return [known(dtype, undefined), known(dtypeAt(call, 1), undefined), known(dtypeAt(call, 2), undefined), known(dtype, undefined)];
  const isFlat = dimsAt(call, 0)!.length === 3;
  const past = has(call, 4) ? dimsAt(call, 4)?.[2] : intDim(0);
  const length = past ? addDims(past, k.length) : call.size();
  const width = constantOf(q.heads) === undefined ? undefined : constantOf(v.width);
  const flat = width === undefined ? call.size() : intDim(constantOf(q.heads)! * width);
  return [
    known(dtype, isFlat ? [q.batch, q.length, flat] : [q.batch, q.heads, q.length, v.width]),
    known(dtypeAt(call, 1), [k.batch, k.heads, length, k.width]),
    known(dtypeAt(call, 2), [v.batch, v.heads, length, v.width]),
    known(dtype, [q.batch, q.heads, q.length, length]),
  ];
};

export const normalisationRules: Rules = {
  Attention: attention,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  ...alike(likeFirst, 'GroupNormalization', 'InstanceNormalization', 'LRN', 'LpNormalization', 'MeanVarianceNormalization', 'RMSNormalization', 'RotaryEmbedding'),
};
