/** The files of a bundle: read, and compared with what the manifest says they were when they were built. */
import { createHash } from 'node:crypto';
import type { Manifest, ManifestFile } from '../../bundle/manifest.ts';
import { readManifest } from '../../bundle/read.ts';
import type { GoldenRow } from '../../bundle/rollout.ts';
import { sealOfManifest } from '../../bundle/manifest-seal.ts';
import { compareRecord, readRecord, showSide } from '../../bundle/record.ts';
import { decodeUtf8, isRecord, parseJson } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { metadataPrefix, readMetadata } from '../../onnx/read/metadata-lines.ts';
import { raise } from '../errors.ts';
import type { BundleStore } from './store.ts';

/** A manifest and a tokenizer are read whole; more than this is neither. */
const maxTextBytes = 256 * 2 ** 20;

const manifestName = 'manifest.json';
const together = ['Build the bundle again, or copy it again: all its files belong together.'];

/** Reads `manifest.json` of a bundle. */
export async function readBundleManifest(store: BundleStore): Promise<Manifest> {
  const text = toText(manifestName, await readWhole(store, manifestName));
  const json = parseJson(text);
  if (!json.ok) raise(runtimeCodes.finding('bundle-unreadable', { file: manifestName, reason: json.reason }));
  const manifest = readManifest(json.value);
  if (!manifest.ok) raise(manifest.finding);
  return manifest.value;
}

/** Raises where the manifest was altered since it was sealed. One without a seal is let pass. */
export async function verifySeal(store: BundleStore): Promise<void> {
  const seal = sealOfManifest(toText(manifestName, await readWhole(store, manifestName)));
  if (seal === undefined) return;
  const found = createHash('sha256').update(seal.covered).digest('hex');
  if (found !== seal.sha256) raise(runtimeCodes.finding('bundle-changed', { file: manifestName, what: 'SHA-256', expected: seal.sha256, found }, together));
}

/** The golden rows of a file of the bundle. */
export async function readGoldenRows(store: BundleStore, name: string): Promise<readonly GoldenRow[]> {
  const json = parseJson(toText(name, await readWhole(store, name)));
  const isRow = (row: unknown): row is GoldenRow => isRecord(row) && isRecord(row['inputs']) && isRecord(row['outputs']);
  if (json.ok && Array.isArray(json.value) && json.value.every(isRow)) return json.value;
  return raiseUnreadable(name, new Error(json.ok ? 'it is no list of `{ inputs, outputs }`' : json.reason));
}

/** A tokenizer.json of the bundle. */
export interface TokenizerText {
  readonly path: string;
  readonly text: string;
}

/** The tokenizers by their manifest keys, verified where asked. */
export async function readTokenizers(
  store: BundleStore,
  manifest: Manifest,
  verify: boolean,
): Promise<ReadonlyMap<string, TokenizerText>> {
  const texts = new Map<string, TokenizerText>();
  for (const [key, file] of Object.entries(manifest.tokenizers)) {
    const bytes = await readWhole(store, file.path);
    if (verify) compare(file, bytes.length, createHash('sha256').update(bytes).digest('hex'));
    texts.set(key, { path: file.path, text: toText(file.path, bytes) });
  }
  return texts;
}

/** Raises where a file, which may be too large to hold, is not the one that was built. */
export async function verifyFile(store: BundleStore, file: ManifestFile): Promise<void> {
  const size = await sizeOf(store, file.path);
  // The size first: it costs nothing, and says most.
  compare(file, size, file.sha256);
  if (file.parts !== undefined) return verifyParts(store, file, file.parts);
  compare(file, size, await hashRange(store, file.path, 0, size));
}

/** Each part by itself, so that what is wrong has a place; then that the parts are those of the manifest's digest. */
async function verifyParts(store: BundleStore, file: ManifestFile, parts: readonly string[]): Promise<void> {
  let at = 0;
  for (const part of parts) {
    const [bytes, expected] = part.split(' ') as [string, string];
    const end = at + Number(bytes);
    const found = await hashRange(store, file.path, at, end);
    if (found !== expected) differ(file, `SHA-256 of the bytes ${at} to ${end}`, expected, found);
    at = end;
  }
  const lines = createHash('sha256').update(parts.map((part) => `${part}\n`).join(''));
  compare(file, at, lines.digest('hex'));
}

async function hashRange(store: BundleStore, name: string, from: number, to: number): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of store.pieces(name, from, to)) hash.update(piece);
  } catch (error) {
    raiseUnreadable(name, error);
  }
  return hash.digest('hex');
}

/** Raises where the manifest says otherwise than the record that the build left in an ONNX file. One without a record is let pass. */
export function verifyRecord(store: BundleStore, manifest: Manifest, name: string): void {
  const source = store.open(name);
  try {
    const metadata = readMetadata(source);
    const isComposed = metadata.ok && [...metadata.value.keys()].some((key) => key.startsWith(metadataPrefix));
    if (!isComposed) return;
    const record = readRecord(metadata.value, metadataPrefix);
    const mismatch = (what: string, expected: string, found: string): never =>
      raise(runtimeCodes.finding('bundle-mismatch', { what, expected, found }, ['Build the bundle again: its manifest is not the one that was written with its ONNX files.']));
    if (!record.ok) mismatch(`the record in \`${name}\``, 'one that can be read', record.reason);
    else {
      const different = compareRecord(manifest, record.value);
      if (different !== undefined) mismatch(`\`${different.path}\` by the record in \`${name}\``, showSide(different.recorded), `${showSide(different.said)} in the manifest`);
    }
  } finally {
    source.close();
  }
}

function compare(file: ManifestFile, bytes: number, sha256: string): void {
  if (bytes !== file.bytes) differ(file, 'size', `${file.bytes} bytes`, `${bytes}`);
  if (sha256 !== file.sha256) differ(file, 'SHA-256', file.sha256, sha256);
}

function differ(file: ManifestFile, what: string, expected: string, found: string): never {
  return raise(
    runtimeCodes.finding('bundle-changed', { file: file.path, what, expected, found }, together),
  );
}

async function readWhole(store: BundleStore, name: string): Promise<Uint8Array> {
  const size = await sizeOf(store, name);
  if (size > maxTextBytes)
    raiseUnreadable(name, new Error(`it has ${size} bytes, more than the ${maxTextBytes} that are read whole`));
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of store.pieces(name, 0, size)) pieces.push(piece);
  } catch (error) {
    raiseUnreadable(name, error);
  }
  return Buffer.concat(pieces);
}

const sizeOf = (store: BundleStore, name: string): Promise<number> =>
  store.size(name).catch((error) => raiseUnreadable(name, error));

function toText(name: string, bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? raiseUnreadable(name, new Error('it is not UTF-8'));
}

function raiseUnreadable(file: string, error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = code === 'ENOENT' ? 'there is no such file' : error instanceof Error ? error.message : String(error);
  const notes =
    code === 'ENOENT' && file === 'manifest.json'
      ? ['A bundle is the folder that `mdl build` writes for a model.']
      : ['Copy the whole folder again, or build it again: all its files belong together.'];
  raise(runtimeCodes.finding('bundle-unreadable', { file, reason }, notes), error);
}
