/** Networks in the style of their exports: narrow and shallow, with all that computes a shape from a shape. */
import { dataTypes, valueInfo } from '../../../onnx/models.ts';
import { endless, traced, type Trace, type TracedInput } from './trace.ts';

export interface Architecture {
  readonly inputs: readonly TracedInput[];
  readonly write: (t: Trace) => readonly string[];
  /** From and to, by the names of sizes. */
  readonly sizes: Readonly<Record<string, readonly [number, number]>>;
  /** What is expected of the outputs, over the names. */
  readonly outputs: readonly string[];
  /** Whether sizes on the way depend on values. */
  readonly isOpen?: true;
  /** Whether there are sequences on the way, which ONNX Runtime does not give to JavaScript. */
  readonly isSequence?: true;
  readonly opsets: readonly number[];
}

const d = 8;
const text: readonly TracedInput[] = [{ name: 'input_ids', dims: ['batch', 'seq'], below: 20 }, { name: 'attention_mask', dims: ['batch', 'seq'], below: 2 }];
const image: readonly TracedInput[] = [{ name: 'pixels', dims: ['batch', 3, 'height', 'width'] }];
const textSizes = { batch: [1, 3], seq: [2, 9] } as const;
const unsqueeze = (t: Trace, x: string, ...axes: readonly number[]): string => t.op('Unsqueeze', [x, t.list(...axes)]);
const cast = (t: Trace, x: string, to = 1): string => t.op('Cast', [x], { to });

/** Two heads of 4, as `view` and `transpose` with sizes read anew. */
function attention(t: Trace, x: string, mask?: string): string {
  const heads = (y: string): string => t.op('Transpose', [t.reshape(y, t.size(y, 0), t.size(y, 1), 2, 4)], { perm: [0, 2, 1, 3] });
  const [q, k, v] = [0, 1, 2].map(() => heads(t.linear(x, d, d))) as [string, string, string];
  const scores = t.op('Div', [t.op('MatMul', [q, t.op('Transpose', [k], { perm: [0, 1, 3, 2] })]), t.number(2)]);
  const mixed = t.op('Transpose', [t.op('MatMul', [t.op('Softmax', [mask === undefined ? scores : t.op('Add', [scores, mask])], { axis: -1 }), v])], { perm: [0, 2, 1, 3] });
  return t.linear(t.reshape(mixed, t.size(mixed, 0), t.size(mixed, 1), d), d, d);
}

const block = (t: Trace, x: string, mask?: string): string => {
  const y = t.norm(t.op('Add', [x, attention(t, x, mask)]), d);
  return t.norm(t.op('Add', [y, t.linear(t.op('Erf', [t.linear(y, d, 2 * d)]), 2 * d, d)]), d);
};

/** (1 - mask)[:, None, None, :] * -10000 */
const extended = (t: Trace): string => t.op('Mul', [t.op('Sub', [t.number(1), cast(t, unsqueeze(t, 'attention_mask', 1, 2))]), t.number(-10_000)]);

const meanPooled = (t: Trace, x: string): string => {
  const mask = cast(t, t.op('Expand', [unsqueeze(t, 'attention_mask', -1), t.op('Shape', [x])]));
  const sum = t.op('ReduceSum', [t.op('Mul', [x, mask]), t.list(1)], { keepdims: 0 });
  return t.op('Div', [sum, t.op('Clip', [t.op('ReduceSum', [mask, t.list(1)], { keepdims: 0 }), t.number(1e-9)])]);
};

const bert: Architecture['write'] = (t) => {
  const positions = t.slice(t.op('Reshape', [t.op('Range', [t.whole(0), t.whole(512), t.whole(1)]), t.list(1, 512)]), 1, 0, t.size('input_ids', 1));
  const types = t.op('Expand', [t.slice(t.op('ConstantOfShape', [t.list(1, 512)]), 1, 0, t.size('input_ids', 1)), t.sizes(t.size('input_ids', 0), t.size('input_ids', 1))]);
  const embedded = t.op('Add', [t.op('Add', [t.op('Gather', [t.weight(20, d), 'input_ids']), t.op('Gather', [t.weight(2, d), cast(t, types, 7)])]), t.op('Gather', [t.weight(512, d), positions])]);
  const hidden = block(t, t.norm(embedded, d), extended(t));
  const first = t.op('Gather', [hidden, t.whole(0)], { axis: 1 });
  return [hidden, meanPooled(t, hidden), t.op('Tanh', [t.linear(first, d, d)])];
};

