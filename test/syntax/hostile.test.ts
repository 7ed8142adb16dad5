import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from '../../src/syntax/index.ts';
import { limits } from '../../src/syntax/limits.ts';
import { reservedWords, wordTokens } from '../../src/syntax/tokens.ts';
import { createSource } from '../../src/text/source.ts';
import { wrongSpans } from './plain.ts';

const filesIn = (folder: string): readonly string[] => {
  const url = new URL(`../../${folder}/`, import.meta.url);
  return readdirSync(url).filter((name) => name.endsWith('.mdl')).map((name) => readFileSync(new URL(name, url), 'utf8'));
};
const real = [...filesIn('stdlib'), ...filesIn('examples/glosses'), ...filesIn('test/cases/language'), ...filesIn('test/cases/syntax')];
/** What stands between blank lines: mostly a declaration. */
const pieces = [...new Set(real.flatMap((text) => text.split(/\n{2,}/)))];

/** Parses, holds the answer to what is promised of every text, and gives its codes. */
function check(text: string): readonly string[] {
  const { value, diagnostics, comments } = parse(createSource('hostile.mdl', text));
  expect(wrongSpans(value, text.length)).toEqual([]);
  const places = [
    ...diagnostics.flatMap((d) => [d.location, ...d.related.map((r) => r.location), ...d.fixes.flatMap((f) => f.edits.map((e) => e.location))]),
    ...comments.map((comment) => ({ span: comment.span })),
  ];
  expect(places.filter(({ span }) => !(0 <= span.start && span.start <= span.end && span.end <= text.length))).toEqual([]);
  expect(diagnostics.length).toBeLessThanOrEqual(limits.errors + 1);
  return [...new Set(diagnostics.map((d) => d.code))];
}

const snippet = fc.constantFrom(
  ...wordTokens.keys(), 'a', 'b', 'f32', 'T', 'norm', '"s"', '"open', '1', '2.5', '1.0.0', '^2', '1e999', '(', ')', '[', ']', '{', '}',
  ',', ':', '@', '...', '.', '->', '|>', '|', '+-', '+', '-', '*', '/', '==', '=', '\n', ' ', '// c\n', '/// d\n', ';', '\0', '\uFEFF',
  '\uD800', '\r\n', '\r', '\u2028', 'é', '😀', "'", '\\',
);
const soup = fc.array(snippet, { maxLength: 120 }).map((parts) => parts.join(' '));
const tight = fc.array(snippet, { maxLength: 60 }).map((parts) => parts.join(''));
const mutated = fc
  .tuple(fc.constantFrom(...real), fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), snippet), { maxLength: 8 }))
  .map(([text, edits]) =>
    edits.reduce((changed, [where, remove, insert]) => {
      const at = Math.floor(where * changed.length);
      return changed.slice(0, at) + insert + changed.slice(at + remove);
    }, text),
  );

describe('any text has a tree', () => {
  const holds = (text: string): void => void check(text);

  test('token soup', () => fc.assert(fc.property(soup, holds), { numRuns: 400 }));
  test('token soup without blanks', () => fc.assert(fc.property(tight, holds), { numRuns: 300 }));
  test('real files, mutated', () => fc.assert(fc.property(mutated, holds), { numRuns: 600 }));
  test('any string', () => fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), holds), { numRuns: 500 }));
  test('prefixes of the declarations of real files', () => {
    for (const text of pieces) for (let end = text.length % 32; end <= text.length; end += 32) check(text.slice(0, end));
  });
  test('prefixes of whole files', () => {
    for (const text of real) for (let part = 1; part <= 30; part++) check(text.slice(0, Math.ceil((text.length * part) / 30)));
  });
});

