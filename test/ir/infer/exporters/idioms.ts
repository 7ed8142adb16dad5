/** What exporters write of single lines of networks: sizes by way of lists, signs, masks and sequences. */
import { dataTypes, valueInfo } from '../../../onnx/models.ts';
import type { Architecture } from './architectures.ts';
import { endless, type Trace } from './trace.ts';

const d = 8;
const sequence = [{ name: 'x', dims: ['batch', 'seq', d] }] as const;
const sequenceSizes = { batch: [1, 3], seq: [1, 12] } as const;
const image = [{ name: 'x', dims: ['batch', 3, 'height', 'width'] }] as const;
const text = [{ name: 'ids', dims: ['batch', 'seq'], below: 9 }, { name: 'mask', dims: ['batch', 'seq'], below: 2 }] as const;
const cast = (t: Trace, x: string, to: number): string => t.op('Cast', [x], { to });
const unsqueeze = (t: Trace, x: string, ...axes: readonly number[]): string => t.op('Unsqueeze', [x, t.list(...axes)]);
/** The newer exporter reads one size as a part of the shape. */
const part = (t: Trace, x: string, axis: number): string => t.op('Shape', [x], { start: axis, end: axis + 1 });
const join = (t: Trace, ...lists: readonly string[]): string => t.op('Concat', lists, { axis: 0 });

/** torch.roll of a map of open size: from -3 modulo the size on, and then up to there. */
const rolled: Architecture['write'] = (t) => {
  const x = t.op('Relu', [t.conv('x', 3, 4, 4, { strides: [4, 4] })]);
  return [[2, 3].reduce((y, axis) => {
    const from = t.op('Mod', [t.list(-1), part(t, y, axis)]);
    const late = t.op('Slice', [y, from, part(t, y, axis), t.list(axis)]);
    const early = t.op('Slice', [y, t.list(0), from, t.list(axis)]);
    return t.op('Concat', [late, early], { axis });
  }, x)];
};

/** x[:, seq - 5:], where a short sequence makes the start negative, and x[:, : seq - 5] */
const lastFive: Architecture['write'] = (t) => {
  const from = t.op('Sub', [t.size('x', 1), t.whole(5)]);
  return [t.slice('x', 1, from, endless), t.slice('x', 1, 0, from)];
};

/** x[:, :, (h - 24) // 2 : (h - 24) // 2 + 24] */
const centre: Architecture['write'] = (t) => [
  [2, 3].reduce((y, axis) => {
    const from = t.op('Div', [t.op('Sub', [t.size('x', axis), t.whole(6)]), t.whole(2)]);
    return t.slice(y, axis, from, t.op('Add', [from, t.whole(6)]));
  }, 'x'),
];

/** Both ends counted from the front, and between 0 and the size. */
function cutOf(n: string): string {
  const from = `-(max(-${n} + 6, 0) div 2) + (max(${n} - 6, 0) div 2)`;
  const begins = `max(min(${from} + ${n}*min(max((max(-${n} + 6, 0) div 2) - (max(${n} - 6, 0) div 2), 0), 1), ${n}), 0)`;
  return `max(-${begins} + min(${from} + 6, ${n}), 0)`;
}

/** x.view(b, 3, h // 4, 4, w // 4, 4): a size that is 0 would copy an axis, and then nothing fits. */
const blocks: Architecture['write'] = (t) => {
  const [rows, columns] = [2, 3].map((axis) => t.op('Div', [t.size('x', axis), t.whole(4)])) as [string, string];
  const parts = t.reshape('x', t.size('x', 0), 3, rows, 4, columns, 4);
  return [t.op('Reshape', [t.op('Transpose', [parts], { perm: [0, 2, 4, 3, 5, 1] }), t.list(-1, 16, 3)])];
};

/** x.expand(batch, -1, …): -1 stands for 1, by Where. */
const expanded: Architecture['write'] = (t) => {
  const wanted = t.sizes(t.size('x', 0), -1, 5, -1);
  const ones = t.op('ConstantOfShape', [t.op('Shape', [wanted])], { value: { name: '', dims: [1], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.of(1n).buffer) } });
  const isLeft = t.op('Equal', [wanted, t.op('Mul', [ones, t.list(-1)])]);
  return [t.op('Expand', [unsqueeze(t, 'x', 2), t.op('Where', [isLeft, ones, wanted])])];
};