/** Positions counted over what is no padding. */
const roberta: Architecture['write'] = (t) => {
  const mask = cast(t, t.op('Not', [t.op('Equal', ['input_ids', t.whole(1)])]), 7);
  const positions = t.op('Add', [t.op('Mul', [t.op('CumSum', [mask, t.whole(1)]), mask]), t.whole(1)]);
  return [block(t, t.op('Add', [t.op('Gather', [t.weight(20, d), 'input_ids']), t.op('Gather', [t.weight(64, d), positions])]), extended(t))];
};

/** Rotary positions, and a window of 3 around the diagonal, as the new exporter writes them. */
const modernBert: Architecture['write'] = (t) => {
  const seq = t.size('input_ids', 1);
  const places = t.op('Range', [t.whole(0), seq, t.whole(1)]);
  const frequencies = t.op('MatMul', [t.op('Reshape', [cast(t, places), t.list(-1, 1)]), t.weight(1, d / 2)]);
  const angles = unsqueeze(t, t.op('Concat', [frequencies, frequencies], { axis: -1 }), 0);
  const turned = (x: string): string => {
    const half = t.op('Concat', [t.op('Neg', [t.slice(x, 2, d / 2, endless)]), t.slice(x, 2, 0, d / 2)], { axis: -1 });
    return t.op('Add', [t.op('Mul', [x, t.op('Cos', [angles])]), t.op('Mul', [half, t.op('Sin', [angles])])]);
  };
  const distance = t.op('Abs', [t.op('Sub', [unsqueeze(t, places, 0), unsqueeze(t, places, 1)])]);
  const near = unsqueeze(t, t.op('LessOrEqual', [distance, t.whole(3)]), 0, 1);
  const seen = t.op('Expand', [cast(t, unsqueeze(t, 'attention_mask', 1, 2), 9), t.sizes(t.size('input_ids', 0), 1, seq, seq)]);
  const mask = t.op('Where', [t.op('And', [near, seen]), t.number(0), t.number(-1e4)]);
  return [block(t, turned(t.op('Gather', [t.weight(20, d), 'input_ids'])), mask)];
};

/** The embedding of the token with the greatest id; a causal mask. */
const clipText: Architecture['write'] = (t) => {
  const seq = t.size('input_ids', 1);
  const square = t.op('ConstantOfShape', [t.sizes(seq, seq)], { value: { name: '', dims: [1], dataType: 1, rawData: new Uint8Array(new Float32Array([-1e4]).buffer) } });
  const causal = unsqueeze(t, t.op('Trilu', [square, t.whole(1)], { upper: 1 }), 0, 1);
  const positions = t.slice(t.weight(1, 77, d), 1, 0, seq);
  const hidden = block(t, t.op('Add', [t.op('Gather', [t.weight(20, d), 'input_ids']), positions]), t.op('Add', [causal, extended(t)]));
  const rows = t.op('Range', [t.whole(0), t.size(hidden, 0), t.whole(1)]);
  const last = t.op('ArgMax', ['input_ids'], { axis: -1, keepdims: 0 });
  const chosen = t.op('GatherND', [hidden, t.op('Concat', [unsqueeze(t, rows, -1), unsqueeze(t, last, -1)], { axis: -1 })]);
  return [t.op('Div', [chosen, t.op('Expand', [t.op('Clip', [t.op('ReduceL2', [chosen], { axes: [-1] }), t.number(1e-12)]), t.op('Shape', [chosen])])])];
};

