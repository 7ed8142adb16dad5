/** What is wrong with files, as the terminal shows it: sources, locks, weights, tokenizers, examples, and where bundles go. `UPDATE_GOLDEN=1` writes it anew, to be read. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNpy } from '../../src/data/npy.ts';
import type { JsonDiagnostic } from '../../src/diagnostics/index.ts';
import { safetensors } from '../check/world.ts';
import { encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { among, expectShown, type Files, type ShownCall } from './shown-calls.ts';
import { createFolder, mdl } from './harness.ts';

const network = (factor: number): Uint8Array =>
  encodeModel({
    node: [node('Mul', ['x', 'w'], ['y'])],
    input: [valueInfo('x', ['batch', 4])],
    output: [valueInfo('y', ['batch', 4])],
    initializer: [floats('w', [4], [factor, factor, factor, factor])],
  });
const weights = (rows: number): Uint8Array => safetensors({ w: { dims: [rows, 2], values: Array.from({ length: 2 * rows }, (_, i) => i / 8) } });

const shop = `space items @ 1.0.0

backbone Items @ 1.0.0 {
  source "./items.onnx"
  input x: f32[batch, 4]
  output y: f32[batch, 4] where space items
}

contract Vector = f32[batch, 4] where space items@^1

head Score(x: Vector) -> f32[batch, 2] weights "./score.safetensors" {
  param w: f32[4, 2]
  onnx.MatMul(x, w)
}

model Shop {
  input x: f32[batch, 4]
  output score = Score(Items(x).y)
}
`;
const learned = `head Mood(x: f32[batch, 4]) -> f32[batch, 2] weights "./mood.safetensors" = learned {
  param w: f32[4, 2]
  onnx.MatMul(x, w)
}

fit Mood {
  data d = "./DATA"
  loss mse(Mood(d.x), d.y)
}
`;
const titles = `tokenizer words @ 1.0.0 from "./tokenizer.json"

contract Text {
  ids: i64[batch, seq] where tokenizer words
  mask: i64[batch, seq] where mask
}

model Title {
  input title: Text
  output y = title.ids
}
`;
const tokenizer = (model: object): string => JSON.stringify({ version: '1.0', model });
const words = { type: 'WordLevel', vocab: { '[UNK]': 0, tree: 1 }, unk_token: '[UNK]' };

const folder = createFolder({
  'package.json': '{ "name": "shop" }',
  'shop.mdl': shop,
  'items.onnx': network(2),
  'score.safetensors': weights(4),
  'titles.mdl': titles,
  'tokenizer.json': tokenizer(words),
  'notes/README.txt': 'Nothing but notes.',
  'work/Shop/README.txt': 'What somebody else made.',
});
beforeAll(async () => {
  mkdirSync(path.join(folder.path, 'mdl.history.jsonl'));
  const { code, stderr } = await mdl(folder.path, ['build', 'shop.mdl']);
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => folder.remove());

/** The same with a tokenizer of another name, which the lock does not know. */
const moreTitles = (name: string, model: object): Files => ({ 'more-titles.mdl': titles.replaceAll('tokenizer words', `tokenizer ${name}`).replace('tokenizer.json', 'more.json'), 'more.json': tokenizer(model) });
const withData = (name: string, content: string | Uint8Array): ShownCall => ({ args: ['fit', 'mood.mdl'], files: { 'mood.mdl': learned.replace('DATA', name).replaceAll(/d\.[xy]/g, name.endsWith('.npy') ? 'd.rows' : '$&'), [name]: content }, code: 1 });
const checked = (files: NonNullable<ShownCall['files']>): ShownCall => ({ args: ['check', 'shop.mdl'], files, code: 1 });
const utf16 = Uint8Array.from(Buffer.from(`\ufeff${shop}`, 'utf16le'));
const arrayOf = (bytes: Uint8Array, dims: readonly number[]): Uint8Array => {
  const written = writeNpy({ dtype: 'f32', dims, bytes }, 'x.npy');
  if (!written.ok) throw new Error(written.finding.message);
  return written.value;
};
const arrays = arrayOf(new Uint8Array(48), [3, 4]);
const complex = Uint8Array.from(Buffer.from(Buffer.from(arrays).toString('latin1').replace('<f4', '<c8').replace('(3, 4)', '(3, 2)'), 'latin1'));