/** repeat_kv of grouped queries, on rotary caches that are cut to the sequence. */
const grouped: Architecture['write'] = (t) => {
  const heads = (y: string, count: number): string => t.op('Transpose', [t.reshape(y, t.size(y, 0), t.size(y, 1), count, -1)], { perm: [0, 2, 1, 3] });
  const [q, k, v] = [heads(t.linear('x', d, 16), 4), heads(t.linear('x', d, d), 2), heads(t.linear('x', d, d), 2)] as const;
  const cache = (): string => t.slice(t.weight(64, 4), 0, 0, t.size(q, 2));
  const [cos, sin] = [cache(), cache()];
  const turned = (y: string): string => {
    const half = t.op('Div', [t.size(y, 3), t.whole(2)]);
    const swapped = t.op('Concat', [t.op('Neg', [t.slice(y, 3, half, endless)]), t.slice(y, 3, 0, half)], { axis: -1 });
    return t.op('Add', [t.op('Mul', [y, cos]), t.op('Mul', [swapped, sin])]);
  };
  const repeated = (y: string): string => {
    const shape = t.sizes(t.size(y, 0), 2, 2, t.size(y, 2), 4);
    return t.reshape(t.op('Expand', [unsqueeze(t, y, 2), shape]), t.size(y, 0), 4, t.size(y, 2), 4);
  };
  const scores = t.op('MatMul', [turned(q), t.op('Transpose', [repeated(turned(k))], { perm: [0, 1, 3, 2] })]);
  const causal = t.op('Trilu', [t.op('Expand', [t.number(1), t.sizes(t.size('x', 1), t.size('x', 1))])], { upper: 0 });
  const masked = t.op('Where', [cast(t, causal, 9), scores, t.number(-1e4)]);
  const mixed = t.op('Transpose', [t.op('MatMul', [t.op('Softmax', [masked], { axis: -1 }), repeated(v)])], { perm: [0, 2, 1, 3] });
  return [t.reshape(mixed, t.size('x', 0), t.size('x', 1), -1)];
};

/** ModernBERT without its padding: places of the mask, and all put back where they were. */
const unpadded: Architecture['write'] = (t) => {
  const [batch, seq] = [t.size('ids', 0), t.size('ids', 1)];
  const places = t.op('Squeeze', [t.op('NonZero', [t.op('Reshape', ['mask', t.list(-1)])]), t.list(0)]);
  const hidden = t.op('Gather', [t.weight(9, d), t.op('Gather', [t.op('Reshape', ['ids', t.list(-1)]), places])]);
  const zeros = t.op('ConstantOfShape', [t.sizes(t.op('Mul', [batch, seq]), d)]);
  const filled = t.op('ScatterND', [zeros, unsqueeze(t, places, -1), t.norm(hidden, d)]);
  return [t.reshape(filled, batch, seq, d), t.op('Shape', [hidden])].slice(0, 1);
};

/** wav2vec 2.0: how many frames each row has, by the chain of its convolutions; its last frame is marked, and all before it. */
const frames: Architecture['write'] = (t) => {
  const places = (length: string, kernel: number, stride: number): string =>
    t.op('Add', [cast(t, t.op('Floor', [t.op('Div', [cast(t, t.op('Sub', [length, t.whole(kernel)]), 1), t.number(stride)])]), 7), t.whole(1)]);
  let y = unsqueeze(t, cast(t, 'ids', 1), 1);
  let lengths = t.op('ReduceSum', ['mask', t.list(-1)], { keepdims: 0 });
  for (const [kernel, stride] of [[4, 2], [3, 2]] as const) {
    y = t.conv(y, 1, 1, [kernel], { strides: [stride] });
    lengths = places(lengths, kernel, stride);
  }
  const count = t.size(y, 2);
  const last = t.op('Clip', [t.op('Sub', [lengths, t.whole(1)]), t.whole(0)]);
  const marks = t.op('OneHot', [last, count, t.list(0, 1)], { axis: -1 });
  const reversed = t.slice(marks, 1, -1, -endless, -1);
  return [t.slice(t.op('CumSum', [reversed, t.whole(1)]), 1, -1, -endless, -1), y];
};

