/** From text to tokens, with everything that can be said about them one by one. Total: any text has tokens. */
import type { IToken } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic, Fix, Place } from '../diagnostics/diagnostic.ts';
import type { Location, SourceText, Span } from '../text/source.ts';
import { suggest } from '../text/suggest.ts';
import { blockComments, reportBlock, withoutBlocks } from './block-comments.ts';
import type { SourceComment } from './comment.ts';
import { meantText, reportQuoted } from './character-habits.ts';
import { readHabits } from './habits.ts';
import { limits } from './limits.ts';
import { reportReserved } from './reserved-names.ts';
import { scan, type Scanned } from './scan.ts';
import { flawsOf, isClosed, type StringFlaw } from './strings.ts';
import { NumberLiteral, QuantityLiteral, StringLiteral } from './tokens.ts';
import { otherUnits, unitOf, units } from './units.ts';
import { classifyWords, type Misspelling } from './words.ts';

/** `///` lines that follow each other, with nothing else on their lines. */
export interface DocComment {
  /** Without the slashes and the blank behind them. */
  readonly text: string;
  readonly span: Span;
}

export interface Lexed {
  readonly tokens: IToken[];
  readonly comments: readonly SourceComment[];
  /** The `///` lines between a token, by its offset, and the token before. */
  readonly docs: ReadonlyMap<number, DocComment>;
  /** The `///` comments behind other text on their line. */
  readonly strayDocs: readonly Span[];
  /** True where tokens were left out because they were nested too deeply. */
  readonly truncated: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export const locationAt = (source: SourceText, start: number, length: number): Location => ({
  uri: source.uri,
  span: { start, end: start + length },
});

const closers: Readonly<Partial<Record<string, string>>> = { '(': ')', '[': ']', '{': '}' };
const isCloser: ReadonlySet<string> = new Set([')', ']', '}']);

/** The tokens as deep as the limit allows, and the first bracket below it. */
function withinDepth(tokens: readonly IToken[]): { readonly kept: IToken[]; readonly tooDeep: IToken | undefined } {
  /** The closers that are awaited, as many as the limit allows; `below` counts the brackets deeper than that. */
  const awaited: string[] = [];
  let below = 0;
  let tooDeep: IToken | undefined;
  const kept = tokens.filter((token) => {
    const closer = closers[token.image];
    const closes = isCloser.has(token.image);
    if (below > 0 || (closer !== undefined && awaited.length === limits.bracketDepth)) {
      tooDeep ??= token;
      if (closer !== undefined) below++;
      else if (closes) below--;
      return false;
    }
    if (closer !== undefined) awaited.push(closer);
    else if (closes) {
      // A closer that is not the innermost one closes what its author forgot to close.
      const at = awaited.lastIndexOf(token.image);
      if (at >= 0) awaited.length = at;
    }
    return true;
  });
  return { kept, tooDeep };
}

const isDoc = (comment: IToken): boolean => comment.image.startsWith('///');
const spanOfImage = (token: IToken): Span => ({ start: token.startOffset, end: token.startOffset + token.image.length });

/** True where only blanks stand before an offset on its line. */
function isFirstOnLine(text: string, offset: number): boolean {
  let at = offset - 1;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\uFEFF') at--;
  return at < 0 || text[at] === '\n' || text[at] === '\r';
}

/** Every `///` line of its own belongs to the next token, or to the end of the text; those behind other text are stray. */
function docsOf(text: string, tokens: readonly IToken[], comments: readonly IToken[]): Pick<Lexed, 'docs' | 'strayDocs'> {
  const docs = new Map<number, DocComment>();
  const strayDocs: Span[] = [];
  let next = 0;
  for (const comment of comments.filter(isDoc)) {
    const span = spanOfImage(comment);
    if (!isFirstOnLine(text, span.start)) {
      strayDocs.push(span);
      continue;
    }
    while (next < tokens.length && tokens[next]!.startOffset < span.start) next++;
    const owner = tokens[next]?.startOffset ?? text.length;
    const line = comment.image.replace(/^\/\/\/ ?/, '').trimEnd();
    const above = docs.get(owner);
    docs.set(owner, above === undefined ? { text: line, span } : { text: `${above.text}\n${line}`, span: { ...above.span, end: span.end } });
  }
  return { docs, strayDocs };
}

const hints: Readonly<Record<string, string>> = {
  "'": 'Strings stand in double quotes.',
  '`': 'Strings stand in double quotes.',
  '“': 'Strings stand in straight double quotes.',
  '”': 'Strings stand in straight double quotes.',
  '#': 'A comment begins with `//`.',
  ';': 'Nothing in MDL ends with a semicolon.',
  '&': 'Facts stand behind each other with commas; of masks it is `onnx.And(a, b)`.',
  '?': 'A size that each run decides has a name of your choice, `f32[batch, 4]`; of two values `onnx.Where(condition, a, b)` takes one element by element.',
  '±': 'A tolerance is written `+-`.',
  '·': 'A product of matrices is `onnx.MatMul(x, y)`, one of elements `x * y`.',
  '~': 'Behind `@` stands a version, `1.2.0` or `1.2`, a caret and one, `^1.2`, or several of these, `^1 | ^2`.',
  '%': 'What a division leaves is `mod`, which is of sizes and stands inside of brackets, `(n mod 2)`; of tensors it is `x - onnx.Floor(x / 2) * 2`. A share stands right behind its number, `5%`.',
  '^': 'A version range is a caret and a version, `^2` or `^2.1`; a power is `onnx.Pow(x, 2)`.',
};

const isPlain = (text: string): boolean => /^[\p{L}\p{N}\p{P}\p{S}]+$/u.test(text);

/** Characters as a message can show them: as they are, or by their code points. */
export function showCharacters(text: string): string {
  if (text.length <= 8 && isPlain(text)) return `\`${text}\``;
  const shown = [...text].slice(0, 3).map((c) => (isPlain(c) ? `\`${c}\`` : `U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`));
  return text.length > 3 ? `${shown.join(', ')}, …` : shown.join(', ');
}

function fixesOf({ text }: SourceText, found: string, location: Location): Fix[] {
  if (found === ';') return [{ title: 'Remove the semicolon', edits: [{ location, text: '' }] }];
  if (/^#+$/.test(found)) return [{ title: 'Write `//`', edits: [{ location, text: /^\S/.test(text.slice(location.span.end, location.span.end + 1)) ? '// ' : '//' }] }];
  // `f32[?, 8]`
  if (found === '?' && /[[,]\s*$/.test(text.slice(0, location.span.start)) && /^\s*[\],]/.test(text.slice(location.span.end))) {
    const name = /\[\s*$/.test(text.slice(0, location.span.start)) ? 'batch' : 'n';
    return [{ title: `Write \`${name}\``, edits: [{ location, text: name }] }];
  }
  if (found !== '&&') return [];
  const { start, end } = location.span;
  const blanks = /\s*$/.exec(text.slice(0, start))![0].length;
  return [{ title: 'Write a comma', edits: [{ location: { ...location, span: { start: start - blanks, end } }, text: ',' }] }];
}

function unexpectedCharacter(source: SourceText, span: Span): Diagnostic {
  const location = { uri: source.uri, span };
  const text = source.text.slice(span.start, span.end);
  const hint = hints[text[0]!];
  const letters = /\p{L}/u.test(text) ? 'Names are made of the letters a to z, digits and `_`.' : undefined;
  const place: Place = {
    notes: [hint ?? letters ?? []].flat(),
    fixes: fixesOf(source, text, location),
  };
  return syntaxCodes.report('unexpected-character', { characters: showCharacters(text) }, location, place);
}

/** `".\\models\\t.json"` */
const isWindowsPath = ({ image }: IToken): boolean => /^"(?:\.{0,2}|[A-Za-z]:)(?:\\[\w. -]+)+\.\w+"$/.test(image);

function flawOfString(source: SourceText, token: IToken, flaw: StringFlaw): Diagnostic {
  const location = locationAt(source, flaw.start, flaw.text.length);
  if (flaw.kind === 'character') return syntaxCodes.report('unexpected-character', { characters: showCharacters(flaw.text) }, location);
  const notes = ['The escapes are `\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u` with four hexadecimal digits.'];
  const slashes = isWindowsPath(token) ? [{ title: 'Write `/` in paths', edits: [{ location: locationAt(source, token.startOffset, token.image.length), text: token.image.replaceAll('\\', '/') }] }] : [];
  const double = { title: 'Write a backslash', edits: [{ location: locationAt(source, flaw.start, 0), text: '\\' }] };
  return syntaxCodes.report('unknown-escape', { escape: flaw.text }, location, { notes, fixes: slashes.length > 0 ? slashes : [double] });
}

function checkQuantity(source: SourceText, token: IToken): readonly Diagnostic[] {
  const unit = unitOf(token.image);
  const location = locationAt(source, token.startOffset, token.image.length);
  const number = token.image.slice(0, -unit.length);
  if (!Number.isFinite(Number(number))) return [syntaxCodes.report('number-out-of-range', { number }, location)];
  if (units.includes(unit)) return [];
  const place = locationAt(source, token.startOffset + token.image.length - unit.length, unit.length);
  const meant = suggest(unit, units) ?? otherUnits[unit.toLowerCase()];
  const fixes = meant === undefined ? [] : [{ title: `Write \`${meant}\``, edits: [{ location: place, text: meant }] }];
  return [syntaxCodes.report('unknown-unit', { unit, units }, place, { fixes })];
}

/** Where a string that goes on to the end of its line probably ends: before brackets that were opened on this line. */
function closingOf({ text }: SourceText, { image, startOffset }: IToken): number {
  const line = text.slice(Math.max(0, text.lastIndexOf('\n', startOffset)), startOffset).replace(/"(?:[^"\\]|\\.)*"/g, '');
  const opened = line.replace(/[^([{]/g, '').length - line.replace(/[^)\]}]/g, '').length;
  const closed = /[)\]}]*$/.exec(image)![0].length;
  return startOffset + image.length - Math.min(closed, Math.max(0, opened));
}

