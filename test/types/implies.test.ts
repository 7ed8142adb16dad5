/** What follows from what: a demand is implied only where it is true of all data that satisfies what is known. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intDim } from '../../src/types/dim.ts';
import { dtypes, type DType } from '../../src/types/dtype.ts';
import type { Statement } from '../../src/types/fact.ts';
import { implying } from '../../src/types/implies.ts';
import type { ElementType, TensorType } from '../../src/types/type.ts';
import { rowsOf, violation } from './facts.ts';

const dims = [3, 4];
const tensor = (facts: readonly Statement[], dtype: ElementType = 'f64'): TensorType => ({
  kind: 'tensor',
  dtype,
  shape: { axes: dims.map((d) => ({ size: intDim(d) })) },
  facts: facts.map((fact) => ({ ...fact, evidence: 'declared' })),
  evidence: 'proved',
});

const end = fc.constantFrom(-Infinity, -2, -1, -0.5, 0, 0.5, 1, 2, Infinity);
const axis = fc.constantFrom(-1, -2);
const statement: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(end, end).filter(([a, b]) => a <= b).map(([low, high]): Statement => ({ kind: 'range', low, high })) },
  { weight: 4, arbitrary: fc.tuple(axis, fc.array(fc.tuple(end, end).filter(([a, b]) => a <= b), { minLength: 4, maxLength: 4 })).map(([along, all]) => rowwise(along, all.slice(0, along === -1 ? 4 : 3))) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('norm', 'sum', 'mean', 'std'), axis, value: fc.constantFrom(0, 0.5, 1, 2), tolerance: fc.constantFrom(0, 1e-3, 0.5, 1) }) },
  { weight: 3, arbitrary: fc.constantFrom('mask', 'prefix_mask', 'integer', 'finite', 'one_hot', 'nonzero').map((kind): Statement => ({ kind } as Statement)) },
);

/** A range for each index of an axis. */
function rowwise(along: number, all: readonly (readonly [number, number])[]): Statement {
  const ends = all.map(([low, high]) => ({ low, high }));
  return { kind: 'range', low: Math.min(...ends.map((e) => e.low)), high: Math.max(...ends.map((e) => e.high)), rows: { axis: along, ends } };
}

/** Rows of a statement's axis, written back as a tensor. */
function fromRows(rows: readonly (readonly number[])[], along: number): number[] {
  return along === -1 ? rows.flat() : rows[0]!.flatMap((_, i) => rows.map((row) => row[i]!));
}

