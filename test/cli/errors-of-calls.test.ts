/** What is wrong with a call, as the terminal shows it: its files, its options, and what a model is to be run on. `UPDATE_GOLDEN=1` writes it anew, to be read. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, test } from 'vitest';
import { createFolder, mdl } from './harness.ts';
import { expectShown, type ShownCall } from './shown-calls.ts';

const vectors = 'model Twice {\n  input x: f32[batch, 4]\n  output y = x * 2\n}\n';
const bytes = readFileSync(new URL('../../examples/glosses/models/gloss-bytes/tokenizer.json', import.meta.url));
const texts = `tokenizer bytes @ 1.0.0 from "./tokenizer.json"

contract Text {
  ids: i64[batch, seq] where tokenizer bytes
  mask: i64[batch, seq] where mask
}

model Title {
  input title: Text
  output y = title.ids
}

model Search {
  input query: Text
  input title: Text
  output y = query.ids
  output z = title.ids
}
`;
const pictures = `contract Picture = u8[N: batch, H: 8, W: 8, C: 3]

model Compare {
  input left: Picture
  input right: Picture
  output a = left
  output b = right
}
`;

const folder = createFolder({
  'package.json': '{ "name": "shop" }',
  'vectors.mdl': vectors,
  'texts.mdl': texts,
  'pictures.mdl': pictures,
  'tokenizer.json': bytes,
  'parts.mdl': 'part twice(x: f32[batch, 4]) -> f32[batch, 4] {\n  x * 2\n}\n',
  'notes/vectors.txt': 'y = 2 x',
  'vectors.txt': 'y = 2 x',
  'titles.txt': 'a tree\n',
});
beforeAll(async () => {
  const { code, stderr } = await mdl(folder.path, ['build', 'vectors.mdl', 'texts.mdl', 'pictures.mdl']);
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => folder.remove());

const fit = { at: '2026-11-01T10:00:00Z', kind: 'fit', file: 'vectors.mdl', name: 'Twice', inputs: {}, method: 'ridge', seed: 1, rows: 40, scores: {}, versions: {} };

const calls: Readonly<Record<string, ShownCall>> = {
  'no-sources': { args: ['check', 'notes'], code: 2 },
  'no-sources-bundle': { args: ['check', 'dist/Twice'], code: 2 },
  'not-source': { args: ['check', 'notes/vectors.txt'], code: 2 },
  'not-source-beside': { args: ['check', 'vectors.txt'], code: 2 },
  'not-source-file': { args: ['fmt', 'tokenizer.json'], code: 2 },
  'choose-none': { args: ['build', 'parts.mdl'], code: 2 },
  'choose-several': { args: ['run', 'texts.mdl'], code: 2 },
  'same-model': { args: ['build', 'vectors.mdl', 'again.mdl'], files: { 'again.mdl': vectors }, code: 2 },
  'no-bundle': { args: ['run', 'notes', '--text', 'a tree'], code: 2 },
  'no-bundle-inside': { args: ['run', 'dist', '--text', 'a tree'], code: 2 },
  'no-bundle-file': { args: ['run', 'dist/Twice/model.onnx', '--input', 'x=x.npy'], code: 2 },
  'no-bundle-network': { args: ['run', 'encoder.onnx', '--input', 'x=x.npy'], files: { 'encoder.onnx': '' }, code: 2 },
  'no-input': { args: ['run', 'dist/Twice'], code: 2 },
  'no-input-texts': { args: ['run', 'dist/Search'], code: 2 },
  'no-input-pictures': { args: ['run', 'dist/Compare'], code: 2 },
  'not-text': { args: ['run', 'dist/Twice', '--text', 'a tree'], code: 2 },
  'not-text-which': { args: ['run', 'dist/Search', '--text', 'a tree'], code: 2 },
  'not-picture': { args: ['run', 'dist/Twice', '--image', 'tree.png'], code: 2 },
  'not-picture-which': { args: ['run', 'dist/Compare', '--image', 'tree.png'], code: 2 },
  'input-twice': { args: ['run', 'dist/Title', '--text', 'a tree', '--input', 'title=titles.txt'], code: 2 },
  'no-history': { args: ['report', '--history'], code: 2 },
  'no-history-other': { args: ['report', 'texts.mdl', '--history'], files: { 'mdl.history.jsonl': `${JSON.stringify(fit)}\n` }, code: 2 },
  'no-history-cut': { args: ['report', '--history'], files: { 'mdl.history.jsonl': JSON.stringify(fit).slice(0, 40) }, code: 2 },
  'bad-option': { args: ['check', '--fxi'], code: 2 },
  'bad-command': { args: ['chekc'], code: 2 },
  'bad-argument': { args: ['graph'], code: 2 },
  'bad-sample': { args: ['build', 'vectors.mdl', '--sample', 'x=x.npy'], code: 2 },
  'bad-texts': { args: ['run', 'dist/Title', '--text', 'a tree', '--jsonl', 'titles.jsonl'], code: 2 },
  'unknown-code': { args: ['explain', 'shape-mismach'], code: 2 },
};

test.each(Object.entries(calls))('%s', (name, call) => expectShown(folder.path, name, call));
