import { describe, expect, test } from 'vitest';
import { definition, highlights, prepareRename, references, rename } from '../../src/ide/index.ts';
import { createSource, offsetAt } from '../../src/text/source.ts';
import { applied, at, example, inExample, program, slice, type Cursor } from './program.ts';

const modules = ['encoder', 'heads', 'glosses', 'wrong'].map((name) => `memory:///${name}.mdl`);

/** `encoder.mdl:12 "Embedding"` */
function placeText(uri: string, range: Parameters<typeof slice>[1], cursor: Cursor): string {
  const text = uri === cursor.uri ? cursor.text : (cursor.view.compilation.sources.get(uri)?.text ?? '');
  return `${uri.replace('memory:///', '')}:${range.start.line + 1} ${slice(text, range)}`;
}

function definitionOf(cursor: Cursor): string | undefined {
  const place = definition(cursor.view, cursor.uri, cursor.position);
  return place && placeText(place.uri, place.range, cursor);
}

describe('definition', () => {
  test.each([
    ['an imported part', inExample('glosses.mdl', 'Encode(tokens)'), 'encoder.mdl:22 Encode'],
    ['an imported part in the import itself', inExample('glosses.mdl', 'Encode,'), 'encoder.mdl:22 Encode'],
    ["the library's", inExample('heads.mdl', 'softmax\n', 1), 'std:///nn.mdl:13 softmax'],
    ['a let', inExample('glosses.mdl', 'LivingHead(e)', 11), 'glosses.mdl:7 e'],
    ['a contract', inExample('heads.mdl', 'Embedding) -> f32[batch, Living'), 'encoder.mdl:12 Embedding'],
    ['labels in a type', inExample('heads.mdl', 'Topic] where', 1), 'heads.mdl:4 Topic'],
    ['labels as an argument', inExample('heads.mdl', 'Topic) |>', 1), 'heads.mdl:4 Topic'],
    ["a backbone's output", inExample('encoder.mdl', '.embedding\n', 2), 'encoder.mdl:18 embedding'],
    ["the field in a backbone's map", inExample('encoder.mdl', 'mask: "att', 1), 'std:///text.mdl:6 mask'],
    ['a named argument', inExample('heads.mdl', 'out: Topic', 1), 'std:///nn.mdl:4 out'],
    ["a contract's argument", inExample('encoder.mdl', 'by: use_lite', 1), 'std:///text.mdl:2 by'],
    ["a weight's path", inExample('heads.mdl', 'linear.w', 7), 'std:///nn.mdl:5 w'],
    ['a space in a fact', inExample('encoder.mdl', 'use from'), 'encoder.mdl:7 use'],
    ["a tokenizer's file", inExample('encoder.mdl', './models/use-lite/tok'), 'models/use-lite/tokenizer.json:1 '],
    ['the path of an import', inExample('glosses.mdl', './heads', 3), 'heads.mdl:1 '],
  ])('%s', (_, cursor, expected) => {
    expect(definitionOf(cursor)).toBe(expected);
  });

  test('a field of a record that a let holds', () => {
    const text = 'contract C { ids: i64[n] }\npart f(x: C) -> C { x }\npart g(x: C) -> i64[n] {\n  let y = x |> f\n  y.i<|>ds\n}';
    expect(definitionOf(at(text))).toBe('main.mdl:1 ids');
  });

  test('none for words of the language', () => {
    expect(definitionOf(inExample('encoder.mdl', 'norm(', 2))).toBeUndefined();
  });
});

describe('references', () => {
  test('over all modules of the workspace', () => {
    const cursor = inExample('encoder.mdl', 'Embedding = ', 2);
    const found = references(cursor.view, cursor.uri, cursor.position, modules, true);
    const lines = found.map(({ uri, range }) => `${uri.replace('memory:///', '')}:${range.start.line + 1}`);
    expect(lines).toEqual(['encoder.mdl:12', 'encoder.mdl:22', 'heads.mdl:2', 'heads.mdl:11', 'heads.mdl:18']);
    expect(references(cursor.view, cursor.uri, cursor.position, modules, false)).toHaveLength(4);
  });

  test('a size within its declaration', () => {
    const { view, uri, position, text } = at('part f(x: float[d<|>]) -> float[d] { x }\npart g(x: float[d]) -> float[d] { x }');
    expect(highlights(view, uri, position).map((range) => [range.start.line, slice(text, range)])).toEqual([[0, 'd'], [0, 'd']]);
  });
});

/** The files of the program after a rename, or the reason why there is none. */
function renamed(cursor: Cursor, newName: string, workspace: readonly string[] = []): Readonly<Record<string, string>> | string {
  const answer = rename(cursor.view, cursor.uri, cursor.position, newName, workspace);
  if (!answer.ok) return answer.why;
  const textOf = (uri: string): string => {
    const text = cursor.view.host.readText(uri);
    return text.ok ? text.value : '';
  };
  return Object.fromEntries(Object.entries(answer.value.changes).map(([uri, edits]) => [uri.replace('memory:///', ''), applied(textOf(uri), edits)]));
}

