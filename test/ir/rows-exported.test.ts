/**
 * Which graphs keep the rows of a batch apart where they look up masks and positions as exporters write it: a trap beside each idiom, and random chains held to
 * what ONNX Runtime answers to each row alone, whatever NaN and infinity its neighbours have.
 */
import { describe, expect, test } from 'vitest';
import { buildText } from '../runtime/built.ts';
import type { Trace } from './infer/exporters/trace.ts';
import { answerRowsAlone, chain, places, rows, unsqueeze, width, type Step } from './row-chains.ts';

const count = (t: Trace, to: string, from = 0, by = 1): string => t.op('Range', [t.whole(from), to, t.whole(by)]);
const asFloats = (t: Trace, x: string): string => t.op('Cast', [x], { to: 1 });
/** [batch, 1, 1, seq] as a factor for each place. */
const byPlace = (t: Trace, x: string, found: string): string => t.op('Mul', [x, t.op('Add', [asFloats(t, t.reshape(found, rows(t), -1, 1)), t.number(0.5)])]);

/** Row numbers [batch, 1, 1, 1] and places [1, 1, 1, seq], as one index of two coordinates. */
function coordinates(t: Trace, row: string, place: string): string {
  const shape = t.op('Shape', [t.op('Max', [row, place])]);
  return t.op('Concat', [row, place].map((each) => unsqueeze(t, t.op('Expand', [each, shape]), -1)), { axis: -1 });
}
const rowNumbers = (t: Trace): string => unsqueeze(t, count(t, rows(t)), 1, 2, 3);
const placeNumbers = (t: Trace): string => unsqueeze(t, count(t, places(t)), 0, 1, 2);
const flat = (t: Trace, row: string, stride: string, place: string): string => t.op('Add', [place, t.op('Mul', [row, stride])]);
const lookUp = (t: Trace, data: string, indices: string): string => t.op('Gather', [t.op('Flatten', [data], { axis: 2 }), indices], { axis: 0 });

/** The place with the highest first feature, as an index into what has batch and place in one axis. */
const highest = (t: Trace, x: string): string => t.op('ArgMax', [t.op('Gather', [x, t.whole(0)], { axis: 2 })], { axis: 1, keepdims: 0 });
const pooled = (t: Trace, x: string, at: string): string => t.op('Add', [x, unsqueeze(t, t.op('Gather', [t.reshape(x, -1, width), at], { axis: 0 }), 1)]);

/** What keeps rows apart, and the shape [batch, seq, 8]. */
const apart: Readonly<Record<string, Step>> = {
  'a mask by two coordinates': (t, x) => byPlace(t, x, t.op('GatherND', ['mask', coordinates(t, rowNumbers(t), placeNumbers(t))])),
  'a mask by one number': (t, x) => byPlace(t, x, lookUp(t, 'mask', flat(t, rowNumbers(t), places(t), placeNumbers(t)))),
  'its own row': (t, x) => t.op('Gather', [x, count(t, rows(t))], { axis: 0 }),
  'the place of the highest': (t, x) => pooled(t, x, t.op('Add', [t.op('Mul', [count(t, rows(t)), places(t)]), highest(t, x)])),
  positions: (t, x) => t.op('Add', [x, t.op('Gather', [t.weight(16, width), unsqueeze(t, count(t, places(t)), 0)])]),
  'ones of its shape': (t, x) => t.op('Mul', [x, t.op('Add', [t.op('ConstantOfShape', [t.op('Shape', [x])]), t.number(2)])]),
  'a table as often as there are rows': (t, x) => t.op('Add', [t.reshape(x, t.op('Mul', [rows(t), t.whole(2)]), -1, width / 2), t.op('Tile', [t.weight(2, 1, width / 2), t.sizes(rows(t), 1, 1)])]),
  'repeated to a shape chosen by a comparison': (t, x) => {
    const shape = t.sizes(rows(t), places(t), width);
    const chosen = t.op('Where', [t.op('Equal', [shape, t.list(-1)]), t.list(1, 1, 1), shape]);
    return t.op('Add', [x, t.op('Expand', [t.weight(1, 1, width), chosen])]);
  },
  'attention over places': (t, x) => {
    const heads = t.op('Transpose', [t.reshape(x, rows(t), -1, 2, width / 2)], { perm: [0, 2, 1, 3] });
    const scores = t.op('Softmax', [t.op('MatMul', [heads, t.op('Transpose', [heads], { perm: [0, 1, 3, 2] })])], { axis: -1 });
    return t.reshape(t.op('Transpose', [t.op('MatMul', [scores, heads])], { perm: [0, 2, 1, 3] }), rows(t), places(t), -1);
  },
};

