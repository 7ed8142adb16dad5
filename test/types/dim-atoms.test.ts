/** Floor division, minimum and maximum of sizes: the normal form against evaluation at random sizes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ceilDivDim, compareDims, divDim, maxDim, minDim, modDim } from '../../src/types/dim-atoms.ts';
import { lowerBound, upperBound } from '../../src/types/dim-bounds.ts';
import { parseDim } from '../../src/types/dim-parse.ts';
import { exactQuotient } from '../../src/types/dim-quotient.ts';
import { addDims, constantOf, intDim, multiplyDims, showDim, substituteDim, subtractDims, symbolDim, symbolsOf, type Dim } from '../../src/types/dim.ts';

const names = ['a', 'b', 'c'] as const;
const symbol = (name: string): Dim => symbolDim({ key: `test/${name}`, name, kind: 'foreign', least: 1 });
const [a, b, c] = names.map(symbol) as [Dim, Dim, Dim];

/** An expression as the test understands it, and its normal form. */
interface Expression {
  readonly at: (sizes: readonly number[]) => number;
  readonly dim: Dim;
}

const leaf = fc.oneof(
  fc.integer({ min: -9, max: 20 }).map((n): Expression => ({ at: () => n, dim: intDim(n) })),
  fc.nat({ max: 2 }).map((i): Expression => ({ at: (sizes) => sizes[i]!, dim: symbol(names[i]!) })),
);
const floorDiv = (x: number, y: number): number => Math.floor(x / y) + 0;

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'atoms' },
    leaf,
    fc.tuple(tie('expression'), tie('expression'), fc.constantFrom('+', '-', '*', 'min', 'max')).map(([x, y, op]): Expression => {
      if (op === '+') return { at: (s) => x.at(s) + y.at(s), dim: addDims(x.dim, y.dim) };
      if (op === '-') return { at: (s) => x.at(s) - y.at(s), dim: subtractDims(x.dim, y.dim) };
      if (op === '*') return { at: (s) => x.at(s) * y.at(s), dim: multiplyDims(x.dim, y.dim) };
      if (op === 'min') return { at: (s) => Math.min(x.at(s), y.at(s)), dim: minDim(x.dim, y.dim) };
      return { at: (s) => Math.max(x.at(s), y.at(s)), dim: maxDim(x.dim, y.dim) };
    }),
    fc.tuple(tie('expression'), fc.integer({ min: 1, max: 12 }), fc.constantFrom('div', 'mod', 'ceil')).map(([x, by, op]): Expression => {
      if (op === 'div') return { at: (s) => floorDiv(x.at(s), by), dim: divDim(x.dim, intDim(by)) };
      if (op === 'mod') return { at: (s) => x.at(s) - by * floorDiv(x.at(s), by), dim: modDim(x.dim, intDim(by)) };
      return { at: (s) => Math.ceil(x.at(s) / by) + 0, dim: ceilDivDim(x.dim, intDim(by)) };
    }),
    fc.tuple(tie('expression'), fc.nat({ max: 2 })).map(([x, i]): Expression => ({ at: (s) => floorDiv(x.at(s), s[i]!), dim: divDim(x.dim, symbol(names[i]!)) })),
  ),
}));
const size = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 60 }));
const sizes = fc.tuple(size, size, size);

const put = (dim: Dim, at: readonly number[]): Dim => substituteDim(dim, ({ name }) => (names.includes(name as 'a') ? intDim(at[names.indexOf(name as 'a')]!) : undefined));
const isSmall = (value: number): boolean => Number.isSafeInteger(value) && Math.abs(value) < 1e12;

