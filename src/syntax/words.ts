/** What the lexer cannot see from one word or bracket alone: its neighbours decide. */
import type { IToken, TokenType } from 'chevrotain';
import { suggest } from '../text/suggest.ts';
import { reservedNames, type ReservedName } from './reserved-names.ts';
import {
  CallParen, CaretRange, Colon, declarationWords, DimsBracket, Dot, Identifier, Inf, LBracket, LCurly, Learned, LParen, NumberLiteral, RBracket, RCurly,
  RParen, StringLiteral, VersionLiteral, wordTokens,
} from './tokens.ts';

/** A word at the head of what looks like a declaration, and the word that was probably meant. */
export interface Misspelling {
  readonly token: IToken;
  readonly meant: string;
}

/** The words that begin `NAME: …` or `NAME = …` in a body, by the word of its declaration. */
const memberWords: ReadonlyMap<string, readonly string[]> = new Map([
  ['model', ['input', 'state', 'let', 'output', 'next']], ['backbone', ['input', 'output', 'tap', 'replace']],
  ['adapter', ['let', 'param']], ['head', ['let', 'param']], ['part', ['let', 'param']],
  ['fit', ['data', 'let']], ['verify', ['data', 'let']], ['probe', ['data']], ['golden', ['data']],
]);
/** The words that begin `{ … }` in a body, likewise. */
const blockWords: ReadonlyMap<string, readonly string[]> = new Map([['model', ['budget']], ['backbone', ['card']]]);
/** What the last token of a declaration can be, besides a name. */
const lastTokens: ReadonlySet<TokenType> = new Set([
  RParen, RBracket, RCurly, StringLiteral, VersionLiteral, NumberLiteral, CaretRange, Inf, Learned,
]);

function retag(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx!;
}

const endOf = (token: IToken | undefined): number => (token === undefined ? 0 : token.startOffset + token.image.length);
const isPlainWord = (token: IToken | undefined): boolean => token?.tokenType === Identifier && !wordTokens.has(token.image);

/** The word that an unknown word at the start of a line stands for, where a declaration may begin and a name follows. */
function meantDeclaration(before: IToken | undefined, word: IToken, after: IToken | undefined): string | undefined {
  const mayBegin = before === undefined || lastTokens.has(before.tokenType) || isPlainWord(before);
  return mayBegin && isPlainWord(word) && isPlainWord(after) ? suggest(word.image, declarationWords.keys()) : undefined;
}

/** The word that begins a member, `lte x = …`, in the body of a `within`: two words and a `=` or `:`, or one and a `{`, are nothing else. */
function meantMember(within: string, word: IToken, after: IToken | undefined, next: IToken | undefined): string | undefined {
  if (isPlainWord(word) && after?.tokenType === LCurly) return suggest(word.image, blockWords.get(within) ?? []);
  const member = isPlainWord(word) && after?.tokenType === Identifier && /^(?::|==?)$/.test(next?.image ?? '');
  return member ? suggest(word.image, memberWords.get(within) ?? []) : undefined;
}

/** What else a range is called. */
const rangeWords: ReadonlySet<string> = new Set(['between', 'within', 'interval', 'bounds', 'bounded', 'limits', 'in', 'domain', 'values']);

/** `where rang [0, 1]` and `, between [0, 1]`: behind `where` no other word has brackets, and behind a comma none at all. */
function meantRange(before: IToken | undefined, word: IToken, after: IToken | undefined, next: IToken | undefined): boolean {
  if ((before?.image !== 'where' && before?.image !== ',') || word.image === 'range') return false;
  const meant = rangeWords.has(word.image) || suggest(word.image, ['range']) !== undefined;
  return meant && (after?.image === '[' ? /^(?:[-\d.]|inf$|\[$)/.test(next?.image ?? '') : after?.tokenType === Identifier && next?.image === '[');
}

/** What was read as its author probably meant it, and has to be reported. */
export interface Slips {
  readonly misspelled: readonly Misspelling[];
  /** Reserved words that stand where a name is declared. */
  readonly reserved: readonly ReservedName[];
  /** Parentheses of calls that stand below their callee, in models, where nothing else begins with one. */
  readonly below: readonly { readonly callee: IToken; readonly paren: IToken }[];
}

/**
 * Gives words and brackets their types, in place: a word after `.` or before `:` is a plain name, a `(` or `[` on the
 * line of the token before it can begin arguments or dims, and a misspelled word counts as the word that was meant.
 */
export function classifyWords(text: string, tokens: readonly IToken[]): Slips {
  const misspelled: Misspelling[] = [];
  const below: { callee: IToken; paren: IToken }[] = [];
  const reserved = reservedNames(text, tokens);
  const asNames = new Set(reserved.flatMap(({ token, uses }) => [token, ...uses]));
  let depth = 0;
  /** The word of the declaration that a body probably belongs to. */
  let within = '';
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1];
    const newLine = before === undefined || /[\r\n]/.test(text.slice(endOf(before), token.startOffset));
    if ('([{'.includes(token.image)) depth++;
    else if (')]}'.includes(token.image)) depth = Math.max(0, depth - 1);
    const isBelow = newLine && within === 'model' && depth === 2 && /^[A-Za-z_]/.test(before?.image ?? '');
    if (isBelow && token.tokenType === LParen) below.push({ callee: before!, paren: token });
    if ((!newLine || isBelow) && token.tokenType === LParen) retag(token, CallParen);
    if (!newLine && token.tokenType === LBracket) retag(token, DimsBracket);
    if (token.tokenType !== Identifier || asNames.has(token)) continue;
    const after = tokens[i + 1];
    if (before?.tokenType === Dot || after?.tokenType === Colon) continue;
    if (meantRange(before, token, after, tokens[i + 2])) {
      misspelled.push({ token, meant: 'range' });
      retag(token, wordTokens.get('range')!);
      continue;
    }
    const meant = newLine
      ? depth === 0 ? meantDeclaration(before, token, after) : meantMember(within, token, after, tokens[i + 2])
      : undefined;
    if (meant !== undefined) misspelled.push({ token, meant });
    const word = meant ?? token.image;
    if (newLine && memberWords.has(word)) within = word;
    const type = wordTokens.get(word);
    if (type !== undefined) retag(token, type);
  }
  return { misspelled, reserved, below };
}