function checkToken(source: SourceText, token: IToken): readonly Diagnostic[] {
  const location = locationAt(source, token.startOffset, token.image.length);
  if (token.tokenType === NumberLiteral && !Number.isFinite(Number(token.image))) {
    return [syntaxCodes.report('number-out-of-range', { number: token.image }, location)];
  }
  const whole = token.tokenType === NumberLiteral && /^\d+$/.test(token.image) ? BigInt(Number(token.image)) : undefined;
  if (whole !== undefined && whole !== BigInt(token.image)) {
    const near = { title: `Write ${whole}`, edits: [{ location, text: String(whole) }] };
    return [syntaxCodes.report('number-out-of-range', { number: token.image, nearest: String(whole) }, location, { fixes: [near] })];
  }
  if (token.tokenType === QuantityLiteral) return checkQuantity(source, token);
  if (token.tokenType !== StringLiteral) return [];
  const flaws = flawsOf(token).map((flaw) => flawOfString(source, token, flaw));
  if (isClosed(token.image)) return flaws;
  const close = { title: 'Close the string', edits: [{ location: locationAt(source, closingOf(source, token), 0), text: '"' }] };
  return [...flaws, syntaxCodes.report('unclosed-string', undefined, location, { fixes: [close] })];
}

function misspelledWord(source: SourceText, { token, meant }: Misspelling): Diagnostic {
  const location = locationAt(source, token.startOffset, token.image.length);
  const fix = { title: `Write \`${meant}\``, edits: [{ location, text: meant }] };
  return syntaxCodes.report('misspelled-word', { found: token.image, meant }, location, { fixes: [fix] });
}

