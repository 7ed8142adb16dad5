/** At which sizes a model keeps to its budget, against trying all sizes; and what a check hands on of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideBudget } from '../../src/check/tools/budget-figures.ts';
import { addDims, intDim, multiplyDims, symbolDim } from '../../src/types/dim.ts';
import type { SizeStatement } from '../../src/types/fact.ts';
import { createCompiler } from '../../src/compile.ts';
import { uriOf, worldOf } from './world.ts';

const seq = { key: 's', name: 'seq', kind: 'rigid' } as const;
const size = symbolDim(seq);

describe('a budget', () => {
  test('is kept, broken, or broken from the first size on that breaks it', () => {
    const small = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(small, small, small, fc.integer({ min: 1, max: 4000 }), fc.boolean(), fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }), (square, each, fixed, limit, isStrict, most) => {
        const figure = addDims(addDims(multiplyDims(intDim(square), multiplyDims(size, size)), multiplyDims(intDim(each), size)), intDim(fixed));
        const known: SizeStatement[] = most === undefined ? [] : [{ kind: 'size', op: '<=', left: size, right: intDim(most) }];
        const found = decideBudget(figure, intDim(limit), isStrict, known);
        // Larger sizes than these break every limit that any size breaks.
        const sizes = Array.from({ length: most ?? 4001 }, (_, i) => i + 1);
        const first = sizes.find((n) => square * n * n + each * n + fixed + Number(isStrict) > limit);
        if (first === undefined) expect(found.kind).toBe('kept');
        else if (found.kind === 'exceeded') expect(first).toBe(1);
        else expect(found).toMatchObject({ kind: 'breached', most: first - 1, others: [] });
      }),
    );
  });

  test('is handed on with what is known of each limit', () => {
    const text = `model M {
  input x: f32[batch, 8] where batch <= 64
  output y = onnx.MatMul(x, onnx.Transpose(x, perm: [1, 0]))
  budget { macs <= 512  parameters <= 0  memory <= 2MB on "gpu" }
}`;
    const { models, diagnostics } = createCompiler(worldOf({ 'main.mdl': text })).check([uriOf('main.mdl')]);
    expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    expect(models[0]!.budget).toEqual([
      { metric: 'macs', op: '<=', bound: { kind: 'absolute', value: 512 }, device: undefined, figure: 8, state: 'proved' },
      { metric: 'parameters', op: '<=', bound: { kind: 'absolute', value: 0 }, device: undefined, figure: 0, state: 'proved' },
      { metric: 'memory', op: '<=', bound: { kind: 'absolute', value: 2e6 }, device: 'gpu', state: 'unmeasured' },
    ]);
  });

  test('that every allowed size breaks has no fix that allows none', () => {
    const text = 'model M { input x: f32[n, m] output y = onnx.MatMul(x, onnx.Transpose(x, perm: [1, 0])) budget { macs <= 0.5 } }';
    const { diagnostics } = createCompiler(worldOf({ 'main.mdl': text })).check([uriOf('main.mdl')]);
    expect(diagnostics.map(({ code, fixes }) => [code, fixes.length])).toEqual([['budget-exceeded', 0]]);
  });
});