/** Patches of 14, and positions of 5 x 5 resized to what the image has. */
const dinov2: Architecture['write'] = (t) => {
  const patches = t.conv('pixels', 3, d, 14, { strides: [14, 14] });
  const tokens = t.op('Transpose', [t.reshape(patches, t.size(patches, 0), t.size(patches, 1), -1)], { perm: [0, 2, 1] });
  const first = t.op('Expand', [t.weight(1, 1, d), t.sizes(t.size('pixels', 0), -1 + 2, d)]);
  const all = t.op('Concat', [first, tokens], { axis: 1 });
  const stored = t.weight(1, 26, d);
  const grid = t.op('Transpose', [t.op('Reshape', [t.slice(stored, 1, 1, endless), t.list(1, 5, 5, d)])], { perm: [0, 3, 1, 2] });
  const [rows, columns] = [2, 3].map((axis) => t.op('Div', [t.size('pixels', axis), t.whole(14)])) as [string, string];
  const kept = t.op('Slice', [t.op('Shape', [grid]), t.list(0), t.list(2), t.list(0)]);
  const resized = t.op('Resize', [grid, '', '', t.op('Concat', [kept, t.sizes(rows, columns)], { axis: 0 })], { mode: 'cubic', coordinate_transformation_mode: 'half_pixel', cubic_coeff_a: { float: -0.75 } });
  const places = t.reshape(t.op('Transpose', [resized], { perm: [0, 2, 3, 1] }), 1, -1, d);
  const placed = t.op('Add', [all, t.op('Concat', [t.slice(stored, 1, 0, 1), places], { axis: 1 })]);
  const hidden = block(t, placed);
  return [hidden, t.op('Gather', [hidden, t.whole(0)], { axis: 1 })];
};

/** Seven convolutions over samples; positions by a convolution of an even width, whose last place is cut off. */
const wav2vec2: Architecture['write'] = (t) => {
  let x = t.op('Unsqueeze', ['samples', t.list(1)]);
  const layers = [[10, 5], [3, 2], [3, 2], [3, 2], [3, 2], [2, 2], [2, 2]] as const;
  for (const [i, [kernel, stride]] of layers.entries()) x = t.op('Erf', [t.conv(x, i === 0 ? 1 : 4, 4, [kernel], { strides: [stride] })]);
  const features = t.linear(t.op('Transpose', [x], { perm: [0, 2, 1] }), 4, d);
  const placed = t.conv(t.op('Transpose', [features], { perm: [0, 2, 1] }), d, d, [4], { pads: [2, 2], group: 2 });
  const cut = t.op('Transpose', [t.slice(placed, 2, 0, -1)], { perm: [0, 2, 1] });
  return [block(t, t.op('Add', [features, cut]))];
};

/** Mel frames of a fixed length. */
const whisper: Architecture['write'] = (t) => {
  const first = t.op('Erf', [t.conv('mel', 4, d, [3], { pads: [1, 1] })]);
  const second = t.op('Erf', [t.conv(first, d, d, [3], { pads: [1, 1], strides: [2] })]);
  return [block(t, t.op('Add', [t.op('Transpose', [second], { perm: [0, 2, 1] }), t.weight(15, d)]))];
};

const last = (t: Trace, x: string): string => t.op('Transpose', [x], { perm: [0, 2, 3, 1] });
const channelsFirst = (t: Trace, x: string): string => t.op('Transpose', [x], { perm: [0, 3, 1, 2] });

const convNext: Architecture['write'] = (t) => {
  let x = channelsFirst(t, t.norm(last(t, t.conv('pixels', 3, d, 4, { strides: [4, 4] })), d));
  const mixed = t.norm(last(t, t.conv(x, d, d, 7, { pads: [3, 3, 3, 3], group: d })), d);
  x = t.op('Add', [x, channelsFirst(t, t.op('Mul', [t.linear(t.op('Erf', [t.linear(mixed, d, 4 * d)]), 4 * d, d), t.weight(d)]))]);
  const down = t.conv(channelsFirst(t, t.norm(last(t, x), d)), d, 2 * d, 2, { strides: [2, 2] });
  return [down, t.norm(t.op('ReduceMean', [down], { axes: [-2, -1], keepdims: 0 }), 2 * d)];
};

/** Padding on one side more than on the other, and squeeze and excitation. */
const efficientNet: Architecture['write'] = (t) => {
  const padded = t.op('Pad', ['pixels', t.list(0, 0, 0, 0, 0, 0, 1, 1)]);
  const stem = t.conv(padded, 3, d, 3, { strides: [2, 2] });
  const x = t.op('Mul', [stem, t.op('Sigmoid', [stem])]);
  const squeezed = t.op('GlobalAveragePool', [x]);
  const gate = t.op('Sigmoid', [t.conv(t.op('Relu', [t.conv(squeezed, d, 2, 1)]), 2, d, 1)]);
  const out = t.conv(t.op('Mul', [x, gate]), d, d, 5, { strides: [2, 2], pads: [2, 2, 2, 2], group: d });
  const pooled = t.op('GlobalAveragePool', [out]);
  return [out, t.op('Flatten', [pooled], { axis: 1 })];
};

