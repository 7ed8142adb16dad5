/** Facts as people write them at first: without their `where`, or in parentheses. */
import type { IToken } from 'chevrotain';
import { Identifier, NumberLiteral, VersionLiteral } from './tokens.ts';

/** Between an opening bracket and its closing one, both by their indices. */
export interface Bracketed {
  readonly open: number;
  readonly close: number;
}

// ---------------------------------------------------------------- in parentheses

const beforeType: ReadonlySet<string> = new Set([':', '=', '->', '=>']);
const computes = /^(?:[-+*/]|[=<>]=)$/;

/**
 * The parentheses of `where (range [0, 1], finite)` and of `= (f32[n] where finite)`, which hold no value. Among the inputs
 * of a part a type is all that can stand behind a colon, and `where` is an error of its own.
 */
export function aroundFacts(tokens: readonly IToken[], open: number, amongInputs: boolean): Bracketed | undefined {
  const before = tokens[open - 1]?.image ?? '';
  if (tokens[open]!.image !== '(' || !(beforeType.has(before) || (before === 'where' && !amongInputs))) return undefined;
  if (before === 'where' && !beginsFacts(tokens, open)) return undefined;
  let facts = before === 'where' || (before === ':' && amongInputs);
  for (let i = open, depth = 0; i < tokens.length; i++) {
    const { image } = tokens[i]!;
    if (depth === 1 && image === 'where' && tokens[i - 1]!.image !== '.' && tokens[i + 1]?.image !== ':') facts = true;
    if ('([{'.includes(image)) depth++;
    else if (')]}'.includes(image) && --depth === 0) return facts && !computes.test(tokens[i + 1]?.image ?? '') ? { open, close: i } : undefined;
  }
  return undefined;
}

/** Whether `where` stands behind a type, and a fact behind its bracket: a part may be called `where`, and so may a field. */
function beginsFacts(tokens: readonly IToken[], open: number): boolean {
  const [type, first] = [tokens[open - 2], tokens[open + 1]?.image ?? ''];
  const endsInType = type?.tokenType === Identifier || type?.image === ']' || type?.image === ')';
  return endsInType && (factWords.has(first) || first === 'space' || first === 'tokenizer' || /^[=<>]=$/.test(tokens[open + 2]?.image ?? ''));
}

/** The parentheses of `where range (0, 1)`, which take brackets; what stands in them is two bounds. */
export function aroundBounds(tokens: readonly IToken[], open: number): Bracketed | undefined {
  const before = tokens[open - 2]?.image;
  if (tokens[open]!.image !== '(' || tokens[open - 1]?.image !== 'range' || (before !== 'where' && before !== ',')) return undefined;
  const close = tokens.findIndex((token, i) => i > open && (i > open + longestBounds || '()[]{}'.includes(token.image)));
  const commas = tokens.slice(open, close).filter(({ image }) => image === ',').length;
  return tokens[close]?.image === ')' && commas === 1 ? { open, close } : undefined;
}

/** In tokens: two numbers with their signs, and the comma. */
const longestBounds = 6;

// ---------------------------------------------------------------- without `where`

/** The words that begin a fact, and what has to follow, where that tells them from other words. */
const factWords: ReadonlyMap<string, string | undefined> = new Map([
  ['range', '['], ['norm', '('], ['sum', '('], ['mean', '('], ['std', '('],
  ['mask', undefined], ['prefix_mask', undefined], ['integer', undefined], ['finite', undefined], ['one_hot', undefined], ['nonzero', undefined],
]);

/** Whether a type ends before a token: `: f32[n]`, `-> Tokens(by: t)`, `= Embedding`; `opened`: where its last bracket opens. */
function endsType(tokens: readonly IToken[], at: number, opened: number | undefined): boolean {
  const last = tokens[at - 1]?.image;
  const name = last === ']' || last === ')' ? (opened ?? 0) - 1 : at - 1;
  if (tokens[name]?.tokenType !== Identifier) return false;
  const before = tokens[name - 1]?.image ?? '';
  // `let y = x` binds a value.
  return before === '=' ? tokens[name - 3]?.image === 'contract' : beforeType.has(before);
}

