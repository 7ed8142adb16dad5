/** Rows that lie along another axis on the way: what recurrent layers and attention by torch.nn write, a trap beside each, and random chains on ONNX Runtime. */
import { describe, expect, test } from 'vitest';
import type { Trace } from './infer/exporters/trace.ts';
import { answerRowsAlone, chain, places, rows, unsqueeze, width, type Step } from './row-chains.ts';

const heads = 2;
/** [seq, batch, 8], and back. */
const turned = (t: Trace, x: string): string => t.op('Transpose', [x], { perm: [1, 0, 2] });
const inTurn =
  (step: Step): Step =>
  (t, x) =>
    turned(t, step(t, turned(t, x)));

/** So small that an error grows by no more than 26 times in six places: cells are at most 6, and what is added to a gate a quarter of an error. */
const small = (t: Trace, ...dims: readonly number[]): string => t.op('Mul', [t.weight(...dims), t.number(1 / 16)]);
const filled = (t: Trace, ...dims: readonly (string | number)[]): string => t.op('ConstantOfShape', [t.sizes(...dims)]);

/** A recurrent layer over [seq, batch, 8]; answers with its results. */
function recurrent(t: Trace, op: 'GRU' | 'LSTM' | 'RNN', x: string, first: (t: Trace, directions: number) => string, { hidden = width, directions = 1, lengths = '' } = {}): readonly string[] {
  const gates = { GRU: 3, LSTM: 4, RNN: 1 }[op];
  const state = first(t, directions);
  const given = [x, small(t, directions, gates * hidden, width), small(t, directions, gates * hidden, hidden), '', lengths, state, ...(op === 'LSTM' ? [state] : [])];
  return t.ops(op, given, { hidden_size: hidden, direction: directions === 2 ? 'bidirectional' : 'forward' }, op === 'LSTM' ? 3 : 2);
}
const zeros = (hidden: number) => (t: Trace, directions: number): string => filled(t, directions, rows(t), hidden);
const lengthsOf = (t: Trace): string => t.op('Cast', [t.op('Add', [t.op('ReduceSum', ['mask', t.list(1)], { keepdims: 0 }), t.op('Sub', [places(t), t.op('ReduceSum', ['mask', t.list(1)], { keepdims: 0 })])])], { to: 6 });

/** Attention over [seq, batch, 8] with its heads beside the batch, as torch.nn.MultiheadAttention writes it. */
function attention(t: Trace, x: string, unfold: (t: Trace, x: string) => string): string {
  const folded = t.reshape(x, places(t), t.op('Mul', [rows(t), t.whole(heads)]), width / heads);
  const [queries, keys] = [t.op('Transpose', [folded], { perm: [1, 0, 2] }), t.op('Transpose', [folded], { perm: [1, 2, 0] })];
  const mixed = t.op('MatMul', [t.op('Softmax', [t.op('MatMul', [queries, keys])], { axis: -1 }), queries]);
  const flat = t.reshape(t.op('Transpose', [mixed], { perm: [1, 0, 2] }), t.op('Mul', [places(t), rows(t)]), width);
  return unfold(t, t.op('Gemm', [flat, small(t, width, width), t.weight(width)], { transB: 1 }));
}

const apart: Readonly<Record<string, Step>> = {
  'an LSTM over places': inTurn((t, x) => t.op('Squeeze', [recurrent(t, 'LSTM', x, zeros(width))[0]!, t.list(1)])),
  'a GRU in both directions': inTurn((t, x) => t.reshape(t.op('Transpose', [recurrent(t, 'GRU', x, zeros(width / 2), { hidden: width / 2, directions: 2 })[0]!], { perm: [0, 2, 1, 3] }), 0, 0, -1)),
  'the last state of an RNN': (t, x) => t.op('Add', [x, unsqueeze(t, t.op('Gather', [recurrent(t, 'RNN', turned(t, x), zeros(width))[1]!, t.whole(-1)], { axis: 0 }), 1)]),
  'an LSTM that is told the lengths of its rows': inTurn((t, x) => t.op('Squeeze', [recurrent(t, 'LSTM', x, zeros(width), { lengths: lengthsOf(t) })[0]!, t.list(1)])),
  'an LSTM from learned states': inTurn((t, x) => t.op('Squeeze', [recurrent(t, 'LSTM', x, (_, directions) => t.op('Expand', [t.weight(1, 1, width), t.sizes(directions, rows(t), width)]))[0]!, t.list(1)])),
  'attention with heads beside the batch': inTurn((t, x) => attention(t, x, (_, flat) => t.reshape(flat, places(t), rows(t), width))),
  'a projection of all places as one matrix': inTurn((t, x) => t.reshape(t.op('Gemm', [t.reshape(x, -1, width), small(t, width, width)]), places(t), rows(t), width)),
  'layers that work within a row': inTurn((t, x) => t.norm(t.op('Add', [t.op('Softmax', [x], { axis: 0 }), t.op('Mul', [x, t.weight(width)])]), width)),
  'cut and joined along places': inTurn((t, x) => t.op('Concat', [t.slice(x, 0, 1, 100), t.slice(x, 0, 0, 1)], { axis: 0 })),
  'less the mean of its places': inTurn((t, x) => t.op('Sub', [x, t.op('ReduceMean', [x], { axes: [0], keepdims: 0 })])),
  'three projections that are one': inTurn((t, x) => {
    const all = unsqueeze(t, t.reshape(t.op('MatMul', [x, small(t, width, 3 * width)]), places(t), rows(t), 3, width), 0);
    const parts = t.op('Squeeze', [t.op('Transpose', [all], { perm: [3, 1, 2, 0, 4] }), t.list(3)]);
    return t.op('Mul', [t.op('Gather', [parts, t.whole(0)], { axis: 0 }), t.op('Gather', [parts, t.whole(2)], { axis: 0 })]);
  }),
  'rows as columns': (t, x) => {
    const columns = t.op('Transpose', [t.op('ReduceMean', [x], { axes: [1], keepdims: 0 })], { perm: [1, 0] });
    return t.op('Add', [x, unsqueeze(t, t.op('Transpose', [t.op('MatMul', [small(t, width, width), columns])], { perm: [1, 0] }), 1)]);
  },
};

