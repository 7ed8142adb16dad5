/** Sequences of tensors: as inferred, and as ONNX Runtime computes what is made of them. */
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { inferGraph } from '../../../src/ir/infer/index.ts';
import { showDim } from '../../../src/types/dim.ts';
import { readBytes } from '../../onnx/models.ts';
import { traced, type Trace } from './exporters/trace.ts';
import { compare } from './observed.ts';
import { observe } from './random/graphs.ts';

// ONNX Runtime fails on parts of a given size without `keepdims`, which means nothing there.
const split = (t: Trace, axis: number, size?: number): string => (size === undefined ? t.op('SplitToSequence', ['x'], { axis, keepdims: 0 }) : t.op('SplitToSequence', ['x', t.whole(size)], { axis }));
const at = (t: Trace, sequence: string, i: number): string => t.op('SequenceAt', [sequence, t.whole(i)]);

const cases: readonly (readonly [string, (t: Trace) => readonly string[], readonly string[]])[] = [
  ['parts of one size, the last one smaller', (t) => [0, 2, -1].map((i) => at(t, split(t, 2, 3), i)), ['a, b, 3', 'a, b, 1', 'a, b, 1']],
  ['parts of sizes that are listed', (t) => [0, 1].map((i) => at(t, t.op('SplitToSequence', ['x', t.list(2, 5)], { axis: 2 }), i)), ['a, b, 2', 'a, b, 5']],
  ['single slices', (t) => [at(t, split(t, 2), 4), t.op('SequenceLength', [split(t, 2)])], ['a, b', '']],
  ['what is put in and taken out', (t) => {
    const two = t.op('SequenceConstruct', ['x', t.op('Transpose', ['x'], { perm: [1, 0, 2] })]);
    const three = t.op('SequenceInsert', [two, t.op('Flatten', ['x']), t.whole(1)]);
    return [at(t, three, 1), at(t, t.op('SequenceErase', [three, t.whole(0)]), 1), at(t, t.op('SequenceInsert', [two, 'x']), 2)];
  }, ['a, 7*b', 'b, a, 7', 'a, b, 7']],
  ['joined along an axis, and stacked along a new one', (t) => {
    const all = t.op('SequenceConstruct', ['x', t.op('Neg', ['x']), 'x']);
    return [t.op('ConcatFromSequence', [all], { axis: 1 }), t.op('ConcatFromSequence', [all], { axis: -1, new_axis: 1 })];
  }, ['a, 3*b, 7', 'a, b, 7, 3']],
  ['pieces of an open axis, of which the last may be smaller, put together again', (t) => {
    const pairs = split(t, 1, 2);
    return [t.op('ConcatFromSequence', [pairs], { axis: -2 }), t.op('Range', [t.whole(0), t.op('SequenceLength', [pairs]), t.whole(1)])];
  }, ['a, b, 7', '(b + 1) div 2']],
  ['pieces as many as a list is long, put together again', (t) => {
    const ones = t.op('Expand', [t.list(1), t.op('Gather', [t.op('Shape', ['x']), t.list(1)])]);
    const pieces = t.op('SplitToSequence', ['x', ones], { axis: 1 });
    return [t.op('ConcatFromSequence', [pieces], { axis: 1 }), t.op('Range', [t.whole(0), t.op('SequenceLength', [pieces]), t.whole(1)])];
  }, ['a, b, 7', 'b']],
];

describe('sequences', () => {
  test.each(cases)('%s', async (_, write, expected) => {
    const bytes = traced([{ name: 'x', dims: ['a', 'b', 7] }], write);
    const model = readBytes(bytes);
    const inferred = inferGraph(model);
    expect(model.graph.outputs.map((name) => inferred.get(name)?.dims?.map(showDim).join(', '))).toEqual(expected);
    for (const [a, b] of [[1, 1], [2, 3], [4, 2]] as const) {
      const feeds = { x: new ort.Tensor('float32', new Float32Array(a * b * 7).fill(0.5), [a, b, 7]) };
      const observed = await observe(bytes, feeds);
      expect(observed).toBeDefined();
      expect(compare(model, feeds, observed!).wrong).toEqual([]);
    }
  });

  test('of a length that is not known are followed where all are alike', () => {
    const dimsOf = (write: (t: Trace) => string): string | undefined => {
      const model = readBytes(traced([{ name: 'x', dims: ['a', 'b', 7] }], (t) => [write(t)]));
      return inferGraph(model).get(model.graph.outputs[0]!)?.dims?.map(showDim).join(', ');
    };
    expect(dimsOf((t) => at(t, split(t, 0, 1), 0))).toBe('1, b, 7');
    // The last one may be smaller.
    expect(dimsOf((t) => at(t, split(t, 0, 2), 0))).toBeUndefined();
    expect(dimsOf((t) => t.op('ConcatFromSequence', [split(t, 1, 2)], { axis: 2 }))).toBeUndefined();
    expect(dimsOf((t) => t.op('ConcatFromSequence', [t.op('SequenceErase', [split(t, 1, 2)])], { axis: 1 }))).toBeUndefined();
    expect(dimsOf((t) => t.op('ConcatFromSequence', [t.op('SequenceErase', [split(t, 1, 1)])], { axis: 1 }))).toBe('a, b - 1, 7');
    expect(dimsOf((t) => at(t, t.op('SequenceInsert', [split(t, 0, 1), 'x']), 0))).toBeUndefined();
  });
});
