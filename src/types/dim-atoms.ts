/**
 * Floor division, minimum and maximum of sizes, and what is written with them. Arguments are normalised, so that equal
 * ones make equal atoms; `a mod b` is `a - b*(a div b)`, and `ceil(a / b)` is `(a + b - 1) div b`. Divisors are taken
 * to be positive: no size is divided by another kind.
 */
import { areDifferent, gcd, isAtLeast, lowerBound, upperBound } from './dim-bounds.ts';
import { exactQuotient } from './dim-quotient.ts';
import { addDims, constantOf, dimKey, equalDims, intDim, multiplyDims, negateDim, subtractDims, symbolDim, type Dim, type DimAtom, type Monomial } from './dim.ts';

/** Floor division, for positive `b`. */
export function divDim(a: Dim, b: Dim): Dim {
  const exact = exactQuotient(a, b);
  if (exact !== undefined) return exact;
  const by = constantOf(b);
  if (by !== undefined) return by > 0 ? divByNumber(a, by) : atom('div', [a, b]);
  if (isAtLeast(a, intDim(0)) && lowerBound(subtractDims(b, a)) > 0) return intDim(0);
  if (upperBound(a) < 0 && isAtLeast(addDims(a, b), intDim(0))) return intDim(-1);
  const [x, y] = withoutCommon(a, b);
  return constantOf(y) === undefined ? atom('div', [x, y]) : divDim(x, y);
}

export const modDim = (a: Dim, b: Dim): Dim => subtractDims(a, multiplyDims(b, divDim(a, b)));
export const ceilDivDim = (a: Dim, b: Dim): Dim => divDim(addDims(a, subtractDims(b, intDim(1))), b);
export const minDim = (...args: readonly Dim[]): Dim => extreme('min', args);
export const maxDim = (...args: readonly Dim[]): Dim => extreme('max', args);

/** What is a multiple of `by` comes out; of the rest, common factors go. */
function divByNumber(a: Dim, by: number): Dim {
  const whole: Monomial[] = [];
  const rest: Monomial[] = [];
  for (const term of a.terms) {
    const quotient = Math.floor(term.coefficient / by);
    const remainder = term.coefficient - by * quotient;
    if (term.symbols.length === 0 || remainder === 0) {
      if (quotient !== 0) whole.push({ ...term, coefficient: quotient });
      if (remainder !== 0) rest.push({ ...term, coefficient: remainder });
    } else rest.push(term);
  }
  return addDims({ terms: whole }, divRest({ terms: rest }, by));
}

function divRest(given: Dim, by: number): Dim {
  const a = withHalves(given);
  const constant = constantOf(a);
  if (constant !== undefined) return intDim(Math.floor(constant / by));
  if (lowerBound(a) >= 0 && upperBound(a) < by) return intDim(0);
  const common = a.terms.reduce((g, t) => (t.symbols.length > 0 ? gcd(g, t.coefficient) : g), by);
  if (common > 1) {
    // (g*x + c) div (g*k) is (x + c div g) div k.
    const reduced = a.terms.map((t) => ({ ...t, coefficient: Math.floor(t.coefficient / common) }));
    return divDim({ terms: reduced.filter((t) => t.coefficient !== 0) }, intDim(by / common));
  }
  const open = a.terms.filter((t) => t.symbols.length > 0);
  // Rounded down of what is negative is rounded up of what is not: (-x) div k is -((x + k - 1) div k).
  if (open.every((t) => t.coefficient < 0)) return negateDim(divDim(addDims(negateDim(a), intDim(by - 1)), intDim(by)));
  return flattened(a, by) ?? atom('div', [a, intDim(by)]);
}

/** (x div m + c) div n is (x + c*m) div (m*n). */
function flattened(a: Dim, by: number): Dim | undefined {
  const inner = a.terms.find((t) => t.symbols.length > 0);
  const isShifted = a.terms.every((t) => t === inner || t.symbols.length === 0);
  const nested = inner?.coefficient === 1 && inner.symbols.length === 1 ? inner.symbols[0]!.atom : undefined;
  const m = nested?.op === 'div' ? constantOf(nested.args[1]!) : undefined;
  if (!isShifted || m === undefined || m <= 0 || !Number.isSafeInteger(m * by)) return undefined;
  const shift = subtractDims(a, { terms: [inner!] });
  return divDim(addDims(nested!.args[0]!, multiplyDims(shift, intDim(m))), intDim(m * by));
}

/** Both without the factors that every monomial of both has. */
function withoutCommon(a: Dim, b: Dim): [Dim, Dim] {
  const all = [...a.terms, ...b.terms];
  const shared = (all[0]?.symbols ?? []).filter((s, i, own) => own.findIndex((t) => t.key === s.key) === i && all.every((t) => t.symbols.some((u) => u.key === s.key)));
  const number = all.reduce((g, t) => gcd(g, t.coefficient), 0);
  const common: Dim = { terms: [{ coefficient: Math.max(number, 1), symbols: shared }] };
  if (shared.length === 0 && number <= 1) return [a, b];
  return [exactQuotient(a, common) ?? a, exactQuotient(b, common) ?? b];
}

/** More arguments than anybody writes are not compared with each other. */
const mostCompared = 16;

