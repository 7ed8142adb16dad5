/** What does not fit into memory is read as it is asked for, to the same bytes, or refused beforehand. */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { writeNpy } from '../../src/data/npy.ts';
import { createRandom } from '../../src/data/random.ts';
import { blocksOf, examplesOf } from '../../src/data/row-blocks.ts';
import { memoryFor } from '../../src/toolkit/memory.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

/** So little that a piece of a hundred kilobytes is not kept as a whole. */
const little = '1MiB';
const rows = 1000;
const width = 24;

const random = createRandom(17);
const x = Array.from({ length: rows }, () => Array.from({ length: width }, () => Math.fround(random.normal())));
const y = x.map((row) => row.map((v, i) => Math.fround(2 * v - row[(i + 1) % width]! + 0.2 * random.normal())));
const labels = x.map((row) => Number(row[0]! + row[1]! > 0));

function arrayOf(numbers: readonly (readonly number[])[]): Uint8Array {
  const written = writeNpy({ dtype: 'f32', dims: [rows, width], bytes: new Uint8Array(Float32Array.from(numbers.flat()).buffer) }, 'memory:///a.npy');
  if (!written.ok) throw new Error(written.finding.message);
  return written.value;
}

const data: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>> = {
  './pairs.*.npy': { 'pairs.x.npy': arrayOf(x), 'pairs.y.npy': arrayOf(y) },
  './pairs.jsonl': { 'pairs.jsonl': x.map((row, i) => `${JSON.stringify({ x: row, y: y[i], label: labels[i] })}\n`).join('') },
  './pairs.csv': { 'pairs.csv': `x,y,label\r\n${x.map((row, i) => `"${JSON.stringify(row)}","${JSON.stringify(y[i])}",${labels[i]}\r\n`).join('')}` },
};

/** @param encoded whether the vectors are what a part makes of the columns, and come from the cache of features */
function source(from: string, loss: string, encoded = false): string {
  const target = ['Sign', 'Anchored'].find((part) => loss.includes(part)) ?? 'Back';
  const weights = (part: string): string => `weights "./${part === target ? 'back' : part}.safetensors" = learned`;
  return `import { linear, softmax } from "std/nn"
import { relative_representation } from "std/adapters"
adapter Enlarge(x: f32[batch, ${width}]) -> f32[batch, ${width}] { x * 3 }
adapter Back(x: f32[batch, ${width}]) -> f32[batch, ${width}] ${weights('Back')} { x |> linear(out: ${width}) }
adapter Anchored(x: f32[batch, ${width}]) -> f32[batch, 5] ${weights('Anchored')} { x |> relative_representation(anchors: 5) }
head Sign(x: f32[batch, ${width}]) -> f32[batch, 2] where range [0, 1] ${weights('Sign')} { x |> linear(out: 2) |> softmax }
fit ${target} { data d = "${from}" ${encoded ? loss.replaceAll('(d.x)', '(Enlarge(d.x))') : loss} seed 3 }
`;
}

function folderOf(text: string, from: string): string {
  const folder = createFolder({ 'package.json': '{ "name": "fits" }', 'a.mdl': text, ...data[from] });
  folders.push(folder);
  return folder.path;
}

async function fitted(text: string, from: string, memory?: string) {
  const folder = folderOf(text, from);
  const env = { XDG_CACHE_HOME: path.join(folder, 'cache'), ...(memory === undefined ? {} : { MDL_MEMORY: memory }) };
  const answers = [await mdl(folder, ['fit', 'a.mdl'], { env })];
  const bytes = answers[0]!.code === 0 ? readFileSync(path.join(folder, 'back.safetensors')).toString('base64') : undefined;
  return { folder, env, bytes, ...answers[0]! };
}

