/** What all habits of other languages are told by: tokens that are read as others, and one edit. */
import type { IToken, TokenType } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { SourceText, Span } from '../text/source.ts';

interface Words {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
}

/** An `other-notation` whose fix writes `text` in the place of what is found. */
export function reportNotation({ uri }: SourceText, span: Span, words: Words, text: string): Diagnostic {
  const location = { uri, span };
  return syntaxCodes.report('other-notation', words, location, { fixes: [{ title: `Write \`${text}\``, edits: [{ location, text }] }] });
}

export const spanOf = (token: IToken): Span => ({ start: token.startOffset, end: token.startOffset + token.image.length });

/** Makes a token one of another type, in place. */
export function retag(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx!;
}
