/**
 * Sizes as exporters write them into `dim_param`: `2*s0 + 1`, `((s25//14))*((s63//14)) + 1`, `Min(512, s11)`,
 * `floor(s0/2)`, `CeilToInt(IntTrueDiv(s0, 2))`; and as we print them: `(seq + 1) div 2`.
 */
import { ceilDivDim, divDim, maxDim, minDim, modDim } from './dim-atoms.ts';
import { exactQuotient } from './dim-quotient.ts';
import { addDims, constantOf, intDim, multiplyDims, negateDim, subtractDims, type Dim } from './dim.ts';

/** No exporter writes longer or deeper ones. */
const longestText = 1000;
const deepest = 50;

/** A quotient that only `floor` and `ceiling` can make a size of. */
interface Fraction {
  readonly over: Dim;
  readonly by: Dim;
}

type Call = (args: readonly Fraction[]) => Fraction | undefined;

const whole = (over: Dim): Fraction => ({ over, by: intDim(1) });
const ofDims = (f: (...args: readonly Dim[]) => Dim): Call => (args) => {
  const dims = args.map(asDim);
  return dims.some((d) => d === undefined) || dims.length === 0 ? undefined : whole(f(...(dims as readonly Dim[])));
};
const two = (f: (a: Dim, b: Dim) => Dim): Call => (args) => (args.length === 2 ? ofDims((a, b) => f(a!, b!))(args) : undefined);
const rounded = (f: (a: Dim, b: Dim) => Dim): Call => ([x, ...more]) => (x === undefined || more.length > 0 ? undefined : whole(f(x.over, x.by)));
const divided: Call = ([a, b, ...more]) => (a === undefined || b === undefined || more.length > 0 ? undefined : { over: multiplyDims(a.over, b.by), by: multiplyDims(a.by, b.over) });

/** Names in lower case. */
const functions: Readonly<Record<string, Call>> = {
  min: ofDims(minDim),
  max: ofDims(maxDim),
  mod: two(modDim),
  pythonmod: two(modDim),
  floordiv: two(divDim),
  cleandiv: two(divDim),
  inttruediv: divided,
  truediv: divided,
  floor: rounded(divDim),
  floortoint: rounded(divDim),
  ceiling: rounded(ceilDivDim),
  ceil: rounded(ceilDivDim),
  ceiltoint: rounded(ceilDivDim),
};

interface Parsing {
  readonly tokens: readonly string[];
  readonly sizeOf: (name: string) => Dim | undefined;
  at: number;
  depth: number;
}

/** The size that a text says, its names looked up; undefined where it says none. */
export function parseDim(text: string, sizeOf: (name: string) => Dim | undefined): Dim | undefined {
  if (text.length > longestText) return undefined;
  const tokens = text.match(/\d+|[A-Za-z_][\w.]*|\/\/|\*\*|\S/g) ?? [];
  const parsing: Parsing = { tokens, sizeOf, at: 0, depth: 0 };
  const value = parseSum(parsing);
  return value === undefined || parsing.at < tokens.length ? undefined : asDim(value);
}

function asDim({ over, by }: Fraction): Dim | undefined {
  return constantOf(by) === 1 ? over : exactQuotient(over, by);
}

const add = (a: Fraction, b: Fraction, plus: (x: Dim, y: Dim) => Dim): Fraction => ({
  over: plus(multiplyDims(a.over, b.by), multiplyDims(b.over, a.by)),
  by: multiplyDims(a.by, b.by),
});
const multiply = (a: Fraction, b: Fraction): Fraction => ({ over: multiplyDims(a.over, b.over), by: multiplyDims(a.by, b.by) });

type Binary = (a: Fraction, b: Fraction) => Fraction | undefined;
const sums: Readonly<Record<string, Binary>> = { '+': (a, b) => add(a, b, addDims), '-': (a, b) => add(a, b, subtractDims) };
const products: Readonly<Record<string, Binary>> = {
  '*': multiply,
  '/': (a, b) => divided([a, b]),
  '//': (a, b) => functions['floordiv']!([a, b]),
  div: (a, b) => functions['floordiv']!([a, b]),
  '%': (a, b) => functions['mod']!([a, b]),
  mod: (a, b) => functions['mod']!([a, b]),
};

const parseSum = (p: Parsing): Fraction | undefined => parseRow(p, sums, parseProduct);
const parseProduct = (p: Parsing): Fraction | undefined => parseRow(p, products, parsePower);

function parseRow(p: Parsing, operators: Readonly<Record<string, Binary>>, part: (p: Parsing) => Fraction | undefined): Fraction | undefined {
  let value = part(p);
  for (;;) {
    const token = p.tokens[p.at];
    if (value === undefined || token === undefined || !Object.hasOwn(operators, token)) return value;
    p.at++;
    const right = part(p);
    value = right && operators[token]!(value, right);
  }
}

function parsePower(p: Parsing): Fraction | undefined {
  const base = parseAtom(p);
  if (base === undefined || p.tokens[p.at] !== '**') return base;
  const exponent = Number(p.tokens[p.at + 1]);
  if (!Number.isInteger(exponent) || exponent < 0 || exponent > 8) return undefined;
  p.at += 2;
  return Array.from({ length: exponent }, () => base).reduce(multiply, whole(intDim(1)));
}

function parseAtom(p: Parsing): Fraction | undefined {
  const token = p.tokens[p.at++];
  if (token === undefined || ++p.depth > deepest) return undefined;
  try {
    if (token === '-') {
      const value = parsePower(p);
      return value && { ...value, over: negateDim(value.over) };
    }
    if (token === '(') {
      const value = parseSum(p);
      return p.tokens[p.at++] === ')' ? value : undefined;
    }
    if (/^\d/.test(token)) return Number.isSafeInteger(Number(token)) ? whole(intDim(Number(token))) : undefined;
    if (!/^[A-Za-z_]/.test(token)) return undefined;
    if (p.tokens[p.at] === '(') return parseCall(p, token.toLowerCase());
    const size = p.sizeOf(token);
    return size && whole(size);
  } finally {
    p.depth--;
  }
}

function parseCall(p: Parsing, name: string): Fraction | undefined {
  const args: Fraction[] = [];
  do {
    p.at++;
    const arg = parseSum(p);
    if (arg === undefined) return undefined;
    args.push(arg);
  } while (p.tokens[p.at] === ',');
  if (p.tokens[p.at++] !== ')' || !Object.hasOwn(functions, name)) return undefined;
  return functions[name]!(args);
}