function extreme(op: 'min' | 'max', given: readonly Dim[]): Dim {
  const flat = given.flatMap((dim) => argsOf(op, dim) ?? [withHalves(dim)]);
  if (flat.length > mostCompared) return atom(op, flat);
  const loses = (a: Dim, b: Dim): boolean => (op === 'max' ? isAtLeast(b, a) : isAtLeast(a, b));
  const kept: Dim[] = [];
  for (const [i, dim] of flat.entries()) {
    // Of two that are always equal the first one stays.
    const isBeaten = flat.some((other, j) => j !== i && loses(dim, other) && (j < i || !loses(other, dim)));
    if (!isBeaten) kept.push(dim);
  }
  if (kept.length === 1) return kept[0]!;
  return atom(op, kept.sort(byConstantThenKey));
}

/** The arguments, where a size is such an atom and nothing else. */
function argsOf(op: DimAtom['op'], { terms }: Dim): readonly Dim[] | undefined {
  const [first] = terms;
  const only = terms.length === 1 && first!.coefficient === 1 && first!.symbols.length === 1 ? first!.symbols[0]! : undefined;
  return only?.atom?.op === op ? only.atom.args : undefined;
}

/** `min(seq, 512)`: constants last, as people write them. */
function byConstantThenKey(a: Dim, b: Dim): number {
  const [m, n] = [constantOf(a), constantOf(b)];
  if ((m === undefined) !== (n === undefined)) return m === undefined ? -1 : 1;
  return dimKey(a) < dimKey(b) ? -1 : 1;
}

const makers: Readonly<Record<DimAtom['op'], DimAtom['of']>> = {
  div: ([a, b]) => divDim(a!, b!),
  min: (args) => extreme('min', args),
  max: (args) => extreme('max', args),
};

function atom(op: DimAtom['op'], args: readonly Dim[]): Dim {
  const key = `${op}(${args.map(dimKey).join(',')})`;
  return symbolDim({ key, name: op, kind: 'atom', ...boundsOf(op, args), atom: { op, args, of: makers[op] } });
}

function boundsOf(op: DimAtom['op'], args: readonly Dim[]): { readonly least: number; readonly most: number } {
  const low = args.map(lowerBound);
  const high = args.map(upperBound);
  if (op === 'min') return { least: Math.min(...low), most: Math.min(...high) };
  if (op === 'max') return { least: Math.max(...low), most: Math.max(...high) };
  // The greater the divisor the nearer to 0.
  const [divisorLow, divisorHigh] = [Math.max(1, low[1]!), Math.max(1, high[1]!)];
  // What is negative is rounded down to -1 by whatever is larger.
  const quotient = (value: number, by: number): number => (!Number.isFinite(value) ? value : by === Infinity ? (value < 0 ? -1 : 0) : Math.floor(value / by));
  return {
    least: low[0]! < 0 ? quotient(low[0]!, divisorLow) : quotient(low[0]!, divisorHigh),
    most: high[0]! < 0 ? quotient(high[0]!, divisorHigh) : quotient(high[0]!, divisorLow),
  };
}

/** What a size is that is never below 0: `x` of `max(x, 0)` where `x` is one, too. */
export function withoutFloor(dim: Dim, isSize: (dim: Dim) => boolean): Dim {
  const [x, floor] = argsOf('max', dim) ?? [];
  return x !== undefined && floor !== undefined && (constantOf(floor) ?? 1) <= 0 && isSize(x) ? x : dim;
}

/** `c*(x div k) - c*(x div 2k)` as `c*((x + k) div 2k)`: what a half rounded down leaves is a half rounded up. */
export function withHalves(dim: Dim): Dim {
  for (const term of dim.terms) {
    const whole = quotientOf(term);
    const half = whole && dim.terms.find((other) => other.coefficient === -term.coefficient && isHalf(quotientOf(other), whole));
    if (whole === undefined || half === undefined) continue;
    const rest = subtractDims(subtractDims(dim, { terms: [term] }), { terms: [half] });
    const left = divDim(addDims(whole.of, intDim(whole.by)), intDim(2 * whole.by));
    return withHalves(addDims(rest, multiplyDims(intDim(term.coefficient), left)));
  }
  return dim;
}

interface Quotient {
  readonly of: Dim;
  readonly by: number;
}

const isHalf = (half: Quotient | undefined, { of, by }: Quotient): boolean => half?.by === 2 * by && equalDims(half.of, of);

/** `x div k` of a monomial that is such an atom, or a symbol, times a number. */
function quotientOf({ symbols }: Monomial): Quotient | undefined {
  const [symbol] = symbols;
  if (symbol === undefined || symbols.length > 1) return undefined;
  if (symbol.atom === undefined) return { of: symbolDim(symbol), by: 1 };
  const by = symbol.atom.op === 'div' ? constantOf(symbol.atom.args[1]!) : undefined;
  return by === undefined ? undefined : { of: symbol.atom.args[0]!, by };
}

/** Whether two sizes are equal at all values, at none, or undecided. */
export function compareDims(a: Dim, b: Dim): 'equal' | 'different' | 'unknown' {
  if (equalDims(a, b)) return 'equal';
  return areDifferent(a, b) ? 'different' : 'unknown';
}
