/**
 * What follows for sizes from comparisons of sizes: by interval arithmetic over the normal form, each symbol between
 * the bounds that are known of it, and by subtracting known inequalities. Sound, and complete enough for what people
 * write: `h >= 32`, `h == w`, `n <= 2 * m`. Sizes are not below zero.
 */
import { exactQuotients, withoutExact } from './congruences.ts';
import { constantOf, intDim, negateDim, substituteDim, subtractDims, symbolDim, type Dim } from './dim.ts';
import { lowerBound } from './dim-bounds.ts';
import type { SizeStatement } from './fact.ts';

export type Verdict = 'proved' | 'refuted' | 'unknown';

/** No signature that anybody means compares more; keeps pairs of hostile ones few. */
const mostKnown = 24;

/** Sizes that are not below zero, one or two for each comparison. */
const differences = ({ op, left, right }: SizeStatement): readonly Dim[] => {
  const difference = subtractDims(left, right);
  if (op === '>=') return [difference];
  return op === '<=' ? [negateDim(difference)] : [difference, negateDim(difference)];
};

interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Bounds of single symbols by key: c*s + k is not below zero. */
function boundsOf(known: readonly Dim[]): ReadonlyMap<string, Bounds> {
  const bounds = new Map<string, Bounds>();
  for (const { terms } of known) {
    const [first, second] = terms;
    const linear = first?.symbols.length === 1 && terms.length <= 2 && (second?.symbols.length ?? 0) === 0;
    if (!linear) continue;
    const [symbol] = first.symbols;
    const { least, most } = bounds.get(symbol!.key) ?? { least: symbol!.least ?? 0, most: symbol!.most ?? Infinity };
    const end = -(second?.coefficient ?? 0) / first.coefficient;
    bounds.set(symbol!.key, first.coefficient > 0 ? { least: Math.max(least, Math.ceil(end)), most } : { least, most: Math.min(most, Math.floor(end)) });
  }
  return bounds;
}

/** Whether a size is never below zero, where these are not. */
function isNeverNegative(dim: Dim, known: readonly Dim[]): boolean {
  const bounds = boundsOf(known);
  const bounded = (size: Dim): Dim => substituteDim(size, (symbol) => (bounds.has(symbol.key) ? symbolDim({ ...symbol, ...bounds.get(symbol.key) }) : undefined));
  const holds = (size: Dim): boolean => lowerBound(bounded(size)) >= 0;
  if (holds(dim)) return true;
  const rests = known.map((other) => subtractDims(dim, other));
  return rests.some((rest, i) => holds(rest) || known.slice(i).some((other) => holds(subtractDims(rest, other))));
}

/** Whether a comparison holds for all sizes for which the known ones do, for none, or for some. */
export function decideSize(statement: SizeStatement, known: readonly SizeStatement[] = []): Verdict {
  const believed = known.slice(0, mostKnown);
  const facts = believed.flatMap(differences);
  const exact = exactQuotients(believed);
  const wanted = differences(statement).map((dim) => withoutExact(dim, exact));
  if (wanted.every((dim) => isNeverNegative(dim, facts))) return 'proved';
  // Below zero is at most -1.
  return wanted.some((dim) => isNeverNegative(subtractDims(intDim(-1), dim), facts)) ? 'refuted' : 'unknown';
}

/** What known equalities say that symbols are, by key: what `h == w` makes of `w`. */
export function solveEqualities(known: readonly SizeStatement[]): ReadonlyMap<string, Dim> {
  const solved = new Map<string, Dim>();
  for (const { op, left, right } of known) {
    if (op !== '==') continue;
    const difference = substituteDim(subtractDims(left, right), (symbol) => solved.get(symbol.key));
    const term = difference.terms.findLast(
      ({ coefficient, symbols }, i) =>
        symbols.length === 1 && Math.abs(coefficient) === 1 && difference.terms.every((other, j) => i === j || other.symbols.every((s) => s.key !== symbols[0]!.key)),
    );
    if (term === undefined) continue;
    const { key } = term.symbols[0]!;
    const rest: Dim = { terms: difference.terms.filter((other) => other !== term) };
    const value = term.coefficient > 0 ? negateDim(rest) : rest;
    if ((constantOf(value) ?? 0) < 0) continue;
    for (const [other, size] of solved) solved.set(other, substituteDim(size, (symbol) => (symbol.key === key ? value : undefined)));
    solved.set(key, value);
  }
  return solved;
}
