/** The models that the cases are made of. Consumers leave their sizes open, as exporters do, and take whatever comes. */
import { encode, noise } from './graph.mjs';

const vector = 'f32[batch, 8]';
const scores = 'f32[batch, 3]';
const open = 'f32[batch, n]';
const one = 'f32[batch]';
const tokens = 'f32[batch, seq, 8]';
const ids = 'i64[batch, seq]';
const state = 'f32[1, batch, 8]';
const picture = 'f32[batch, h, w, c]';
const maps = 'f32[batch, c, h, w]';
const box = 'f32[batch, 4]';

const piece = (input, output, write) => encode({ x: input }, { y: output }, write);
const pair = (a, b, output, write) => encode({ a, b }, { y: output }, write);

// ---------------------------------------------------------------- what the pieces are made of

const times = (m, x, from, to, seed) => m.op('MatMul', [x, m.matrix(from, to, seed)]);
const linear = (m, x, from, to, seed) => m.op('Add', [times(m, x, from, to, seed), m.floats([to], Array.from({ length: to }, (_, i) => i / 4 - 0.25))]);
const sumOver = (m, x, axis, keepdims = 0) => m.op('ReduceSum', [x, m.ints([1], [axis])], { keepdims });
const meanOver = (m, x, axes, keepdims = 0) => m.op('ReduceMean', [x], { axes, keepdims });
const unit = (m, x, axis = 1) => m.op('LpNormalization', [x], { axis, p: 2 });
const scaled = (m, x, by) => m.op('Mul', [x, m.number(by)]);
const cut = (m, x, axis, start, end) => m.op('Slice', [x, m.ints([1], [start]), m.ints([1], [end]), m.ints([1], [axis])]);
const column = (m, x, i) => m.op('Squeeze', [cut(m, x, 1, i, i + 1), m.ints([1], [1])]);
const softmax = (m, x, axis = 1) => m.op('Softmax', [x], { axis });
const cast = (m, x, to) => m.op('Cast', [x], { to });
const positive = (m, x) => m.op('Softplus', [x]);
const turned = (m, x, perm) => m.op('Transpose', [x], { perm });
const [float, byte, long, truth, half] = [1, 2, 7, 9, 10];
const imagenet = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
const clip = [[0.481, 0.458, 0.408], [0.269, 0.261, 0.276]];
const normalised = (m, x, [means, deviations]) => m.op('Div', [m.op('Sub', [x, m.floats([3], means)]), m.floats([3], deviations)]);
const centred = (m, x) => m.op('Sub', [x, meanOver(m, x, [1], 1)]);
const rms = (m, x, keep) => m.op('Sqrt', [meanOver(m, m.op('Mul', [x, x]), [1], keep)]);
const norm = (m, x, keepdims) => m.op('ReduceL2', [x], { axes: [1], keepdims });
const present = (m, x) => m.op('Not', [m.op('Equal', [x, m.ints([], [0])])]);
const colourWeights = (m, x) => meanOver(m, m.op('MatMul', [x, m.floats([3], [0.7, 0.2, -0.5])]), [1, 2]);

/** Words and places added; of the places a table has so many rows. */
function embedWithPlaces(m, x, rows) {
  const length = m.op('Slice', [m.op('Shape', [x]), m.ints([1], [1]), m.ints([1], [2])]);
  const places = m.op('Slice', [m.floats([1, rows, 8], noise(rows * 8, 32)), m.ints([1], [0]), length, m.ints([1], [1])]);
  return m.op('Add', [m.op('Gather', [m.matrix(16, 8, 8), x]), places]);
}

/** A softmax with offsets, as attention takes a mask. */
const offset = (m, a, b) => softmax(m, m.op('Add', [a, b]));
/** The greatest along an axis, without what a mask leaves out. */
const maskedMax = (m, x, mask, axis, added) => m.op('ReduceMax', [m.op('Where', [m.op('Unsqueeze', [cast(m, mask, truth), m.ints([1], [added])]), x, m.number(-10000)])], { axes: [axis], keepdims: 0 });
const weighted = (m, x, mask) => m.op('Mul', [x, m.op('Unsqueeze', [cast(m, mask, float), m.ints([1], [2])])]);

