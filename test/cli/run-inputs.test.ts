import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ManifestTensor } from '../../src/bundle/manifest.ts';
import { writeNpy } from '../../src/data/npy.ts';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';
import { plain, writeSmallBundle } from '../runtime/bundles.ts';
import { writeTwoTokenizers } from '../runtime/two-tokenizers.ts';
import { createFolder, mdl } from './harness.ts';

const folder = createFolder({
  'w.txt': 'a cat\ncat\n',
  'b.jsonl': '{"text":"a"}\n{"text":""}\n',
  'short.txt': 'a\n',
  'no.npy': 'none',
  'bad.jsonl': '{"text":"a"}\n[]\n',
  'empty.json': '[]',
});
afterAll(() => folder.remove());
const call = (args: readonly string[]) => mdl(folder.path, ['run', ...args]);
const two = writeTwoTokenizers();
const { folder: identity } = writeSmallBundle(
  encodeModel({
    node: [node('Identity', ['x'], ['y'])],
    input: [valueInfo('x', ['n', 2], dataTypes.FLOAT)],
    output: [valueInfo('y', ['n', 2], dataTypes.FLOAT)],
  }),
  { inputs: [{ name: 'x', tensor: plain('x', 'f32', ['n', 2]) }], outputs: [{ name: 'y', tensor: plain('y', 'f32', ['n', 2]) }] },
);

test('a .npy file gives its own numbers', async () => {
  const file = writeNpy({ dtype: 'f32', dims: [1, 2], bytes: new Uint8Array(Float32Array.of(1.5, -2).buffer) }, 'x.npy');
  if (!file.ok) throw new Error(file.finding.message);
  writeFileSync(path.join(folder.path, 'x.npy'), file.value);
  const { stdout } = await call([identity, '--input', 'x=x.npy', '--json']);
  expect(JSON.parse(stdout).rows[0].outputs.y.data).toEqual([1.5, -2]);
});

test('texts for several inputs, in batches, row beside row', async () => {
  const { stdout, stderr } = await call([two, '--input', 'words=w.txt', '--input', 'bytes=b.jsonl', '--batch', '1', '--json']);
  expect(stderr).toBe('');
  const rows = JSON.parse(stdout).rows;
  expect(rows.map((row: { text: string }) => row.text)).toEqual(['a cat', 'cat']);
  expect(rows.map((row: { outputs: Record<string, { data: number[] }> }) => row.outputs['bytes.ids']!.data)).toEqual([[98, 0], [0]]);
});

test.each<[string[], string]>([
  [[two, '--input', 'words=w.txt', '--input', 'bytes=short.txt'], '`bytes` cannot be used as input: it has 1 rows, and `words` has more'],
  [[two, '--input', 'wrods=w.txt'], 'error[input-unknown]: Small has no `wrods`; it has `words`, `bytes`.\n  = Did you mean `words`?'],
  [[two, '--text', 'a'], 'error[cli-not-text]'],
  [
    [two, '--text', 'a', '--input', 'words=w.txt', '--input', 'bytes=w.txt'],
    'error[cli-input-twice]: `words`, `bytes` of Small are given by --input already, and --text has no other input to go to\n  = Leave one of the two out.',
  ],
  [[identity, '--input', 'x=no.npy'], 'error[npy-invalid]'],
  [[identity, '--input', 'x=empty.json'], 'error[input-shape]'],
  [[identity, '--input', 'x=.'], 'error[file-not-regular]'],
  [[two, '--input', 'words=w.txt', '--jsonl', 'bad.jsonl'], 'error[jsonl-line]'],
])('%j is a call at fault', async (args, expected) => {
  const { code, stdout, stderr } = await call(args);
  expect(stderr).toContain(expected);
  expect([code, stdout]).toEqual([2, '']);
});

test.each([['check', '--nope'], ['chekc'], ['graph'], ['run', '--top', 'x']])('%s %s in JSON is one document with a code', async (...words) => {
  const { code, stdout, stderr } = await mdl(folder.path, [...words.filter((word) => word !== undefined), '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'cli-bad-call' } });
  expect([code, stderr]).toEqual([2, '']);
});

test('of labels that hold each for itself all are shown, of classes the likeliest', async () => {
  const labels = ['toxic', 'obscene', 'threat'];
  const range = { kind: 'range', low: 0, high: 1, evidence: 'proved' } as const;
  const port = (name: string, facts: readonly ManifestTensor['facts'][number][]) => ({ name, tensor: { ...plain(name, 'f32', ['n', 3]), dims: [{ size: 'n' }, { size: 3, classes: labels }], facts } });
  const { folder: bundle } = writeSmallBundle(
    encodeModel({
      node: [node('Identity', ['x'], ['harm']), node('Identity', ['x'], ['topic'])],
      input: [valueInfo('x', ['n', 3], dataTypes.FLOAT)],
      output: [valueInfo('harm', ['n', 3], dataTypes.FLOAT), valueInfo('topic', ['n', 3], dataTypes.FLOAT)],
    }),
    { inputs: [{ name: 'x', tensor: plain('x', 'f32', ['n', 3]) }], outputs: [port('harm', [range]), port('topic', [range, { kind: 'sum', axis: -1, value: 1, tolerance: 1e-3, evidence: 'proved' }])] },
  );
  writeFileSync(path.join(folder.path, 'x.json'), '[[0.25, 0.5, 0.25]]');
  const shown = async (...more: string[]): Promise<string> => (await call([bundle, '--input', 'x=x.json', ...more])).stdout;
  expect(await shown()).toBe('  harm   obscene 50.0%  toxic 25.0%  threat 25.0%\n  topic  obscene 50.0%\n');
  expect(await shown('--top', '2')).toBe('  harm   obscene 50.0%  toxic 25.0%\n  topic  obscene 50.0%  toxic 25.0%\n');
  const { rows } = JSON.parse(await shown('--json')) as { rows: { outputs: Record<string, { top: unknown[] }> }[] };
  expect(['harm', 'topic'].map((name) => rows[0]!.outputs[name]!.top.length)).toEqual([3, 1]);
});
