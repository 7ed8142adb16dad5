/** What people write out of the habit of another language: it is read as it was meant, and reported once. */
import type { IToken, TokenType } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic, Edit } from '../diagnostics/diagnostic.ts';
import type { SourceText } from '../text/source.ts';
import { fileInHead } from './backbone-habits.ts';
import { aroundBounds, aroundFacts, bareBounds, equatesBounds, factWithoutWhere, meantJoin, type Bracketed } from './fact-habits.ts';
import { labelsFact, unquotedClasses } from './label-habits.ts';
import { reportNotation, retag, spanOf } from './other-notation.ts';
import { Arrow, Colon, Comma, declarationWords, Identifier, LBracket, RBracket, Source, StringLiteral, VersionLiteral, Where } from './tokens.ts';

const partWords: ReadonlySet<string> = new Set(['part', 'head', 'adapter']);

/** What a bracket holds: the inputs of a part, the arguments of a call, the members of a backbone, or anything else. */
type Content = 'inputs' | 'arguments' | 'backbone' | 'body' | undefined;

interface Opened {
  readonly at: number;
  readonly content: Content;
}

function contentOf(tokens: readonly IToken[], opener: number): Content {
  const { image } = tokens[opener]!;
  const before = tokens[opener - 1];
  const name = before?.tokenType === VersionLiteral ? opener - 3 : opener - 1;
  if (image === '{') return tokens[name - 1]?.image === 'backbone' ? 'backbone' : 'body';
  if (image !== '(') return undefined;
  if (partWords.has(tokens[name - 1]?.image ?? '')) return 'inputs';
  return before?.tokenType === Identifier ? 'arguments' : undefined;
}

/**
 * Reads tokens as they were meant, in place, and says so: `f(a = 1)`, `=> T`, `): T`, classes without quotes, facts without
 * `where` or in parentheses, and the file of a backbone behind another word.
 */
export function readHabits(source: SourceText, all: readonly IToken[]): { readonly tokens: IToken[]; readonly diagnostics: readonly Diagnostic[] } {
  const tokens: IToken[] = [];
  const diagnostics: Diagnostic[] = [];
  const open: Opened[] = [];
  const dropped = new Set<number>();
  let closed: Opened | undefined;
  let read = 0;
  for (const [i, token] of all.entries()) {
    if (i < read || dropped.has(i)) continue;
    const [before, next] = [all[i - 1], all[i + 1]];
    if (token.image === '>' && tokens.at(-1)?.image === '=>') continue;
    const labels = labelsFact(source, all, i);
    if (labels !== undefined) {
      diagnostics.push(labels.diagnostic);
      read = labels.end;
      if (!labels.keepsBefore) tokens.pop();
      continue;
    }
    if (open.length === 0 && isExport(source.text, all, i)) {
      diagnostics.push(reportExport(source, all, i));
      continue;
    }
    const around = aroundFacts(all, i, open.at(-1)?.content === 'inputs');
    if (around !== undefined) {
      diagnostics.push(reportParentheses(source, all, around));
      dropped.add(around.close);
      continue;
    }
    const bare = bareBounds(all, i);
    if (bare !== undefined) {
      const { tokens: meant, diagnostic } = readBareBounds(source, all, i, bare);
      tokens.push(...meant);
      diagnostics.push(diagnostic);
      read = bare.end;
      continue;
    }
    if (open.at(-1)?.content !== 'arguments' && equatesBounds(all, i)) {
      diagnostics.push(reportEquation(source, all, i));
      continue;
    }
    const head = open.length === 0 ? fileInHead(source, all, i) : undefined;
    if (head !== undefined) {
      tokens.push(...head.tokens);
      diagnostics.push(head.diagnostic);
      open.push({ at: head.end - 1, content: 'backbone' });
      read = head.end;
      continue;
    }
    const join = amongInputs(open) ? undefined : meantJoin(all, i, closed?.at);
    if (join !== undefined) {
      tokens.push(join === ',' ? { ...token, image: ',', tokenType: Comma, tokenTypeIdx: Comma.tokenTypeIdx! } : whereBefore(token));
      diagnostics.push(reportJoin(source, all, i, join));
      continue;
    }
    const bounds = open.at(-1)?.content === 'arguments' && all[i - 2]?.image !== 'where' ? undefined : aroundBounds(all, i);
    if (bounds !== undefined) diagnostics.push(readBounds(source, all, bounds));
    const inBody = open.at(-1)?.content === 'body' || open.at(-1)?.content === 'backbone';
    const fact = open.length === 0 || inBody ? factWithoutWhere(source.text, all, i, { opened: closed?.at, inBody }) : undefined;
    if (fact !== undefined) {
      diagnostics.push(reportFact(source, token, fact));
      tokens.push(whereBefore(token));
    }
    tokens.push(token);
    if ('([{'.includes(token.image)) {
      open.push({ at: i, content: contentOf(all, i) });
      diagnostics.push(...unquotedClasses(source, all, i));
    } else if (')]}'.includes(token.image)) closed = open.pop();
    else if (open.at(-1)?.content === 'backbone' && namesFile(all, i)) {
      const file = next!.tokenType === StringLiteral ? next! : all[i + 2]!;
      if (file !== next) dropped.add(i + 1);
      retag(token, Source);
      diagnostics.push(reportFile(source, token, file));
    } else if (token.image === '=' && before?.tokenType === Identifier && open.at(-1)?.content === 'arguments' && '(,'.includes(all[i - 2]?.image ?? ' ')) {
      retag(token, Colon);
      diagnostics.push(reportNotation(source, spanOf(token), { what: 'A named argument', wanted: `${before.image}: …`, found: `${before.image} = …` }, ':'));
    } else if (before?.image === ')' && closed?.content === 'inputs' && isArrow(token, next)) {
      const found = token.image === ':' ? ':' : '=>';
      Object.assign(token, { image: found, endOffset: token.startOffset + found.length - 1 });
      retag(token, Arrow);
      diagnostics.push(reportNotation(source, spanOf(token), { what: 'A result type', wanted: '-> T', found: found === ':' ? ': T' : '=> T' }, found === ':' ? ' ->' : '->'));
    }
  }
  return { tokens, diagnostics };
}