/** `space minilm` and `tokenizer bert` also begin declarations: those have a version behind a blank, or a file. */
function isNominal(tokens: readonly IToken[], at: number, inBody: boolean): boolean {
  const [name, next, version] = [tokens[at + 1], tokens[at + 2], tokens[at + 3]];
  if (name?.tokenType !== Identifier || next?.image === ':' || next?.image === '=') return false;
  const apart = next !== undefined && next.startOffset > name.startOffset + name.image.length;
  return inBody || !((next?.image === '@' && version?.tokenType === VersionLiteral && apart) || next?.image === 'from' || next?.image === 'compatible');
}

/** The words of a fact that stands behind a type, on its line, without `where`. */
export function factWithoutWhere(text: string, tokens: readonly IToken[], at: number, scene: { readonly opened: number | undefined; readonly inBody: boolean }): string | undefined {
  const [before, token, next] = [tokens[at - 1], tokens[at]!, tokens[at + 1]];
  const nominal = token.image === 'space' || token.image === 'tokenizer';
  if (before === undefined || (!nominal && !factWords.has(token.image)) || !endsType(tokens, at, scene.opened)) return undefined;
  if (/[\r\n]/.test(text.slice(before.startOffset + before.image.length, token.startOffset)) || next?.image === ':' || next?.image === '=') return undefined;
  if (nominal) return isNominal(tokens, at, scene.inBody) ? `${token.image} ${next!.image}` : undefined;
  const follows = factWords.get(token.image);
  if (follows === undefined) return token.image;
  return next?.image === follows ? `${token.image}${follows === '[' ? ' […]' : '(…)'}` : undefined;
}

// ---------------------------------------------------------------- joined by words

const beginsFact = (tokens: readonly IToken[], at: number): boolean => {
  const [word, next] = [tokens[at], tokens[at + 1]];
  if (word?.image === 'space' || word?.image === 'tokenizer') return next?.tokenType === Identifier;
  if (word?.tokenType !== Identifier) return false;
  return factWords.has(word.image) || /^[=<>]=$/.test(next?.image ?? '');
};

/** Whether a `where` stands before, with nothing between but its facts. */
function amongFacts(tokens: readonly IToken[], at: number): boolean {
  for (let i = at - 1, depth = 0; i >= 0; i--) {
    const { image } = tokens[i]!;
    if (')]'.includes(image)) depth++;
    else if ('(['.includes(image) && --depth < 0) return false;
    if (depth === 0 && image === 'where') return i < at - 1;
    if (depth === 0 && /^(?:[{}:=]|->|let|param|on)$/.test(image)) return false;
  }
  return false;
}

/** The sign that was meant by `and` between facts, or by `with` and a comma between a type and its facts. */
export function meantJoin(tokens: readonly IToken[], at: number, opened: number | undefined): ',' | 'where' | undefined {
  const { image } = tokens[at]!;
  if (!/^(?:and|with|having|,)$/.test(image) || !beginsFact(tokens, at + 1) || tokens[at + 2]?.image === ':') return undefined;
  if (image === 'and' && amongFacts(tokens, at)) return ',';
  // A colon behind the word names a field or an argument; a comma parts those.
  return endsType(tokens, at, opened) ? 'where' : undefined;
}

/** The two numbers of `range 0..1`, `range 0 to 1` and `range 0, 1`, by the index behind them. */
export function bareBounds(tokens: readonly IToken[], at: number): { readonly low: string; readonly high: string; readonly end: number } | undefined {
  const before = tokens[at - 1]?.image;
  if (tokens[at]?.image !== 'range' || (before !== 'where' && before !== ',')) return undefined;
  let next = at + 1;
  const bound = (): string | undefined => {
    const sign = tokens[next]?.image === '-' ? '-' : '';
    const number = tokens[next + sign.length];
    if (number === undefined || !(number.tokenType === NumberLiteral || number.image === 'inf')) return undefined;
    next += sign.length + 1;
    return sign + number.image;
  };
  const low = bound();
  while (/^(?:\.|\.\.\.|,|to)$/.test(tokens[next]?.image ?? '')) next++;
  const high = low === undefined ? undefined : bound();
  return low === undefined || high === undefined ? undefined : { low, high, end: next };
}

/** Whether a sign stands between `range` and its brackets: `where range = [0, 1]`. */
export const equatesBounds = (tokens: readonly IToken[], at: number): boolean =>
  /^==?$/.test(tokens[at]!.image) && tokens[at - 1]?.image === 'range' && /^(?:where|,)$/.test(tokens[at - 2]?.image ?? '') && tokens[at + 1]?.image === '[';