describe('rename', () => {
  test('a contract in all modules', () => {
    const files = renamed(inExample('heads.mdl', 'Embedding }', 2), 'Meaning', modules);
    const replace = (file: string) => String(example[file]).replace(/\bEmbedding\b/g, 'Meaning');
    expect(files).toEqual({ 'encoder.mdl': replace('encoder.mdl'), 'heads.mdl': replace('heads.mdl') });
  });

  test('a local, and nothing else of its name', () => {
    const text = 'part f(x: float[d]) -> float[d] {\n  let y<|> = x + 1\n  y * 2\n}\npart g(y: float[d]) -> float[d] { y }\n';
    expect(renamed(at(text), 'z')).toEqual({ 'main.mdl': text.replace('<|>', '').replace('let y', 'let z').replace('  y *', '  z *') });
  });

  test('a parameter with the arguments that name it', () => {
    const cursor = program({
      'main.mdl': 'import { f } from "./f.mdl"\npart g(x: float[d]) -> float[d] { f(v: x) }\n',
      'f.mdl': 'part f(v<|>: float[d]) -> float[d] { v }\n',
    });
    expect(renamed(cursor, 'w', ['memory:///main.mdl'])).toEqual({
      'main.mdl': 'import { f } from "./f.mdl"\npart g(x: float[d]) -> float[d] { f(w: x) }\n',
      'f.mdl': 'part f(w: float[d]) -> float[d] { w }\n',
    });
  });

  test('an alias, in its module alone', () => {
    const files = { 'main.mdl': 'import { relu as r<|> } from "std/nn"\npart f(x: float[..., d]) -> float[..., d] { r(x) }\n' };
    expect(renamed(program(files), 'ramp')).toEqual({ 'main.mdl': 'import { relu as ramp } from "std/nn"\npart f(x: float[..., d]) -> float[..., d] { ramp(x) }\n' });
  });

  test("a weight with the paths that name it, and a backbone's port without losing the file's name", () => {
    const text = 'part lin(x: float[d]) -> float[d] {\n  param b<|>: float[d]\n  x + b\n}\nhead H(x: f32[2]) -> f32[2] weights "./w.safetensors" from { lin.b: "w" } { lin(x) }\n';
    expect(renamed(at(text), 'bias')).toMatchObject({ 'main.mdl': expect.stringContaining('from { lin.bias: "w" }') });
    const backbone = 'backbone B @ 1.0.0 {\n  source "./b.onnx"\n  output y<|>: f32[n]\n}\n';
    expect(renamed(at(backbone), 'z')).toMatchObject({ 'main.mdl': expect.stringContaining('output z: f32[n] from "y"') });
  });

  test.each([
    ['a name that is no name', inExample('encoder.mdl', 'Embedding = '), 'a-b', /is no name/],
    ['a word of the language', inExample('encoder.mdl', 'Embedding = '), 'model', /is a word of the language/],
    ['a name that is taken in the same module', inExample('encoder.mdl', 'Embedding = '), 'Sentences', /means something else at encoder\.mdl/],
    ['a name that is taken where it is imported', inExample('encoder.mdl', 'Embedding = '), 'Living', /means something else at heads\.mdl/],
    ['a name that is taken in the same part', at('part f(x<|>: float[d], y: float[d]) -> float[d] { x + y }'), 'y', /`f` declares `y` already/],
    ['a local that would hide what its body uses', inExample('glosses.mdl', 'e = Enc'), 'LivingHead', /means something else/],
  ])('refuses %s', (_, cursor, newName, why) => {
    expect(renamed(cursor, newName, modules)).toMatch(why);
  });

  test.each([
    ["the library's names", inExample('heads.mdl', 'softmax\n', 1), /belongs to the library/],
    ['words', inExample('encoder.mdl', 'norm('), /is no name of a module/],
    ["a contract's sizes", inExample('heads.mdl', 'batch, Topic', 1), /is a size of the contract `Embedding`/],
    ['blanks', at('<|>\n\nspace a @ 1.0.0'), /no name here/],
  ])('cannot begin with %s', (_, { view, uri, position }, why) => {
    expect(prepareRename(view, uri, position)).toMatchObject({ ok: false, why: expect.stringMatching(why) });
  });

  test('begins with the name as it stands there', () => {
    const { view, uri, position, text } = inExample('heads.mdl', 'Embedding) -> f32[batch, Living');
    const answer = prepareRename(view, uri, position);
    expect(answer).toMatchObject({ ok: true, value: { placeholder: 'Embedding' } });
    const start = createSource(uri, text);
    expect(answer.ok && offsetAt(start, answer.value.range.start)).toBe(text.indexOf('Embedding) -> f32[batch, Living'));
  });
});
