import { describe, expect, test } from 'vitest';
import { completion } from '../../src/ide/index.ts';
import { compilerFor } from '../check/world.ts';
import { applied, at, hostOf, inExample, type Cursor } from './program.ts';

const labels = ({ view, uri, position }: Cursor, workspace: readonly string[] = []): string[] =>
  completion(view, uri, position, workspace).map((item) => item.label);

const imports = 'import { Tokens } from "std/text"\nimport { linear } from "std/nn"\ntokenizer bert @ 1.0.0\nspace mini @ 1.0.0\n';
const inModel = (body: string): Cursor => at(`${imports}model M {\n  input t: Tokens(by: bert)\n  ${body}\n}\n`);
const inPart = (body: string): Cursor => at(`${imports}part p(x: f32[batch, d], n: int) -> f32[batch, d] {\n  ${body}\n}\n`);

describe('proposes', () => {
  test('declarations at the top, also of a broken module', () => {
    expect(labels(at('<|>'))).toEqual(expect.arrayContaining(['import', 'contract', 'model']));
    expect(labels(at('space a @ 1.0.0\n\nmod<|>'))).toContain('model');
  });

  test('names of the module that is imported from', () => {
    expect(labels(at('import { <|> } from "std/nn"'))).toEqual(expect.arrayContaining(['linear', 'softmax']));
    expect(labels(inExample('glosses.mdl', 'TopicHead }', 9))).toEqual(['Topic', 'Living', 'TopicHead', 'LivingHead']);
  });

  test('modules: the library and those of the workspace', () => {
    const cursor = at('import { x } from "<|>"');
    expect(labels(cursor, ['memory:///heads.mdl', 'memory:///inner/a.mdl', 'memory:///main.mdl'])).toEqual(
      expect.arrayContaining(['std/nn', 'std/norm', 'std/text', './heads.mdl', './inner/a.mdl']),
    );
    expect(labels(cursor, ['memory:///main.mdl'])).not.toContain('./main.mdl');
  });

  test('fields behind a dot, with and without a name begun', () => {
    expect(labels(inModel('output y = t.<|>'))).toEqual(['ids', 'mask']);
    expect(labels(inModel('let y = t.<|>\n  output z = y'))).toEqual(['ids', 'mask']);
    expect(labels(inModel('output y = t.ma<|>'))).toEqual(['ids', 'mask']);
    expect(labels(inExample('encoder.mdl', '.embedding\n', 1))).toEqual(['embedding']);
  });

  test('operators and their attributes', () => {
    expect(labels(inPart('onnx.<|>'))).toEqual(expect.arrayContaining(['Softmax', 'MatMul']));
    expect(labels(inPart('onnx.Softmax(x, <|>)'))).toContain('axis:');
  });

  test('in a body: values, parts and words; behind |> only what can be called', () => {
    const values = labels(inPart('let y = <|>'));
    expect(values).toEqual(expect.arrayContaining(['x', 'n', 'linear', 'onnx']));
    expect(values).not.toContain('Tokens');
    expect(labels(inPart('<|>'))).toEqual(expect.arrayContaining(['let', 'param', 'x']));
    expect(labels(inModel('<|>'))).toEqual(['input', 'state', 'let', 'output', 'next', 'budget']);
    const stages = labels(inPart('x |> <|>'));
    expect(stages).toContain('linear');
    expect(stages).not.toContain('x');
  });

  test("a call's arguments by name", () => {
    expect(labels(inPart('x |> linear(<|>)'))).toEqual(expect.arrayContaining(['out:', 'x:']));
    expect(labels(inPart('linear(x, out: <|>)'))).toEqual(['batch', 'd', 'n']);
  });

  test('members of tools and rollouts', () => {
    expect(labels(at('fit F {\n  <|>\n}'))).toEqual(['data', 'let', 'loss', 'method', 'freeze', 'seed']);
    expect(labels(at('rollout R of M {\n  <|>\n}'))).toEqual(['slot']);
    expect(labels(at('rollout R of M {\n  slot a {\n    <|>\n  }\n}'))).toEqual(['arm', 'shadow', 'sticky', 'flag', 'rollback']);
  });

  test('types, kinds of parameters, sizes', () => {
    expect(labels(at(`${imports}part p(x: <|>`))).toEqual(expect.arrayContaining(['f32', 'float', 'Tokens', 'int', 'labels']));
    expect(labels(at(`${imports}part p(x: f32[d]) -> <|>`))).toEqual(expect.arrayContaining(['f32', 'Tokens']));
    expect(labels(at(`${imports}part p(x: f32[batch, d], n: int) -> f32[<|>] { x }`))).toEqual(expect.arrayContaining(['batch', 'd', 'n']));
    expect(labels(inModel('input u: <|>'))).toContain('Tokens');
  });

  test("a contract's arguments", () => {
    expect(labels(at(`${imports}model M {\n  input t: Tokens(<|>)\n}`))).toEqual(expect.arrayContaining(['by:', 'batch:']));
    expect(labels(at(`${imports}model M {\n  input t: Tokens(by: <|>)\n}`))).toEqual(['bert']);
    expect(labels(at(`contract V(d: int = 8) = f32[batch, d]\nmodel M {\n  input t: V(<|>)\n}`))).toEqual(['d:', 'batch:']);
  });

  test('facts behind where, spaces behind space', () => {
    const head = `${imports}part p(x: f32[d]) -> f32[d] where`;
    expect(labels(at(`${head} <|> { x }`))).toEqual(expect.arrayContaining(['range', 'norm', 'mask']));
    expect(labels(at(`${head} range [0, 1], <|> { x }`))).toContain('sum');
    expect(labels(at(`${head} space <|> { x }`))).toEqual(['mini']);
    expect(labels(at(`${imports}contract V(d: int, own: space) = f32[d] where space <|>`))).toEqual(['mini', 'own']);
    expect(labels(at(`${imports}part p(x: f32[d]) -> f32[d] keeps <|> { x }`))).toEqual(['space', 'tokenizer']);
  });

  test("names of the backbone's file", () => {
    expect(labels(inExample('encoder.mdl', '"input_ids"', 1))).toEqual(['input_ids', 'attention_mask', 'embedding']);
    expect(labels(inExample('heads.mdl', '"w", linear', 1))).toEqual(['b', 'w']);
  });

  test('nothing in comments', () => {
    expect(labels(at('// par<|>'))).toEqual([]);
  });

  test('files and folders, as far as a path is written', () => {
    expect(labels(inExample('encoder.mdl', './models/use-lite/model', 2))).toEqual(['models/', 'heads/'].sort());
    expect(labels(inExample('encoder.mdl', './models/use-lite/model', 18))).toEqual(['model.onnx']);
    expect(labels(inExample('encoder.mdl', './models/use-lite/model', 9))).toEqual(['gloss-bytes/', 'use-lite/']);
    expect(labels(inExample('heads.mdl', './heads/topic', 8))).toEqual(['living.safetensors', 'topic.safetensors']);
  });

  test('parameters of a part for the tensors of its weights', () => {
    const head = (entries: string): Cursor => at(`${imports}labels Two = ["a", "b"]
head H(x: f32[batch, 8]) -> f32[batch, Two] weights "./w.safetensors" from { ${entries} } {
  param scale: f32[8]
  let inner = x * scale |> linear(out: 4)
  inner |> linear(out: Two)
}
`);
    const all = ['scale', 'inner.w', 'inner.b', 'linear.w', 'linear.b'];
    expect(labels(head('<|>'))).toEqual(expect.arrayContaining(all));
    expect(labels(head('<|>'))).not.toContain('onnx');
    expect(labels(head('scale: "s", <|>'))).toEqual(expect.arrayContaining(all));
    expect(labels(head('inner.<|>'))).toEqual(expect.arrayContaining(['w', 'b']));
    expect(labels(head('inner.<|>'))).not.toContain('scale');
  });
});

