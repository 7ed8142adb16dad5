/** Unification of signatures with arguments: against brute force over small sizes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noBindings, type Bindings } from '../../src/types/bindings.ts';
import { addDims, constantOf, intDim, multiplyDims, symbolDim, type Dim, type DimSymbol } from '../../src/types/dim.ts';
import { bindFrom, compareTensors, type FreeNames } from '../../src/types/match.ts';
import type { Axis, ElementType, TensorType } from '../../src/types/type.ts';

const names: readonly DimSymbol[] = ['m', 'n', 'k'].map((name) => ({ key: `f/${name}`, name, kind: 'rigid' }));
const callers: readonly DimSymbol[] = ['batch', 'seq'].map((name) => ({ key: `g/${name}`, name, kind: 'rigid' }));
const free: FreeNames = { sizes: new Set(names.map((s) => s.key)), dtypes: new Set(['f/float']), rests: new Set(['f/...']), nominals: new Set() };

const tensor = (dtype: ElementType, axes: readonly Axis[], restAt?: number): TensorType => ({
  kind: 'tensor',
  dtype,
  shape: { axes, ...(restAt === undefined ? {} : { rest: { key: 'f/...', at: restAt } }) },
  facts: [],
  evidence: 'proved',
});

/** A size of a template: a number, a name, or something made of names. */
const size: fc.Arbitrary<Dim> = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }).map(intDim) },
  { weight: 5, arbitrary: fc.constantFrom(...names).map(symbolDim) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)).map(([a, b]) => addDims(symbolDim(a), symbolDim(b))) },
  { weight: 1, arbitrary: fc.constantFrom(...names).map((a) => multiplyDims(intDim(2), symbolDim(a))) },
);
const dtype: fc.Arbitrary<ElementType> = fc.constantFrom<ElementType>('f32', 'f64', 'i64', { key: 'f/float', family: 'float' });
const template = fc.tuple(dtype, fc.array(size, { maxLength: 3 }), fc.option(fc.nat({ max: 3 }))).map(([type, sizes, at]) =>
  tensor(type, sizes.map((s) => ({ size: s })), at === null ? undefined : Math.min(at, sizes.length)),
);
/** Two inputs of a signature; every name stands bare on an axis of one of them. */
const signature = fc.tuple(template, template).filter((inputs) => {
  const bare = new Set(inputs.flatMap((t) => t.shape.axes.flatMap(({ size: s }) => (s.terms.length === 1 && s.terms[0]!.symbols.length === 1 && s.terms[0]!.coefficient === 1 ? [s.terms[0]!.symbols[0]!.key] : []))));
  return inputs.every((t) => t.shape.axes.every(({ size: s }) => s.terms.every((term) => term.symbols.every(({ key }) => bare.has(key)))));
});

/** One way to read a signature: sizes for its names, axes for its `...`, a dtype for its `float`. */
interface Reading {
  readonly sizes: readonly number[];
  readonly rest: readonly number[];
  readonly float: 'f32' | 'f64';
}

const evaluate = (dim: Dim, sizes: readonly number[], symbols: readonly DimSymbol[] = names): number =>
  dim.terms.reduce((sum, t) => sum + t.symbols.reduce((p, s) => p * sizes[symbols.findIndex(({ key }) => key === s.key)]!, t.coefficient), 0);

function instanceOf({ dtype: type, shape }: TensorType, reading: Reading): { dtype: string; dims: number[] } {
  const dims = shape.axes.map((axis) => evaluate(axis.size, reading.sizes));
  if (shape.rest) dims.splice(shape.rest.at, 0, ...reading.rest);
  return { dtype: typeof type === 'string' ? type : reading.float, dims };
}

const concrete = ({ dtype: type, dims }: { dtype: string; dims: readonly number[] }): TensorType => tensor(type as 'f32', dims.map((d) => ({ size: intDim(d) })));

const reading: fc.Arbitrary<Reading> = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }),
  rest: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
  float: fc.constantFrom('f32', 'f64'),
});

function unify(inputs: readonly TensorType[], found: readonly TensorType[]): { bindings: Bindings; fits: boolean } {
  const bindings = noBindings();
  inputs.forEach((t, i) => bindFrom(t, found[i]!, free, bindings));
  return { bindings, fits: inputs.every((t, i) => compareTensors(t, found[i]!, bindings).length === 0) };
}