/** Data that satisfies a statement, at its edges above all. */
function example(fact: Statement, random: () => number): number[] {
  const pick = <T>(...all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  const cells = (make: () => number): number[] => Array.from({ length: 12 }, make);
  switch (fact.kind) {
    case 'range': {
      const inside = ({ low, high }: { low: number; high: number }): number => pick(low, high, Math.min(Math.max((random() - 0.5) * 8, low), high), NaN);
      if (fact.rows === undefined) return cells(() => inside(fact));
      const { axis: along, ends } = fact.rows;
      return fromRows(Array.from({ length: along === -1 ? 3 : 4 }, () => ends.map(inside)), along);
    }
    case 'norm':
    case 'sum':
    case 'mean':
    case 'std':
      return fromRows(Array.from({ length: fact.axis === -1 ? 3 : 4 }, () => reducedRow(fact, fact.axis === -1 ? 4 : 3, random)), fact.axis);
    case 'mask':
      return cells(() => pick(0, 1));
    case 'prefix_mask':
      return fromRows(Array.from({ length: 3 }, () => { const ones = Math.floor(random() * 5); return [0, 1, 2, 3].map((i) => Number(i < ones)); }), -1);
    case 'one_hot':
      return fromRows(Array.from({ length: 3 }, () => { const at = Math.floor(random() * 4); return [0, 1, 2, 3].map((i) => Number(i === at)); }), -1);
    case 'integer':
      return cells(() => pick(0, -3, 7, 1e20, Infinity));
    case 'finite':
      return cells(() => pick(0, -1e300, 0.1));
    case 'nonzero':
      return cells(() => pick(1, -2, NaN, 0.1));
    default:
      return cells(() => 0);
  }
}

function reducedRow(fact: Statement & { readonly value: number; readonly tolerance: number }, length: number, random: () => number): number[] {
  const target = Math.max(fact.value + fact.tolerance * (random() < 0.5 ? 1 : -1), fact.kind === 'norm' || fact.kind === 'std' ? 0 : -Infinity);
  const row = Array.from({ length }, () => (random() < 0.3 ? 0 : (random() - 0.5) * 6));
  // All in one place is where a norm's elements are largest.
  if (fact.kind === 'norm' && random() < 0.4) return row.map((_, i) => (i === 0 ? target * (random() < 0.5 ? 1 : -1) : 0));
  if (fact.kind === 'norm') return random() < 0.2 ? row.map(() => 0) : scale(row, target / (Math.hypot(...row) || 1));
  const mean = row.reduce((a, b) => a + b, 0) / length;
  if (fact.kind === 'sum') return row.map((v) => v - mean + target / length);
  if (fact.kind === 'mean') return row.map((v) => v - mean + target);
  const std = Math.sqrt(row.reduce((s, v) => s + (v - mean) ** 2, 0) / length);
  return std === 0 ? row.map((_, i) => (i % 2 === 0 ? target : -target)) : row.map((v) => ((v - mean) * target) / std + 5);
}

const scale = (row: readonly number[], by: number): number[] => row.map((v) => v * by);

describe('implication', () => {
  test('holds of all data', () => {
    let implied = 0;
    const data = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));
    fc.assert(
      fc.property(statement, statement, data, (known, demanded, stream) => {
        fc.pre(implying(tensor([known]), demanded) !== undefined);
        implied++;
        const values = example(known, () => stream.next().value);
        fc.pre(violation(known, values, dims, 1e-9) === undefined);
        expect(violation(demanded, values, dims, 1e-9)).toBeUndefined();
      }),
      { numRuns: 3000, maxSkipsPerRun: 1000 },
    );
    expect(implied).toBeGreaterThan(100);
  });

  test('of two facts together holds of all small tensors', () => {
    const statements: readonly Statement[] = [
      { kind: 'mask' }, { kind: 'prefix_mask' }, { kind: 'integer' }, { kind: 'finite' }, { kind: 'one_hot' }, { kind: 'nonzero' },
      { kind: 'range', low: 0, high: 1 }, { kind: 'range', low: -1, high: 1 }, { kind: 'range', low: 0, high: Infinity }, { kind: 'range', low: 0, high: 1.01 },
      { kind: 'sum', axis: -1, value: 1, tolerance: 0 }, { kind: 'sum', axis: -2, value: 1, tolerance: 0 }, { kind: 'sum', axis: -1, value: 0, tolerance: 0.4 },
      { kind: 'norm', axis: -1, value: 1, tolerance: 0 }, { kind: 'mean', axis: -1, value: 0.5, tolerance: 0.1 }, { kind: 'std', axis: -1, value: 0.5, tolerance: 0.1 },
    ];
    const cells = [-1, 0, 0.5, 1, NaN, Infinity];
    const tensors = Array.from({ length: cells.length ** 4 }, (_, i) => [0, 1, 2, 3].map((k) => cells[Math.floor(i / cells.length ** k) % cells.length]!));
    const ofBoth: string[] = [];
    for (const [i, a] of statements.entries()) {
      for (const b of statements.slice(i + 1)) {
        const data = tensors.filter((values) => violation(a, values, [2, 2], 1e-9) === undefined && violation(b, values, [2, 2], 1e-9) === undefined);
        for (const demanded of statements.filter((s) => implying(tensor([a, b]), s) !== undefined)) {
          // NaN is a number that is not known: what holds of all numbers holds of it, but it is neither finite nor in a mask.
          const judged = ['finite', 'mask', 'prefix_mask', 'one_hot'].includes(demanded.kind) ? data : data.filter((values) => !values.some(Number.isNaN));
          expect(judged.filter((values) => violation(demanded, values, [2, 2], 1e-9) !== undefined)).toEqual([]);
          if (implying(tensor([a]), demanded) === undefined && implying(tensor([b]), demanded) === undefined) ofBoth.push(`${a.kind} and ${b.kind}: ${demanded.kind}`);
        }
      }
    }
    expect(ofBoth).toEqual(expect.arrayContaining(['mask and sum: one_hot', 'range and sum: range']));
  });

  test('every statement implies itself, in the same axis and no tighter', () => {
    fc.assert(fc.property(statement, (fact) => void expect(implying(tensor([fact]), fact)).toBeDefined()));
    const norm = (tolerance: number, along = -1): Statement => ({ kind: 'norm', axis: along, value: 1, tolerance });
    expect(implying(tensor([norm(1e-4)]), norm(1e-3))).toBeDefined();
    expect(implying(tensor([norm(1e-2)]), norm(1e-3))).toBeUndefined();
    expect(implying(tensor([norm(1e-3, -2)]), norm(1e-3))).toBeUndefined();
  });

  test.each<[string, Statement, Statement]>([
    ['a unit vector lies in [-1, 1], up to its rounding', { kind: 'norm', axis: -1, value: 1, tolerance: 0 }, { kind: 'range', low: -1.001, high: 1.001 }],
    ['the rows of one hot sum to 1', { kind: 'one_hot' }, { kind: 'sum', axis: -1, value: 1, tolerance: 0 }],
    ['the rows of one hot have the norm 1', { kind: 'one_hot' }, { kind: 'norm', axis: -1, value: 1, tolerance: 1e-3 }],
    ['a row that sums to 1 is not all zeros', { kind: 'sum', axis: -1, value: 1, tolerance: 0 }, { kind: 'nonzero' }],
    ['a mask is whole', { kind: 'mask' }, { kind: 'integer' }],
    ['a prefix mask is a mask', { kind: 'prefix_mask' }, { kind: 'mask' }],
    ['one hot is a mask', { kind: 'one_hot' }, { kind: 'mask' }],
    ['one hot lies in [0, 2]', { kind: 'one_hot' }, { kind: 'range', low: 0, high: 2 }],
    ['numbers above 0 are no row of zeros', { kind: 'range', low: 0.1, high: 1 }, { kind: 'nonzero' }],
  ])('%s', (_, known, demanded) => expect(implying(tensor([known]), demanded)).toBeDefined());

  test('the best evidence is the one that is told', () => {
    const wide: Statement = { kind: 'range', low: -1, high: 1 };
    const type: TensorType = { ...tensor([]), facts: [{ ...wide, evidence: 'declared' }, { kind: 'range', low: 0, high: 1, evidence: 'proved' }] };
    expect(implying(type, wide)?.evidence).toBe('proved');
  });
});

