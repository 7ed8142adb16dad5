/** The errors that a user of the command meets most, as the terminal shows them. `UPDATE_GOLDEN=1` writes them anew, to be read. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonDiagnostic } from '../../src/diagnostics/index.ts';
import { createGlosses, mdl } from './harness.ts';
import { among, expectShown, type Files, type ShownCall } from './shown-calls.ts';

const tools = `import { softmax } from "std/nn"
import { Embedding, Encode } from "./encoder.mdl"
import { Topic, TopicHead } from "./heads.mdl"
import { Glosses } from "./glosses.mdl"
head New(e: Embedding) -> f32[batch, Topic] where range [0, 1], sum(-1) == 1
  weights "./heads/new.safetensors" = learned
{
  param w: f32[512, Topic]
  softmax(onnx.MatMul(e, w))
}
fit New {
  data d = "./rows.jsonl"
  loss cross_entropy(New(Encode(d.text)), d.label)
}
verify Exchange {
  swap TopicHead with New in Glosses
  data d = "./rows.jsonl"
  let y = Glosses(d.text)
  require accuracy(y.topic, d.label) >= 50%
}
`;
const rows = (...lines: readonly (readonly [text: string, label: string])[]): string => lines.map(([text, label]) => JSON.stringify({ text, label })).join('\n');

const glosses = createGlosses();
const put = (name: string, content: string | Uint8Array): void => writeFileSync(path.join(glosses.path, name), content);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(path.join(glosses.path, name)));

beforeAll(async () => {
  put('tools.mdl', tools);
  await mdl(glosses.path, ['build', 'glosses.mdl']);
});
afterAll(() => glosses.remove());

/** Bytes of which one is another. */
function altered(file: string, place: number): Uint8Array {
  const bytes = bytesOf(file);
  bytes[place] = bytes[place]! ^ 1;
  return bytes;
}

/** The lock with a verdict that was given on something else. */
function withVerdict(): Files {
  const lock = JSON.parse(new TextDecoder().decode(bytesOf('mdl.lock'))) as object;
  const verdict = { verdict: 'PASS', date: '2026-11-01', fingerprint: '0'.repeat(64), gates: {}, grounds: { 'the rules of the gates': 'a', 'the data rows.jsonl': 'b' }, rows: 40 };
  return { 'mdl.lock': JSON.stringify({ ...lock, verdicts: { 'tools.mdl#Exchange': verdict } }), 'rows.jsonl': rows(['a tree', 'plant']) };
}

const tokens = (ids: unknown, mask: unknown): string => JSON.stringify({ ids, mask });
const runTokens = (content: string): ShownCall => ({ args: ['run', 'dist/Glosses', '--input', 'tokens=t.json'], files: { 't.json': content }, code: 2 });

/** A map between columns of numbers, learned by a method from so many rows. */
function learned(method: string, data: ReturnType<typeof pairs>, body = 'onnx.MatMul(x, w) + b'): ShownCall {
  const map = `part Map(x: f32[batch, 3]) -> f32[batch, 2] weights "./map.safetensors" = learned {\n  param w: f32[3, 2]\n  param b: f32[2]\n  ${body}\n}\n`;
  return {
    args: ['fit', 'map.mdl'],
    files: { 'map.mdl': `${map}\nfit Map {\n  data d = "./pairs.jsonl"\n  loss mse(Map(d.x), d.y)\n  method ${method}\n  seed 1\n}\n`, 'pairs.jsonl': data.map(([x, y]) => `${JSON.stringify({ x, y })}\n`).join('') },
    code: 1,
  };
}
/** Numbers without a pattern, the same in each run. */
function drawn(i: number): number {
  const mixed = Math.imul((i + 1) ^ ((i + 1) << 13), 0x9e3779b1);
  const again = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  return Number((((again ^ (again >>> 13)) >>> 0) / 2 ** 32).toFixed(4));
}
const pairs = (count: number): readonly (readonly [x: readonly number[], y: readonly number[]])[] =>
  Array.from({ length: count }, (_, i) => [[drawn(5 * i), drawn(5 * i + 1), drawn(5 * i + 2)], [drawn(5 * i + 3), drawn(5 * i + 4)]]);
const runHalves = (members: string): ShownCall => ({ args: ['run', 'halves.mdl', '--input', 'x=x.json'], files: { 'halves.mdl': `model Halves {\n  ${members}\n}\n`, 'x.json': '[1, 2]' }, code: 2 });
const probe = `import { Encode } from "./encoder.mdl"\n\nprobe Space {\n  data "./rows.jsonl"\n  through Encode\n}\n`;

