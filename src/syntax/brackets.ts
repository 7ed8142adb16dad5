/** Brackets that nothing closes: which they are, and where they may have been meant to close. */
import type { IToken } from 'chevrotain';

export const openerOf: Readonly<Partial<Record<string, string>>> = { RParen: '(', RBracket: '[', RCurly: '{' };
export const closerOf: Readonly<Partial<Record<string, string>>> = { '(': ')', '[': ']', '{': '}' };

const isOpener = (token: IToken): boolean => closerOf[token.image] !== undefined;
const isCloser = (token: IToken): boolean => openerOf[token.tokenType.name] !== undefined;

/** The brackets that nothing closes, by the offset of the bracket. */
export function unclosedBrackets(tokens: readonly IToken[]): ReadonlySet<number> {
  const open: IToken[] = [];
  const unclosed = new Set<number>();
  for (const token of tokens) {
    if (isOpener(token)) open.push(token);
    else if (isCloser(token)) {
      const at = open.findLastIndex((opener) => closerOf[opener.image] === token.image);
      if (at < 0) continue;
      for (const opener of open.splice(at).slice(1)) unclosed.add(opener.startOffset);
    }
  }
  for (const opener of open) unclosed.add(opener.startOffset);
  return unclosed;
}

/** The index of the innermost opening bracket of its kind before an index that is not closed before it. */
export function openBefore(tokens: readonly IToken[], opener: string, index: number): number | undefined {
  const open: number[] = [];
  for (let i = 0; i < index; i++) {
    if (tokens[i]!.image === opener) open.push(i);
    else if (tokens[i]!.image === closerOf[opener]) open.pop();
  }
  return open.at(-1);
}

// ---------------------------------------------------------------- places

/** In one declaration; a text with more is no slip of a hand. */
const mostBrackets = 16;

/** Words that say of which kind a parameter is: none of them is a size. */
const kinds = /^(?:int|float|any|bool|str|string|dtype|space|tokenizer|labels|initializer|[fiuc]\d\w*|bf16)$/;

interface Content {
  readonly tokens: readonly IToken[];
  /** Behind the opening bracket. */
  readonly start: number;
  /** Of the closing bracket, or of the token at which reading stumbled. */
  readonly end: number;
}

const isLabel = (tokens: readonly IToken[], i: number): boolean => /^\w/.test(tokens[i]?.image ?? '') && tokens[i + 1]?.image === ':';

/** The indices of the commas, pipes and other tokens that stand in a bracket itself, and not in one inside of it. */
function ownTokens({ tokens, start, end }: Content): number[] {
  const own: number[] = [];
  for (let i = start, depth = 0; i < end; i++) {
    if (isCloser(tokens[i]!) && depth-- === 0) break;
    if (depth === 0) own.push(i);
    if (isOpener(tokens[i]!)) depth++;
  }
  return own;
}

/** Sizes and numbers have no labels, or all of them: `[..., d, out: int)` closes before `out`. */
function beforeLabel(content: Content): number[] {
  const { tokens, start } = content;
  return ownTokens(content).filter((i) => tokens[i]!.image === ',' && isLabel(tokens, i + 1) && (!isLabel(tokens, start) || kinds.test(tokens[i + 3]?.image ?? '')));
}

/** A named argument is the last of its call where a pipe goes on, `f(out: n |> g`, or one without a name comes behind it. */
function behindNamed(content: Content): number[] {
  const { tokens, start } = content;
  const items = ownTokens(content);
  let named = isLabel(tokens, start);
  return items.filter((i) => {
    const { image } = tokens[i]!;
    if (image === ',' && isLabel(tokens, i + 1)) named = true;
    return named && ((image === ',' && !isLabel(tokens, i + 1)) || image === '|>');
  });
}

const indentOf = (text: string, offset: number): number => {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))![0].length;
};

/** The end of the bracket's line, where the next line is not further in. */
function endOfLine(text: string, { tokens, start, end }: Content): number[] {
  const opener = tokens[start - 1]!;
  const lineEnd = text.indexOf('\n', opener.startOffset);
  const next = tokens.findIndex((token, i) => i >= start && token.startOffset > lineEnd);
  if (lineEnd < 0 || next <= start || next > end || indentOf(text, tokens[next]!.startOffset) > indentOf(text, opener.startOffset)) return [];
  return [tokens[next - 1]!.image === ',' ? next - 1 : next];
}

/**
 * Before which tokens a closing bracket may be missing, the likeliest first: inside of the bracket that is open where
 * reading stumbled, and of those in it, which may have been closed by what was meant for the outer one.
 */
export function closerPlaces(text: string, tokens: readonly IToken[], open: number, stumbled: number): number[] {
  const { image } = tokens[open]!;
  const contents: Content[] = [];
  for (let i = open; i < stumbled && contents.length < mostBrackets; i++) {
    if (tokens[i]!.image === image) contents.push({ tokens, start: i + 1, end: stumbled });
  }
  const within = contents.flatMap(image === '[' ? beforeLabel : behindNamed);
  return [...new Set([...within, ...contents.flatMap((content) => endOfLine(text, content)), stumbled])];
}