const window = 4;

/** What is missing to a multiple: (w - n % w) % w. */
const missing = (t: Trace, n: string): string => t.op('Mod', [t.op('Sub', [t.whole(window), t.op('Mod', [n, t.whole(window)])]), t.whole(window)]);

/** Windows of an image of any size: padded, shifted, taken apart, put together, cut back; then every second place is merged. */
const swin: Architecture['write'] = (t) => {
  const x = last(t, t.conv('pixels', 3, d, 2, { strides: [2, 2] }));
  const [batch, h, w] = [0, 1, 2].map((axis) => t.size(x, axis)) as [string, string, string];
  const [down, right] = [missing(t, h), missing(t, w)];
  const padded = t.op('Pad', [x, t.sizes(0, 0, 0, 0, 0, down, right, 0)]);
  const shifted = [1, 2].reduce((y, axis) => t.op('Concat', [t.slice(y, axis, 2, endless), t.slice(y, axis, 0, 2)], { axis }), padded);
  const [rows, columns] = [1, 2].map((axis) => t.op('Div', [t.size(shifted, axis), t.whole(window)])) as [string, string];
  const parts = t.op('Transpose', [t.reshape(shifted, batch, rows, window, columns, window, d)], { perm: [0, 1, 3, 2, 4, 5] });
  const windows = t.op('Reshape', [parts, t.list(-1, window * window, d)]);
  const attended = block(t, windows);
  const back = t.op('Transpose', [t.reshape(attended, batch, rows, columns, window, window, d)], { perm: [0, 1, 3, 2, 4, 5] });
  const whole = t.reshape(back, batch, t.size(shifted, 1), t.size(shifted, 2), d);
  const cut = t.slice(t.slice(whole, 1, 0, h), 2, 0, w);
  const even = t.op('Pad', [cut, t.sizes(0, 0, 0, 0, 0, t.op('Mod', [h, t.whole(2)]), t.op('Mod', [w, t.whole(2)]), 0)]);
  const merged = t.op('Concat', [0, 1].flatMap((a) => [0, 1].map((b) => t.slice(t.slice(even, 1, a, endless, 2), 2, b, endless, 2))), { axis: -1 });
  const flat = t.reshape(merged, batch, -1, 4 * d);
  return [cut, t.linear(flat, 4 * d, 2 * d)];
};

/** Relative positions in buckets, by logarithms of distances. */
const t5: Architecture['write'] = (t) => {
  const places = t.op('Range', [t.whole(0), t.size('input_ids', 1), t.whole(1)]);
  const far = t.op('Abs', [t.op('Sub', [unsqueeze(t, places, 0), unsqueeze(t, places, 1)])]);
  const bucket = t.op('Min', [cast(t, t.op('Mul', [t.op('Log', [t.op('Add', [cast(t, far), t.number(1)])]), t.number(3)]), 7), t.whole(7)]);
  const bias = unsqueeze(t, t.op('Transpose', [t.op('Gather', [t.weight(8, 2), bucket])], { perm: [2, 0, 1] }), 0);
  return [block(t, t.op('Gather', [t.weight(20, d), 'input_ids']), t.op('Add', [bias, extended(t)]))];
};

/** A Loop that adds one row in each turn to what it carries; a Split of queries, keys and values. */
const scripted: Architecture['write'] = (t) => {
  const x = t.linear('frames', 4, 12);
  const [q, k, v] = t.ops('Split', [x, t.list(4, 4, 4)], { axis: -1 }, 3) as [string, string, string];
  const body = {
    name: 'body',
    input: [valueInfo('i', [], dataTypes.INT64), valueInfo('go', [], dataTypes.BOOL), { name: 'sum' }],
    output: [{ name: 'still' }, { name: 'next' }, { name: 'row' }],
    node: [
      { opType: 'Gather', input: [q, 'i'], output: ['row_'], attribute: [{ name: 'axis', type: 2, i: 1 }] },
      { opType: 'Add', input: ['sum', 'row_'], output: ['next'] },
      { opType: 'Identity', input: ['next'], output: ['row'] },
      { opType: 'Identity', input: ['go'], output: ['still'] },
    ],
  };
  const begin = t.op('Gather', [k, t.whole(0)], { axis: 1 });
  const [sum, rows] = t.ops('Loop', [t.size('frames', 1), '', begin], { body }, 2) as [string, string];
  const answers = t.op('Transpose', [rows], { perm: [1, 0, 2] });
  return [sum, t.op('Add', [answers, v])];
};