describe('unification', () => {
  test('an instance of a signature fits it, and the names are what they were', () => {
    fc.assert(
      fc.property(signature, reading, (inputs, how) => {
        const { bindings, fits } = unify(inputs, inputs.map((t) => concrete(instanceOf(t, how))));
        expect(fits).toBe(true);
        for (const [key, { size: bound }] of bindings.sizes) expect(constantOf(bound)).toBe(how.sizes[names.findIndex((s) => s.key === key)]);
        for (const { axes } of bindings.rests.values()) expect(axes.map((axis) => constantOf(axis.size))).toEqual(how.rest);
        for (const bound of bindings.dtypes.values()) expect(bound).toBe(how.float);
      }),
      { numRuns: 1000 },
    );
  });

  test('tensors fit exactly when there is a reading of the signature that gives them', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 });
    const found = fc.record({ dtype: fc.constantFrom('f32', 'f64', 'i64'), dims: shape });
    const three = [1, 2, 3];
    const rests = [[], ...three.map((a) => [a]), ...three.flatMap((a) => three.map((b) => [a, b])), ...three.flatMap((a) => three.flatMap((b) => three.map((c) => [a, b, c])))];
    const readings = three.flatMap((m) => three.flatMap((n) => three.flatMap((k) => rests.flatMap((rest) => (['f32', 'f64'] as const).map((float): Reading => ({ sizes: [m, n, k], rest, float }))))));
    // A shape of four axes that is all `...` needs a longer one.
    const fourth = (inputs: readonly TensorType[]) => inputs.some((t) => t.shape.rest && t.shape.axes.length === 0);
    fc.assert(
      fc.property(signature, found, found, (inputs, a, b) => {
        fc.pre(!fourth(inputs) || (a.dims.length < 4 && b.dims.length < 4));
        const exists = readings.some((how) => inputs.every((t, i) => JSON.stringify(instanceOf(t, how)) === JSON.stringify(i === 0 ? a : b)));
        expect(unify(inputs, [concrete(a), concrete(b)]).fits).toBe(exists);
      }),
      { numRuns: 1000 },
    );
  });

  test('symbolic tensors that fit do so at all sizes', () => {
    const callerSize = fc.oneof(fc.integer({ min: 1, max: 3 }).map(intDim), fc.constantFrom(...callers).map(symbolDim));
    const found = fc.array(callerSize, { maxLength: 3 }).map((sizes) => tensor('f32', sizes.map((s) => ({ size: s }))));
    const at = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(signature, found, found, at, (inputs, a, b, sizes) => {
        fc.pre(unify(inputs, [a, b]).fits);
        const numbers = [a, b].map((t) => concrete({ dtype: 'f32', dims: t.shape.axes.map((axis) => evaluate(axis.size, sizes, callers)) }));
        expect(unify(inputs, numbers).fits).toBe(true);
      }),
      { numRuns: 500, maxSkipsPerRun: 1000 },
    );
  });

  test.each([
    ['any', 'float', false],
    ['float', 'any', true],
    ['float', 'float', true],
    ['int', 'float', false],
    ['float', 'int', false],
  ] as const)("a caller's %s for a signature's %s: %s", (mine, theirs, fits) => {
    const bindings = noBindings();
    const wanted = tensor({ key: 'f/float', family: theirs }, []);
    const given = tensor({ key: `g/${mine}`, family: mine }, []);
    bindFrom(wanted, given, free, bindings);
    expect(compareTensors(wanted, given, bindings).length === 0).toBe(fits);
  });

  test('a name bound by an axis with classes brings them along', () => {
    const classes = (name: string) => ({ id: `#${name}`, name, values: ['a', 'b'], location: { uri: '', span: { start: 0, end: 0 } } });
    const counted = (name: string): TensorType => tensor('f32', [{ size: intDim(2), classes: classes(name) }]);
    const wanted = tensor('f32', [{ size: symbolDim(names[0]!) }]);
    expect(unify([wanted, wanted], [counted('A'), counted('A')]).fits).toBe(true);
    expect(unify([wanted, wanted], [counted('A'), tensor('f32', [{ size: intDim(2) }])]).fits).toBe(true);
    expect(unify([wanted, wanted], [counted('A'), counted('B')]).fits).toBe(false);
  });
});
