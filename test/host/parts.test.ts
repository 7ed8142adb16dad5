/** Large files are digested in parts: whole blocks of source files by themselves, and each block once. */
import { createHash } from 'node:crypto';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBlockCache } from '../../src/host/block-cache.ts';
import { writePieces, type ByteRange } from '../../src/host/copy-file.ts';
import { verifyFile } from '../../src/runtime/bundle/bundle-files.ts';
import { folderStore } from '../../src/runtime/bundle/store.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mdl-parts-'));
const source = path.join(folder, 'weights.bin');
const block = 4 * 2 ** 20;
const size = 17 * block + 1000;
const head = new TextEncoder().encode('head');
const pieces: readonly (Uint8Array | ByteRange)[] = [head, { uri: pathToFileURL(source).href, offset: 100, length: size - 100 }, head];
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

beforeAll(() => {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i + 4 <= size; i += 4) bytes.writeUInt32LE((i * 2654435761) >>> 0, i);
  writeFileSync(source, bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = async (name: string, cache?: string) => {
  const blocks = cache === undefined ? undefined : createBlockCache(path.join(folder, cache));
  const written = await writePieces(path.join(folder, name), pieces, (uri) => uri, blocks);
  blocks?.save();
  return written;
};

test('the parts are those of the content, whether blocks are known or not', async () => {
  const plain = await write('plain.bin');
  const content = readFileSync(path.join(folder, 'plain.bin'));
  expect(content.length).toBe(plain.bytes);
  // By hand: what stands before the first whole block of the source, the blocks, and the rest.
  const before = head.length + block - 100;
  const lengths = [before, ...Array.from({ length: 16 }, () => block), 1000 + head.length];
  let at = 0;
  const expected = lengths.map((length) => `${length} ${sha256(content.subarray(at, (at += length)))}`);
  expect(plain.parts).toEqual(expected);
  expect(plain.sha256).toBe(sha256(new TextEncoder().encode(expected.map((line) => `${line}\n`).join(''))));
  expect(await write('first.bin', 'cache')).toEqual(plain);
  expect(await write('second.bin', 'cache')).toEqual(plain);
  expect(readFileSync(path.join(folder, 'second.bin')).equals(content)).toBe(true);
});

test('blocks of a file that has changed since are digested again', async () => {
  await write('before.bin', 'changing');
  const file = openSync(source, 'r+');
  writeSync(file, Buffer.of(1, 2, 3), 0, 3, 5 * block + 10);
  closeSync(file);
  const { atimeMs, mtimeMs } = statSync(source);
  utimesSync(source, atimeMs / 1000, mtimeMs / 1000 + 5);
  const { parts, sha256: digest } = await write('after.bin', 'changing');
  expect({ parts, digest }).toEqual(await write('anew.bin').then((anew) => ({ parts: anew.parts, digest: anew.sha256 })));
});

test('a changed byte is found, and its part named', async () => {
  const written = await write('good.bin');
  await verifyFile(folderStore(folder), { path: 'good.bin', ...written });
  const file = openSync(path.join(folder, 'good.bin'), 'r+');
  writeSync(file, Buffer.of(0xaa), 0, 1, 9 * block);
  closeSync(file);
  // The ninth block of the source, moved by what stands before it here.
  const from = 9 * block + head.length - 100;
  await expect(verifyFile(folderStore(folder), { path: 'good.bin', ...written })).rejects.toThrow(`${from} to ${from + block}`);
  const [first, ...others] = written.parts!;
  await expect(verifyFile(folderStore(folder), { path: 'plain.bin', ...written, parts: [...others, first!] })).rejects.toMatchObject({ code: 'bundle-changed' });
});

test('a cache that holds nonsense is no cache', async () => {
  for (const nonsense of ['', 'null', '{"a":1}', '{"a":{"size":1,"mtimeMs":1,"blocks":{"0":"zz"}}}']) {
    const cache = mkdtempSync(path.join(folder, 'bad-'));
    writeFileSync(path.join(cache, 'blocks.json'), nonsense);
    expect(createBlockCache(cache).of('file:///x', { size: 1, mtimeMs: 1, ctimeMs: 1, ino: 1 })).toEqual({});
  }
});

test('a source that has become shorter ends the copying, with all blocks under way', async () => {
  const beyond = [{ uri: pathToFileURL(source).href, offset: 0, length: size + 3 * block }];
  const copied = writePieces(path.join(folder, 'beyond.bin'), beyond, (uri) => uri, undefined);
  await expect(copied).rejects.toMatchObject({ finding: { code: 'write-source-changed' } });
});
