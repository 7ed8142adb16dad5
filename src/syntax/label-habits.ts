/** Classes as people write them at first: as a fact, or without quotes. */
import type { IToken } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic, Edit, Fix } from '../diagnostics/diagnostic.ts';
import type { SourceText } from '../text/source.ts';
import { retag, spanOf } from './other-notation.ts';
import { Identifier, StringLiteral } from './tokens.ts';

interface LabelsFact {
  readonly diagnostic: Diagnostic;
  /** The first token behind it. */
  readonly end: number;
  /** Whether the `where` or the comma before it still has a fact. */
  readonly keepsBefore: boolean;
}

/** `where labels Mood`, which is said by the size of an axis: it is passed over. */
export function labelsFact(source: SourceText, tokens: readonly IToken[], at: number): LabelsFact | undefined {
  const before = tokens[at - 1];
  if (tokens[at]!.image !== 'labels' || (before?.image !== 'where' && before?.image !== ',')) return undefined;
  const first = '='.repeat(tokens[at + 1]?.image.length ?? 0) === tokens[at + 1]?.image ? at + 2 : at + 1;
  const named = tokens[first]?.tokenType === Identifier;
  const last = named ? first : tokens[first]?.image === '[' ? tokens.findIndex((token, i) => i > first && token.image === ']') : -1;
  // A declaration, or an argument of the name.
  if (last < first || '=:'.includes(tokens[last + 1]?.image ?? ' ')) return undefined;
  const more = before.image === 'where' && tokens[last + 1]?.image === ',';
  const name = named ? tokens[first]!.image : 'NAME';
  const text = source.text.slice(tokens[at]!.startOffset, spanOf(tokens[last]!).end);
  const span = { start: tokens[at]!.startOffset, end: spanOf(tokens[last]!).end };
  const location = { uri: source.uri, span };
  const words = { what: 'The list of classes that an axis counts', wanted: `[…, ${name}]`, found: `${before.image === 'where' ? 'where ' : ''}${text}` };
  const place = { notes: ['A `labels` declaration is a size: it stands on its axis.'], fixes: named ? sizeFix(source, tokens, at, last, more, name) : [] };
  return { diagnostic: syntaxCodes.report('other-notation', words, location, place), end: last + (more ? 2 : 1), keepsBefore: more };
}

/** Puts the labels on the last axis, which mostly counts the classes. */
function sizeFix({ uri, text }: SourceText, tokens: readonly IToken[], at: number, last: number, more: boolean, name: string): Fix[] {
  const [size, close, where] = [tokens[at - 3], tokens[at - 2], tokens[at - 1]];
  if (where?.image !== 'where' || close?.image !== ']' || size === undefined || !/^\w+$/.test(size.image)) return [];
  const start = more ? tokens[at]!.startOffset : spanOf(close).end;
  const end = more ? tokens[last + 2]?.startOffset ?? text.length : spanOf(tokens[last]!).end;
  return [{ title: `Put it on the last axis`, edits: [{ location: { uri, span: spanOf(size) }, text: name }, { location: { uri, span: { start, end } }, text: '' }] }];
}

/** `labels Mood = [bad, good]` */
export function unquotedClasses(source: SourceText, tokens: readonly IToken[], opener: number): Diagnostic[] {
  if (tokens[opener]!.image !== '[' || tokens[opener - 3]?.image !== 'labels' || tokens[opener - 1]?.image !== '=') return [];
  const words: IToken[] = [];
  let at = opener + 1;
  for (; tokens[at] !== undefined && (tokens[at]!.image === ',' || tokens[at]!.tokenType === StringLiteral || tokens[at]!.tokenType === Identifier); at++) {
    if (tokens[at]!.tokenType === Identifier) words.push(tokens[at]!);
  }
  const [first] = words;
  if (first === undefined || tokens[at]?.image !== ']') return [];
  for (const word of words) retag(word, StringLiteral);
  const { uri } = source;
  const edits: Edit[] = words.map((word) => ({ location: { uri, span: spanOf(word) }, text: `"${word.image}"` }));
  const location = { uri, span: { start: first.startOffset, end: spanOf(words.at(-1)!).end } };
  const fix = { title: words.length === 1 ? 'Put it in quotes' : 'Put them in quotes', edits };
  return [syntaxCodes.report('other-notation', { what: 'A class', wanted: `"${first.image}"`, found: first.image }, location, { fixes: [fix] })];
}
