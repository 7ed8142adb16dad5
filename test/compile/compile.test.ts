/** The pipeline as its users call it: on the example, again after an edit, and with the values that editors ask for. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { createNodeHost } from '../../src/host/node.ts';
import { foreignFiles, library, uriOf } from '../check/world.ts';

const example = path.resolve(import.meta.dirname, '../../examples/glosses');
const compileExample = (file: string) => createCompiler(createNodeHost({ cwd: example })).check([pathToFileURL(path.join(example, file)).href]);

describe('the glosses example', () => {
  test('is without fault, and one pass of the encoder', () => {
    const { diagnostics, models } = compileExample('glosses.mdl');
    expect(diagnostics).toEqual([]);
    const [glosses] = models;
    expect(glosses!.inputs.map((port) => port.name)).toEqual(['tokens']);
    expect(glosses!.outputs.map((port) => port.name)).toEqual(['topic', 'living', 'embedding']);
    expect(glosses!.program.steps.filter((step) => step.kind === 'link')).toHaveLength(1);
    expect(glosses!.tokenizers.map((t) => `${t.name}@${t.version}`)).toEqual(['use_lite@1.0.0']);
    expect(glosses!.files.map((uri) => path.basename(uri)).toSorted()).toEqual(['living.safetensors', 'model.onnx', 'tokenizer.json', 'topic.safetensors']);
  });

  test('its joints say how each demand is known', () => {
    const joints = compileExample('glosses.mdl').models[0]!.joints;
    const about = (to: string) => joints.find((joint) => joint.to === to)!.requirements.map(({ what, evidence }) => `${evidence}: ${what}`);
    // Shape and norm follow from the encoder's operators, and so does what softmax gives; its space is somebody's word; the model tests its inputs.
    expect(about('TopicHead.e')).toEqual(['proved: f32[batch, 512]', 'proved: norm(-1) == 1 +- 0.001', 'declared: space use@^1']);
    expect(about("TopicHead's result")).toEqual(['proved: f32[batch, Topic]', 'proved: range [0, 1]', 'proved: sum(-1) == 1']);
    expect(about('Encode.tokens')).toEqual(['enforced: ids: i64[batch, seq]', 'declared: ids: tokenizer use_lite@1.0.0', 'enforced: mask: i64[batch, seq]', 'enforced: mask: mask']);
  });

  test('its spaces and tokenizers stand for files', () => {
    const { identities } = compileExample('glosses.mdl');
    const shown = identities.map(({ kind, id, version, files }) => `${kind} ${id.replace(/^.*#/, '')}@${version}: ${files.map((uri) => path.basename(uri)).join(', ')}`);
    expect(shown.toSorted()).toEqual(['space use@1.0.0: model.onnx', 'tokenizer use_lite@1.0.0: tokenizer.json']);
  });

  test('the wrong joint is the one error', () => {
    const { diagnostics, models } = compileExample('wrong.mdl');
    expect(diagnostics.map((d) => d.code)).toEqual(['tokenizer-mismatch']);
    expect(models).toEqual([]);
  });
});

describe('a second check', () => {
  test('sees what has changed, and nothing else', () => {
    const files: Record<string, string | Uint8Array> = { ...foreignFiles, 'main.mdl': 'import { f } from "./f.mdl"\nmodel M { input x: f32[n] output y = f(x) }', 'f.mdl': 'part f(x: f32[n]) -> f32[n] { x }' };
    const compiler = createCompiler(createMemoryHost(files, library));
    const codes = (): string[] => compiler.check([uriOf('main.mdl')]).diagnostics.map((d) => d.code);
    expect(codes()).toEqual([]);
    files['f.mdl'] = 'part f(x: f64[n]) -> f64[n] { x }';
    expect(codes()).toEqual(['dtype-mismatch']);
    files['f.mdl'] = 'part f(x: f32[n]) -> f32[n] { x }';
    expect(codes()).toEqual([]);
    delete files['f.mdl'];
    expect(codes()).toEqual(['unknown-module']);
  });

  test('the same sources give the same answer', () => {
    const [a, b] = [compileExample('glosses.mdl'), compileExample('glosses.mdl')];
    expect(a.models[0]!.program.steps.map((s) => s.name)).toEqual(b.models[0]!.program.steps.map((s) => s.name));
    expect(a.models[0]!.joints).toEqual(b.models[0]!.joints);
  });
});

describe('several entries', () => {
  test("their diagnostics come in their order, an import's after them", () => {
    const files = { 'a.mdl': 'space a', 'b.mdl': 'import { c } from "./c.mdl"\nspace b\ncontract B = f32[n] where space c', 'c.mdl': 'space c' };
    const { diagnostics } = createCompiler(createMemoryHost(files, library)).check(['b.mdl', 'a.mdl'].map(uriOf));
    expect(diagnostics.map((d) => d.location.uri)).toEqual(['b.mdl', 'a.mdl', 'c.mdl'].map(uriOf));
  });

  test('only the models of entries are built', () => {
    const files = { 'a.mdl': 'import { f } from "./b.mdl"\nmodel A { input x: f32[n] output y = f(x) }', 'b.mdl': 'part f(x: f32[n]) -> f32[n] { x }\nmodel B { input x: f32[n] output y = f(x) }' };
    const { models } = createCompiler(createMemoryHost(files, library)).check([uriOf('a.mdl')]);
    expect(models.map((m) => m.name)).toEqual(['A']);
  });
});

describe('the values of expressions', () => {
  const files = { 'main.mdl': 'model M {\n  input x: f32[n, 3]\n  let y = x + 1\n  output z = onnx.Softmax(y)\n}' };

  test('are kept where they are asked for', () => {
    const { values } = createCompiler(createMemoryHost(files, library), { values: true }).check([uriOf('main.mdl')]);
    const kinds = [...values.values()].map((value) => value.kind);
    expect(kinds).toContain('tensor');
    expect(kinds).toContain('number');
  });

  test('and not otherwise', () => {
    expect(createCompiler(createMemoryHost(files, library)).check([uriOf('main.mdl')]).values.size).toBe(0);
  });
});