/** What a Loop gathers in a sequence, one row at a turn, and stacks. */
const stacked: Architecture['write'] = (t) => {
  const body = {
    name: 'body',
    input: [valueInfo('i', [], dataTypes.INT64), valueInfo('go', [], dataTypes.BOOL), { name: 'rows' }],
    output: [{ name: 'still' }, { name: 'more' }],
    node: [
      { opType: 'Gather', input: ['x', 'i'], output: ['row'], attribute: [{ name: 'axis', type: 2, i: 1 }] },
      { opType: 'SequenceInsert', input: ['rows', 'row'], output: ['more'] },
      { opType: 'Identity', input: ['go'], output: ['still'] },
    ],
  };
  const rows = t.op('Loop', [t.size('x', 1), '', t.op('SequenceEmpty', [])], { body });
  return [t.op('ConcatFromSequence', [rows], { axis: 1, new_axis: 1 }), t.op('ConcatFromSequence', [rows], { axis: 0 })];
};

/** torch.tensor_split: a Loop of as many turns as there are pieces. */
const pieces: Architecture['write'] = (t) => {
  const ends = t.list(0, 1, 5, 8);
  const body = {
    name: 'body',
    input: [valueInfo('i', [], dataTypes.INT64), valueInfo('go', [], dataTypes.BOOL), { name: 'before' }],
    output: [{ name: 'still' }, { name: 'after' }],
    node: [
      { opType: 'Constant', output: ['one'], attribute: [{ name: 'value_ints', type: 7, ints: [1] }] },
      { opType: 'Unsqueeze', input: ['i', t.list(0)], output: ['place'] },
      { opType: 'Gather', input: [ends, 'place'], output: ['from'] },
      { opType: 'Add', input: ['place', 'one'], output: ['next'] },
      { opType: 'Gather', input: [ends, 'next'], output: ['to'] },
      { opType: 'Slice', input: ['x', 'from', 'to', t.list(2)], output: ['piece'] },
      { opType: 'SequenceInsert', input: ['before', 'piece'], output: ['after'] },
      { opType: 'Identity', input: ['go'], output: ['still'] },
    ],
  };
  const all = t.op('Loop', [t.whole(3), '', t.op('SequenceEmpty', [])], { body });
  return [0, 1, 2].map((i) => t.op('SequenceAt', [all, t.whole(i)]));
};

/** for row in x.unbind(1): single slices of an axis of open size. */
const unbound: Architecture['write'] = (t) => {
  const rows = t.op('SplitToSequence', ['x'], { axis: 1, keepdims: 0 });
  return [t.op('ConcatFromSequence', [rows], { axis: 1, new_axis: 1 }), t.op('SequenceAt', [rows, t.whole(0)])];
};

/** torch.cond on a size, whose sides have one shape. */
const decided: Architecture['write'] = (t) => {
  const long = t.op('Greater', [t.size('x', 1), t.whole(4)]);
  const then_branch = { name: 'then', node: [{ opType: 'Slice', input: ['x', t.list(0), t.list(4), t.list(1)], output: ['cut'] }], output: [{ name: 'cut' }] };
  const else_branch = { name: 'else', node: [{ opType: 'Identity', input: ['x'], output: ['same'] }], output: [{ name: 'same' }] };
  return [t.op('If', [long], { then_branch, else_branch })];
};

/** Queries, keys and values of one operator, with rotary positions, as the newer exporter writes them at opset 23. */
const fused: Architecture['write'] = (t) => {
  const [q, k, v] = t.ops('Split', [t.linear('x', d, 3 * d)], { axis: -1, num_outputs: 3 }, 3) as [string, string, string];
  const positions = t.op('Expand', [unsqueeze(t, t.op('Range', [t.whole(0), t.size('x', 1), t.whole(1)]), 0), join(t, part(t, 'x', 0), part(t, 'x', 1))]);
  const turned = (y: string): string => t.op('RotaryEmbedding', [y, t.weight(64, 2), t.weight(64, 2), positions], { num_heads: 2 });
  return t.ops('Attention', [turned(q), turned(k), v], { q_num_heads: 2, kv_num_heads: 2, is_causal: 1 }, 3);
};

/** Positions over what is no padding, cut to a table of fixed length. */
const positions: Architecture['write'] = (t) => {
  const counted = t.op('Mul', [t.op('CumSum', ['mask', t.whole(1)]), 'mask']);
  const most = t.op('Min', [t.size('ids', 1), t.whole(6)]);
  const table = t.slice(t.weight(16, d), 0, 0, most);
  return [t.op('Gather', [t.weight(16, d), t.slice(counted, 1, 0, most)]), table];
};

