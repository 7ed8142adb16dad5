/** What known multiples make of sizes, held to numbers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactQuotients, withExact, withoutExact } from '../../src/types/congruences.ts';
import { divDim, modDim } from '../../src/types/dim-atoms.ts';
import { addDims, constantOf, intDim, multiplyDims, showDim, subtractDims, substituteDim, symbolDim, type Dim } from '../../src/types/dim.ts';
import type { SizeStatement } from '../../src/types/fact.ts';
import { decideSize } from '../../src/types/size-bounds.ts';

const symbol = (name: string): Dim => symbolDim({ key: name, name, kind: 'rigid' });
const [h, w] = [symbol('h'), symbol('w')];
const isMultiple = (of: Dim, by: number): SizeStatement => ({ kind: 'size', op: '==', left: modDim(of, intDim(by)), right: intDim(0) });
const times = (by: number, dim: Dim): Dim => multiplyDims(intDim(by), dim);
const known = [isMultiple(h, 14), isMultiple(w, 6)];
const [rows, columns] = [divDim(h, intDim(14)), divDim(w, intDim(6))];

test.each([
  [times(14, rows), 'h'],
  [addDims(times(28, rows), h), '3*h'],
  [multiplyDims(times(84, rows), columns), 'h*w'],
  [multiplyDims(times(6, rows), columns), '(h div 14)*w'],
  [times(7, rows), '7*(h div 14)'],
  [times(14, divDim(h, intDim(7))), '14*(h div 7)'],
])('%#: the whole for multiples of its quotient', (dim, shown) => {
  expect(showDim(withExact(dim, exactQuotients(known)))).toBe(shown);
});

test('comparisons are decided where multiples are known, and not without', () => {
  const equal: SizeStatement = { kind: 'size', op: '==', left: addDims(rows, intDim(1)), right: divDim(addDims(h, intDim(14)), intDim(14)) };
  const whole: SizeStatement = { kind: 'size', op: '==', left: times(14, rows), right: h };
  const large: SizeStatement = { kind: 'size', op: '>=', left: times(2, rows), right: divDim(h, intDim(7)) };
  expect([equal, whole].map((statement) => decideSize(statement, known))).toEqual(['proved', 'proved']);
  expect([whole, large].map((statement) => decideSize(statement))).toEqual(['unknown', 'unknown']);
  expect(decideSize({ ...whole, right: addDims(h, intDim(1)) }, known)).toBe('refuted');
});

test('at sizes that are multiples, what is rewritten comes to the same', () => {
  const drawn = fc.array(fc.record({ coefficient: fc.integer({ min: -90, max: 90 }), of: fc.constantFrom(rows, columns, h, w, multiplyDims(rows, columns), multiplyDims(rows, h)) }), { maxLength: 4 });
  fc.assert(
    fc.property(drawn, fc.nat(9), fc.nat(9), (terms, a, b) => {
      const dim = terms.reduce((sum, { coefficient, of }) => addDims(sum, times(coefficient, of)), intDim(0));
      const at = (size: Dim): number => constantOf(substituteDim(size, ({ key }) => (key === 'h' ? intDim(14 * a) : key === 'w' ? intDim(6 * b) : undefined)))!;
      const exact = exactQuotients(known);
      expect(at(subtractDims(withExact(dim, exact), dim))).toBe(0);
      expect(Math.sign(at(withoutExact(dim, exact)))).toBe(Math.sign(at(dim)));
    }),
  );
});