function callBelow(source: SourceText, callee: IToken, paren: IToken): Diagnostic {
  const end = callee.startOffset + callee.image.length;
  const isBlank = source.text.slice(end, paren.startOffset).trim() === '';
  const fixes = isBlank ? [{ title: 'Join the lines', edits: [{ location: locationAt(source, end, paren.startOffset - end), text: '' }] }] : [];
  const words = { what: 'A call', wanted: `${callee.image}(…)`, found: '(…)' };
  return syntaxCodes.report('other-notation', words, locationAt(source, paren.startOffset, 1), { notes: ["A call's `(` stands on the line of its callee."], fixes });
}

/** Comments between signs are left out; text that begins no token is looked at once more: single quotes, `#` and foreign letters are read as they were meant. */
function scanAsMeant(source: SourceText): Pick<Scanned, 'tokens' | 'comments'> & { readonly diagnostics: readonly Diagnostic[] } {
  const blocks = blockComments(source.text);
  const whole = withoutBlocks(source.text, blocks);
  const reported = blocks.map((block) => reportBlock(source, block));
  const first = scan(whole);
  if (first.strays.length === 0) return { ...first, diagnostics: reported };
  const { text, quoted, hashes } = meantText(whole, first.strays);
  const { tokens, comments, strays } = text === whole ? first : scan(text);
  // Once a name.
  const letters = first.strays.filter(({ start }, i) => {
    const last = first.strays[i - 1]?.end;
    return text[start] === '_' && (last === undefined || !/^\w+$/.test(text.slice(last, start)));
  });
  const diagnostics = [...reported, ...[...letters, ...strays, ...hashes].map((span) => unexpectedCharacter(source, span)), ...quoted.map((span) => reportQuoted(source, span))];
  return { tokens, comments, diagnostics };
}

export function lex(source: SourceText): Lexed {
  if (source.text.length > limits.sourceLength) {
    const sizes = { length: source.text.length, limit: limits.sourceLength };
    const tooLarge = syntaxCodes.report('source-too-large', sizes, locationAt(source, 0, 0));
    return { tokens: [], comments: [], docs: new Map(), strayDocs: [], truncated: true, diagnostics: [tooLarge] };
  }
  const { tokens, comments, diagnostics: found } = scanAsMeant(source);
  const { kept: shallow, tooDeep } = withinDepth(tokens);
  const diagnostics = [...found, ...tokens.flatMap((token) => checkToken(source, token))];
  const habits = readHabits(source, shallow);
  const kept = habits.tokens;
  const slips = classifyWords(source.text, kept);
  diagnostics.push(...habits.diagnostics);
  diagnostics.push(...slips.misspelled.map((slip) => misspelledWord(source, slip)));
  diagnostics.push(...slips.below.map(({ callee, paren }) => callBelow(source, callee, paren)));
  diagnostics.push(...slips.reserved.map((name) => reportReserved(source, kept, name)));
  if (tooDeep) {
    diagnostics.push(syntaxCodes.report('nesting-too-deep', { limit: limits.bracketDepth }, locationAt(source, tooDeep.startOffset, 1)));
  }
  return {
    tokens: kept,
    comments: comments.map((c) => ({ text: c.image, span: spanOfImage(c) })),
    ...docsOf(source.text, kept, comments),
    truncated: tooDeep !== undefined,
    diagnostics,
  };
}
