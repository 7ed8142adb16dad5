/** Changes of one token: tried by reading the declaration once more, and written as fixes. */
import type { IToken, TokenType } from 'chevrotain';
import type { Edit, Fix } from '../diagnostics/diagnostic.ts';
import type { SourceText } from '../text/source.ts';
import { readableTokens } from './quick-parser.ts';
import * as t from './tokens.ts';

/** Another row of tokens: some from `at` on are left out, and one is put in their place. */
export interface Change {
  readonly at: number;
  readonly remove: number;
  readonly insert?: TokenType;
}

export interface Stumble {
  readonly source: SourceText;
  readonly tokens: readonly IToken[];
  /** How many tokens may still be read to try guesses. */
  readonly trials: { left: number };
  /** Of the token at which reading stumbled; the number of tokens at the end of the text. */
  readonly index: number;
  readonly rule: string;
}

// ---------------------------------------------------------------- tokens by their text

/** How the tokens are written that have one spelling. */
export const images: ReadonlyMap<TokenType, string> = new Map([
  ...t.punctuation.map((type) => [type, String(type.PATTERN)] as const),
  [t.CallParen, '('], [t.DimsBracket, '['],
  ...[...t.wordTokens].map(([word, type]) => [type, word] as const),
]);
/** Types that stand behind what is before them without a blank. */
const attached: ReadonlySet<TokenType> = new Set([t.Comma, t.Colon, t.CallParen, t.DimsBracket, t.RParen, t.RBracket]);
const openers: ReadonlySet<TokenType> = new Set([t.CallParen, t.DimsBracket]);

export const endOf = (token: IToken | undefined): number => (token === undefined ? 0 : token.startOffset + token.image.length);
export const isWord = (token: IToken | undefined): boolean => token !== undefined && /^[A-Za-z_]/.test(token.image);

// ---------------------------------------------------------------- trying

const starts: ReadonlySet<TokenType> = new Set([...t.declarationWords.values(), t.Import]);

/** Declarations begin at the start of a line; `space` and `tokenizer` as facts are further in. */
const isStart = ({ text }: SourceText, token: IToken): boolean =>
  starts.has(token.tokenType) && (token.startOffset === 0 || '\n\r\uFEFF'.includes(text[token.startOffset - 1]!));

/** The tokens of the declaration in which reading stumbled, from the first index up to the last. */
export function declarationOf({ source, tokens, index, rule }: Stumble): { readonly start: number; readonly end: number } {
  let start = Math.max(0, index - 1);
  while (start > 0 && !isStart(source, tokens[start]!)) start--;
  // Where a declaration was awaited, what stands there is to become one.
  let end = rule === 'module' ? index + 1 : index;
  while (end < tokens.length && !isStart(source, tokens[end]!)) end++;
  return { start, end: Math.min(end, tokens.length) };
}

const plainName = (token: IToken): IToken => ({ ...token, tokenType: t.Identifier, tokenTypeIdx: t.Identifier.tokenTypeIdx! });

function made(type: TokenType, offset: number): IToken {
  const image = images.get(type)!;
  return { image, startOffset: offset, endOffset: offset + image.length - 1, tokenType: type, tokenTypeIdx: type.tokenTypeIdx! };
}

/** A declaration that goes on for so many tokens was understood, though something else may be wrong further on. */
const enough = 6;

/** How far the declaration can be read with a change: Infinity where it is right then, undefined where the change does not help. */
function reach(stumble: Stumble, { at, remove, insert }: Change): number | undefined {
  const { tokens, trials } = stumble;
  const { start, end } = declarationOf(stumble);
  if (at < start || at > end || (trials.left -= end - start) < 0) return undefined;
  const before = tokens.slice(start, at);
  // Before a `:` every word is a name.
  if (insert === t.Colon && isWord(before.at(-1))) before.push(plainName(before.pop()!));
  const middle = insert === undefined ? [] : [made(insert, tokens[at]?.startOffset ?? endOf(tokens.at(-1)))];
  const read = readableTokens([...before, ...middle, ...tokens.slice(at + remove, end)]);
  return start + read >= stumble.index + enough ? read : undefined;
}

/** Those of some changes that help most: that make the declaration right, else those with which reading gets farthest. */
export function helpful(stumble: Stumble, changes: readonly Change[]): readonly Change[] {
  const reached = changes.flatMap((change) => {
    const read = reach(stumble, change);
    return read === undefined ? [] : [{ change, read }];
  });
  const farthest = Math.max(...reached.map(({ read }) => read));
  return reached.filter(({ read }) => read === farthest).map(({ change }) => change);
}

// ---------------------------------------------------------------- as a fix

/** The edit that makes a change, with the blanks that the language is written with. */
export function fixOf({ source, tokens }: Stumble, { at, remove, insert }: Change): Fix {
  const [before, found] = [tokens[at - 1], tokens[at]];
  const image = insert === undefined ? '' : images.get(insert)!;
  const edit = (start: number, end: number, text: string): Edit => ({ location: { uri: source.uri, span: { start, end } }, text });
  if (remove > 0) {
    const last = tokens[at + remove - 1]!;
    const title = insert === undefined ? `Remove \`${source.text.slice(found!.startOffset, endOf(last))}\`` : `Write \`${image}\``;
    return { title, edits: [edit(found!.startOffset, endOf(last), image)] };
  }
  const title = `Write \`${image}\``;
  const next = found?.startOffset ?? source.text.length;
  if (t.wordTokens.has(image) && found !== undefined) return { title, edits: [edit(next, next, `${image} `)] };
  if (insert === t.LBracket) return { title, edits: [edit(next, next, image)] };
  const blanks = source.text.slice(endOf(before), next);
  const text = `${attached.has(insert!) || before === undefined ? '' : ' '}${image}`;
  // `f x)` becomes `f(x)`.
  const end = openers.has(insert!) && /^ *$/.test(blanks) ? next : endOf(before);
  const close = end !== next || blanks !== '' || insert === t.CallParen || insert === t.DimsBracket || /^[,)\]]/.test(found?.image ?? ',') ? '' : ' ';
  return { title, edits: [edit(endOf(before), end, text + close)] };
}