/** Speech encoders by the newer exporter: a norm whose shape is a Shape, and frames counted from the samples. How large the input is at least is known of it window by window. */
const counted: Architecture['write'] = (t) => {
  const first = t.op('Conv', [unsqueeze(t, 'x', 1), t.weight(8, 1, 10)], { strides: [5] });
  const normal = t.op('InstanceNormalization', [t.op('Reshape', [first, t.list(0, 8, -1)]), t.weight(8), t.weight(8)]);
  const heard = [1, 2, 3].reduce((y) => t.op('Conv', [y, t.weight(8, 8, 3)], { strides: [2] }), t.op('Reshape', [normal, t.op('Shape', [first])]));
  const windows = [[10, 5], [3, 2], [3, 2], [3, 2]] as const;
  const length = windows.reduce((n, [kernel, stride]) => t.op('Add', [t.op('Div', [t.op('Sub', [n, t.whole(kernel)]), t.whole(stride)]), t.whole(1)]), t.size('x', 1));
  return [t.reshape(t.op('Transpose', [heard], { perm: [0, 2, 1] }), t.size('x', 0), length, 2, 4)];
};

export const idioms: Readonly<Record<string, Architecture>> = {
  'a roll by Mod': { inputs: image, write: rolled, sizes: { batch: [1, 2], height: [4, 30], width: [4, 30] }, outputs: ['batch, 4, height div 4, width div 4'], opsets: [18, 23] },
  'a start of either sign': { inputs: sequence, write: lastFive, sizes: sequenceSizes, outputs: ['batch, -max(min(seq, seq + seq*min(max(-seq + 5, 0), 1) - 5), 0) + seq, 8', 'batch, max(min(seq, seq + seq*min(max(-seq + 5, 0), 1) - 5), 0), 8'], opsets: [14] },
  'a cut out of the middle': { inputs: image, write: centre, sizes: { batch: [1, 2], height: [1, 12], width: [1, 12] }, outputs: [`batch, 3, ${cutOf('height')}, ${cutOf('width')}`], opsets: [14] },
  'blocks of four': { inputs: [{ name: 'x', dims: ['batch', 3, '4*rows', '4*columns'] }], write: blocks, sizes: { batch: [1, 2], rows: [1, 4], columns: [1, 4] }, outputs: ['batch*columns*rows, 16, 3'], opsets: [14] },
  'an expansion by Where': { inputs: sequence, write: expanded, sizes: sequenceSizes, outputs: ['batch, seq, 5, 8'], opsets: [14] },
  'grouped queries': { inputs: sequence, write: grouped, sizes: sequenceSizes, outputs: ['batch, seq, 16'], opsets: [14] },
  'a network without padding': { inputs: text, write: unpadded, isOpen: true, sizes: sequenceSizes, outputs: ['batch, seq, 8'], opsets: [16] },
  'masks of frames': { inputs: text, write: frames, sizes: { batch: [1, 3], seq: [12, 60] }, outputs: ['batch, (seq div 4) - 1', 'batch, 1, (seq div 4) - 1'], opsets: [14] },
  'rows gathered by a Loop': { inputs: sequence, write: stacked, isSequence: true, sizes: sequenceSizes, outputs: ['batch, seq, 8', 'batch*seq, 8'], opsets: [14] },
  'pieces by a Loop': { inputs: sequence, write: pieces, isSequence: true, sizes: sequenceSizes, outputs: ['batch, seq, 1', 'batch, seq, 4', 'batch, seq, 3'], opsets: [14] },
  'rows taken one by one': { inputs: sequence, write: unbound, isSequence: true, sizes: sequenceSizes, outputs: ['batch, seq, 8', 'batch, 8'], opsets: [14] },
  'frames counted from samples': { inputs: [{ name: 'x', dims: ['batch', 'samples'] }], write: counted, sizes: { batch: [1, 3], samples: [100, 900] }, outputs: ['batch, (samples div 40) - 1, 2, 4'], opsets: [18] },
  'a branch on a size': { inputs: sequence, write: decided, sizes: sequenceSizes, outputs: ['batch, min(seq, 4), 8'], opsets: [14] },
  'attention as one operator': { inputs: sequence, write: fused, sizes: sequenceSizes, outputs: ['batch, seq, 8', 'batch, 2, seq, 4', 'batch, 2, seq, 4'], opsets: [23] },
  'positions cut to a table': { inputs: text, write: positions, sizes: sequenceSizes, outputs: ['batch, min(seq, 6), 8', 'min(seq, 6), 8'], opsets: [14] },
};
