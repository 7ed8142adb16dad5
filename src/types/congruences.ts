/** What known multiples make of sizes: where `h mod 14 == 0`, `14*(h div 14)` is `h`. */
import { addDims, constantOf, equalDims, intDim, multiplyDims, subtractDims, symbolDim, type Dim, type DimSymbol } from './dim.ts';
import type { SizeStatement } from './fact.ts';

/** That a size is a multiple of a number: the symbol that stands for the quotient, which is exact. */
interface ExactQuotient {
  readonly symbol: DimSymbol;
  readonly of: Dim;
  readonly by: number;
}

/** The divisions that known comparisons say to leave nothing. */
export function exactQuotients(known: readonly SizeStatement[]): readonly ExactQuotient[] {
  return known.flatMap(({ op, left, right }) => {
    const rest = subtractDims(left, right);
    if (op !== '==') return [];
    return rest.terms.flatMap(({ symbols }) => {
      const quotient = symbols.length === 1 ? quotientOf(symbols[0]!) : undefined;
      return quotient !== undefined && equalDims(rest, subtractDims(quotient.of, multiplyDims(intDim(quotient.by), symbolDim(quotient.symbol)))) ? [quotient] : [];
    });
  });
}

function quotientOf(symbol: DimSymbol): ExactQuotient | undefined {
  const [of, divisor] = symbol.atom?.op === 'div' ? symbol.atom.args : [];
  const by = divisor && constantOf(divisor);
  return of === undefined || by === undefined ? undefined : { symbol, of, by };
}

/** A size without the exact quotients of which it has multiples. */
export function withExact(dim: Dim, exact: readonly ExactQuotient[]): Dim {
  if (exact.length === 0) return dim;
  for (const term of dim.terms) {
    const quotient = exact.find(({ symbol, by }) => term.coefficient % by === 0 && term.symbols.some(({ key }) => key === symbol.key));
    if (quotient === undefined) continue;
    const at = term.symbols.findIndex(({ key }) => key === quotient.symbol.key);
    const others: Dim = { terms: [{ coefficient: term.coefficient / quotient.by, symbols: term.symbols.toSpliced(at, 1) }] };
    return withExact(addDims(subtractDims(dim, { terms: [term] }), multiplyDims(others, quotient.of)), exact);
  }
  return dim;
}

/** A size times what makes all its exact quotients go: it is above, at or below 0 where the size is. */
export function withoutExact(dim: Dim, exact: readonly ExactQuotient[]): Dim {
  const used = exact.flatMap(({ symbol, by }) => {
    const most = Math.max(0, ...dim.terms.map(({ symbols }) => symbols.filter(({ key }) => key === symbol.key).length));
    return Array.from({ length: most }, () => by);
  });
  const factor = used.reduce((product, by) => product * by, 1);
  return used.length === 0 || !Number.isSafeInteger(factor) ? dim : withExact(multiplyDims(dim, intDim(factor)), exact);
}