const calls: Readonly<Record<string, ShownCall>> = {
  'fit-unknown': { args: ['fit', 'tools.mdl', 'Nwe'], code: 2 },
  'fit-no-data': { args: ['fit', 'tools.mdl', 'New'], code: 1 },
  'fit-column': { args: ['fit', 'tools.mdl', 'New'], files: { 'rows.jsonl': '{"txt": "a", "label": "food"}' }, code: 1 },
  'fit-class': { args: ['fit', 'tools.mdl', 'New'], files: { 'rows.jsonl': rows(['a tree', 'plant'], ['a dog', 'animl']) }, code: 1 },
  'fit-line': { args: ['fit', 'tools.mdl', 'New'], files: { 'rows.jsonl': `${rows(['a tree', 'plant'])}\n{"text": "a dog", "label": ` }, code: 1 },
  'verify-unfitted': { args: ['verify', 'tools.mdl', 'Exchange'], files: { 'rows.jsonl': rows(['a tree', 'plant']) }, code: 1 },
  'run-model': { args: ['run', 'glosses.mdl', '--model', 'Gloses', '--text', 'a tree'], code: 2 },
  'run-input': { args: ['run', 'dist/Glosses', '--input', 'tokns=t.json'], files: { 't.json': '[]' }, code: 2 },
  'run-field': { args: ['run', 'dist/Glosses', '--jsonl', 'rows.jsonl', '--field', 'txt'], files: { 'rows.jsonl': rows(['a tree', 'plant']) }, code: 2 },
  'run-device': { args: ['run', 'dist/Glosses', '--text', 'a tree', '--device', 'cuad'], code: 2 },
  'run-dtype': runTokens(tokens([[1, 2.5]], [[1, 1]])),
  'run-dtype-not-carried': runHalves('input x: bf16[n]\n  output y = onnx.Cast(x, to: f32)'),
  'run-output-dtype': runHalves('input x: f32[n]\n  output y = onnx.Cast(x, to: bf16)'),
  'run-shape': runTokens(tokens([[1, 2, 3]], [[1, 1]])),
  'run-ids': runTokens(tokens([[1, 8000]], [[1, 1]])),
  'run-mask': runTokens(JSON.stringify({ ids: [[1, 2]] })),
  'run-kind': runTokens('[[1, 2]]'),
  'run-bundle': { args: ['run', 'dist/Gloses', '--text', 'a tree'], code: 2 },
  'explain-port': { args: ['check', 'glosses.mdl', '--explain', 'Glosses.topc'], code: 2 },
  'inspect-range': { args: ['inspect', 'models/use-lite/model.onnx', '--range', 'input_idss=0,5'], code: 2 },
  'run-changed': { args: ['run', 'dist/Glosses', '--text', 'a tree'], files: { 'dist/Glosses/use_lite.tokenizer.json': '{}' }, code: 1 },
  'run-manifest': { args: ['run', 'dist/Glosses', '--text', 'a tree'], files: { 'dist/Glosses/manifest.json': '{}' }, code: 1 },
  'lock-invalid': { args: ['check', 'glosses.mdl'], files: { 'mdl.lock': '' }, code: 1 },
  'lock-version': { args: ['check', 'glosses.mdl'], files: { 'mdl.lock': '{ "lockVersion": 99 }' }, code: 1 },
  'lock-other': { args: ['check', 'glosses.mdl'], files: { 'mdl.lock': '{ "lockVersion": 1 }' }, code: 1 },
  'onnx-cut': { args: ['inspect', 'cut.onnx'], files: () => ({ 'cut.onnx': bytesOf('models/use-lite/model.onnx').slice(0, 5000) }), code: 1 },
  'onnx-damaged': { args: ['inspect', 'damaged.onnx'], files: () => ({ 'damaged.onnx': bytesOf('models/use-lite/model.onnx').fill(0xff, 40, 60) }), code: 1 },
  'onnx-other': { args: ['inspect', 'notes.onnx'], files: { 'notes.onnx': 'These are not the bytes of a model.' }, code: 1 },
  'onnx-page': { args: ['inspect', 'page.onnx'], files: { 'page.onnx': '<!DOCTYPE html><html><body>Sign in</body></html>' }, code: 1 },
  'audit-no-record': { args: ['audit', 'models/use-lite/model.onnx'], code: 1 },
  'audit-altered': { args: ['audit', 'dist/Glosses'], files: () => ({ 'dist/Glosses/model.onnx': altered('dist/Glosses/model.onnx', 9_000_000) }), code: 1, onlyErrors: true },
  'audit-manifest': { args: ['audit', 'dist/Glosses'], files: () => ({ 'dist/Glosses/manifest.json': new TextDecoder().decode(bytesOf('dist/Glosses/manifest.json')).replace('"animal"', '"animals"') }), code: 1, onlyErrors: true },
  'fit-few': { args: ['fit', 'tools.mdl', 'New'], files: { 'rows.jsonl': rows(['a tree', 'plant'], ['a dog', 'animal'], ['a bus', 'artifact']) }, code: 1 },
  'fit-constant': { args: ['fit', 'tools.mdl', 'New'], files: { 'rows.jsonl': rows(...Array.from({ length: 40 }, (_, i) => ['a tree', i % 2 === 0 ? 'plant' : 'animal'] as const)) }, code: 1 },
  'fit-frozen': { args: ['fit', 'frozen.mdl', 'New'], files: { 'frozen.mdl': tools.replace('d.label)\n}', 'd.label)\n  method logistic\n  freeze w\n}'), 'rows.jsonl': rows(['a tree', 'plant'], ['a dog', 'animal']) }, code: 1 },
  'fit-smoothed': { args: ['fit', 'smooth.mdl', 'New'], files: { 'smooth.mdl': tools.replace('d.label)\n}', 'd.label, label_smoothing: 0.1)\n  method logistic\n}'), 'rows.jsonl': rows(['a tree', 'plant'], ['a dog', 'animal']) }, code: 1 },
  'probe-record': { args: ['probe', 'probe.mdl', '--against', 'record.json'], files: { 'probe.mdl': probe, 'rows.jsonl': rows(['a tree', 'plant']), 'record.json': '{ "version": 1 }' }, code: 2 },
  'map-widths': learned('coral', pairs(40)),
  'map-form': learned('ridge', pairs(40), 'onnx.Relu(onnx.MatMul(x, w) + b)'),
  'map-diverged': learned('sgd(lr: 1e30, epochs: 3)', pairs(200)),
  'map-beside': { ...learned('ridge', pairs(200).map(([[a, b, c]]) => [[a!, 1e6 * b!, c!], [b!, c!]])), code: 0 },
  'map-nothing': { ...learned('ridge', pairs(200)), code: 0 },
  'golden-other': { args: ['build', 'golden.mdl', '--out', 'out'], files: { 'golden.mdl': 'model Half {\n  input x: f32[batch, 2]\n  output y = x * 0.5\n}\n\ngolden Half {\n  data "./golden.jsonl"\n}\n', 'golden.jsonl': '{"x": [1, 2], "y": [0.5, 1]}\n{"x": [3, 4], "y": [1.5, 2.5]}\n' }, code: 1 },
  'probe-other': { args: ['probe', 'probe.mdl', '--against', 'record.json'], files: { 'probe.mdl': probe, 'rows.jsonl': rows(['a tree', 'plant'], ['a dog', 'animal']), 'record.json': '{ "probeRecord": 1, "probes": {} }' }, code: 1 },
  'upgrade-same': { args: ['upgrade', 'glosses.mdl', 'Encode', 'TopicHead', '--data', 'rows.jsonl', '--test', 'rows.jsonl'], files: { 'rows.jsonl': rows(['a tree', 'plant'], ['a dog', 'animal']) }, code: 2 },
  'verdict-stale': { args: ['check', 'tools.mdl'], files: () => withVerdict(), code: 0, onlyErrors: true },
  'fit-no-data-near': { args: ['fit', 'tools.mdl', 'New'], files: { 'row.jsonl': '' }, code: 1 },
};

test.each(Object.entries(calls))('%s', (name, call) => expectShown(glosses.path, name, call));

test.each(['fit-column', 'fit-no-data-near'])('the edit of %s mends it', async (name) => {
  const { args, files } = calls[name]!;
  const call = async (): Promise<JsonDiagnostic> => JSON.parse((await mdl(glosses.path, [...args, '--json'])).stdout).diagnostics[0];
  const [first, second] = await among(glosses.path, { ...(files as Files), 'tools.mdl': tools }, async () => {
    const found = await call();
    const [edit] = found.fixes[0]!.edits;
    put('tools.mdl', `${tools.slice(0, edit!.range!.start.offset)}${edit!.newText}${tools.slice(edit!.range!.end.offset)}`);
    return [found, await call()];
  });
  expect(second.message).not.toBe(first.message);
});