const calls: Readonly<Record<string, ShownCall>> = {
  'history-folder': { args: ['report', '--history'], code: 2 },
  'source-folder': { args: ['check', 'a.mdl'], files: { 'a.mdl': shop.replace('./items.onnx', './notes') }, code: 1 },
  'source-folder-of-one': { args: ['check', 'a.mdl'], files: { 'a.mdl': shop.replace('./items.onnx', './items'), 'items/README.md': '', 'items/model.onnx': network(2) }, code: 1 },
  'import-large': { args: ['check', 'a.mdl'], files: () => ({ 'a.mdl': 'import { Items } from "./b.mdl"\n', 'b.mdl': new Uint8Array(9 * 2 ** 20).fill(32) }), code: 1 },
  'source-latin1': { args: ['check', 'a.mdl'], files: { 'a.mdl': Uint8Array.from(Buffer.from('// ein Baum\n// l\u00e4ngst\n', 'latin1')) }, code: 1 },
  'source-utf16': { args: ['check', 'a.mdl'], files: { 'a.mdl': utf16 }, code: 1 },
  'out-file': { args: ['build', 'shop.mdl', '--out', 'package.json'], code: 2 },
  'out-occupied': { args: ['build', 'shop.mdl', '--out', 'work'], code: 2 },
  'lock-outdated': { args: ['check', 'more.mdl', '--locked'], files: { 'more.mdl': shop.replace('score.safetensors', 'more.safetensors'), 'more.safetensors': weights(4) }, code: 1 },
  'lock-mismatch': { ...checked({ 'score.safetensors': safetensors({ w: { dims: [4, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] } }) }), args: ['check', 'shop.mdl', '--locked'] },
  'weights-pointer': checked({ 'score.safetensors': 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n' }),
  'weights-pickle': checked({ 'score.safetensors': Uint8Array.from(Buffer.from('PK\x03\x04\0\0\x08\x08\0\0archive/data.pkl', 'latin1')) }),
  'weights-cut': checked(() => ({ 'score.safetensors': weights(4).slice(0, -8) })),
  'weights-tensor': checked(() => ({ 'score.safetensors': Uint8Array.from(Buffer.from(Buffer.from(weights(4)).toString('latin1').replace('[4,2]', '[4,3]'), 'latin1')) })),
  'tokenizer-json': { args: ['check', 'titles.mdl'], files: { 'tokenizer.json': '{ "model": ' }, code: 1 },
  'tokenizer-config': { args: ['check', 'titles.mdl'], files: { 'tokenizer.json': '{ "tokenizer_class": "BertTokenizer", "do_lower_case": true }' }, code: 1 },
  'tokenizer-unsupported': { args: ['run', 'more-titles.mdl', '--text', 'a tree'], files: moreTitles('pieces', { type: 'SentencePiece', vocab: [['a', 0]] }), code: 1 },
  'text-not-tokenized': { args: ['run', 'more-titles.mdl', '--jsonl', 'titles.jsonl'], files: () => ({ ...moreTitles('others', words), 'titles.jsonl': ['tree', 'tree '.repeat(300_000)].map((text) => `${JSON.stringify({ text })}\n`).join('') }), code: 2 },
  'data-format': withData('rows.parquet', 'PAR1'),
  'csv-quote': withData('rows.csv', 'x,y\n1,2\n"3,4\n'),
  'csv-fields': withData('rows.csv', 'x,y\n1,2\n3,4,5\n'),
  'npy-text': withData('rows.npy', '1 2 3\n'),
  'npy-cut': withData('rows.npy', arrayOf(new Uint8Array(48), [3, 4]).slice(0, -8)),
  'npy-complex': withData('rows.npy', complex),
  'npy-number': withData('rows.npy', arrayOf(new Uint8Array(4), [])),
};

test.each(Object.entries(calls))('%s', (name, call) => expectShown(folder.path, name, call));

test('lock-missing', async () => {
  const unlocked = createFolder({ 'package.json': '{ "name": "shop" }', 'shop.mdl': shop, 'items.onnx': network(2), 'score.safetensors': weights(4) });
  await expectShown(unlocked.path, 'lock-missing', { args: ['check', 'shop.mdl', '--locked'], code: 1 });
  unlocked.remove();
});

test('the edit of source-folder-of-one mends it', async () => {
  const { args, files } = calls['source-folder-of-one']!;
  const before = (files as Files)['a.mdl'] as string;
  const { fixes: [fix] } = await among(folder.path, files as Files, async () => (JSON.parse((await mdl(folder.path, [...args, '--json'])).stdout) as { diagnostics: JsonDiagnostic[] }).diagnostics[0]!);
  const { range, newText } = fix!.edits[0]!;
  const after = `${before.slice(0, range!.start.offset)}${newText}${before.slice(range!.end.offset)}`;
  // The lock knows another file of that space.
  const mended = after.replaceAll('items @ 1.0.0', 'items @ 2.0.0').replace('items@^1', 'items@^2');
  expect((await among(folder.path, { ...(files as Files), 'a.mdl': mended }, () => mdl(folder.path, args))).code).toBe(0);
});
