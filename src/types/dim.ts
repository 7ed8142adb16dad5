/**
 * Sizes of axes in a polynomial normal form over named symbols: a sum of monomials, sorted, like ones merged.
 * Two sizes are equal for all values of their symbols exactly when their normal forms are the same. What no polynomial
 * says (floor division, minimum, maximum) is an atom: a symbol that stands for the operation on its arguments, see
 * dim-atoms.ts. Sizes with atoms are equal when their normal forms are the same, not only then.
 */

/** One unknown size. Symbols are the same when their keys are. */
export interface DimSymbol {
  /** Unique in a compilation: the declaring part or file, and the name. */
  readonly key: string;
  /** As the user wrote it, or as the foreign file calls it; "?" where nobody named it. */
  readonly name: string;
  /**
   * rigid: a name inside a body, equal only to itself. flexible: a callee's name at one call, to be bound.
   * foreign: from an ONNX file, unknown until related. chosen: `some n` of a signature, which the part itself decides.
   */
  readonly kind: 'rigid' | 'flexible' | 'foreign' | 'chosen' | 'atom';
  /** What is known of every value of it; 0 where nothing is said, for sizes are not negative. */
  readonly least?: number;
  /** Infinity where nothing is said. */
  readonly most?: number;
  /** Of an atom: what it stands for. */
  readonly atom?: DimAtom;
}

export interface DimAtom {
  readonly op: 'div' | 'min' | 'max';
  readonly args: readonly Dim[];
  /** The operation on other arguments, simplified as far as it can be. */
  readonly of: (args: readonly Dim[]) => Dim;
}

export interface Monomial {
  readonly coefficient: number;
  /** Sorted by key; a symbol squared stands twice; empty for the constant. */
  readonly symbols: readonly DimSymbol[];
}

export interface Dim {
  /** Sorted by their symbols, no coefficient 0; [] is the size 0. */
  readonly terms: readonly Monomial[];
}

export const intDim = (value: number): Dim => ({ terms: value === 0 ? [] : [{ coefficient: value, symbols: [] }] });
export const symbolDim = (symbol: DimSymbol): Dim => ({ terms: [{ coefficient: 1, symbols: [symbol] }] });

/** The same for like terms: what they are multiples of. */
export const termKey = ({ symbols }: Monomial): string => (symbols.length === 1 ? symbols[0]!.key : symbols.map((s) => s.key).join('*'));

/** Constants last, as people write them: `seq + 1`. */
const order = (a: string, b: string): number => (a === b ? 0 : a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1);

function normalize(terms: readonly Monomial[]): Dim {
  const merged = new Map<string, Monomial>();
  for (const term of terms) {
    const key = termKey(term);
    const coefficient = (merged.get(key)?.coefficient ?? 0) + term.coefficient;
    merged.set(key, { coefficient, symbols: term.symbols });
  }
  const kept = [...merged].filter(([, term]) => term.coefficient !== 0);
  kept.sort(([a], [b]) => order(a, b));
  return { terms: kept.map(([, term]) => term) };
}

/** One walk through both, for they are sorted. */
export function addDims(a: Dim, b: Dim): Dim {
  if (a.terms.length === 0) return b;
  if (b.terms.length === 0) return a;
  const terms: Monomial[] = [];
  let [i, j] = [0, 0];
  while (i < a.terms.length && j < b.terms.length) {
    const [x, y] = [a.terms[i]!, b.terms[j]!];
    const side = order(termKey(x), termKey(y));
    const coefficient = x.coefficient + y.coefficient;
    if (side !== 0) terms.push(side < 0 ? x : y);
    else if (coefficient !== 0) terms.push({ coefficient, symbols: y.symbols });
    if (side <= 0) i++;
    if (side >= 0) j++;
  }
  return { terms: [...terms, ...a.terms.slice(i), ...b.terms.slice(j)] };
}
export const negateDim = (a: Dim): Dim => ({ terms: a.terms.map((t) => ({ ...t, coefficient: -t.coefficient })) });
export const subtractDims = (a: Dim, b: Dim): Dim => addDims(a, negateDim(b));

/** A multiple of a normal form is one. */
const scaled = (dim: Dim, by: number): Dim =>
  by === 1 ? dim : by === 0 ? intDim(0) : { terms: dim.terms.map((term) => ({ ...term, coefficient: by * term.coefficient })) };

export function multiplyDims(a: Dim, b: Dim): Dim {
  const [m, n] = [constantOf(a), constantOf(b)];
  if (m !== undefined) return scaled(b, m);
  if (n !== undefined) return scaled(a, n);
  const products = a.terms.flatMap((x) =>
    b.terms.map((y) => ({
      coefficient: x.coefficient * y.coefficient,
      symbols: [...x.symbols, ...y.symbols].sort((s, t) => (s.key < t.key ? -1 : s.key > t.key ? 1 : 0)),
    })),
  );
  return normalize(products);
}

/** The number, where the size is one; undefined where it depends on a symbol. */
export function constantOf(dim: Dim): number | undefined {
  if (dim.terms.length === 0) return 0;
  const [first] = dim.terms;
  return dim.terms.length === 1 && first!.symbols.length === 0 ? first!.coefficient : undefined;
}

/** The symbol, where the size is a bare one that somebody named. */
export function bareSymbol(dim: Dim): DimSymbol | undefined {
  const [first] = dim.terms;
  const bare = dim.terms.length === 1 && first!.coefficient === 1 && first!.symbols.length === 1 && first!.symbols[0]!.atom === undefined;
  return bare ? first!.symbols[0] : undefined;
}

/** `factor * symbol + offset`, where a size is that; a bare symbol has the factor 1. */
export interface Multiple {
  readonly symbol: DimSymbol;
  readonly factor: number;
  readonly offset: number;
}

