/**
 * Bounds of sizes over all values of their symbols. Atoms are replaced by what bounds them (`x div k` lies between
 * `(x - k + 1) / k` and `x / k`, a minimum below each of its arguments), and what remains is a polynomial.
 */
import { addDims, constantOf, intDim, multiplyDims, subtractDims, termKey, type Dim, type DimSymbol, type Monomial } from './dim.ts';

/** Replacements in a row; each may branch once for every argument of an atom. */
const deepest = 6;
/** Replacements in all, for one question. */
const mostReplacements = 60;

/** A number that no value of the size is below; -Infinity where none is found. */
export const lowerBound = (dim: Dim): number => boundBelow(dim, deepest, { left: mostReplacements });
/** A number that no value of the size is above; Infinity where none is found. */
export const upperBound = (dim: Dim): number => 0 - lowerBound(subtractDims(intDim(0), dim));

/** Whether one size is never smaller than another. */
export const isAtLeast = (a: Dim, b: Dim): boolean => lowerBound(subtractDims(a, b)) >= 0;
/** As `isAtLeast`, by each symbol's bounds alone: quick, and often undecided where there are atoms. */
export const isPlainlyAtLeast = (a: Dim, b: Dim): boolean => polynomialBound(subtractDims(a, b)) >= 0;
export const isPositive = (dim: Dim): boolean => lowerBound(dim) > 0;
/** Whether two sizes differ at all values of their symbols. */
export function areDifferent(a: Dim, b: Dim): boolean {
  const difference = withoutPositive(subtractDims(a, b));
  return lowerBound(difference) > 0 || upperBound(difference) < 0 || isNeverDivisible(difference);
}

/** Without the symbols that every term has and that are never 0: what is left is 0 where the whole is. */
function withoutPositive(dim: Dim): Dim {
  const [first, ...others] = dim.terms;
  const shared = first?.symbols.find((s) => (s.least ?? 0) > 0 && others.every(({ symbols }) => symbols.some(({ key }) => key === s.key)));
  if (shared === undefined) return dim;
  const divided = dim.terms.map((term) => ({ ...term, symbols: term.symbols.toSpliced(term.symbols.findIndex(({ key }) => key === shared.key), 1) }));
  // Sorted as every dim is.
  return withoutPositive(divided.reduce((sum: Dim, term) => addDims(sum, { terms: [term] }), { terms: [] }));
}

/** `4*a + 2*b + 1` is never 0: all but the constant are even. */
function isNeverDivisible({ terms }: Dim): boolean {
  const constant = terms.find((t) => t.symbols.length === 0)?.coefficient ?? 0;
  const common = terms.filter((t) => t.symbols.length > 0).reduce((g, t) => gcd(g, t.coefficient), 0);
  return common > 1 && constant % common !== 0;
}

export function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

interface Budget {
  left: number;
}

function boundBelow(dim: Dim, depth: number, budget: Budget): number {
  const direct = polynomialBound(dim);
  if (depth === 0 || direct >= 0) return direct;
  let best = direct;
  for (const term of dim.terms) {
    // An atom times something else is bounded by itself only.
    const [symbol] = term.symbols;
    if (term.symbols.length !== 1 || symbol?.atom === undefined) continue;
    if (budget.left <= 0) break;
    best = Math.max(best, boundByAtom(dim, term, symbol, depth - 1, budget));
    if (best >= 0) break;
  }
  return best;
}

/** The bound that replacing one atom of a dim gives. */
function boundByAtom(dim: Dim, term: Monomial, symbol: DimSymbol, depth: number, budget: Budget): number {
  budget.left--;
  const { op, args } = symbol.atom!;
  const { coefficient } = term;
  const rest = subtractDims(dim, { terms: [term] });
  const withArg = (arg: Dim): number => boundBelow(addDims(rest, multiplyDims(intDim(coefficient), arg)), depth, budget);
  if (op === 'div') {
    const by = constantOf(args[1]!);
    if (by === undefined || by <= 0 || !Number.isSafeInteger(by * coefficient)) return -Infinity;
    const replaced = coefficient > 0 ? addDims(args[0]!, intDim(1 - by)) : args[0]!;
    const scaled = addDims(multiplyDims(intDim(by), rest), multiplyDims(intDim(coefficient), replaced));
    const bound = boundBelow(scaled, depth, budget) / by;
    return Math.max(isWhole(dim) ? Math.ceil(bound) : bound, boundByRemainder(dim, symbol, by, depth, budget));
  }
  // c*min(x, y) with c < 0 and c*max(x, y) with c > 0 are at least what any one argument gives.
  const isEach = (op === 'min') === coefficient > 0;
  const bounds = args.map(withArg);
  return isEach ? Math.min(...bounds) : Math.max(...bounds);
}

/** Whether every value is a whole number: a share of a remainder's dividend may have been taken away. */
const isWhole = ({ terms }: Dim): boolean => terms.every(({ coefficient }) => Number.isInteger(coefficient));

/** The bound where `x` becomes `by*(x div by)` and what that leaves of it, which is less than `by`. */
function boundByRemainder(dim: Dim, symbol: DimSymbol, by: number, depth: number, budget: Budget): number {
  const x = symbol.atom!.args[0]!;
  const first = x.terms.find(({ symbols }) => symbols.length > 0);
  const same = first && dim.terms.find((term) => termKey(term) === termKey(first));
  const count = same === undefined ? 0 : same.coefficient / first!.coefficient;
  if (count === 0 || !Number.isSafeInteger(count * by)) return -Infinity;
  const quotients: Dim = { terms: [{ coefficient: count * by, symbols: [symbol] }] };
  const replaced = addDims(subtractDims(dim, multiplyDims(intDim(count), x)), quotients);
  return boundBelow(replaced, depth, budget) + Math.min(0, count * (by - 1));
}

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Every symbol by itself between its bounds. */
const polynomialBound = ({ terms }: Dim): number =>
  terms.reduce((sum, { coefficient, symbols }) => {
    const { low, high } = symbols.map(boundsOfSymbol).reduce(timesInterval, { low: 1, high: 1 });
    return sum + (coefficient > 0 ? times(coefficient, low) : times(coefficient, high));
  }, 0);

function timesInterval(a: Interval, b: Interval): Interval {
  const corners = [times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)];
  return { low: Math.min(...corners), high: Math.max(...corners) };
}

/** 0 times infinity is 0: no value of a size is infinite. */
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

/** Computed once for an atom, when it is made. */
const boundsOfSymbol = ({ least = 0, most = Infinity }: DimSymbol): Interval => ({ low: least, high: most });
