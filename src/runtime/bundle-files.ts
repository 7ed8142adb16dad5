/** The files of a bundle: read, and compared with what the manifest says they were when they were built. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Manifest, ManifestFile } from '../bundle/manifest.ts';
import { readManifest } from '../bundle/read.ts';
import { decodeUtf8, parseJson } from '../data/json.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { raise } from './errors.ts';

/** A manifest and a tokenizer are read whole; more than this is neither. */
const maxTextBytes = 256 * 2 ** 20;

/** Reads `manifest.json` of a bundle's folder. */
export async function readBundleManifest(folder: string): Promise<Manifest> {
  const name = 'manifest.json';
  const text = toText(name, await readWhole(folder, name));
  const json = parseJson(text);
  if (!json.ok) raise(runtimeCodes.finding('bundle-unreadable', { file: name, reason: json.reason }));
  const manifest = readManifest(json.value);
  if (!manifest.ok) raise(manifest.finding);
  return manifest.value;
}

/** A tokenizer.json of the bundle. */
export interface TokenizerText {
  readonly path: string;
  readonly text: string;
}

/** The tokenizers by their manifest keys, verified where asked. */
export async function readTokenizers(
  folder: string,
  manifest: Manifest,
  verify: boolean,
): Promise<ReadonlyMap<string, TokenizerText>> {
  const texts = new Map<string, TokenizerText>();
  for (const [key, file] of Object.entries(manifest.tokenizers)) {
    const bytes = await readWhole(folder, file.path);
    if (verify) compare(file, bytes.length, createHash('sha256').update(bytes).digest('hex'));
    texts.set(key, { path: file.path, text: toText(file.path, bytes) });
  }
  return texts;
}

/** Raises where a file, which may be too large to hold, is not the one that was built. */
export async function verifyFile(folder: string, file: ManifestFile): Promise<void> {
  const size = await sizeOf(folder, file.path);
  // The size first: it costs nothing, and says most.
  compare(file, size, file.sha256);
  if (file.parts !== undefined) return verifyParts(folder, file, file.parts);
  compare(file, size, await hashRange(folder, file.path, 0, size));
}

/** Each part by itself, so that what is wrong has a place; then that the parts are those of the manifest's digest. */
async function verifyParts(folder: string, file: ManifestFile, parts: readonly string[]): Promise<void> {
  let at = 0;
  for (const part of parts) {
    const [bytes, expected] = part.split(' ') as [string, string];
    const end = at + Number(bytes);
    const found = await hashRange(folder, file.path, at, end);
    if (found !== expected) differ(file, `SHA-256 of the bytes ${at} to ${end}`, expected, found);
    at = end;
  }
  const lines = createHash('sha256').update(parts.map((part) => `${part}\n`).join(''));
  compare(file, at, lines.digest('hex'));
}

async function hashRange(folder: string, name: string, from: number, to: number): Promise<string> {
  const hash = createHash('sha256');
  if (to > from) {
    const options = { start: from, end: to - 1, highWaterMark: 2 ** 20 };
    await pipeline(createReadStream(join(folder, name), options), hash).catch((error) => raiseUnreadable(name, error));
  }
  return hash.digest('hex');
}

function compare(file: ManifestFile, bytes: number, sha256: string): void {
  if (bytes !== file.bytes) differ(file, 'size', `${file.bytes} bytes`, `${bytes}`);
  if (sha256 !== file.sha256) differ(file, 'SHA-256', file.sha256, sha256);
}

function differ(file: ManifestFile, what: string, expected: string, found: string): never {
  return raise(
    runtimeCodes.finding('bundle-changed', { file: file.path, what, expected, found }, [
      'Build the bundle again, or copy it again: all its files belong together.',
    ]),
  );
}

async function readWhole(folder: string, name: string): Promise<Uint8Array> {
  const size = await sizeOf(folder, name);
  if (size > maxTextBytes)
    raiseUnreadable(name, new Error(`it has ${size} bytes, more than the ${maxTextBytes} that are read whole`));
  return readFile(join(folder, name)).catch((error) => raiseUnreadable(name, error));
}

async function sizeOf(folder: string, name: string): Promise<number> {
  const found = await stat(join(folder, name)).catch((error) => raiseUnreadable(name, error));
  if (!found.isFile()) raiseUnreadable(name, new Error('it is not a file'));
  return found.size;
}

function toText(name: string, bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? raiseUnreadable(name, new Error('it is not UTF-8'));
}

function raiseUnreadable(file: string, error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = code === 'ENOENT' ? 'there is no such file' : error instanceof Error ? error.message : String(error);
  const notes =
    code === 'ENOENT' && file === 'manifest.json'
      ? ['A bundle is the folder that `mdl build` writes for a model.']
      : [];
  raise(runtimeCodes.finding('bundle-unreadable', { file, reason }, notes), error);
}
