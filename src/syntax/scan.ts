/** From characters to tokens. Total: what begins no token is passed over and reported. */
import type { IToken, TokenType } from 'chevrotain';
import type { Span } from '../text/source.ts';
import { Blank, Comment, endOfString, punctuation, shapes, StringLiteral } from './tokens.ts';

export interface Scanned {
  readonly tokens: IToken[];
  readonly comments: IToken[];
  /** Runs of characters that begin no token. */
  readonly strays: readonly Span[];
}

const imageOf = (type: TokenType): string => String(type.PATTERN);
const sourceOf = (type: TokenType): string => (type === StringLiteral ? '"' : (type.PATTERN as RegExp).source);
const escaped = (image: string): string => image.replace(/[^\w]/g, '\\$&');

/** One group a shape; what stands in none is punctuation. */
const anyToken = [...shapes.map((type) => `(${sourceOf(type)})`), ...punctuation.map((type) => escaped(imageOf(type)))].join('|');
const typeOfImage: ReadonlyMap<string, TokenType> = new Map(punctuation.map((type) => [imageOf(type), type]));

/**
 * The grammar's own expressions as one. Chevrotain's lexer, made of the same table, reads the same tokens; but it works
 * out first which characters begin which, for longer than most texts take.
 */
export function scan(text: string): Scanned {
  const next = new RegExp(anyToken, 'y');
  const tokens: IToken[] = [];
  const comments: IToken[] = [];
  const strays: { start: number; end: number }[] = [];
  for (let at = 0; at < text.length; ) {
    next.lastIndex = at;
    const match = next.exec(text);
    if (match === null) {
      const last = strays.at(-1);
      if (last?.end === at) last.end++;
      else strays.push({ start: at, end: at + 1 });
      at++;
      continue;
    }
    const group = match.findIndex((part, i) => i > 0 && part !== undefined);
    const type = group < 0 ? typeOfImage.get(match[0])! : shapes[group - 1]!;
    const end = type === StringLiteral ? endOfString(text, at) : at + match[0].length;
    if (type === Comment) comments.push(tokenOf(type, text, at, end));
    else if (type !== Blank) tokens.push(tokenOf(type, text, at, end));
    at = end;
  }
  return { tokens, comments, strays };
}

/** The locations of the concrete tree need both ends, the last character's offset as chevrotain counts it. */
const tokenOf = (type: TokenType, text: string, start: number, end: number): IToken => ({
  image: text.slice(start, end),
  startOffset: start,
  endOffset: end - 1,
  tokenTypeIdx: type.tokenTypeIdx!,
  tokenType: type,
});