describe('the normal form with atoms', () => {
  test('has the value of the expression, at all sizes', () => {
    fc.assert(
      fc.property(expression, sizes, (e, at) => {
        fc.pre(isSmall(e.at(at)));
        expect(constantOf(put(e.dim, at))).toBe(e.at(at) + 0);
      }),
      { numRuns: 3000 },
    );
  });

  test('lies within its bounds', () => {
    fc.assert(
      fc.property(expression, sizes, (e, at) => {
        fc.pre(isSmall(e.at(at)));
        expect(lowerBound(e.dim)).toBeLessThanOrEqual(e.at(at));
        expect(upperBound(e.dim)).toBeGreaterThanOrEqual(e.at(at));
      }),
      { numRuns: 3000 },
    );
  });

  test('a bound is rounded up only where all values are whole', () => {
    const twelfths = divDim(c, intDim(12));
    // Of c = 12 q + r: what r + 3 holds of 4, less 2 where r is 8 or more; 2 at r = 5.
    const left = subtractDims(divDim(addDims(c, intDim(3)), intDim(4)), multiplyDims(intDim(3), twelfths));
    const rows = subtractDims(left, multiplyDims(intDim(2), divDim(modDim(c, intDim(12)), intDim(8))));
    expect([lowerBound(rows), constantOf(put(rows, [1, 1, 5])), upperBound(rows)]).toEqual([0, 2, 2]);
  });

  test('is never found different from what it equals, nor equal to what it differs from', () => {
    fc.assert(
      fc.property(expression, expression, sizes, (x, y, at) => {
        fc.pre(isSmall(x.at(at)) && isSmall(y.at(at)));
        const verdict = compareDims(x.dim, y.dim);
        if (verdict === 'equal') expect(x.at(at) + 0).toBe(y.at(at) + 0);
        if (verdict === 'different') expect(x.at(at) + 0).not.toBe(y.at(at) + 0);
      }),
      { numRuns: 3000 },
    );
  });

  test('is read back as it is printed', () => {
    fc.assert(
      fc.property(expression, (e) => {
        const text = showDim(e.dim);
        fc.pre(text.length < 300);
        const back = parseDim(text, (name) => (names.includes(name as 'a') ? symbol(name) : undefined));
        expect(back && showDim(back)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what is always true is found', () => {
  const shown = (dim: Dim): string => showDim(dim);
  test.each([
    ['a multiple comes out', divDim(multiplyDims(a, intDim(14)), intDim(14)), 'a'],
    ['so does a product', divDim(multiplyDims(multiplyDims(a, b), intDim(12)), multiplyDims(b, intDim(12))), 'a'],
    ['divisions in a row are one', divDim(divDim(a, intDim(2)), intDim(2)), 'a div 4'],
    ['rounding up is a division', ceilDivDim(a, intDim(2)), '(a + 1) div 2'],
    ['common factors go', divDim(multiplyDims(a, intDim(6)), intDim(4)), '(3*a) div 2'],
    ['a minimum of ordered sizes is the smaller', minDim(a, addDims(a, b)), 'a'],
    ['a maximum with a part of itself is the whole', maxDim(a, minDim(a, intDim(512))), 'a'],
    ['a size is at least 1', maxDim(intDim(0), subtractDims(a, intDim(1))), 'a - 1'],
    ['a remainder is small', divDim(modDim(a, intDim(4)), intDim(4)), '0'],
    ['patches of an image', addDims(multiplyDims(divDim(a, intDim(14)), divDim(b, intDim(14))), intDim(1)), '(a div 14)*(b div 14) + 1'],
  ])('%s', (_, dim, text) => expect(shown(dim)).toBe(text));

  test('polynomials divide', () => {
    const product = multiplyDims(addDims(a, intDim(1)), subtractDims(b, c));
    expect(shown(exactQuotient(product, addDims(a, intDim(1)))!)).toBe('b - c');
    expect(exactQuotient(addDims(product, intDim(1)), addDims(a, intDim(1)))).toBeUndefined();
  });

  test('sizes of different parity differ', () => expect(compareDims(multiplyDims(a, intDim(2)), addDims(multiplyDims(b, intDim(4)), intDim(1)))).toBe('different'));
});

describe('sizes as exporters write them', () => {
  const read = (text: string): string | undefined => {
    const dim = parseDim(text, (name) => (/^(?:s\d+|seq)$/.test(name) ? symbol(name) : undefined));
    return dim && showDim(dim);
  };
  test.each([
    ['2*s0 + 1', '2*s0 + 1'],
    ['((s25//14))*((s63//14)) + 1', '(s25 div 14)*(s63 div 14) + 1'],
    ['Min(512, s11)', 'min(s11, 512)'],
    ['floor(s0/2)', 's0 div 2'],
    ['ceiling(s0/3) + 1', '((s0 + 2) div 3) + 1'],
    ['FloorDiv(s0 - 1, 4)', '((s0 + 3) div 4) - 1'],
    ['s0**2', 's0*s0'],
    ['(seq + 1) div 2', '(seq + 1) div 2'],
    ['-s0 + 7', '-s0 + 7'],
    ['CeilToInt(IntTrueDiv(s0, 2))', '(s0 + 1) div 2'],
    ['batch', undefined],
    ['s0 +', undefined],
    ['s0/2', undefined],
    ['f(s0)', undefined],
    ['((((((', undefined],
  ])('%s', (text, shown) => void expect(read(text)).toBe(shown));

  test('hostile texts end', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2000 }), (text) => void expect(() => parseDim(text, () => a)).not.toThrow()));
    expect(parseDim('('.repeat(900), () => a)).toBeUndefined();
  });

  test('names inside atoms are found', () => expect(symbolsOf(divDim(addDims(a, b), intDim(3))).map((s) => s.name)).toEqual(['a', 'b']));
});