/** What looks like one of the above, and lets rows or their number into other rows. */
const mixing: Readonly<Record<string, Step>> = {
  'a mask by its coordinates the other way round': (t, x) => byPlace(t, x, t.op('GatherND', ['mask', coordinates(t, placeNumbers(t), rowNumbers(t))])),
  'a mask by the numbers of rows alone': (t, x) => byPlace(t, x, t.op('GatherND', ['mask', coordinates(t, rowNumbers(t), rowNumbers(t))])),
  'rows counted backwards': (t, x) => t.op('Gather', [x, count(t, t.whole(-1), 0, -1)], { axis: 0 }),
  'rows counted from the last': (t, x) => t.op('Gather', [x, t.op('Range', [t.op('Sub', [rows(t), t.whole(1)]), t.whole(-1), t.whole(-1)])], { axis: 0 }),
  'the row behind': (t, x) => t.op('Gather', [x, t.op('Add', [count(t, rows(t)), t.whole(1)])], { axis: 0 }),
  'every second row': (t, x) => t.op('Gather', [x, t.op('Mul', [count(t, rows(t)), t.whole(2)])], { axis: 0 }),
  'a stride that is too short': (t, x) => byPlace(t, x, lookUp(t, 'mask', flat(t, rowNumbers(t), t.whole(1), placeNumbers(t)))),
  'a stride of the number of rows': (t, x) => byPlace(t, x, lookUp(t, 'mask', flat(t, rowNumbers(t), rows(t), placeNumbers(t)))),
  'two offsets that reach into the next row': (t, x) => byPlace(t, x, lookUp(t, 'mask', t.op('Add', [placeNumbers(t), flat(t, rowNumbers(t), places(t), placeNumbers(t))]))),
  'an offset that begins at 1': (t, x) => byPlace(t, x, lookUp(t, 'mask', flat(t, rowNumbers(t), places(t), unsqueeze(t, count(t, t.op('Add', [places(t), t.whole(1)]), 1), 0, 1, 2)))),
  'the place of the highest of all rows': (t, x) => pooled(t, x, t.op('Add', [t.op('Mul', [count(t, rows(t)), places(t)]), t.op('ArgMax', [t.op('Gather', [x, t.whole(0)], { axis: 2 })], { axis: 0, keepdims: 0 })])),
  'a place without its row': (t, x) => pooled(t, x, highest(t, x)),
  'a row number as a number': (t, x) => t.op('Add', [x, asFloats(t, unsqueeze(t, count(t, rows(t)), 1, 2))]),
  'row numbers along another axis': (t, x) => t.op('Gather', [x, count(t, rows(t))], { axis: 1 }),
  'row numbers repeated as places': (t, x) => t.op('Gather', [x, t.op('Expand', [count(t, rows(t)), t.sizes(rows(t), rows(t))])], { axis: 0 }),
  'its own row as often as there are rows': (t, x) => {
    const often = t.op('Expand', [unsqueeze(t, count(t, rows(t)), 1), t.sizes(rows(t), rows(t))]);
    return t.op('ReduceSum', [t.op('Gather', [x, often], { axis: 0 }), t.list(1)], { keepdims: 0 });
  },
  'blended along both axes': (t, x) => t.op('Resize', [t.reshape(x, rows(t), -1), '', '', t.sizes(rows(t), t.op('Mul', [places(t), t.whole(width)]))], { mode: 'linear' }),
  'blended to twice as many rows': (t, x) => t.op('Resize', [t.reshape(x, rows(t), places(t), 2, 4), '', '', t.sizes(t.op('Mul', [rows(t), t.whole(2)]), places(t), 2, 2)], { mode: 'nearest' }),
  'cut to as many places as there are rows': (t, x) => t.slice(x, 1, 0, rows(t)),
  'cut from the place of the number of rows': (t, x) => t.slice(x, 1, rows(t), 100),
  'repeated along places as often as there are rows': (t, x) => t.op('Expand', [t.op('ReduceMax', [x], { axes: [1], keepdims: 1 }), t.sizes(rows(t), rows(t), width)]),
  'ones for each two rows': (t, x) => t.op('MatMul', [t.op('ConstantOfShape', [t.sizes(rows(t), rows(t), places(t))]), x]),
  'a table of which rows have different parts': (t, x) => t.op('Add', [t.reshape(x, t.op('Mul', [rows(t), t.whole(2)]), -1, width / 2), t.op('Tile', [t.weight(4, 1, width / 2), t.sizes(t.op('Div', [rows(t), t.whole(2)]), 1, 1)])]),
  'as many as rows, added': (t, x) => t.op('Add', [x, asFloats(t, rows(t))]),
  'padded by the number of rows': (t, x) => t.op('Pad', [x, t.sizes(0, rows(t), 0, 0, 0, 0)]),
};

