/** Writes the models, tokenizers and weights that the cases name into `models/`, the same bytes at every run. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { noise } from './graph.mjs';
import { pieces } from './pieces.mjs';

const folder = path.join(import.meta.dirname, 'models');

/** A vocabulary of 16 words. */
const tokenizer = (prefix, more = {}) =>
  JSON.stringify({ ...more, model: { type: 'WordLevel', vocab: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`${prefix}${i}`, i])), unk_token: `${prefix}0` } });

/** A linear layer of three classes, with their names. */
function weights(classes, seed) {
  const header = { __metadata__: { classes: JSON.stringify(classes) }, 'linear.w': { dtype: 'F32', shape: [8, 3], data_offsets: [0, 96] }, 'linear.b': { dtype: 'F32', shape: [3], data_offsets: [96, 108] } };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.from(Float32Array.from(noise(27, seed)).buffer)]);
}

const others = {
  'words.tokenizer.json': tokenizer('w'),
  'left.tokenizer.json': tokenizer('w', { padding: { strategy: 'BatchLongest', direction: 'Left', pad_id: 0 } }),
  'four.tokenizer.json': tokenizer('w', { truncation: { max_length: 4 } }),
  'pieces.tokenizer.json': tokenizer('p'),
  'topic.safetensors': weights(['sport', 'politics', 'science'], 20),
  'old-topic.safetensors': weights(['politics', 'sport', 'weather'], 21),
};

/** Answers with the folder. What is there already is left alone, so that runs beside each other do not meet. */
export function writeFiles() {
  mkdirSync(folder, { recursive: true });
  const models = Object.fromEntries(Object.entries(pieces).map(([name, bytes]) => [`${name}.onnx`, bytes]));
  for (const [name, content] of Object.entries({ ...models, ...others })) {
    const file = path.join(folder, name);
    const bytes = Buffer.from(content);
    if (existsSync(file) && readFileSync(file).equals(bytes)) continue;
    const aside = `${file}.${process.pid}.tmp`;
    writeFileSync(aside, bytes);
    renameSync(aside, file);
  }
  return folder;
}
