/** Exact division of polynomials: `(b*s*384) / (s*12)` is `32*b`. */
import { multiplyDims, subtractDims, type Dim, type DimSymbol, type Monomial } from './dim.ts';

/** Steps of the long division; quotients of sizes have few terms. */
const mostSteps = 64;

/** `a / b` where a polynomial times `b` is `a`; undefined where none is, or `b` is 0. */
export function exactQuotient(a: Dim, b: Dim): Dim | undefined {
  const divisor = leading(b);
  if (divisor === undefined) return undefined;
  let quotient: readonly Monomial[] = [];
  let rest = a;
  for (let step = 0; step < mostSteps; step++) {
    const top = leading(rest);
    if (top === undefined) return { terms: quotient };
    const term = divideMonomials(top, divisor);
    if (term === undefined) return undefined;
    quotient = addTerm(quotient, term);
    rest = subtractDims(rest, multiplyDims({ terms: [term] }, b));
  }
  return undefined;
}

/** Sorted as every dim is; no two terms of a quotient have the same symbols. */
const addTerm = (terms: readonly Monomial[], term: Monomial): readonly Monomial[] =>
  subtractDims({ terms: [...terms, term] }, { terms: [] }).terms;

/** The greatest monomial: by degree, then by keys. */
const leading = ({ terms }: Dim): Monomial | undefined =>
  terms.reduce<Monomial | undefined>((best, term) => (best === undefined || compareMonomials(term, best) > 0 ? term : best), undefined);

function compareMonomials(a: Monomial, b: Monomial): number {
  if (a.symbols.length !== b.symbols.length) return a.symbols.length - b.symbols.length;
  for (const [i, { key }] of a.symbols.entries()) {
    const other = b.symbols[i]!.key;
    if (key !== other) return key < other ? 1 : -1;
  }
  return 0;
}

function divideMonomials(a: Monomial, b: Monomial): Monomial | undefined {
  const coefficient = a.coefficient / b.coefficient;
  if (!Number.isSafeInteger(coefficient)) return undefined;
  const left: DimSymbol[] = [...a.symbols];
  for (const { key } of b.symbols) {
    const at = left.findIndex((s) => s.key === key);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return { coefficient, symbols: left };
}
