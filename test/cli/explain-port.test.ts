/** `mdl check --explain`: derivations of ports of the examples, as the terminal shows them. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { encodeModel, node, valueInfo } from '../onnx/models.ts';
import { mdl } from './harness.ts';

const example = (name: string): string => path.resolve(import.meta.dirname, `../../examples/${name}`);
const explain = (folder: string, target: string, ...more: readonly string[]) => mdl(example(folder), ['check', `${folder}.mdl`, '--explain', target, ...more]);

test.each([
  ['glosses', 'Glosses.topic'],
  ['glosses', 'UseLite.embedding'],
  ['fashion', 'Fashion.cnn'],
  ['fashion', 'Mixer.embedding'],
  ['fashion', 'Prepare'],
])('%s: %s', async (folder, target) => {
  const { code, stdout, stderr } = await explain(folder, target);
  expect([code, stderr]).toEqual([0, '']);
  await expect(stdout).toMatchFileSnapshot(`./golden/explain-${target}.txt`);
});

test('as JSON, every step has what the text says', async () => {
  const { stdout } = await explain('glosses', 'Glosses.topic', '--json');
  const { target, tensors, steps } = JSON.parse(stdout);
  expect(target).toBe('Glosses.topic');
  expect(tensors['']).toMatchObject({ type: 'f32[batch, Topic]', evidence: 'proved', facts: [{ fact: 'range [0, 1]', evidence: 'proved' }, { fact: 'sum(-1) == 1', evidence: 'proved' }] });
  expect(steps.find((step: { what: string }) => step.what.startsWith('Mul'))).toMatchObject({ at: 'models/use-lite/model.onnx', rule: 'divided by its own length' });
  expect(steps.at(-1)).toMatchObject({ depth: 0, what: 'TopicHead(e)', at: 'glosses.mdl:8:18' });
});

test('a port that is not there', async () => {
  const { code, stdout, stderr } = await explain('glosses', 'Glosses.topics');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Did you mean Glosses.topic?');
});

test('behind a value that replaces a tensor of the file', async () => {
  const soft = `import { Sentences, UseLite } from "./encoder.mdl"

contract Bounded = f32[batch, 512] where range [-0.5, 0.5] on violation clamp

part tamed(x: Bounded) -> f32[batch, 512] {
  x
}

backbone Soft @ 1.0.0 = UseLite {
  tap last: f32[batch, 512] from "/Tanh_output_0"
  tap squared: f32[batch, 512] from "/Mul_4_output_0"
  replace last = last |> tamed
  output embedding: f32[batch, 512]
}
`;
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-explain-'));
  cpSync(example('glosses'), folder, { recursive: true });
  writeFileSync(path.join(folder, 'soft.mdl'), soft);
  const { code, stdout, stderr } = await mdl(folder, ['check', 'soft.mdl', '--explain', 'Soft.squared']);
  rmSync(folder, { recursive: true });
  expect([code, stderr]).toEqual([0, '']);
  await expect(stdout).toMatchFileSnapshot('./golden/explain-Soft.squared.txt');
});

test('of a part that is a file, its space is nothing that the file tells', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-explain-'));
  const values = (name: string) => [valueInfo(name, ['batch', 8])];
  writeFileSync(path.join(folder, 'double.onnx'), encodeModel({ node: [node('Add', ['x', 'x'], ['y'])], input: values('x'), output: values('y') }));
  writeFileSync(path.join(folder, 'm.mdl'), 'space s @ 1.0.0\ncontract E = f32[batch, 8] where space s\npart K(x: E) -> f32[batch, 8] keeps space source "./double.onnx"\nmodel M {\n  input x: E\n  output y = K(x)\n}\n');
  const { stdout } = await mdl(folder, ['check', 'm.mdl', '--explain', 'M.y']);
  rmSync(folder, { recursive: true });
  expect(stdout).toContain('K(x): f32[batch, 8] (proved), space s@1.0.0 (declared). what the part K says, held against double.onnx; of the space no file tells [m.mdl:6:14]');
});