const mixing: Readonly<Record<string, Step>> = {
  'an LSTM over rows': (t, x) => t.op('Squeeze', [recurrent(t, 'LSTM', x, (_, directions) => filled(t, directions, places(t), width))[0]!, t.list(1)]),
  'an LSTM whose first states are of its own for each row': inTurn((t, x) => t.op('Squeeze', [recurrent(t, 'LSTM', x, () => t.weight(1, 3, width))[0]!, t.list(1)])),
  'an LSTM whose first state is that of other rows': inTurn((t, x) => {
    const state = t.slice(filledBy(t, x), 1, -1, -1000, -1);
    return t.op('Squeeze', [recurrent(t, 'LSTM', x, () => state)[0]!, t.list(1)]);
  }),
  'attention whose rows come back as places': (t, x) => attention(t, turned(t, x), (_, flat) => t.reshape(flat, rows(t), places(t), width)),
  'attention over rows': (t, x) => t.op('MatMul', [t.op('Softmax', [t.op('MatMul', [x, t.op('Transpose', [x], { perm: [0, 2, 1] })])], { axis: 0 }), x]),
  'heads in front of the batch': inTurn((t, x) => t.reshape(t.op('Transpose', [t.reshape(x, places(t), heads, rows(t), width / heads)], { perm: [0, 2, 1, 3] }), places(t), rows(t), width)),
  'a softmax over rows': inTurn((t, x) => t.op('Softmax', [x], { axis: 1 })),
  'normalised from the rows on': inTurn((t, x) => t.op('LayerNormalization', [x, t.number(1)], { axis: 1 })),
  'less the mean of its rows': inTurn((t, x) => t.op('Sub', [x, t.op('ReduceMean', [x], { axes: [1], keepdims: 1 })])),
  'less the mean of all': inTurn((t, x) => t.op('Sub', [x, t.op('ReduceMean', [x], { keepdims: 1 })])),
  'rows the other way round': inTurn((t, x) => t.slice(x, 1, -1, -1000, -1)),
  'the first row for all': inTurn((t, x) => t.op('Add', [x, unsqueeze(t, t.op('Gather', [x, t.whole(0)], { axis: 1 }), 1)])),
  'half of the rows twice': inTurn((t, x) => t.slice(t.op('Concat', [x, t.op('Tanh', [x])], { axis: 1 }), 1, 0, rows(t))),
  'something of its own for each row': inTurn((t, x) => t.op('Add', [x, t.weight(3, width)])),
  'rows of one place multiplied with those of another': inTurn((t, x) => t.op('MatMul', [t.op('Softmax', [t.op('MatMul', [x, t.op('Transpose', [x], { perm: [0, 2, 1] })])], { axis: -1 }), x])),
  'sums over what has the batch in it': inTurn((t, x) => t.reshape(t.op('Softmax', [t.reshape(x, places(t), -1)], { axis: -1 }), places(t), rows(t), width)),
  'an added number of rows': inTurn((t, x) => t.op('Add', [x, t.op('Cast', [rows(t)], { to: 1 })])),
  'summed up along rows': inTurn((t, x) => t.op('CumSum', [x, t.whole(1)])),
};
/** [1, batch, 8] of [seq, batch, 8]. */
const filledBy = (t: Trace, x: string): string => t.op('ReduceMean', [x], { axes: [0], keepdims: 1 });

describe('rows along another axis', () => {
  test.each(Object.entries(apart))('%s: they are apart', (_, step) => expect(chain([step]).manifest.rows).toMatchObject({ independent: true }));
  test.each(Object.entries(mixing))('%s: they are not', (_, step) => expect(chain([step]).manifest.rows).toMatchObject({ independent: false }));
});

/** As of exporters' idioms, with 26 for the 24: a step adds at most 2^-18, and there are three. */
const tolerance = (1 + 26 + 26 ** 2) * 2 ** -18;

test('random chains answer a row of a batch as they answer it alone, where it is said so', async () => {
  const seen = await answerRowsAlone({ apart: Object.values(apart), mixing: Object.values(mixing), tolerance });
  expect(Math.min(seen.apart, seen.mixing)).toBeGreaterThan(0);
});
