/** The regular expressions of a tokenizer.json, which are Oniguruma's: wrong ones are found without compiling them. */
import { isRecord, printable } from './json.ts';

/** Why a pattern anywhere in these members cannot be one; undefined where nothing is wrong. */
export function wrongPattern(members: readonly unknown[]): string | undefined {
  for (const pattern of patternsIn(members)) {
    const fault = typeof pattern === 'string' ? faultOf(pattern) : undefined;
    if (fault !== undefined) return `its pattern "${printable(pattern as string, 60)}" does not compile: ${fault}`;
  }
  return undefined;
}

/** Whether there is one anywhere in these members. */
export const hasPattern = (members: readonly unknown[]): boolean => patternsIn(members).next().done !== true;

function* patternsIn(members: readonly unknown[]): Generator<unknown, void, undefined> {
  // A stack of our own: foreign JSON may be nested deeper than calls can be.
  const open: unknown[] = [...members];
  while (open.length > 0) {
    const value = open.pop();
    if (Array.isArray(value)) for (const item of value) open.push(item);
    if (!isRecord(value)) continue;
    if (value['Regex'] !== undefined) yield value['Regex'];
    for (const item of Object.values(value)) open.push(item);
  }
}

/** JavaScript's dialects take most of Oniguruma's patterns; of the others, only what is wrong in every dialect is refused. */
const dialects = ['u', 'v', ''];
const longestChecked = 2 ** 12;

function faultOf(pattern: string): string | undefined {
  if (pattern.length > longestChecked) return undefined;
  if (dialects.some((flags) => compiles(pattern, flags))) return undefined;
  // Comments may hold brackets that are none.
  return /\(\?(?:#|[a-z]*x)/.test(pattern) ? undefined : unbalanced(pattern);
}

function compiles(pattern: string, flags: string): boolean {
  try {
    return new RegExp(pattern, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Escapes, classes (whose first `]` may be a member) and the brackets that count. */
const token = /\\[^]|\\$|\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*\]|[()[]/g;

function unbalanced(pattern: string): string | undefined {
  let groups = 0;
  for (const [text] of pattern.matchAll(token)) {
    if (text === '\\') return 'it ends in a backslash';
    if (text === '[') return 'a "[" is not closed';
    // A class in a class, whose end depends on the dialect.
    if (/^\[[^]*\[/.test(text)) return undefined;
    if (text === '(') groups++;
    if (text === ')' && --groups < 0) return 'a ")" closes nothing';
  }
  return groups > 0 ? `${groups === 1 ? 'a "(" is' : `${groups} "(" are`} not closed` : undefined;
}