/** Inside parentheses and brackets a comma parts other things. */
const amongInputs = (open: readonly Opened[]): boolean => open.length > 0 && open.at(-1)!.content !== 'body' && open.at(-1)!.content !== 'backbone';

const isArrow = (token: IToken, next: IToken | undefined): boolean =>
  token.image === ':' || (token.image === '=' && next?.image === '>' && next.startOffset === token.startOffset + 1);

// ---------------------------------------------------------------- facts, and the file of a backbone

const exportWords: ReadonlySet<string> = new Set(['export', 'pub', 'public', 'private']);

/** `export part`, which is written of other languages' modules. */
function isExport(text: string, tokens: readonly IToken[], at: number): boolean {
  const [token, next] = [tokens[at]!, tokens[at + 1]];
  if (!exportWords.has(token.image) || next === undefined || !declarationWords.has(next.image)) return false;
  const { end } = spanOf(token);
  return !/[\r\n]/.test(text.slice(end, next.startOffset)) && /(?:^|[\r\n])[ \t]*$/.test(text.slice(Math.max(0, token.startOffset - 80), token.startOffset));
}

function reportExport({ uri }: SourceText, tokens: readonly IToken[], at: number): Diagnostic {
  const [token, next] = [tokens[at]!, tokens[at + 1]!];
  const words = { what: 'A declaration', wanted: `${next.image} …`, found: `${token.image} ${next.image} …` };
  const place = {
    notes: ['Everything that a module declares can be imported: nothing has to say so.'],
    fixes: [{ title: `Leave out \`${token.image}\``, edits: [{ location: { uri, span: { start: token.startOffset, end: next.startOffset } }, text: '' }] }],
  };
  return syntaxCodes.report('other-notation', words, { uri, span: spanOf(token) }, place);
}

/** Where the fact begins, so that every other place is as in the text. */
const whereBefore = (token: IToken): IToken => ({ ...token, image: 'where', tokenType: Where, tokenTypeIdx: Where.tokenTypeIdx! });

function reportFact({ uri }: SourceText, token: IToken, fact: string): Diagnostic {
  const { start } = spanOf(token);
  const fix = { title: 'Write `where` before the facts', edits: [{ location: { uri, span: { start, end: start } }, text: 'where ' }] };
  return syntaxCodes.report('other-notation', { what: 'A fact', wanted: `where ${fact}`, found: fact }, { uri, span: spanOf(token) }, { fixes: [fix] });
}

/** `a and b` between facts, `T with a` and `T, a` before them. */
function reportJoin({ uri, text }: SourceText, tokens: readonly IToken[], at: number, join: ',' | 'where'): Diagnostic {
  const [before, token, next] = [tokens[at - 1]!, tokens[at]!, tokens[at + 1]!];
  const location = { uri, span: spanOf(token) };
  const words = join === ',' ? { what: 'A list of facts', wanted: 'where a, b', found: 'where a and b' } : { what: 'A fact', wanted: `where ${next.image} …`, found: `${token.image} ${next.image} …` };
  const start = spanOf(before).end;
  const blank = /^\s/.test(text.slice(spanOf(token).end)) ? '' : ' ';
  const edit = { location: { uri, span: { start, end: spanOf(token).end } }, text: join === ',' ? ',' : ` where${blank}` };
  return syntaxCodes.report('other-notation', words, location, { fixes: [{ title: `Write \`${join}\``, edits: [edit] }] });
}

