/** What is proved of sizes is true at all sizes, what is refuted at none: against all small ones. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDims, intDim, multiplyDims, substituteDim, symbolDim, symbolsOf, type Dim, type DimSymbol } from '../../src/types/dim.ts';
import type { SizeStatement } from '../../src/types/fact.ts';
import { decideSize, solveEqualities } from '../../src/types/size-bounds.ts';

const symbols: readonly DimSymbol[] = ['a', 'b', 'c'].map((name) => ({ key: name, name, kind: 'rigid' }));
const [a, b, c] = symbols.map(symbolDim) as [Dim, Dim, Dim];

const atom = fc.oneof(fc.nat({ max: 5 }).map(intDim), fc.constantFrom(a, b, c));
const size: fc.Arbitrary<Dim> = fc.oneof(
  { weight: 4, arbitrary: atom },
  { weight: 1, arbitrary: fc.tuple(atom, atom).map(([x, y]) => addDims(x, y)) },
  { weight: 1, arbitrary: fc.tuple(atom, atom).map(([x, y]) => multiplyDims(x, y)) },
);
const statement: fc.Arbitrary<SizeStatement> = fc.record({ kind: fc.constant('size' as const), op: fc.constantFrom('==', '>=', '<='), left: size, right: size });

type Sizes = readonly [number, number, number];
const grid: readonly Sizes[] = Array.from({ length: 343 }, (_, i) => [i % 7, Math.floor(i / 7) % 7, Math.floor(i / 49)]);
const valueOf = (dim: Dim, at: Sizes): number => dim.terms.reduce((sum, term) => sum + term.symbols.reduce((p, s) => p * at[symbols.findIndex((t) => t.key === s.key)]!, term.coefficient), 0);
function holds({ op, left, right }: SizeStatement, at: Sizes): boolean {
  const [x, y] = [valueOf(left, at), valueOf(right, at)];
  return op === '==' ? x === y : op === '>=' ? x >= y : x <= y;
}

describe('decisions', () => {
  test('hold at all sizes that are as is known', () => {
    const verdicts = { proved: 0, refuted: 0, unknown: 0 };
    fc.assert(
      fc.property(statement, fc.array(statement, { maxLength: 3 }), (wanted, known) => {
        const at = grid.filter((sizes) => known.every((fact) => holds(fact, sizes)));
        const verdict = decideSize(wanted, known);
        verdicts[verdict]++;
        if (verdict === 'proved') expect(at.filter((sizes) => !holds(wanted, sizes))).toEqual([]);
        if (verdict === 'refuted') expect(at.filter((sizes) => holds(wanted, sizes))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
    expect(verdicts.proved).toBeGreaterThan(100);
    expect(verdicts.refuted).toBeGreaterThan(100);
  });

  const compare = (left: Dim, op: SizeStatement['op'], right: Dim): SizeStatement => ({ kind: 'size', op, left, right });
  test.each<[string, SizeStatement, readonly SizeStatement[], string]>([
    ['a number and a smaller one', compare(intDim(64), '>=', intDim(32)), [], 'proved'],
    ['a number and a greater one', compare(intDim(16), '>=', intDim(32)), [], 'refuted'],
    ['a name', compare(a, '>=', intDim(32)), [], 'unknown'],
    ['a name and its bound', compare(a, '>=', intDim(32)), [compare(a, '>=', intDim(64))], 'proved'],
    ['a name and a bound below', compare(a, '>=', intDim(32)), [compare(a, '<=', intDim(8))], 'refuted'],
    ['a multiple of a bounded name', compare(multiplyDims(intDim(2), a), '>=', intDim(32)), [compare(a, '>=', intDim(16))], 'proved'],
    ['a product of bounded names', compare(multiplyDims(a, b), '>=', intDim(6)), [compare(a, '>=', intDim(2)), compare(b, '>=', intDim(3))], 'proved'],
    ['two names in a row', compare(a, '>=', c), [compare(a, '>=', b), compare(b, '>=', c)], 'proved'],
    ['equal names', compare(a, '==', b), [compare(b, '==', a)], 'proved'],
    ['names that are equal to a third', compare(a, '==', b), [compare(a, '==', c), compare(b, '==', c)], 'proved'],
    ['no size is below zero', compare(a, '>=', intDim(0)), [], 'proved'],
    ['a name beside more of it', compare(a, '==', addDims(a, intDim(1))), [], 'refuted'],
  ])('%s', (_, wanted, known, verdict) => expect(decideSize(wanted, known)).toBe(verdict));
});

test('solved equalities are the same sizes', () => {
  fc.assert(
    fc.property(fc.array(statement.map((s): SizeStatement => ({ ...s, op: '==' })), { maxLength: 3 }), size, (known, dim) => {
      const solved = solveEqualities(known);
      const put = substituteDim(dim, (symbol) => solved.get(symbol.key));
      for (const sizes of grid.filter((at) => known.every((fact) => holds(fact, at)))) expect(valueOf(put, sizes)).toBe(valueOf(dim, sizes));
      expect(symbolsOf(put).filter((symbol) => solved.has(symbol.key))).toEqual([]);
    }),
  );
});
