/** What the lexer cannot see from one word or bracket alone: its neighbours decide. */
import type { IToken, TokenType } from 'chevrotain';
import { suggest } from '../text/suggest.ts';
import { CallParen, Colon, declarationWords, Dot, Identifier, LParen, wordTokens } from './tokens.ts';

/** A word at the head of what looks like a declaration, and the word that was probably meant. */
export interface Misspelling {
  readonly token: IToken;
  readonly meant: string;
}

function retag(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx!;
}

const endOf = (token: IToken | undefined): number => (token === undefined ? 0 : token.startOffset + token.image.length);

/** The word a line-starting unknown word stands for, where a declaration may begin and a name follows. */
function meantDeclaration(before: IToken | undefined, word: IToken, after: IToken | undefined): string | undefined {
  if (after?.tokenType !== Identifier || before?.image === ',' || before?.image === '=') return undefined;
  return suggest(word.image, declarationWords.keys());
}

/**
 * Gives words and `(` their types, in place: a word after `.` or before `:` is a plain name, a `(` on the line of
 * the token before it can begin arguments, and a misspelled declaration word counts as the word that was meant.
 */
export function classifyWords(text: string, tokens: readonly IToken[]): readonly Misspelling[] {
  const misspellings: Misspelling[] = [];
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1];
    const newLine = before === undefined || /[\r\n]/.test(text.slice(endOf(before), token.startOffset));
    if ('([{'.includes(token.image)) depth++;
    else if (')]}'.includes(token.image)) depth = Math.max(0, depth - 1);
    if (token.tokenType === LParen) {
      if (!newLine) retag(token, CallParen);
    } else if (token.tokenType === Identifier) {
      const after = tokens[i + 1];
      if (before?.tokenType === Dot || after?.tokenType === Colon) continue;
      const own = wordTokens.get(token.image);
      const meant = own === undefined && depth === 0 && newLine ? meantDeclaration(before, token, after) : undefined;
      if (meant !== undefined) misspellings.push({ token, meant });
      const type = own ?? (meant === undefined ? undefined : wordTokens.get(meant));
      if (type !== undefined) retag(token, type);
    }
  }
  return misspellings;
}