describe('what is read as it is asked for gives the bytes that it gives from memory', () => {
  const ridge = 'loss mse(Back(d.x), d.y) method ridge';
  const adam = 'loss mse(Back(d.x), d.y) method adam(epochs: 2, lr: 0.01)';
  const relative = 'loss mse(Anchored(d.x), Anchored(d.x)) method relative';
  test.each([
    ['./pairs.*.npy', ridge, true],
    ['./pairs.*.npy', adam, false],
    ['./pairs.*.npy', adam, true],
    ['./pairs.jsonl', ridge, false],
    ['./pairs.csv', adam, true],
    ['./pairs.*.npy', relative, false],
    ['./pairs.jsonl', relative, true],
  ])('%s, %s, encoded %s', async (from, loss, encoded) => {
    const text = source(from, loss, encoded);
    const [whole, streamed] = [await fitted(text, from), await fitted(text, from, little)];
    expect([whole.code, streamed.code, streamed.stderr]).toEqual([0, 0, '']);
    expect(streamed.bytes).toBe(whole.bytes);
    // Once more from the cache of features alone.
    rmSync(path.join(streamed.folder, 'back.safetensors'));
    expect((await mdl(streamed.folder, ['fit', 'a.mdl'], { env: streamed.env })).code).toBe(0);
    expect(readFileSync(path.join(streamed.folder, 'back.safetensors')).toString('base64')).toBe(whole.bytes);
  });
});

describe('what has to lie in memory is refused beforehand, with the figure', () => {
  test('a head in closed form, and the way that is offered works', async () => {
    const text = source('./pairs.jsonl', 'loss cross_entropy(Sign(d.x), d.label) method logistic');
    const { code, stderr } = await fitted(text, './pairs.jsonl', '300KiB');
    expect([code, /^error\[([a-z-]+)\]/m.exec(stderr)?.[1]]).toEqual([1, 'data-memory']);
    // 1,000 x 24 x 4 x 4 bytes are 375 KiB.
    expect(stderr.replace(/\s+/g, ' ')).toContain('would take 375 KiB of memory (1,000 rows of 24 numbers of 4 bytes, 4 times), and 300 KiB are free');
    expect(stderr).toContain('`method adam`');
    expect((await fitted(text.replace('method logistic', 'method adam(epochs: 2)'), './pairs.jsonl', '300KiB')).code).toBe(0);
  });

  test('vectors in texts of numbers, by gradient', async () => {
    const { code, stderr } = await fitted(source('./pairs.jsonl', 'loss mse(Back(d.x), d.y) method adam'), './pairs.jsonl', '60KiB');
    expect([code, /^error\[([a-z-]+)\]/m.exec(stderr)?.[1]]).toEqual([1, 'data-memory']);
    expect(stderr).toContain('numpy.save');
  });
});

test('what the call says may be taken is what may be taken', () => {
  expect([memoryFor('2GiB'), memoryFor('512 MB'), memoryFor('1.5KiB')]).toEqual([2 ** 31, 2 ** 29, 1536]);
  expect(memoryFor('much')).toBeGreaterThan(2 ** 20);
});

test('blocks of rows are whole rows, whatever stands between quotes', () => {
  const long = 'a "b"\n, é🎉'.repeat(3000);
  const cells = Array.from({ length: 60 }, (_, i) => `${i} ${long}`);
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const files = { 'a.csv': `\ufeff\r\nat,text\r\n${cells.map((cell, i) => `${i},${quoted(cell)}\r\n`).join('')}`, 'a.jsonl': `\ufeff${cells.map((text, at) => JSON.stringify({ at: String(at), text })).join('\n')}` };
  for (const [name, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    const file = { uri: `memory:///${name}`, size: bytes.length, read: (from: number, length: number) => bytes.subarray(from, from + length), close: () => {} };
    const found = blocksOf(file)!;
    expect(found.blocks.length).toBeGreaterThan(4);
    const examples = found.blocks.flatMap((block) => examplesOf(file, found, block));
    // Not the texts themselves: a difference of so long ones takes minutes to show.
    const wrong = examples.findIndex((example, i) => !example.ok || example.value.fields['at'] !== String(i) || example.value.fields['text'] !== cells[i]);
    expect([name, examples.length, wrong]).toEqual([name, cells.length, -1]);
  }
});
