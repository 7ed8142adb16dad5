/** The TextMate grammar, on the engine that editors run it on, says what the lexer says. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { TokenType } from 'chevrotain';
import { expect, test } from 'vitest';
import { factWords, kindWords } from '../../src/ide/hover/words.ts';
import { lex } from '../../src/syntax/lex.ts';
import * as t from '../../src/syntax/tokens.ts';
import { createSource, positionAt, type SourceText } from '../../src/text/source.ts';
import { dtypeFamilies, dtypes } from '../../src/types/dtype.ts';
import { paint, type Painted } from './textmate.ts';

const root = path.resolve(import.meta.dirname, '../..');

// ---------------------------------------------------------------- what a token's scope may be

const signs: readonly TokenType[] = [
  t.At, t.Arrow, t.Pipe, t.Bar, t.PlusMinus, t.Plus, t.Minus, t.Star, t.Slash, t.GreaterEquals, t.LessEquals, t.Greater, t.Less, t.EqualsEquals, t.Equals,
];
const brackets: readonly TokenType[] = [t.LParen, t.CallParen, t.RParen, t.LBracket, t.DimsBracket, t.RBracket, t.LCurly, t.RCurly];
const keyword = /^(?:storage\.type|keyword\.(?:control|other))\.mdl$/;

const scopeOf: ReadonlyMap<TokenType, RegExp> = new Map([
  [t.Identifier, /^(?:variable|entity\.name|support|constant\.language)\./],
  [t.StringLiteral, /^(?:string\.quoted|constant\.character\.escape)\./],
  [t.VersionLiteral, /^constant\.numeric\.version\./],
  [t.CaretRange, /^constant\.numeric\.version\./],
  [t.NumberLiteral, /^constant\.numeric\.mdl$/],
  [t.QuantityLiteral, /^(?:constant\.numeric\.quantity|keyword\.other\.unit)\./],
  [t.Comma, /^punctuation\.separator\./],
  [t.Colon, /^punctuation\.separator\./],
  [t.Dot, /^punctuation\.accessor\./],
  [t.Ellipsis, /^punctuation\.ellipsis\./],
  ...signs.map((type) => [type, /^keyword\.operator\./] as const),
  ...brackets.map((type) => [type, /^punctuation\.bracket\./] as const),
  ...[...t.wordTokens.values()].map((type) => [type, keyword] as const),
]);

const declares: ReadonlySet<TokenType> = new Set(t.declarationWords.values());
const reserved: ReadonlySet<TokenType> = new Set(t.reservedWords.values());

/** Every place where the engine and the lexer disagree about a text. */
function disagreements(text: string): string[] {
  const source = createSource('', text);
  const { tokens, comments, diagnostics } = lex(source);
  const painted = paint(source.text);
  const places = diagnostics.flatMap(({ location, fixes }) => [location, ...fixes.flatMap(({ edits }) => edits.map((edit) => edit.location))]);
  const slips = new Set(places.map(({ span }) => lineOf(source, span.start)));
  const wrong = (start: number, end: number, wanted: RegExp): string[] => {
    // What is wrong in a line the lexer may read as something else than stands there.
    if (slips.has(lineOf(source, start))) return [];
    const found = painted.filter((p) => p.start < end && p.end > start);
    const covered = found.length > 0 && found.every(({ scopes }) => wanted.test(scopes.at(-1) ?? ''));
    return covered ? [] : [`${source.text.slice(start, end)}: ${show(found)}, not ${wanted.source}`];
  };
  return [
    ...tokens.flatMap(({ tokenType, startOffset: start, image }, i) => {
      // What is declared is a name, also where it is one of the words that are free to be names.
      const named = declares.has(tokens[i - 1]?.tokenType ?? t.Dot) && !reserved.has(tokenType) && /^\w/.test(image);
      // A word of the language only behind `on`, so that it needs no token of its own.
      const wanted = image === 'violation' && tokens[i - 1]?.tokenType === t.On ? keyword : scopeOf.get(tokenType)!;
      return wrong(start, start + image.length, named ? new RegExp(`${wanted.source}|^entity\\.name\\.type\\.`) : wanted);
    }),
    ...comments.flatMap(({ text: comment, span }) => wrong(span.start, span.end, comment.startsWith('///') ? /^comment\.line\.documentation\./ : /^comment\.line\.double-slash\./)),
  ];
}
const lineOf = (source: SourceText, offset: number): number => positionAt(source, offset).line;
const show = (found: readonly Painted[]): string => found.map(({ scopes }) => scopes.join(' ')).join(', ');

