/** No text and no position makes a feature throw, and what features answer lies in the text. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ide from '../../src/ide/index.ts';
import type { Range } from '../../src/ide/answers.ts';
import { lineText } from '../../src/text/source.ts';
import { example, program } from './program.ts';

const modules = ['encoder.mdl', 'heads.mdl', 'glosses.mdl', 'wrong.mdl'];
const pieces = [
  '{', '}', '(', ')', '[', ']', ',', ':', '.', '=', '@', '|>', '->', '...', '"', '//', '///', '\n', '\r\n', ' ', '1.0.0', '-1', '^2', '😀', 'é',
  'import', 'space', 'tokenizer', 'labels', 'contract', 'backbone', 'head', 'part', 'model', 'let', 'param', 'where', 'keeps', 'weights', 'from',
  'input', 'output', 'onnx.', 'norm(-1)', 'range', 'tokens', 'e', 'batch', 'Embedding', 'Tokens(by: ', 'linear', 'f32[', 'std/nn',
];

/** Where in the text (0 to 1), how many characters go, and what comes in their place. */
const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(40), fc.array(fc.constantFrom(...pieces), { maxLength: 4 }));
const edits = fc.array(edit, { minLength: 1, maxLength: 5 });

function edited(text: string, changes: readonly (readonly [number, number, readonly string[]])[]): string {
  return changes.reduce((result, [place, count, words]) => {
    const start = Math.floor(place * result.length);
    return result.slice(0, start) + words.join('') + result.slice(start + count);
  }, text);
}

test('every feature answers at every place of any text', () => {
  fc.assert(
    fc.property(fc.constantFrom(...modules), edits, fc.nat(40), fc.nat(100), (file, changes, line, character) => {
      const { view, uri } = program({ [file]: edited(String(example[file]), changes), ...omit(file) });
      const source = view.compilation.sources.get(uri)!;
      const position = { line, character };
      const everything: Range = { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } };
      const others = modules.map((name) => `memory:///${name}`);
      const ranges: Range[] = [
        ...ide.diagnostics(view, uri).map((d) => d.range),
        ...ide.highlights(view, uri, position),
        ...ide.completion(view, uri, position, others).map((item) => item.edit.range),
        ...ide.documentSymbols(view, uri).flatMap((s) => [s.range, s.nameRange]),
        ...ide.references(view, uri, position, others, true).flatMap((place) => (place.uri === uri ? [place.range] : [])),
      ];
      const hovered = ide.hover(view, uri, position);
      if (hovered !== undefined) ranges.push(hovered.range);
      for (const { start, end } of ranges) {
        expect(end.line).toBeLessThan(source.lineStarts.length);
        expect(start.character).toBeLessThanOrEqual(lineText(source, start.line).length + 2);
      }
      ide.codeActions(view, uri, everything);
      ide.definition(view, uri, position);
      ide.prepareRename(view, uri, position);
      ide.rename(view, uri, position, 'another', others);
      ide.inlayHints(view, uri, everything);
      const tokens = ide.semanticTokens(view, uri);
      for (const [i, token] of tokens.entries()) {
        const before = tokens[i - 1];
        const apart = before === undefined || before.position.line < token.position.line || before.position.character + before.length <= token.position.character;
        expect(apart).toBe(true);
      }
    }),
    { numRuns: 80 },
  );
});

const omit = (file: string) => Object.fromEntries(Object.entries(example).filter(([name]) => name !== file));
