import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatText, type FormatOptions } from '../../src/format/index.ts';
import type { Module } from '../../src/syntax/ast.ts';
import { parse } from '../../src/syntax/index.ts';
import { createSource } from '../../src/text/source.ts';
import { plain } from '../syntax/plain.ts';
import { module } from './arbitrary.ts';
import { printTree } from './print-tree.ts';

const filesIn = (folder: string): readonly (readonly [string, string])[] => {
  const url = new URL(`../../${folder}/`, import.meta.url);
  return readdirSync(url).filter((name) => name.endsWith('.mdl')).map((name) => [`${folder}/${name}`, readFileSync(new URL(name, url), 'utf8')]);
};
const own = [...filesIn('stdlib'), ...filesIn('examples/glosses'), ...filesIn('test/cases/language')];
const cases = filesIn('test/cases/format');

async function formatted(text: string, options?: FormatOptions): Promise<string> {
  const outcome = await formatText(text, options);
  if (!outcome.ok) throw new Error(`${outcome.finding.message}\n${text}`);
  return outcome.value;
}
function read(text: string): Module {
  const { value, diagnostics } = parse(createSource('t.mdl', text));
  expect(diagnostics).toEqual([]);
  return value;
}
const commentsOf = (text: string): readonly string[] => parse(createSource('t.mdl', text)).comments.map((c) => c.text.trimEnd()).toSorted();

/** Same tree, same comments, and nothing left to do. */
async function check(text: string, options?: FormatOptions): Promise<string> {
  const once = await formatted(text, options);
  expect(plain(read(once))).toBe(plain(read(text)));
  expect(commentsOf(once)).toEqual(commentsOf(text));
  expect(await formatted(once, options)).toBe(once);
  return once;
}

describe('files', () => {
  test.each(own)('%s is formatted', async (_, text) => expect(await formatted(text)).toBe(text));
  test.each(cases.filter(([name]) => !name.endsWith('.formatted.mdl')))('%s', async (name, text) => {
    const expected = cases.find(([other]) => other === name.replace('.mdl', '.formatted.mdl'));
    expect(await check(text)).toBe(expected?.[1]);
  });
  test.each(own)('%s in narrow columns', async (_, text) => void (await check(text, { printWidth: 30 })));
  test.each(own)('%s on one line', async (_, text) => void (await check(text.replace(/\/\/.*/g, '').replace(/\s*\n\s*/g, ' '))));
});

describe('line ends', () => {
  const text = '/// A space.\nspace s @ 1.0.0\n\n\n\n// last\nspace t @ 1.0.0\n';
  const wanted = '/// A space.\nspace s @ 1.0.0\n\n// last\nspace t @ 1.0.0\n';
  test('CRLF becomes LF', async () => expect(await formatted(text.replaceAll('\n', '\r\n'))).toBe(wanted));
  test('CRLF stays where that is asked for', async () =>
    expect(await formatted(text.replaceAll('\n', '\r\n'), { endOfLine: 'auto' })).toBe(wanted.replaceAll('\n', '\r\n')));
  test('a byte order mark stays the only one', async () => {
    const once = await formatted(`\uFEFF${text}`);
    expect(once.replace(/^\uFEFF/, '')).toBe(wanted);
    expect(await formatted(once)).toBe(once);
  });
});

describe('edges', () => {
  test('an empty text stays empty', async () => expect(await formatted('\n\n')).toBe(''));
  test('comments alone stay', async () => expect(await formatted('// a\n\n\n// b')).toMatch(/^\/\/ a\n+\/\/ b\n$/));
  test('a text with errors is left alone', async () =>
    expect(await formatText('space s @ 1')).toMatchObject({ ok: false, finding: { code: 'invalid-version' } }));
  test('a declaration under prettier-ignore keeps its layout', async () => {
    const text = '// prettier-ignore\nspace   s @ 1.0.0\nspace t @ 1.0.0\n';
    expect(await formatted(text.replace('t @', 't  @'))).toBe(text);
  });
});

describe('properties', () => {
  test('any tree, printed and parsed, is the same tree', () =>
    fc.assert(
      fc.asyncProperty(module, fc.constantFrom(100, 40, 10), async (tree, printWidth) => {
        const text = await printTree(tree, { printWidth });
        expect(plain(read(text))).toBe(plain(tree));
        expect(await formatted(text, { printWidth })).toBe(text);
      }),
      { numRuns: 250 },
    ));

  const comment = fc.constantFrom('// c\n', '/// d\n', '\n// e\n', '\n\n/// f\n\n', '//g\n');
  /** Two neighbours of what stands between blank lines in the real files: mostly declarations. */
  const neighbours = [...own, ...cases].flatMap(([, text]) => {
    const blocks = text.split(/\n{2,}/);
    return blocks.map((_, i) => blocks.slice(i, i + 2).join('\n\n')).filter((pair) => parse(createSource('t.mdl', pair)).diagnostics.length === 0);
  });
  /** Comments put into such a text wherever `gap` matches outside of a comment, as far as the text still has no errors. */
  const commented = (gap: RegExp) =>
    fc
      .tuple(fc.constantFrom(...neighbours), fc.array(fc.tuple(fc.nat(10_000), comment), { minLength: 1, maxLength: 4 }))
      .map(([text, inserts]) =>
        inserts.reduce((changed, [n, added]) => {
          const gaps = [...changed.matchAll(gap)].filter(({ index }) => !/\/\/[^\n]*$/.test(changed.slice(0, index)));
          const at = gaps[n % gaps.length]!.index;
          return `${changed.slice(0, at)} ${added}${changed.slice(at)}`;
        }, text),
      )
      .filter((text) => parse(createSource('t.mdl', text)).diagnostics.length === 0);

  test('comments between lines and behind them stay, and so does the tree', () =>
    fc.assert(fc.asyncProperty(commented(/$/gm), async (text) => void (await check(text))), { numRuns: 250 }));

  test('comments in the middle of lines stay, and so does the tree', () =>
    fc.assert(
      fc.asyncProperty(commented(/(?<=[\w)\]}"])\s+(?!\()/g), async (text) => {
        const once = await formatted(text);
        expect(plain(read(once))).toBe(plain(read(text)));
        // Two that end up on one line become one comment.
        const letters = (from: string): readonly string[] => [...commentsOf(from).join('')].filter((c) => /[^/\s]/.test(c)).toSorted();
        expect(letters(once)).toEqual(letters(text));
      }),
      { numRuns: 250 },
    ));
});
