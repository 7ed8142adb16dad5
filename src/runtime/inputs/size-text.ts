/** Sizes as the manifest writes them: `2*h + 1`, `h mod 14`, `(h div 14)*(w div 14)`, `min(seq, 512)`. */

export type SizeOf = (name: string) => number | undefined;

/** No size that a compiler writes is longer, or deeper. */
const longestText = 4096;
const deepest = 50;

interface Reading {
  readonly tokens: readonly string[];
  readonly sizeOf: SizeOf;
  at: number;
  depth: number;
}

type Binary = (a: number, b: number) => number;
const sums: Readonly<Record<string, Binary>> = { '+': (a, b) => a + b, '-': (a, b) => a - b };
const products: Readonly<Record<string, Binary>> = { '*': (a, b) => a * b, div: (a, b) => Math.floor(a / b), mod: (a, b) => a - b * Math.floor(a / b) };
const calls: Readonly<Record<string, (...values: readonly number[]) => number>> = { min: Math.min, max: Math.max };

/** The value of a size; undefined where a name is not known, or the text is something else. */
export function sizeOfText(text: number | string, sizeOf: SizeOf): number | undefined {
  if (typeof text === 'number') return text;
  if (text.length > longestText) return undefined;
  const reading: Reading = { tokens: text.match(/\d+|[A-Za-z_]\w*|\S/g) ?? [], sizeOf, at: 0, depth: 0 };
  const value = readSum(reading);
  return reading.at === reading.tokens.length && Number.isFinite(value) ? value : undefined;
}

/** The names in a size. */
export const namesInText = (text: number | string): readonly string[] =>
  typeof text === 'number' ? [] : (text.replaceAll(/(?<=[\w)]) (?:div|mod) (?=[\w(-])/g, '*').match(/[A-Za-z_]\w*(?![\w(])/g) ?? []);

const readSum = (r: Reading): number | undefined => readRow(r, sums, (inner) => readRow(inner, products, readOne));

function readRow(r: Reading, operators: Readonly<Record<string, Binary>>, read: (r: Reading) => number | undefined): number | undefined {
  let value = read(r);
  for (;;) {
    const token = r.tokens[r.at];
    if (value === undefined || token === undefined || !Object.hasOwn(operators, token)) return value;
    r.at++;
    const right = read(r);
    value = right === undefined ? undefined : operators[token]!(value, right);
  }
}

function readOne(r: Reading): number | undefined {
  const token = r.tokens[r.at++];
  if (token === undefined || r.depth >= deepest) return undefined;
  if (/^\d/.test(token)) return Number(token);
  if (token === '-') {
    const value = readOne(r);
    return value === undefined ? undefined : -value;
  }
  if (token === '(') return readInside(r)?.[0];
  if (r.tokens[r.at] !== '(' || !Object.hasOwn(calls, token)) return r.sizeOf(token);
  r.at++;
  const values = readInside(r);
  return values && calls[token]!(...values);
}

/** What stands behind an opening parenthesis, and the one that closes it. */
function readInside(r: Reading): readonly number[] | undefined {
  const values: number[] = [];
  r.depth++;
  do {
    const value = readSum(r);
    if (value === undefined) return undefined;
    values.push(value);
  } while (r.tokens[r.at++] === ',');
  r.depth--;
  return r.tokens[r.at - 1] === ')' ? values : undefined;
}
