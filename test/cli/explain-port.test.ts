/** `mdl check --explain`: derivations of ports of the examples, as the terminal shows them. */
import path from 'node:path';
import { expect, test } from 'vitest';
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
  expect(stderr).toContain('--explain takes `Glosses.topic`, found "Glosses.topics"');
});
