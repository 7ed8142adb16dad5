import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatText } from '../../src/format/index.ts';
import { minimalEdits } from '../../src/ide/formatting.ts';
import { formatting } from '../../src/ide/index.ts';
import { createSource } from '../../src/text/source.ts';
import { applied, example, slice } from './program.ts';

const source = (text: string) => createSource('memory:///main.mdl', text);

describe('formatting', () => {
  test('makes of a text what the formatter makes of it', async () => {
    const text = String(example['heads.mdl']).replaceAll('  ', ' ').replace('(linear', '( linear').replace('|> softmax', '|>softmax');
    const formatted = await formatText(text);
    expect(formatted).toMatchObject({ ok: true });
    expect(applied(text, await formatting(source(text)))).toBe(formatted.ok && formatted.value);
  });

  test('touches only what changes', async () => {
    const text = 'space a @ 1.0.0\n\nspace   b @ 1.0.0\n\nspace c @ 1.0.0\n';
    const edits = await formatting(source(text));
    expect(edits.map(({ range, newText }) => [slice(text, range), newText])).toEqual([['  ', '']]);
  });

  test('leaves a text with syntax errors alone', async () => {
    expect(await formatting(source('space   a @ 1.0.0\npart ('))).toEqual([]);
  });

  test('keeps line ends', async () => {
    const text = 'space   a @ 1.0.0\r\nspace b @ 1.0.0\r\n';
    expect(applied(text, await formatting(source(text)))).toBe('space a @ 1.0.0\r\nspace b @ 1.0.0\r\n');
  });
});

describe('minimal edits', () => {
  const line = fc.constantFrom('', 'a', 'b', '  a', 'a😀', 'b😁', 'cc');
  const text = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r'))).map((lines) => lines.flat().join(''));

  test('lead from any text to any other, at places that editors know', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edits = minimalEdits(source(before), after);
        expect(applied(before, edits)).toBe(after);
        for (const { range } of edits) {
          for (const { line: row, character } of [range.start, range.end]) {
            const found = before.split(/\r\n|\r|\n/)[row]!;
            expect(character).toBeLessThanOrEqual(found.length);
            expect(/[\ud800-\udbff]$/.test(found.slice(0, character))).toBe(false);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('of equal texts are none', () => {
    expect(minimalEdits(source('a\nb\n'), 'a\nb\n')).toEqual([]);
  });
});