/** `range 0..1`, as the range that it means. */
function readBareBounds(source: SourceText, all: readonly IToken[], at: number, { low, high, end }: { readonly low: string; readonly high: string; readonly end: number }): { readonly tokens: IToken[]; readonly diagnostic: Diagnostic } {
  const [first, last] = [all[at + 1]!, all[end - 1]!];
  const span = { start: first.startOffset, end: spanOf(last).end };
  const sign = (token: IToken, image: string, type: TokenType): IToken => ({ ...token, image, tokenType: type, tokenTypeIdx: type.tokenTypeIdx! });
  const numbers = all.slice(at + 1, end).filter(({ image }) => image === '-' || image === 'inf' || /^\d/.test(image));
  const second = low.startsWith('-') ? 2 : 1;
  const tokens = [all[at]!, sign(first, '[', LBracket), ...numbers.slice(0, second), sign(numbers[second]!, ',', Comma), ...numbers.slice(second), sign(last, ']', RBracket)];
  const found = source.text.slice(span.start, span.end);
  return { tokens, diagnostic: reportNotation(source, span, { what: 'A range', wanted: `range [${low}, ${high}]`, found: `range ${found}` }, `[${low}, ${high}]`) };
}

/** `range = [0, 1]` */
function reportEquation({ uri, text }: SourceText, tokens: readonly IToken[], at: number): Diagnostic {
  const token = tokens[at]!;
  const close = tokens.findIndex(({ image }, i) => i > at && image === ']');
  const bounds = text.slice(tokens[at + 1]!.startOffset, spanOf(tokens[close] ?? token).end);
  const edit = { location: { uri, span: { start: spanOf(token).start, end: tokens[at + 1]!.startOffset } }, text: '' };
  const before = /\s$/.test(text.slice(0, token.startOffset)) ? edit : { ...edit, text: ' ' };
  const words = { what: 'A range', wanted: `range ${bounds}`, found: `range ${token.image} ${bounds}` };
  return syntaxCodes.report('other-notation', words, { uri, span: spanOf(token) }, { fixes: [{ title: `Leave out \`${token.image}\``, edits: [before] }] });
}

function reportParentheses({ uri }: SourceText, tokens: readonly IToken[], { open, close }: Bracketed): Diagnostic {
  const [first, last] = [spanOf(tokens[open]!), spanOf(tokens[close]!)];
  const words = tokens[open - 1]!.image === 'where'
    ? { what: 'A list of facts', wanted: 'where …', found: 'where (…)' }
    : { what: 'A type', wanted: 'T', found: '(T)' };
  const edits: Edit[] = [first, last].map((span) => ({ location: { uri, span }, text: '' }));
  const place = { fixes: [{ title: 'Leave out the parentheses', edits }] };
  return syntaxCodes.report('other-notation', words, { uri, span: { start: first.start, end: last.end } }, place);
}

/** `range (0, 1)`, with the brackets in place. */
function readBounds(source: SourceText, tokens: readonly IToken[], { open, close }: Bracketed): Diagnostic {
  const [first, last] = [tokens[open]!, tokens[close]!];
  const span = { start: first.startOffset, end: spanOf(last).end };
  const bounds = source.text.slice(span.start + 1, last.startOffset);
  Object.assign(first, { image: '[' });
  Object.assign(last, { image: ']' });
  retag(first, LBracket);
  retag(last, RBracket);
  return reportNotation(source, span, { what: 'A range', wanted: `range [${bounds}]`, found: `range (${bounds})` }, `[${bounds}]`);
}

/** What others call the file of a network. */
const fileWords: ReadonlySet<string> = new Set(['onnx', 'file', 'path', 'model', 'graph']);

/** `onnx "./b.onnx"`, `path: "./b.onnx"` and `source = "./b.onnx"`. */
function namesFile(tokens: readonly IToken[], at: number): boolean {
  const { image } = tokens[at]!;
  const [next, second] = [tokens[at + 1], tokens[at + 2]];
  if (next?.tokenType === StringLiteral) return fileWords.has(image);
  return (fileWords.has(image) || image === 'source') && (next?.image === ':' || next?.image === '=') && second?.tokenType === StringLiteral;
}

function reportFile(source: SourceText, word: IToken, file: IToken): Diagnostic {
  const span = { start: word.startOffset, end: file.startOffset };
  const found = source.text.slice(span.start, span.end).trimEnd();
  const words = { what: "A backbone's file", wanted: `source ${file.image}`, found: `${found} ${file.image}` };
  return reportNotation(source, { start: span.start, end: span.start + found.length }, words, 'source');
}