/** A size as a multiple of one symbol and a number more; undefined where it is none. */
export function multipleOf(dim: Dim): Multiple | undefined {
  const [first, rest] = dim.terms;
  const [symbol, ...others] = first?.symbols ?? [];
  if (symbol === undefined || symbol.atom !== undefined || others.length > 0 || first!.coefficient < 1) return undefined;
  const offset = rest === undefined ? 0 : rest.symbols.length === 0 && dim.terms.length === 2 ? rest.coefficient : undefined;
  return offset === undefined ? undefined : { symbol, factor: first!.coefficient, offset };
}

/** The symbol that an axis of this size tells, and what it is multiplied by there: `h` of `h`, and of `14*h`. */
export function toldBy(dim: Dim): Multiple | undefined {
  const multiple = multipleOf(dim);
  return multiple?.offset === 0 ? multiple : undefined;
}

export type DimFault = 'negative' | 'inexact' | 'too long';

/** No signature that anybody means needs more; keeps hostile ones small. */
const mostTerms = 64;
const highestDegree = 16;
const longestKey = 4096;

/** Why a dim cannot be the size of an axis; undefined where it can, for some values of its symbols. */
export function faultOf(dim: Dim): DimFault | undefined {
  if (dim.terms.length > mostTerms || dim.terms.some((t) => t.symbols.length > highestDegree || termKey(t).length > longestKey)) return 'too long';
  if (dim.terms.some((t) => !Number.isSafeInteger(t.coefficient))) return 'inexact';
  return (constantOf(dim) ?? 0) < 0 ? 'negative' : undefined;
}

/** Of normal forms: whether they are the same term by term. */
export const equalDims = (a: Dim, b: Dim): boolean =>
  a === b || (a.terms.length === b.terms.length && a.terms.every((term, i) => term.coefficient === b.terms[i]!.coefficient && termKey(term) === termKey(b.terms[i]!)));

/** The named sizes that a size depends on, those inside of atoms included. */
export function symbolsOf(dim: Dim): readonly DimSymbol[] {
  const bare = bareSymbol(dim);
  return bare === undefined ? dim.terms.flatMap((t) => t.symbols.flatMap((s) => s.atom?.args.flatMap(symbolsOf) ?? [s])) : [bare];
}

/** Tells sizes apart as `equalDims` does. */
export const dimKey = (dim: Dim): string => dim.terms.map((t) => `${t.coefficient}*${termKey(t)}`).join('+');

/** Puts sizes in the place of symbols; symbols for which `to` answers undefined stay. */
export function substituteDim(dim: Dim, to: (symbol: DimSymbol) => Dim | undefined): Dim {
  // Nearly all sizes are numbers and bare names.
  if (constantOf(dim) !== undefined) return dim;
  const bare = bareSymbol(dim);
  if (bare !== undefined) return to(bare) ?? dim;
  const factor = (s: DimSymbol): Dim => to(s) ?? s.atom?.of(s.atom.args.map((arg) => substituteDim(arg, to))) ?? symbolDim(s);
  return dim.terms.reduce<Dim>((sum, term) => {
    const product = term.symbols.reduce<Dim>((p, s) => multiplyDims(p, factor(s)), intDim(term.coefficient));
    return addDims(sum, product);
  }, intDim(0));
}

/** `seq + 1`, `2*h*w`, `512`, `(h div 14)*(w div 14) + 1`, `min(seq, 512)`, `h mod 14`. */
export function showDim(dim: Dim): string {
  if (dim.terms.length === 0) return '0';
  const remainder = remainderOf(dim);
  if (remainder !== undefined) return showOperation('mod', remainder);
  const isAlone = dim.terms.length === 1 && dim.terms[0]!.coefficient === 1 && dim.terms[0]!.symbols.length === 1;
  return dim.terms
    .map((term, i) => {
      const factors = term.symbols.map((s) => (s.atom === undefined ? s.name : showAtom(s.atom, isAlone)));
      const size = Math.abs(term.coefficient);
      const text = size === 1 && factors.length > 0 ? factors.join('*') : [String(size), ...factors].join('*');
      const sign = term.coefficient < 0 ? '-' : '+';
      return i === 0 ? (sign === '-' ? `-${text}` : text) : ` ${sign} ${text}`;
    })
    .join('');
}

function showAtom({ op, args }: DimAtom, isAlone: boolean): string {
  if (op !== 'div') return `${op}(${args.map(showDim).join(', ')})`;
  const text = showOperation(op, args);
  return isAlone ? text : `(${text})`;
}

function showOperation(op: string, args: readonly Dim[]): string {
  const isWord = (arg: Dim): boolean => constantOf(arg) !== undefined || bareSymbol(arg) !== undefined || isCall(arg);
  return args.map((arg) => (isWord(arg) ? showDim(arg) : `(${showDim(arg)})`)).join(` ${op} `);
}

/** `x` and `k` of `x - k*(x div k)`. */
function remainderOf(dim: Dim): DimAtom['args'] | undefined {
  for (const { coefficient, symbols } of dim.terms) {
    const atom = symbols.length === 1 ? symbols[0]!.atom : undefined;
    if (atom?.op !== 'div' || constantOf(atom.args[1]!) !== -coefficient) continue;
    if (equalDims(addDims(dim, { terms: [{ coefficient: -coefficient, symbols }] }), atom.args[0]!)) return atom.args;
  }
  return undefined;
}

/** Whether a size is written as `min(…)` or `max(…)`. */
function isCall({ terms: [first, ...others] }: Dim): boolean {
  const op = first?.symbols[0]?.atom?.op;
  return others.length === 0 && first?.coefficient === 1 && first.symbols.length === 1 && op !== undefined && op !== 'div';
}
