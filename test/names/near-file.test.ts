/** A path that leads to no file is held against the names in the folder that it names, and against no other. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { createMemoryHost } from '../../src/host/memory.ts';
import { createNodeHost } from '../../src/host/node.ts';
import { nearFile } from '../../src/names/near-file.ts';
import { checkText } from '../check/world.ts';

const files = { 'a b/main.mdl': '', 'a b/encoder.mdl': '', 'a b/encoder.onnx': '', 'a b/models/sentiment.onnx': '', 'secret.onnx': '' };
const folder = mkdtempSync(path.join(tmpdir(), 'mdl-near-'));
for (const file of Object.keys(files)) {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), '');
}
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['memory', createMemoryHost(files), 'memory:///a%20b/main.mdl'],
  ['node', createNodeHost({ cwd: folder }), pathToFileURL(path.join(folder, 'a b/main.mdl')).href],
])('the %s host', (_, host, from) => {
  const wanted = {
    './encodr.onnx': './encoder.onnx',
    './encodr.mdl': './encoder.mdl',
    'models/sentimnt.onnx': 'models/sentiment.onnx',
    '../secrte.onnx': '../secret.onnx',
    // Another ending, another folder, none at all.
    './encodr.txt': undefined,
    './secrte.onnx': undefined,
    './model/sentiment.onnx': undefined,
    './models/': undefined,
    '': undefined,
  };
  expect(Object.fromEntries(Object.keys(wanted).map((p) => [p, nearFile(p, from, host)]))).toEqual(wanted);
});

test('a missing file and a missing module are suggested, with their fixes', () => {
  const text = 'import { Embedding } from "./encodr.mdl"\n\nhead H(e: Embedding) -> f32[batch, 8] source "./realy.onnx" from "x" to "y"\n';
  const found = checkText(text, { 'encoder.mdl': 'contract Embedding = f32[batch, 8]\n' }).diagnostics;
  const told = found.map(({ code, label, fixes }) => [code, label, fixes.map((fix) => fix.edits[0]!.text)]);
  expect(told).toContainEqual(['unknown-module', 'did you mean "./encoder.mdl"?', ['"./encoder.mdl"']]);
  expect(told).toContainEqual(['file-missing', 'did you mean "./relay.onnx"?', ['"./relay.onnx"']]);
});
