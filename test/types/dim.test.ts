/** Sizes as polynomials: the normal form against evaluation at random sizes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDims, bareSymbol, constantOf, equalDims, faultOf, intDim, multiplyDims, negateDim, showDim, substituteDim, subtractDims, symbolDim, symbolsOf, type Dim, type DimSymbol } from '../../src/types/dim.ts';

const symbols: readonly DimSymbol[] = ['a', 'b', 'c'].map((name) => ({ key: `test/${name}`, name, kind: 'rigid' }));

/** An expression over three sizes, as the test understands it: exact, and with its normal form beside it. */
interface Expression {
  readonly at: (sizes: readonly bigint[]) => bigint;
  readonly dim: Dim;
}

const leaf = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map((n): Expression => ({ at: () => BigInt(n), dim: intDim(n) })),
  fc.nat({ max: symbols.length - 1 }).map((i): Expression => ({ at: (sizes) => sizes[i]!, dim: symbolDim(symbols[i]!) })),
);

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'dims' },
    leaf,
    fc.tuple(tie('expression'), tie('expression'), fc.constantFrom('+', '-', '*')).map(([x, y, op]): Expression => {
      if (op === '+') return { at: (s) => x.at(s) + y.at(s), dim: addDims(x.dim, y.dim) };
      if (op === '-') return { at: (s) => x.at(s) - y.at(s), dim: subtractDims(x.dim, y.dim) };
      return { at: (s) => x.at(s) * y.at(s), dim: multiplyDims(x.dim, y.dim) };
    }),
  ),
}));
const sizes = fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 50 }), fc.nat({ max: 50 })).map((all) => all.map(BigInt));

const valueOf = (dim: Dim, at: readonly bigint[]): bigint =>
  dim.terms.reduce((sum, { coefficient, symbols: factors }) => sum + factors.reduce((p, s) => p * at[symbols.findIndex(({ key }) => key === s.key)]!, BigInt(coefficient)), 0n);

describe('the normal form', () => {
  test('has the value of the expression, at all sizes', () => {
    fc.assert(fc.property(expression, sizes, (e, at) => void expect(valueOf(e.dim, at)).toBe(e.at(at))));
  });

  test('is the same for what is equal at all sizes, and another one for the rest', () => {
    // Polynomials of degree d in each variable that agree on d + 1 points of each are equal.
    const points = Array.from({ length: 17 ** 2 }, (_, i) => [BigInt(i % 17), BigInt(Math.floor(i / 17)), BigInt((i * 7) % 23)]);
    fc.assert(
      fc.property(expression, expression, (x, y) => {
        if (equalDims(x.dim, y.dim)) for (const at of points) expect(x.at(at)).toBe(y.at(at));
        else expect(symbols.length > 0 && !isZeroEverywhere(subtractDims(x.dim, y.dim))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('obeys the laws of a ring', () => {
    fc.assert(
      fc.property(expression, expression, expression, ({ dim: x }, { dim: y }, { dim: z }) => {
        expect(addDims(x, y)).toEqual(addDims(y, x));
        expect(multiplyDims(x, y)).toEqual(multiplyDims(y, x));
        expect(addDims(addDims(x, y), z)).toEqual(addDims(x, addDims(y, z)));
        expect(multiplyDims(x, addDims(y, z))).toEqual(addDims(multiplyDims(x, y), multiplyDims(x, z)));
        expect(addDims(x, negateDim(x))).toEqual(intDim(0));
        expect(multiplyDims(x, intDim(1))).toEqual(x);
      }),
    );
  });

  test('reads as it computes', () => {
    fc.assert(
      fc.property(expression, sizes, ({ dim }, at) => {
        const [a, b, c] = at;
        // oxlint-disable-next-line no-new-func, no-implied-eval -- JavaScript's own arithmetic is the judge
        const shown = new Function('a', 'b', 'c', `return ${showDim(dim).replace(/\d+/g, '$&n')}`) as (...all: readonly (bigint | undefined)[]) => bigint;
        expect(shown(a, b, c)).toBe(valueOf(dim, at));
      }),
    );
  });

  test('substitution is evaluation with other sizes', () => {
    fc.assert(
      fc.property(expression, expression, expression, sizes, (e, x, y, at) => {
        const put = substituteDim(e.dim, ({ name }) => (name === 'a' ? x.dim : name === 'b' ? y.dim : undefined));
        expect(valueOf(put, at)).toBe(e.at([x.at(at), y.at(at), at[2]!]));
      }),
      { numRuns: 200 },
    );
  });

  test('numbers and bare names are known as such', () => {
    fc.assert(
      fc.property(expression, ({ dim }) => {
        const constant = constantOf(dim);
        expect(constant !== undefined).toBe(symbolsOf(dim).length === 0);
        if (constant !== undefined) expect(equalDims(dim, intDim(constant))).toBe(true);
        const bare = bareSymbol(dim);
        if (bare) expect(equalDims(dim, symbolDim(bare))).toBe(true);
      }),
    );
  });
});

/** Whether a polynomial vanishes on a grid that is finer than its degree allows one that is not zero. */
function isZeroEverywhere(dim: Dim): boolean {
  const degree = Math.max(0, ...dim.terms.map((t) => t.symbols.length));
  const line = Array.from({ length: degree + 1 }, (_, i) => BigInt(i));
  return line.every((a) => line.every((b) => line.every((c) => valueOf(dim, [a, b, c]) === 0n)));
}

describe('faults', () => {
  const name = symbolDim(symbols[0]!);
  test.each([
    ['a number', intDim(3), undefined],
    ['nothing', intDim(0), undefined],
    ['below zero', intDim(-1), 'negative'],
    ['a difference that may be a size', subtractDims(name, intDim(5)), undefined],
    ['more than is counted exactly', multiplyDims(intDim(2 ** 40), intDim(2 ** 40)), 'inexact'],
    ['the largest exact one', intDim(Number.MAX_SAFE_INTEGER), undefined],
    ['a high power', Array.from({ length: 17 }, () => name).reduce(multiplyDims), 'too long'],
  ])('%s', (_, dim, fault) => expect(faultOf(dim)).toBe(fault));
});