export const pieces = {
  // ---------------------------------------------------------------- encoders and bridges
  'encode-a': piece(vector, vector, (m, x) => times(m, x, 8, 8, 1)),
  'encode-b': piece(vector, vector, (m, x) => times(m, x, 8, 8, 2)),
  'encode-narrow': piece(vector, 'f32[batch, 6]', (m, x) => times(m, x, 8, 6, 3)),
  'narrow-open': piece(vector, open, (m, x) => times(m, x, 8, 6, 3)),
  'wide-open': piece(vector, open, (m, x) => times(m, x, 8, 8, 1)),
  'encode-unit': piece(vector, vector, (m, x) => unit(m, times(m, x, 8, 8, 1))),
  'encode-centred': piece(vector, vector, (m, x) => centred(m, times(m, x, 8, 8, 1))),
  'encode-standard': piece(vector, vector, (m, x) => {
    const c = centred(m, times(m, x, 8, 8, 1));
    return m.op('Div', [c, rms(m, c, 1)]);
  }),
  'encode-relu': piece(vector, vector, (m, x) => m.op('Relu', [m.op('Sub', [times(m, x, 8, 8, 1), m.number(9)])])),
  'encode-relu-one': piece(vector, vector, (m, x) => m.op('Add', [m.op('Relu', [times(m, x, 8, 8, 1)]), m.number(1)])),
  'two-layers': encode({ x: vector }, { inner: vector, last: vector }, (m, x) => {
    const inner = m.op('Tanh', [times(m, x, 8, 8, 1)]);
    return [inner, times(m, inner, 8, 8, 4)];
  }),
  'token-encoder': piece(tokens, tokens, (m, x) => times(m, x, 8, 8, 1)),
  'token-encoder-pooled': piece(tokens, vector, (m, x) => meanOver(m, times(m, x, 8, 8, 1), [1])),
  'bridge-ab': piece(vector, vector, (m, x) => times(m, x, 8, 8, 5)),
  'bridge-ba': piece(vector, vector, (m, x) => times(m, x, 8, 8, 6)),
  'bridge-6-8': piece('f32[batch, 6]', vector, (m, x) => times(m, x, 6, 8, 7)),
  'embed-ids': piece(ids, vector, (m, x) => meanOver(m, m.op('Gather', [m.matrix(16, 8, 8), x]), [1])),
  'embed-12': piece(ids, vector, (m, x) => meanOver(m, m.op('Gather', [m.matrix(12, 8, 8), x]), [1])),
  'embed-tokens': encode({ x: ids, mask: ids }, { y: tokens }, (m, x, mask) => m.op('Mul', [m.op('Gather', [m.matrix(16, 8, 8), x]), m.op('Unsqueeze', [cast(m, mask, float), m.ints([1], [2])])])),
  // A network gives something for padding, too.
  'embed-with-padding': encode({ x: ids, mask: ids }, { y: tokens }, (m, x, mask) => m.op('Add', [m.op('Gather', [m.matrix(16, 8, 8), x]), m.op('Unsqueeze', [cast(m, m.op('Not', [present(m, mask)]), float), m.ints([1], [2])])])),
  'embed-3-places': piece(ids, vector, (m, x) => meanOver(m, embedWithPlaces(m, x, 3), [1])),
  'embed-4-places': piece(ids, vector, (m, x) => meanOver(m, embedWithPlaces(m, x, 4), [1])),
  'encode-nan': piece(vector, vector, (m, x) => m.op('MatMul', [x, m.floats([8, 8], noise(64, 1).with(21, NaN))])),

  // Its states have one type.
  lstm: encode({ x: vector, h0: state, c0: state }, { hn: state, cn: state, y: vector }, (m, x, h, c) => {
    const [, hidden, cell] = m.several('LSTM', [m.op('Unsqueeze', [x, m.ints([1], [0])]), m.floats([1, 32, 8], noise(256, 33)), m.floats([1, 32, 8], noise(256, 34)), '', '', h, c], { hidden_size: 8 }, 3);
    return [hidden, cell, m.op('Squeeze', [hidden, m.ints([1], [0])])];
  }),
  'first-state': piece(vector, state, (m, x) => m.op('Unsqueeze', [m.op('Tanh', [times(m, x, 8, 8, 35)]), m.ints([1], [0])])),
  'second-state': piece(vector, state, (m, x) => m.op('Unsqueeze', [times(m, x, 8, 8, 36), m.ints([1], [0])])),

  // ---------------------------------------------------------------- heads and scores
  'linear-0': piece(vector, one, (m, x) => m.op('Squeeze', [linear(m, x, 8, 1, 9), m.ints([1], [1])])),
  'linear-1': piece(vector, 'f32[batch, 1]', (m, x) => linear(m, x, 8, 1, 9)),
  'linear-3': piece('f32[batch, n]', scores, (m, x) => linear(m, x, 8, 3, 10)),
  'linear-3-new': piece('f32[batch, n]', scores, (m, x) => linear(m, x, 8, 3, 11)),
  // Its classes as Ultralytics notes them.
  'linear-3-named': encode({ x: 'f32[batch, n]' }, { y: scores }, (m, x) => linear(m, x, 8, 3, 11), { names: "{0: 'dog', 1: 'cat', 2: 'bird'}" }),
  'linear-4': piece(vector, 'f32[batch, 4]', (m, x) => linear(m, x, 8, 4, 12)),
  'linear-12-3': piece('f32[batch, 12]', scores, (m, x) => linear(m, x, 12, 3, 13)),
  'linear-3-calibrated': piece(vector, scores, (m, x) => scaled(m, linear(m, x, 8, 3, 10), 0.5)),
  'linear-softmax-3': piece(vector, scores, (m, x) => softmax(m, linear(m, x, 8, 3, 10))),
  'linear-log-softmax-3': piece(vector, scores, (m, x) => m.op('LogSoftmax', [linear(m, x, 8, 3, 10)], { axis: 1 })),
  'linear-sigmoid-3': piece(vector, scores, (m, x) => m.op('Sigmoid', [linear(m, x, 8, 3, 10)])),
  'exp-linear-0': piece(vector, one, (m, x) => m.op('Exp', [m.op('Squeeze', [linear(m, x, 8, 1, 9), m.ints([1], [1])])])),
  'one-hot-3': piece(vector, scores, (m, x) => {
    const logits = linear(m, x, 8, 3, 10);
    return cast(m, m.op('Equal', [logits, m.op('ReduceMax', [logits], { axes: [1], keepdims: 1 })]), float);
  }),
  argmax: piece(vector, 'i64[batch, 1]', (m, x) => m.op('ArgMax', [linear(m, x, 8, 3, 10)], { axis: 1 })),
  span: encode({ x: tokens }, { first: 'f32[batch, seq]', last: 'f32[batch, seq]' }, (m, x) => {
    const edge = (seed) => m.op('Squeeze', [times(m, x, 8, 1, seed), m.ints([1], [2])]);
    return [edge(14), edge(15)];
  }),
  'concat-head': pair(open, open, scores, (m, a, b) => linear(m, m.op('Concat', [a, b], { axis: 1 }), 16, 3, 16)),
  'span-score': pair('f32[batch, seq]', 'f32[batch, seq]', one, (m, a, b) => m.op('Sub', [m.op('ReduceMax', [a], { axes: [1], keepdims: 0 }), scaled(m, m.op('ReduceMax', [b], { axes: [1], keepdims: 0 }), 0.5)])),
  'average-3': pair(scores, scores, scores, (m, a, b) => scaled(m, m.op('Add', [a, b]), 0.5)),
  'mean-of-whole': pair('i64[batch]', 'i64[batch]', 'i64[batch]', (m, a, b) => m.op('Div', [m.op('Add', [a, b]), m.ints([], [2])])),
  softmax: piece(open, open, (m, x) => softmax(m, x)),
  'softmax-of-one': piece('f32[n]', 'f32[n]', (m, x) => softmax(m, x, 0)),
  'sigmoid-of-one': piece('f32[n]', 'f32[n]', (m, x) => m.op('Sigmoid', [x])),
  'softmax-0': piece(open, open, (m, x) => softmax(m, x, 0)),
  temperature: piece(open, open, (m, x) => scaled(m, x, 0.5)),
  'cast-sigmoid': piece(open, open, (m, x) => m.op('Sigmoid', [cast(m, x, float)])),
  'over-half': piece(open, 'bool[batch, n]', (m, x) => m.op('Greater', [x, m.number(0.5)])),
  accept: piece('f32[n]', 'bool[n]', (m, x) => m.op('Greater', [x, m.number(0.5)])),
  'expected-value': piece(open, one, (m, x) => m.op('MatMul', [x, m.floats([3], [1, 10, 100])])),
  choose: piece(open, 'i64[batch]', (m, x) => m.op('ArgMax', [x], { axis: 1, keepdims: 0 })),
  'choose-row': piece(open, 'i64[n]', (m, x) => m.op('ArgMax', [x], { axis: 0, keepdims: 0 })),
  'choose-whole': piece('i64[batch, n]', 'i64[batch]', (m, x) => m.op('ArgMax', [x], { axis: 1, keepdims: 0 })),
  'class-of-each': piece(tokens, ids, (m, x) => m.op('ArgMax', [x], { axis: 2, keepdims: 0 })),
  'greatest-of-each': piece(tokens, 'f32[batch, seq]', (m, x) => m.op('ReduceMax', [x], { axes: [2], keepdims: 0 })),
  logarithm: piece(open, open, (m, x) => m.op('Log', [x])),
  'is-one': piece(open, 'bool[batch, n]', (m, x) => m.op('Equal', [x, m.number(1)])),
  'to-whole': piece(open, 'i64[batch, n]', (m, x) => cast(m, x, long)),
  codebook: piece(open, vector, (m, x) => times(m, x, 3, 8, 17)),
  'match-probability': pair(vector, vector, one, (m, a, b) => m.op('Sigmoid', [sumOver(m, m.op('Mul', [a, b]), 1)])),
  'cosine-of-two': pair(vector, vector, one, (m, a, b) => sumOver(m, m.op('Mul', [unit(m, a), unit(m, b)]), 1)),
  'distance-of-two': pair(vector, vector, one, (m, a, b) => norm(m, m.op('Sub', [a, b]), 0)),
  surprise: piece('f32[n]', 'f32[n]', (m, x) => m.op('Neg', [m.op('Log', [x])])),

  // ---------------------------------------------------------------- what works on vectors
  normalize: piece(open, open, (m, x) => unit(m, x)),
  'normalize-0': piece(open, open, (m, x) => unit(m, x, 0)),
  'normalize-4': piece(open, open, (m, x) => unit(m, x)),
  'first-4': piece(open, 'f32[batch, 4]', (m, x) => cut(m, x, 1, 0, 4)),
  dot: pair(open, open, one, (m, a, b) => sumOver(m, m.op('Mul', [a, b]), 1)),
  'dot-4': pair(open, open, one, (m, a, b) => sumOver(m, m.op('Mul', [a, b]), 1)),
  'all-pairs': pair(vector, 'f32[others, 8]', 'f32[batch, others]', (m, a, b) => m.op('MatMul', [a, turned(m, b, [1, 0])])),
  average: pair(vector, vector, vector, (m, a, b) => scaled(m, m.op('Add', [a, b]), 0.5)),
  add: pair('f32[n]', 'f32[n]', 'f32[n]', (m, a, b) => m.op('Add', [a, b])),
  'pad-2': piece('f32[batch, 6]', vector, (m, x) => m.op('Pad', [x, m.ints([4], [0, 0, 0, 2])])),
  centre: piece(open, vector, (m, x) => m.op('Sub', [x, m.floats([8], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])])),
  'mean-square': piece(open, one, (m, x) => meanOver(m, m.op('Mul', [x, x]), [1])),
  'mean-1': piece(open, one, (m, x) => meanOver(m, x, [1])),
  'max-over-1': piece(open, one, (m, x) => m.op('ReduceMax', [x], { axes: [1], keepdims: 0 })),
  'root-mean-square': piece(open, one, (m, x) => rms(m, x, 0)),
  'over-2': piece(open, 'bool[batch, n]', (m, x) => m.op('Greater', [m.op('Abs', [x]), m.number(1.2)])),
  'divide-by-norm': piece(open, open, (m, x) => m.op('Div', [x, norm(m, x, 1)])),
  'weighted-mean': pair(open, open, one, (m, a, b) => m.op('Div', [sumOver(m, m.op('Mul', [a, b]), 1), sumOver(m, b, 1)])),
  brightness: piece('f32[batch, 1024]', 'f32[batch, 1024]', (m, x) => scaled(m, m.op('Abs', [x]), 255)),
  'sum-in-halves': piece(open, 'f16[batch, 1]', (m, x) => sumOver(m, cast(m, x, half), 1, 1)),
  'sum-over-1': piece(open, 'f32[batch, 1]', (m, x) => sumOver(m, x, 1, 1)),
  'cast-sum': piece(open, 'i64[batch]', (m, x) => sumOver(m, cast(m, x, long), 1)),
  softplus: piece(vector, vector, (m, x) => positive(m, x)),
  counts: piece(vector, vector, (m, x) => m.op('Ceil', [positive(m, x)])),
  'inverse-depth': piece(vector, vector, (m, x) => m.op('Reciprocal', [positive(m, x)])),
  'log-relu': piece(vector, vector, (m, x) => m.op('Log', [m.op('Relu', [x])])),
  'log-relu-one': piece(vector, vector, (m, x) => m.op('Log', [m.op('Add', [m.op('Relu', [x]), m.number(1)])])),
  decibels: piece(vector, vector, (m, x) => scaled(m, m.op('Log', [m.op('Max', [x, m.number(1e-10)])]), 4.3429448)),
  'to-bytes': piece(open, 'u8[batch, n]', (m, x) => cast(m, x, byte)),
  'clip-bytes': piece(open, open, (m, x) => m.op('Clip', [x, m.number(0), m.number(255)])),

  // ---------------------------------------------------------------- texts
  'identity-ids': piece(ids, ids, (m, x) => m.op('Identity', [x])),
  'shift-ids': piece(ids, ids, (m, x) => m.op('Mod', [m.op('Add', [x, m.ints([], [5])]), m.ints([], [16])])),
  'ids-to-float': piece(ids, 'f32[batch, seq]', (m, x) => cast(m, x, float)),
  'is-seven': piece(ids, 'f32[batch, seq]', (m, x) => cast(m, m.op('Equal', [x, m.ints([], [7])]), float)),
  'is-token': piece(ids, ids, (m, x) => cast(m, present(m, x), long)),
  'is-padding': piece(ids, ids, (m, x) => cast(m, m.op('Not', [present(m, x)]), long)),
  'float-mask': piece(ids, 'f32[batch, seq]', (m, x) => cast(m, present(m, x), float)),
  'additive-mask': piece(ids, 'f32[batch, seq]', (m, x) => scaled(m, cast(m, m.op('Not', [present(m, x)]), float), -10000)),
  count: piece(ids, 'i64[batch]', (m, x) => sumOver(m, x, 1)),
  'both-masks': pair(ids, ids, ids, (m, a, b) => m.op('Mul', [a, b])),
  'offset-of-padding': piece(ids, 'f32[batch, seq]', (m, x) => scaled(m, cast(m, m.op('Not', [present(m, x)]), float), 10000)),
  'offset-softmax': pair('f32[batch, seq]', 'f32[batch, seq]', 'f32[batch, seq]', offset),
  'masked-times': encode({ x: tokens, mask: ids }, { y: tokens }, weighted),
  'max-of-tokens': piece(tokens, vector, (m, x) => m.op('ReduceMax', [x], { axes: [1], keepdims: 0 })),
  'masked-max': encode({ x: tokens, mask: ids }, { y: vector }, (m, x, mask) => maskedMax(m, x, mask, 1, 2)),
  'match-tokens': pair(tokens, 'f32[batch, other, 8]', 'f32[batch, seq, other]', (m, a, b) => m.op('MatMul', [a, turned(m, b, [0, 2, 1])])),
  'max-over-2': piece('f32[batch, p, q]', 'f32[batch, p]', (m, x) => m.op('ReduceMax', [x], { axes: [2], keepdims: 0 })),
  'masked-max-over-2': encode({ x: 'f32[batch, p, q]', mask: 'i64[batch, q]' }, { y: 'f32[batch, p]' }, (m, x, mask) => maskedMax(m, x, mask, 2, 1)),
  'times-tokens': pair(tokens, tokens, tokens, (m, a, b) => m.op('Mul', [a, b])),
  'times-vectors': pair(vector, vector, vector, (m, a, b) => m.op('Mul', [a, b])),
  'mean-tokens': piece(tokens, vector, (m, x) => meanOver(m, x, [1])),
  'masked-mean': encode({ x: tokens, mask: ids }, { y: vector }, (m, x, mask) => {
    const weights = m.op('Unsqueeze', [cast(m, mask, float), m.ints([1], [2])]);
    return m.op('Div', [sumOver(m, m.op('Mul', [x, weights]), 1), m.op('Max', [sumOver(m, weights, 1), m.number(1)])]);
  }),
  'roll-right': piece(tokens, tokens, (m, x) => m.op('Concat', [cut(m, x, 1, -2, 2 ** 31), cut(m, x, 1, 0, -2)], { axis: 1 })),
  'first-place': piece(tokens, vector, (m, x) => m.op('Squeeze', [cut(m, x, 1, 0, 1), m.ints([1], [1])])),
  'last-place': piece(tokens, vector, (m, x) => m.op('Squeeze', [cut(m, x, 1, -1, 2 ** 31), m.ints([1], [1])])),

  // ---------------------------------------------------------------- pictures
  'identity-4': piece(picture, picture, (m, x) => m.op('Identity', [x])),
  'identity-3': piece('f32[batch, p, q]', 'f32[batch, p, q]', (m, x) => m.op('Identity', [x])),
  'to-nchw': piece(picture, maps, (m, x) => turned(m, x, [0, 3, 1, 2])),
  'transpose-last': piece('f32[batch, h, w]', 'f32[batch, w, h]', (m, x) => turned(m, x, [0, 2, 1])),
  'mean-over-2-3': piece(maps, 'f32[batch, c]', (m, x) => meanOver(m, x, [2, 3])),
  'mean-over-2': piece('f32[batch, p, q]', 'f32[batch, p]', (m, x) => meanOver(m, x, [2])),
  'mean-over-1': piece('f32[batch, p, q]', 'f32[batch, q]', (m, x) => meanOver(m, x, [1])),
  'mean-last-keep': piece(picture, 'f32[batch, h, w, 1]', (m, x) => meanOver(m, x, [3], 1)),
  'swap-red-blue': piece(picture, picture, (m, x) => m.op('Gather', [x, m.ints([3], [2, 1, 0])], { axis: 3 })),
  'colour-weights': piece(picture, one, colourWeights),
  'bytes-weights': piece(picture, one, (m, x) => colourWeights(m, scaled(m, x, 1 / 255))),
  'channel-stats': piece(picture, picture, (m, x) => normalised(m, x, imagenet)),
  'clip-stats': piece(picture, picture, (m, x) => normalised(m, x, clip)),
  'over-255': piece(picture, picture, (m, x) => scaled(m, x, 1 / 255)),
  'tokens-as-maps': piece('f32[batch, 6, 8]', 'f32[batch, 8, 2, 3]', (m, x) => m.op('Reshape', [x, m.ints([4], [-1, 8, 2, 3])])),
  'tokens-to-maps': piece('f32[batch, 6, 8]', 'f32[batch, 8, 2, 3]', (m, x) => turned(m, m.op('Reshape', [x, m.ints([4], [-1, 2, 3, 8])]), [0, 3, 1, 2])),
  'times-255': piece(picture, picture, (m, x) => scaled(m, x, 255)),
  'centre-pixels': piece(picture, picture, (m, x) => m.op('Sub', [scaled(m, x, 2), m.number(1)])),
  'square-root': piece(picture, picture, (m, x) => m.op('Sqrt', [x])),
  'crop-6': piece(maps, 'f32[batch, c, 6, 6]', (m, x) => cut(m, cut(m, x, 2, 1, 7), 3, 1, 7)),
  'crop-4': piece(maps, 'f32[batch, c, 4, 4]', (m, x) => cut(m, cut(m, x, 2, 2, 6), 3, 2, 6)),
  'conv-pool': piece(maps, 'f32[batch, 5]', (m, x) => meanOver(m, m.op('Relu', [m.op('Conv', [x, m.floats([5, 3, 3, 3], noise(135, 19))])]), [2, 3])),
  flatten: piece('f32[batch, 2, 2, 3]', 'f32[batch, 12]', (m, x) => m.op('Flatten', [x], { axis: 1 })),
  'flatten-last': piece('f32[batch, 2, 2, 3]', 'f32[batch, 12]', (m, x) => m.op('Flatten', [turned(m, x, [0, 2, 3, 1])], { axis: 1 })),

  // ---------------------------------------------------------------- boxes, points, times, sound
  'identity-box': piece(box, box, (m, x) => m.op('Identity', [x])),
  'to-centres': piece(box, box, (m, x) => m.op('MatMul', [x, m.floats([4, 4], [0.5, 0, -1, 0, 0, 0.5, 0, -1, 0.5, 0, 1, 0, 0, 0.5, 0, 1])])),
  'box-pixels': piece(box, box, (m, x) => scaled(m, x, 640)),
  'box-area': piece(box, one, (m, x) => m.op('Mul', [column(m, x, 2), column(m, x, 3)])),
  points: piece(vector, 'f32[batch, 2]', (m, x) => times(m, x, 8, 2, 18)),
  'points-turned': piece(vector, 'f32[batch, 2]', (m, x) => m.op('Gather', [times(m, x, 8, 2, 18), m.ints([2], [1, 0])], { axis: 1 })),
  'first-column': piece('f32[batch, 2]', one, (m, x) => column(m, x, 0)),
  'identity-1': piece(one, one, (m, x) => m.op('Identity', [x])),
  degrees: piece(one, one, (m, x) => scaled(m, m.op('Tanh', [x]), 180)),
  radians: piece(one, one, (m, x) => scaled(m, m.op('Tanh', [x]), Math.PI)),
  cosine: piece(one, one, (m, x) => m.op('Cos', [x])),
  'times-1000': piece(one, one, (m, x) => scaled(m, x, 1000)),
  'over-100': piece(one, one, (m, x) => cast(m, m.op('Greater', [x, m.number(100)]), float)),
  'identity-2': piece(open, open, (m, x) => m.op('Identity', [x])),
  'halve-rate': piece('f32[batch, 16]', vector, (m, x) => m.op('Slice', [x, m.ints([1], [0]), m.ints([1], [16]), m.ints([1], [1]), m.ints([1], [2])])),
  differences: piece(open, one, (m, x) => meanOver(m, m.op('Abs', [m.op('Sub', [cut(m, x, 1, 1, 2 ** 31), cut(m, x, 1, 0, -1)])]), [1])),
  stereo: piece('f32[batch, 16]', 'f32[batch, 2, 16]', (m, x) => m.op('Concat', [m.op('Unsqueeze', [x, m.ints([1], [1])]), m.op('Unsqueeze', [scaled(m, x, 0.5), m.ints([1], [1])])], { axis: 1 })),
  mono: piece('f32[batch, 16]', 'f32[batch, 16, 1]', (m, x) => m.op('Unsqueeze', [x, m.ints([1], [2])])),
  'time-first': piece(tokens, 'f32[seq, batch, 8]', (m, x) => turned(m, times(m, x, 8, 8, 1), [1, 0, 2])),
  'time-last': piece(tokens, tokens, (m, x) => times(m, x, 8, 8, 1)),
};