describe('idioms of exporters', () => {
  test.each(Object.entries(apart))('%s: rows are apart', (_, step) => expect(chain([step]).manifest.rows).toMatchObject({ independent: true }));
  test.each(Object.entries(mixing))('%s: they are not', (_, step) => expect(chain([step]).manifest.rows).toMatchObject({ independent: false }));
});

/** [batch, 2, seq, 4] of queries, keys and values that are the same, and what else is given. */
const attention =
  (keys: (t: Trace, heads: string) => string, ...rest: readonly ((t: Trace) => string)[]): Step =>
  (t, x) => {
    const heads = t.op('Transpose', [t.reshape(x, rows(t), -1, 2, width / 2)], { perm: [0, 2, 1, 3] });
    return t.op('Transpose', [t.op('Attention', [heads, keys(t, heads), heads, ...rest.map((make) => make(t))])], { perm: [0, 2, 1, 3] });
  };
const itself = (_: Trace, heads: string): string => heads;
const truth = (t: Trace, ...axes: readonly number[]): string => unsqueeze(t, t.op('Cast', ['mask'], { to: 9 }), ...axes);

describe('attention as one operator', () => {
  test.each([
    ['without a mask', attention(itself), true],
    ['with a mask of each row', attention(itself, (t) => truth(t, 1, 2)), true],
    ['with a mask for all', attention(itself, (t) => t.op('Trilu', [t.op('ConstantOfShape', [t.sizes(places(t), places(t))])], { upper: 0 })), true],
    ['with rows of the mask along its heads', attention(itself, (t) => truth(t, 0, 2)), false],
    ['with rows of the mask along its queries', attention(itself, (t) => truth(t, 0, 1)), false],
    ['with rows of the mask as the mask', attention(itself, () => 'mask'), false],
    ['with keys of another row', attention((t, heads) => t.op('Gather', [heads, t.op('Range', [t.op('Sub', [rows(t), t.whole(1)]), t.whole(-1), t.whole(-1)])], { axis: 0 })), false],
  ])('%s', (_, step, independent) => expect(chain([step], 23).manifest.rows).toMatchObject({ independent }));
});

/** By the tables of places, [16, 2], or those of each row, [batch, seq, 2]. */
const turned =
  (cosines: (t: Trace) => string, ...positions: readonly ((t: Trace) => string)[]): Step =>
  (t, x) => {
    const table = cosines(t);
    return t.op('RotaryEmbedding', [x, table, table, ...positions.map((make) => make(t))], { num_heads: 2 });
  };
const eachPlace = (t: Trace): string => t.op('Expand', [unsqueeze(t, count(t, places(t)), 0), t.op('Shape', ['mask'])]);

describe('turns by places as one operator', () => {
  test.each([
    ['with places of each row', turned((t) => t.weight(16, 2), eachPlace), true],
    ['with tables of each row', turned((t) => t.op('Gather', [t.weight(16, 2), 'mask'])), true],
    ['with tables that have something for each row', turned((t) => t.weight(3, 7, 2)), false],
    ['with a table for all, which the operator does not repeat', turned((t) => t.op('Gather', [t.weight(16, 2), unsqueeze(t, count(t, places(t)), 0)])), false],
    ['with rows as places', turned((t) => t.weight(16, 2), (t) => t.op('Expand', [unsqueeze(t, count(t, rows(t)), 1), t.op('Shape', ['mask'])])), false],
  ])('%s', (_, step, independent) => expect(chain([step], 23).manifest.rows).toMatchObject({ independent }));
});

test('an input that has the number of rows along another axis, too', () => {
  const { manifest } = buildText('model M { input x: f32[batch, batch] output y = x * 2 }');
  expect(manifest.rows).toMatchObject({ independent: false, why: 'the input `x` has the number of rows along another axis, too' });
});

/**
 * Kernels may sum in another order for another number of rows. Elements are at most 1 after each step, and a sum has at most 6 terms: a step adds an error of at
 * most 2^-18, most of it in the exponents of a softmax, and makes at most 24 e of an error e; there are three.
 */
const tolerance = (1 + 24 + 24 ** 2) * 2 ** -18;

test('random chains answer a row of a batch as they answer it alone, where it is said so', async () => {
  const seen = await answerRowsAlone({ apart: Object.values(apart), mixing: Object.values(mixing), tolerance });
  expect(Math.min(seen.apart, seen.mixing)).toBeGreaterThan(0);
});
