import { describe, expect, test } from 'vitest';
import { documentSymbols, inlayHints, semanticTokens } from '../../src/ide/index.ts';
import type { Range } from '../../src/ide/answers.ts';
import { at, inExample, slice } from './program.ts';

const everything: Range = { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } };

test('document symbols: declarations and what stands in them', () => {
  const { view, uri, text } = inExample('encoder.mdl', 'space');
  const symbols = documentSymbols(view, uri);
  expect(symbols.map(({ name, detail, kind }) => [name, detail, kind])).toEqual([
    ['use_lite', 'tokenizer @ 1.0.0', 'constant'],
    ['use', 'space @ 1.0.0', 'constant'],
    ['Sentences', 'contract', 'interface'],
    ['Embedding', 'contract', 'interface'],
    ['UseLite', 'backbone @ 1.0.0', 'class'],
    ['Encode', 'adapter', 'function'],
  ]);
  expect(symbols[4]!.children.map(({ name, detail }) => [name, detail])).toEqual([
    ['tokens', 'Sentences'],
    ['embedding', 'f32[batch, 512] where norm(-1) == 1 +- 1e-3, space use'],
  ]);
  for (const { name, nameRange } of symbols) expect(slice(text, nameRange)).toBe(name);
});

describe('inlay hints', () => {
  test('the types of lets and outputs', () => {
    const { view, uri, text } = inExample('glosses.mdl', 'model');
    const hints = inlayHints(view, uri, everything);
    const lines = text.split('\n');
    expect(hints.map(({ position, label }) => lines[position.line]!.slice(0, position.character).trim() + label)).toEqual([
      'let e: f32[batch, 512]', 'output topic: f32[batch, Topic]', 'output living: f32[batch, Living]', 'output embedding: f32[batch, 512]',
    ]);
  });

  test('none where the text gives the type, the value has none, or out of the range', () => {
    const { view, uri } = at('model M {\n  input x: f32[n]\n  let y = nothing(x)\n  output z: f32[n] = x\n  output w = x\n}\n');
    expect(inlayHints(view, uri, everything).map(({ label }) => label)).toEqual([': f32[n]']);
    expect(inlayHints(view, uri, { start: everything.start, end: everything.start })).toEqual([]);
  });
});

test('semantic tokens: words by what they stand for, sorted and apart', () => {
  const { view, uri, text } = at('import { relu } from "std/nn"\n/// Doc.\npart f @ 1.0.0 (x: f32[..., d], from: int = 2) -> f32[..., d] where range [0, inf] {\n  let source = relu(x)\n  source + from\n}\n');
  const tokens = semanticTokens(view, uri);
  const words = tokens.map(({ position, length, type, modifiers }) => {
    const end = { line: position.line, character: position.character + length };
    return [slice(text, { start: position, end }), type, ...modifiers].join(' ');
  });
  expect(words).toEqual([
    'import keyword', 'relu function defaultLibrary', 'from keyword', '"std/nn" string', '/// Doc. comment',
    'part keyword', 'f function declaration', '1.0.0 number', 'x parameter declaration', 'f32 type', 'd variable', 'from parameter declaration', 'int type', '2 number',
    'f32 type', 'd variable', 'where keyword', 'range keyword', '0 number', 'inf keyword',
    'let keyword', 'source variable declaration', 'relu function defaultLibrary', 'x parameter', 'source variable', 'from parameter',
  ]);
});
