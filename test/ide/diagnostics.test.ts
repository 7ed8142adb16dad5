import { describe, expect, test } from 'vitest';
import { codeActions, diagnostics } from '../../src/ide/index.ts';
import { compilerFor } from '../check/world.ts';
import { applied, at, example, hostOf, inExample, slice } from './program.ts';

describe('diagnostics', () => {
  test('the wrong tokenizer of the example: one error, at the argument, with both declarations', () => {
    const { view, uri, text } = inExample('wrong.mdl', 'model');
    const [found, ...more] = diagnostics(view, uri);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ severity: 'error', code: 'tokenizer-mismatch', unnecessary: false });
    expect(found!.range.start).toEqual({ line: 11, character: text.split('\n')[11]!.indexOf('tokens))') });
    expect(slice(text, found!.range)).toBe('tokens');
    const places = found!.related.map((label) => [label.uri, slice(String(example[label.uri.slice('memory:///'.length)]), label.range)]);
    expect(places).toEqual([
      ['memory:///encoder.mdl', 'tokens: Sentences'],
      ['memory:///wrong.mdl', 'gloss_bytes'],
      ['memory:///encoder.mdl', 'use_lite'],
    ]);
  });

  test('only those of the module asked for', () => {
    const { view } = inExample('wrong.mdl', 'model');
    expect(diagnostics(view, 'memory:///encoder.mdl')).toEqual([]);
    expect(diagnostics(view, 'memory:///nowhere.mdl')).toEqual([]);
  });

  test('what nothing uses is marked as unnecessary', () => {
    const { view, uri } = at('import { relu } from "std/nn"\npart f(x: float[d]) -> float[d] { x }\n');
    expect(diagnostics(view, uri)).toMatchObject([{ severity: 'warning', code: 'unused-import', unnecessary: true }]);
  });

  test('characters beyond the basic plane count as two', () => {
    const { view, uri } = at('labels L = ["😀", "😀"]\n');
    expect(diagnostics(view, uri)).toMatchObject([{ range: { start: { line: 0, character: 18 }, end: { line: 0, character: 22 } } }]);
  });
});

describe('code actions', () => {
  test('the fix of the wrong tokenizer makes the error vanish', () => {
    const { view, uri, text } = inExample('wrong.mdl', 'model');
    const [error] = diagnostics(view, uri);
    const [action, ...more] = codeActions(view, uri, error!.range);
    expect(more).toEqual([]);
    expect(action).toMatchObject({ title: 'Declare the input as `Sentences`', preferred: true, diagnostic: { code: 'tokenizer-mismatch' } });
    expect(Object.keys(action!.edit.changes)).toEqual([uri]);
    const fixed = applied(text, action!.edit.changes[uri]!);
    const compilation = compilerFor(hostOf({ ...example, 'wrong.mdl': fixed })).check([uri]);
    expect(compilation.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  });

  test('none where the range touches no diagnostic', () => {
    const { view, uri } = inExample('wrong.mdl', 'model');
    const start = { line: 0, character: 0 };
    expect(codeActions(view, uri, { start, end: start })).toEqual([]);
  });
});