describe('writes', () => {
  test('over the whole word', () => {
    const { view, uri, position, text } = inPart('x |> lin<|>xyz');
    const item = completion(view, uri, position).find(({ label }) => label === 'linear')!;
    expect(applied(text, [item.edit])).toContain('x |> linear\n');
  });

  test.each([
    ['a new import', 'part f(x: float[..., d]) -> float[..., d] { x |> so<|> }\n', 'import { softmax } from "std/nn"\n\npart f'],
    ['an import below others', `import { Tokens } from "std/text"\npart f(x: Tokens) -> float[..., d] { x.mask |> so<|> }\n`, 'import { Tokens } from "std/text"\nimport { softmax } from "std/nn"\npart f'],
    ['a name into an import', 'import { relu } from "std/nn"\npart f(x: float[..., d]) -> float[..., d] { x |> relu |> so<|> }\n', 'import { relu, softmax } from "std/nn"\npart f'],
  ])('what the name needs: %s', (_, marked, head) => {
    const { view, uri, position, text } = at(marked);
    const item = completion(view, uri, position).find(({ label }) => label === 'softmax')!;
    const written = applied(text, [item.edit, ...item.more]);
    expect(written.startsWith(head)).toBe(true);
    const { diagnostics } = compilerFor(hostOf({ 'main.mdl': written })).check([uri]);
    expect(diagnostics.filter(({ code }) => code === 'unknown-name')).toEqual([]);
  });
});
