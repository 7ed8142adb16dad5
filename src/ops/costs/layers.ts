/** Recurrent layers, and attention as one operator. */
import { addDims, intDim, multiplyDims, type Dim } from '../../types/dim.ts';
import { headsOf } from '../foreign/normalisation.ts';
import { dimsAt, has, intOf, intsOf } from '../foreign/rule.ts';
import { elementsAt, times, type CostCall, type CostRule, type CostRules } from './rule.ts';

/** At each step a product with the weights of the input, [directions, gates * hidden, input], and with those of the state. */
const recurrent: CostRule = (call) => {
  const x = dimsAt(call, 0);
  const steps = x && times(x[0], x[1]);
  const [weights, recurrence] = [elementsAt(call, 1), elementsAt(call, 2)];
  return weights && recurrence && times(steps, addDims(weights, recurrence));
};

interface Attended {
  readonly batch: Dim;
  /** Of the queries, and of all keys with those of before. */
  readonly queries: Dim;
  readonly keys: Dim;
  /** Of all heads of the queries together, and as many of the values. */
  readonly keyWidth: Dim;
  readonly valueWidth: Dim;
}

/** Scores of every query with every key, and the sum of the values under them. A mask spares nothing. */
const attended = ({ batch, queries, keys, keyWidth, valueWidth }: Attended): Dim | undefined => times(batch, queries, keys, addDims(keyWidth, valueWidth));

/** The length of what stands before the keys; undefined where it is not known. */
const pastOf = (call: CostCall, at: number, axis: number): Dim | undefined => (has(call, at) ? dimsAt(call, at)?.[axis] : intDim(0));

const attention: CostRule = (call) => {
  const [q, k, v] = [headsOf(call, 0, 'q_num_heads'), headsOf(call, 1, 'kv_num_heads'), headsOf(call, 2, 'kv_num_heads')];
  const past = pastOf(call, 4, 2);
  if (q === undefined || k === undefined || v === undefined || past === undefined) return undefined;
  return attended({ batch: q.batch, queries: q.length, keys: addDims(k.length, past), keyWidth: multiplyDims(q.heads, q.width), valueWidth: multiplyDims(q.heads, v.width) });
};

/** Queries, keys and values are made of the input, by weights that hold all three side by side. */
const packedAttention =
  (pastAt: number): CostRule =>
  (call) => {
    const [x, weights] = [dimsAt(call, 0), dimsAt(call, 1)];
    const width = call.outputs[0]?.dims?.[2];
    // [2, batch, heads, past, width]
    const past = pastOf(call, pastAt, 3);
    if (x?.length !== 3 || weights?.length !== 2 || width === undefined || past === undefined) return undefined;
    const sizes = intsOf(call, 'qkv_hidden_sizes');
    const keyWidth = sizes?.length === 3 ? intDim(sizes[1]!) : width;
    const made = times(...x, weights[1]);
    const scored = attended({ batch: x[0]!, queries: x[1]!, keys: addDims(x[1]!, past), keyWidth, valueWidth: width });
    return made && scored && addDims(made, scored);
  };

/** [batch, length, width] each; other layouts are not counted. */
const multiHeadAttention: CostRule = (call) => {
  const [q, k, v] = [dimsAt(call, 0), dimsAt(call, 1), dimsAt(call, 2)];
  const past = pastOf(call, 6, 2);
  if (q?.length !== 3 || k?.length !== 3 || v?.length !== 3 || past === undefined) return undefined;
  return attended({ batch: q[0]!, queries: q[1]!, keys: addDims(k[1]!, past), keyWidth: q[2]!, valueWidth: v[2]! });
};

/** Every head of the queries has keys and values, though groups of them share theirs. */
const groupQueryAttention: CostRule = (call) => {
  const [q, out] = [dimsAt(call, 0), call.outputs[0]?.dims];
  const past = pastOf(call, 3, 2);
  if (q?.length !== 3 || out?.length !== 3 || past === undefined || intOf(call, 'num_heads', 0) === 0) return undefined;
  const keys = has(call, 1) ? dimsAt(call, 1)?.[1] : q[1];
  return keys && attended({ batch: q[0]!, queries: q[1]!, keys: addDims(keys, past), keyWidth: out[2]!, valueWidth: out[2]! });
};

export const layerRules: CostRules = { Attention: attention, GRU: recurrent, LSTM: recurrent, RNN: recurrent };

export const microsoftLayerRules: CostRules = {
  Attention: packedAttention(4),
  GroupQueryAttention: groupQueryAttention,
  MultiHeadAttention: multiHeadAttention,
  QAttention: packedAttention(8),
};