describe('what every tensor of a dtype is', () => {
  const limits: readonly (readonly [DType, number, number])[] = [['u8', 0, 255], ['i8', -128, 127], ['i16', -32768, 32767], ['u32', 0, 4294967295], ['bool', 0, 1]];

  test.each(limits)('%s lies in [%d, %d] and no closer', (dtype, low, high) => {
    const type = tensor([], dtype);
    expect(implying(type, { kind: 'range', low, high })?.evidence).toBe('proved');
    expect(implying(type, { kind: 'range', low: low + 1, high })).toBeUndefined();
    expect(implying(type, { kind: 'range', low, high: high - 1 })).toBeUndefined();
    expect(implying(type, { kind: 'integer' })).toBeDefined();
    expect(implying(type, { kind: 'finite' })).toBeDefined();
  });

  test('only truth values are masks', () => {
    const masks = (Object.keys(dtypes) as DType[]).filter((dtype) => implying(tensor([], dtype), { kind: 'mask' }));
    expect(masks).toEqual(['bool']);
  });

  test('floats may be anything', () => {
    for (const demanded of ['finite', 'integer', 'mask', 'nonzero'] as const) expect(implying(tensor([], 'f32'), { kind: demanded })).toBeUndefined();
    expect(implying(tensor([], 'f32'), { kind: 'range', low: -Infinity, high: Infinity })).toBeDefined();
  });

  test('families are as their members', () => {
    expect(implying(tensor([], { key: 'k', family: 'int' }), { kind: 'finite' })).toBeDefined();
    expect(implying(tensor([], { key: 'k', family: 'any' }), { kind: 'finite' })).toBeUndefined();
    expect(implying(tensor([], { key: 'k', family: 'float' }), { kind: 'range', low: -Infinity, high: Infinity })).toBeDefined();
  });
});

describe('the test data', () => {
  test('rows are those of the axis', () => {
    expect(rowsOf([1, 2, 3, 4, 5, 6], [2, 3], -1)).toEqual([[1, 2, 3], [4, 5, 6]]);
    expect(rowsOf([1, 2, 3, 4, 5, 6], [2, 3], -2)).toEqual([[1, 4], [2, 5], [3, 6]]);
  });
});