describe('limits', () => {
  const body = (value: string): string => `part p(x: T) -> T {\n  ${value}\n}\nspace behind @ 1.0.0\n`;
  const repeat = (part: string, count: number): string => part.repeat(count);
  test.each([
    ['parentheses', body(repeat('(', 10_000) + 'x' + repeat(')', 10_000))],
    ['parentheses that nothing closes', body(repeat('(', 10_000))],
    ['lists', body(repeat('[', 10_000) + repeat(']', 10_000))],
    ['calls', body(repeat('f(', 10_000) + 'x' + repeat(')', 10_000))],
    ['pipes', body('x' + repeat(' |> f', 5_000))],
    ['sums', body('x' + repeat(' + x', 5_000))],
    ['signs', body(repeat('-', 5_000) + 'x')],
    ['fields', body('x' + repeat('.f', 5_000))],
    ['calls of calls', body('f' + repeat('(x)', 5_000))],
    ['dims', `contract C = f32[${repeat('n + ', 5_000)}n]`],
    ['dims in parentheses', `contract C = f32[${repeat('(', 5_000)}n${repeat(')', 5_000)}]`],
  ])('%s: too deep, and nothing else', (_, text) => expect(check(text)).toEqual(['nesting-too-deep']));

  test('as deep as the limits allow', () => {
    const deep = limits.bracketDepth - 1;
    expect(check(body(repeat('(', deep) + 'x' + repeat(')', deep)))).toEqual([]);
    expect(check(body('x' + repeat(' |> f', limits.treeDepth - 2)))).toEqual([]);
  });

  test('a source that is too large', () => {
    expect(check(repeat(' ', limits.sourceLength + 1))).toEqual(['source-too-large']);
    expect(check(repeat(' ', limits.sourceLength))).toEqual([]);
  });

  // Each would take minutes or the stack if anything were quadratic or recursive in it.
  test.each([
    ['closers', repeat('}', 200_000)],
    ['openers and other closers', repeat('(]', 100_000)],
    ['strange characters', repeat('# ', 100_000)],
    ['open strings', repeat('"\n', 100_000)],
    ['backslashes', `"${repeat('\\', 300_000)}`],
    ['unfinished declarations', repeat('part p(\n', 20_000)],
    ['unknown declarations', repeat('thing a {}\n', 20_000)],
    ['misspelled declarations', repeat('heda a\n', 20_000)],
    ['commas in a list', `labels L = [${repeat(',', 100_000)}]`],
    ['wrong members', `model M {\n${repeat('x\n', 50_000)}}`],
    ['wrong and right members in turn', `model M {\n${repeat('x let a = b\n', 20_000)}}`],
    ['wrong arguments', body(`f(${repeat('a } , ', 20_000)}`)],
    ['blocks without values', repeat('part p(x: T) -> T { }\n', 10_000)],
    ['digits', `space a @ ${repeat('9', 500_000)}`],
  ])('%s: errors, in time', (_, text) => expect(check(text).length).toBeGreaterThanOrEqual(1));

  test.each([
    ['one long comment', `//${repeat('x', 900_000)}`],
    ['doc comments', `${repeat('///\n', 20_000)}space s @ 1.0.0`],
    ['blanks', repeat(' \n', 400_000)],
    ['one long string', `labels L = ["${repeat('\\\\', 300_000)}"]`],
    ['many declarations', repeat('part p(x: T) -> T { x |> f(a: 1) }\n', 5_000)],
  ])('%s: no errors, in time', (_, text) => expect(check(text)).toEqual([]));

  test('more errors than anybody reads', () => {
    const found = parse(createSource('many.mdl', repeat('space s @ 1\n', 300))).diagnostics;
    expect(found).toHaveLength(limits.errors + 1);
    expect(found.at(-1)!.code).toBe('too-many-errors');
  });
});

describe('words', () => {
  test.each([...reservedWords.keys()])('`%s` is a name before `:` and behind `.`', (word) => {
    check(`part p(${word}: T) -> T { f(${word}: x.${word}) }`);
    expect(parse(createSource('w.mdl', `part p(${word}: T) -> T { f(${word}: x.${word}) }`)).diagnostics).toEqual([]);
  });
  test.each([...wordTokens.keys()].filter((word) => !reservedWords.has(word)))('`%s` is a name everywhere', (word) => {
    const text = `space ${word} @ 1.0.0\npart ${word}(x: ${word}[${word}]) -> ${word} where space ${word} {\n  let ${word} = ${word}\n  ${word} |> ${word}(${word})\n}`;
    expect(parse(createSource('w.mdl', text)).diagnostics).toEqual([]);
  });
});