/** A squeeze that exporters do not trust: by If, on what the size is. */
const squeezed: Architecture['write'] = (t) => {
  const pooled = t.op('GlobalAveragePool', [t.conv('pixels', 3, d, 3, { pads: [1, 1, 1, 1] })]);
  const isOne = t.op('Equal', [t.size(pooled, 3), t.whole(1)]);
  const then_branch = { name: 'then', node: [{ opType: 'Squeeze', input: [pooled, t.list(3)], output: ['thin'] }], output: [{ name: 'thin' }] };
  const else_branch = { name: 'else', node: [{ opType: 'Identity', input: [pooled], output: ['same'] }], output: [{ name: 'same' }] };
  return [t.op('Squeeze', [t.op('If', [isOne], { then_branch, else_branch }), t.list(2)])];
};

const imageSizes = (from: number, to: number) => ({ batch: [1, 3], height: [from, to], width: [from, to] }) as const;

export const architectures: Readonly<Record<string, Architecture>> = {
  BERT: { inputs: text, write: bert, sizes: textSizes, outputs: ['batch, seq, 8', 'batch, 8', 'batch, 8'], opsets: [13, 14, 17] },
  RoBERTa: { inputs: text, write: roberta, sizes: textSizes, outputs: ['batch, seq, 8'], opsets: [14] },
  ModernBERT: { inputs: text, write: modernBert, sizes: textSizes, outputs: ['batch, seq, 8'], opsets: [14, 18, 20] },
  T5: { inputs: text, write: t5, sizes: textSizes, outputs: ['batch, seq, 8'], opsets: [14] },
  'CLIP, text': { inputs: text, write: clipText, sizes: textSizes, outputs: ['batch, 8'], opsets: [14, 17] },
  DINOv2: { inputs: image, write: dinov2, sizes: imageSizes(28, 100), outputs: ['batch, (height div 14)*(width div 14) + 1, 8', 'batch, 8'], opsets: [14, 17, 18] },
  wav2vec2: { inputs: [{ name: 'samples', dims: ['batch', 'length'] }], write: wav2vec2, sizes: { batch: [1, 3], length: [800, 3000] }, outputs: ['batch, ((length + 240) div 320) - 1, 8'], opsets: [14, 17] },
  Whisper: { inputs: [{ name: 'mel', dims: ['batch', 4, 30] }], write: whisper, sizes: { batch: [1, 4] }, outputs: ['batch, 15, 8'], opsets: [14] },
  ConvNeXt: { inputs: image, write: convNext, sizes: imageSizes(16, 60), outputs: ['batch, 16, height div 8, width div 8', 'batch, 16'], opsets: [14, 17] },
  EfficientNet: { inputs: image, write: efficientNet, sizes: imageSizes(8, 50), outputs: ['batch, 8, (height + 2) div 4, (width + 2) div 4', 'batch, 8'], opsets: [14] },
  Swin: { inputs: image, write: swin, sizes: imageSizes(8, 40), outputs: ['batch, height div 2, width div 2, 8', 'batch, ((height + 2) div 4)*((width + 2) div 4), 16'], opsets: [14, 17] },
  'a scripted loop': { inputs: [{ name: 'frames', dims: ['batch', 'time', 4] }], write: scripted, sizes: { batch: [1, 3], time: [2, 8] }, outputs: ['batch, 4', 'batch, time, 4'], opsets: [14] },
  'a squeeze by If': { inputs: image, write: squeezed, sizes: imageSizes(4, 9), outputs: ['batch, 8'], opsets: [14] },
};

export const encodeArchitecture = ({ inputs, write }: Architecture, opset: number): Uint8Array => traced(inputs, write, opset);
