/** Programs of memory with a cursor, as the features see them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { succeed } from '../../src/diagnostics/diagnostic.ts';
import type { Host } from '../../src/host/host.ts';
import { createMemoryHost, type MemoryFiles } from '../../src/host/memory.ts';
import type { TextEdit, View } from '../../src/ide/index.ts';
import { createSource, offsetAt, positionAt, type Position } from '../../src/text/source.ts';
import { compilerFor, library } from '../check/world.ts';

const root = path.resolve(import.meta.dirname, '../..');
const glosses = path.join(root, 'examples/glosses');
const read = (file: string): Uint8Array => readFileSync(path.join(glosses, file));

/** The files of the glosses example, models included. */
export const example: MemoryFiles = Object.fromEntries(
  [
    'encoder.mdl', 'heads.mdl', 'glosses.mdl', 'wrong.mdl', 'models/use-lite/model.onnx', 'models/use-lite/tokenizer.json',
    'models/gloss-bytes/tokenizer.json', 'heads/topic.safetensors', 'heads/living.safetensors',
  ].map((file) => [file, file.endsWith('.mdl') ? Buffer.from(read(file)).toString('utf8') : read(file)]),
);

export interface Cursor {
  readonly view: View;
  readonly uri: string;
  readonly position: Position;
  /** Without the marker. */
  readonly text: string;
}

/** Of the bytes of the example's files, which no test changes. */
const digests = new Map<Uint8Array, string>();
const found = new Map<string, string>();
const kept = { read: (name: string) => found.get(name), write: (name: string, text: string) => void found.set(name, text) };

/** A host that, as the language server's does, takes the digest of a file once and keeps what was found out of it: an encoder is not read anew for each text of a test. */
export function hostOf(files: MemoryFiles): Host {
  const host = createMemoryHost(files, library);
  const digest = (bytes: Uint8Array): string => digests.get(bytes) ?? digests.set(bytes, createHash('sha256').update(bytes).digest('hex')).get(bytes)!;
  const sha256: Host['sha256'] = (uri) => {
    const bytes = Object.entries(files).find(([name]) => uri === `memory:///${name}`)?.[1];
    return bytes instanceof Uint8Array ? succeed(digest(bytes)) : host.sha256(uri);
  };
  return { ...host, sha256, kept };
}

const marker = '<|>';

/** Checks a program; the cursor is where `<|>` stands in one of its files, else at the start of the first. */
export function program(files: MemoryFiles): Cursor {
  const marked = Object.entries(files).find(([, text]) => typeof text === 'string' && text.includes(marker));
  const [name, content] = marked ?? Object.entries(files)[0]!;
  const before = String(content).indexOf(marker);
  const text = String(content).replace(marker, '');
  const host = hostOf({ ...files, [name]: text });
  const compiler = compilerFor(host, true);
  const uri = `memory:///${name}`;
  const source = createSource(uri, text);
  return { view: { compilation: compiler.check([uri]), files: compiler.files, host }, uri, position: positionAt(source, Math.max(0, before)), text };
}

/** One module with a cursor. */
export const at = (text: string): Cursor => program({ 'main.mdl': text });

/** The glosses example with one of its modules edited; the cursor stands before, in or behind the first `word`, `shift` on. */
export function inExample(file: string, word: string, shift = 0, edit: (text: string) => string = (text) => text): Cursor {
  const text = edit(String(example[file]));
  const offset = text.indexOf(word) + shift;
  if (!text.includes(word)) throw new Error(`${file} has no ${word}`);
  return program({ ...example, [file]: `${text.slice(0, offset)}${marker}${text.slice(offset)}` });
}

/** The text after edits that do not overlap. */
export function applied(text: string, edits: readonly TextEdit[]): string {
  const source = createSource('', text);
  const spans = edits.map(({ range, newText }) => ({ start: offsetAt(source, range.start), end: offsetAt(source, range.end), newText }));
  return spans.sort((a, b) => b.start - a.start).reduce((result, { start, end, newText }) => result.slice(0, start) + newText + result.slice(end), text);
}

/** The text of a range. */
export function slice(text: string, range: TextEdit['range']): string {
  const source = createSource('', text);
  return text.slice(offsetAt(source, range.start), offsetAt(source, range.end));
}