// ---------------------------------------------------------------- texts

const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(ending)).map((file) => path.join(folder, file));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const blocksOf = (page: string): string[] => [...read(page).matchAll(/^```mdl.*\n([^]*?)^```$/gm)].map((match) => match[1]!);

test.each(['stdlib', 'examples', 'test/cases'])('the modules of %s', (folder) => {
  const files = filesIn(folder, '.mdl');
  expect(files.length).toBeGreaterThan(5);
  expect(files.flatMap((file) => disagreements(read(file)).map((wrong) => `${file}: ${wrong}`))).toEqual([]);
});

test('the examples of the documentation', () => {
  const pages = filesIn('docs', '.md');
  expect(pages.flatMap(blocksOf).length).toBeGreaterThan(200);
  expect(pages.flatMap((page) => blocksOf(page).flatMap(disagreements).map((wrong) => `${page}: ${wrong}`))).toEqual([]);
});

test('tokens in any order', () => {
  const image = fc.constantFrom(
    ...t.wordTokens.keys(), ...t.punctuation.map((type) => String(type.PATTERN)), ...Object.keys(dtypes), ...Object.keys(factWords),
    'x', 'Name', '_a1', 'onnx', 'true', '1.0.0', '^2', '^2.1', '0.5', '1e-3', '20ms', '5%', '2e3', '1e', '384', '"a b"', '"\\n"', '"//"',
  );
  // On one line, for the engine reads line by line: a word whose `:` stands on the next line it takes for a keyword.
  fc.assert(fc.property(fc.array(image, { maxLength: 30 }), (images) => { expect(disagreements(images.join(' '))).toEqual([]); }), { numRuns: 300 });
});

// ---------------------------------------------------------------- words

test('every word of the grammar, every element type and every fact is painted', () => {
  const scopesOf = (word: string) => paint(word)[0]!.scopes;
  for (const word of t.wordTokens.keys()) expect(scopesOf(word).join(' '), word).toMatch(keyword);
  for (const word of [...Object.keys(dtypes), ...Object.keys(dtypeFamilies)]) expect(scopesOf(word), word).toEqual(['support.type.mdl']);
  for (const word of Object.keys(factWords).filter((w) => !t.wordTokens.has(w))) expect(scopesOf(word), word).toEqual(['support.constant.mdl']);
  expect(scopesOf('f33')).toEqual(['variable.other.mdl']);
});

test('the kinds of parameters and the modes of faults are painted where they stand', () => {
  const scopeIn = (text: string, word: string): string | undefined => paint(text).find(({ start }) => start === text.lastIndexOf(word))?.scopes.at(-1);
  for (const kind of Object.keys(kindWords)) {
    expect(scopeIn(`part p(x: f32[n], k: ${kind} = 1)`, kind), kind).toBe(t.wordTokens.has(kind) ? 'storage.type.mdl' : 'support.type.mdl');
  }
  // Elsewhere they are names.
  for (const name of ['dtype', 'initializer', 'str']) expect(scopeIn(`let y = ${name}`, name)).toBe('variable.other.mdl');
  for (const mode of ['reject', 'clamp', 'report']) {
    expect(scopeIn(`where finite on violation ${mode}`, mode)).toBe('support.constant.mdl');
    expect(scopeIn(`where finite on violation ${mode}`, 'violation')).toBe('keyword.other.mdl');
  }
  expect(scopeIn('where finite on violation replace(0)', 'replace')).toBe('keyword.other.mdl');
  expect(scopeIn('let violation = x', 'violation')).toBe('variable.other.mdl');
});
