/** Every reader of bytes that somebody else wrote, what it reads without a finding, and what must hold of its answers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCsv } from '../../src/data/csv.ts';
import { readExamples } from '../../src/data/dataset.ts';
import { decodePicture, type Channels } from '../../src/data/images.ts';
import { readJsonl } from '../../src/data/jsonl.ts';
import { findNotFinite } from '../../src/data/not-finite.ts';
import { readNpy, readNpyLayout, writeNpy } from '../../src/data/npy.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { writeSafetensors } from '../../src/data/safetensors-write.ts';
import { createTokenizer } from '../../src/data/tokenizer.ts';
import type { Outcome } from '../../src/diagnostics/diagnostic.ts';
import { readRecords, printRecords } from '../../src/drift/record.ts';
import { printLock, readLock } from '../../src/packages/index.ts';
import { load, MdlRuntimeError } from '../../src/runtime/index.ts';
import { openFeatureCache } from '../../src/toolkit/data/feature-cache.ts';
import { openCheckpoint } from '../../src/toolkit/fit/checkpoint.ts';
import { appendRun, readHistory } from '../../src/toolkit/history.ts';
import { memorySource } from '../data/memory-source.ts';
import { randomModel, type Random } from '../onnx/random-models.ts';
import { checkAnswer, checkInspection, dense } from '../onnx/robust.ts';
import { askWrongly, sessions } from './language-server.ts';
import { mutateBytes, mutateJsonText, mutateText } from './mutate.ts';

export interface Parser {
  readonly corpus: (root: string) => Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  readonly change: (bytes: Uint8Array, random: Random) => Uint8Array;
  /** "ok", or the code of what is wrong with it; throws where it is answered otherwise than a reader may. */
  readonly read: (bytes: Uint8Array) => Promise<string> | string;
  /** MiB that the process may have resident; a GiB, where nothing is said. */
  readonly mebibytes?: number;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const asText = (change: (text: string, random: Random) => string) => (bytes: Uint8Array, random: Random): Uint8Array => utf8(change(textOf(bytes), random));
/** Often its bytes, too: a text need not be UTF-8. */
const changedText = (bytes: Uint8Array, random: Random): Uint8Array => (random() < 0.3 ? mutateBytes(bytes, random) : asText(mutateText)(bytes, random));
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

/** The code of an outcome, whose message is for people. */
function codeOf<T>(outcome: Outcome<T>): string {
  if (outcome.ok) return 'ok';
  assert.match(outcome.finding.code, /^[a-z0-9-]+$/);
  assert.match(outcome.finding.message, /\w/);
  return outcome.finding.code;
}

/** That of the first row that is wrong. */
function codeOfRows(rows: Iterable<Outcome<unknown>>): string {
  let wrong: string | undefined;
  for (const row of rows) if (!row.ok) wrong ??= codeOf(row);
  return wrong ?? 'ok';
}

/** A file in a folder of its own, for readers that open one themselves. */
function inFolder<T>(name: string, bytes: Uint8Array | undefined, use: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-fuzz-'));
  try {
    if (bytes !== undefined) writeFileSync(path.join(folder, name), bytes);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const floats = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(i));
const digest = 'ab'.repeat(32);

// ---------------------------------------------------------------- data

const safetensors: Parser = {
  corpus: () => [
    writeSafetensors([{ name: 'w', dtype: 'f32', dims: [2, 3], bytes: new Uint8Array(floats(6).buffer) }, { name: 'b', dtype: 'i64', dims: [2], bytes: new Uint8Array(16) }], { format: 'pt', 'mdl.x': '{"a":1}' }),
    writeSafetensors([{ name: 'h', dtype: 'f16', dims: [4], bytes: Uint8Array.of(0, 0x3c, 0, 0x7c, 0, 0x7e, 1, 0) }, { name: 'e', dtype: 'u8', dims: [0, 3], bytes: new Uint8Array(0) }]),
  ],
  change: (bytes, random) => {
    if (random() < 0.4) return mutateBytes(bytes, random);
    // The header, with its length put right.
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const header = utf8(mutateJsonText(textOf(bytes.subarray(8, 8 + length)), random));
    const begin = new Uint8Array(8);
    new DataView(begin.buffer).setBigUint64(0, BigInt(header.length), true);
    return Buffer.concat([begin, header, bytes.subarray(8 + length)]);
  },
  read: (bytes) => {
    const source = memorySource(bytes);
    const file = readSafetensors(source);
    if (file.ok) findNotFinite(file.value.tensors, source);
    return codeOf(file);
  },
};

const arrays = [
  { dtype: 'f32' as const, dims: [2, 3], bytes: new Uint8Array(floats(6).buffer) },
  { dtype: 'i64' as const, dims: [4], bytes: new Uint8Array(32) },
  { dtype: 'u8' as const, dims: [], bytes: new Uint8Array(1) },
];
const npy: Parser = {
  corpus: () => arrays.map((array) => {
    const written = writeNpy(array, 'x.npy');
    assert(written.ok);
    return written.value;
  }),
  change: (bytes, random) => (random() < 0.5 ? mutateBytes(bytes, random) : Buffer.from(mutateText(Buffer.from(bytes).toString('latin1'), random), 'latin1')),
  read: (bytes) => {
    readNpyLayout(bytes.subarray(0, 128), bytes.length, 'x.npy');
    codeOfRows(readExamples(memorySource(bytes, 'memory:///x.npy')));
    return codeOf(readNpy(bytes, 'x.npy'));
  },
};

const csv: Parser = {
  corpus: () => ['a,b\n1,2\n3,4\n', 'text,label\r\n"one, ""two""\nthree",x\r\n,\r\n', '\uFEFFa,b\n1,\n'].map(utf8),
  change: changedText,
  read: (bytes) => {
    codeOfRows(readCsv(memorySource(bytes), '\t'));
    return codeOfRows(readCsv(memorySource(bytes)));
  },
};

const jsonl: Parser = {
  corpus: (root) => [utf8('{"x":[1,2],"label":"a"}\n{"x":[3,4],"label":"b"}\n'), utf8(readFileSync(path.join(root, 'examples/glosses/data/test.jsonl'), 'utf8').split('\n').slice(0, 5).join('\n'))],
  change: (bytes, random) => {
    if (random() < 0.5) return changedText(bytes, random);
    const lines = textOf(bytes).split('\n');
    const at = Math.floor(random() * lines.length);
    return utf8(lines.map((line, i) => (i === at && line.endsWith('}') ? mutateJsonText(line, random) : line)).join('\n'));
  },
  read: (bytes) => {
    codeOfRows(readExamples(memorySource(bytes, 'memory:///x.jsonl')));
    return codeOfRows(readJsonl(memorySource(bytes)));
  },
};

interface Families {
  readonly [name: string]: unknown;
}
/** Those of some kilobytes; one of a whole vocabulary would be read more often than changed. */
const tokenizer: Parser = {
  corpus: (root) => {
    const families = JSON.parse(readFileSync(path.join(root, 'test/data/fixtures/tokenizer-families.json'), 'utf8')) as Families;
    const found: unknown[] = [];
    const look = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('model' in value && JSON.stringify(value).length < 20_000) found.push(value);
      else Object.values(value).forEach(look);
    };
    look(families);
    assert(found.length > 0);
    return found.map(json);
  },
  change: asText(mutateJsonText),
  read: async (bytes) => {
    const made = await createTokenizer(textOf(bytes));
    if (!made.ok) return codeOf(made);
    return codeOf(made.value.encodeBatch(['a large wild cat', '', 'É\u0301 😀\0 12.5', 'x'.repeat(300)]));
  },
};

const pictures: Parser = {
  corpus: async () => {
    const sharp = createRequire(import.meta.url)('sharp') as typeof import('sharp').default;
    const made = [1, 3, 4].map((channels) => sharp(Buffer.from(Array.from({ length: 8 * 6 * channels }, (_, i) => (i * 37) % 256)), { raw: { width: 8, height: 6, channels: channels as Channels } }));
    return Promise.all(made.flatMap((picture) => [picture.clone().png().toBuffer(), picture.clone().jpeg().toBuffer(), picture.clone().webp().toBuffer(), picture.clone().gif().toBuffer(), picture.clone().tiff().toBuffer()]));
  },
  change: mutateBytes,
  read: async (bytes) => {
    const codes = await Promise.all(([1, 3, 4] as const).map(async (channels) => {
      const picture = await decodePicture(bytes, channels, 'x.png');
      if (picture.ok) assert.equal(picture.value.pixels.length, picture.value.height * picture.value.width * channels);
      return codeOf(picture);
    }));
    return codes.find((code) => code !== 'ok') ?? 'ok';
  },
};

// ---------------------------------------------------------------- what MDL wrote itself

const locks: Parser = {
  corpus: (root) => [
    ...['glosses', 'fashion', 'upgrade', 'bridges'].map((name) => readFileSync(path.join(root, 'examples', name, 'mdl.lock'))),
    json({ lockVersion: 1, files: { 'a.onnx': { bytes: 1, mtimeMs: 2, sha256: digest } }, spaces: { 'p#s@1.0.0': { 'a.onnx': digest } }, tokenizers: {}, probes: { 'm.mdl#P': { date: '2026-11-22', rows: 3, fingerprint: digest, spaces: { Old: { columns: 2, finite: true, range: [0, 1], norm: [0, 1], sum: [0, 1], mean: [0, 1], std: [0, 1] } } } } }),
  ],
  change: asText(mutateJsonText),
  read: (bytes) => {
    const lock = readLock(textOf(bytes));
    // What is unknown to this version goes.
    const printed = lock.ok ? printLock(lock.value) : '';
    const again = readLock(printed);
    if (lock.ok) assert.equal(again.ok && printLock(again.value), printed);
    return codeOf(lock);
  },
};

const records: Parser = {
  corpus: () => [
    utf8(printRecords(new Map([['P', { date: '2026-11-22', encoders: digest, data: digest, rows: 4, spaces: new Map([['Old', { columns: 2, mean: [0, 1], deviation: [1, 1], norms: [0, 1, 1, 1, 1, 1, 1, 2, 3], sample: { rows: 2, columns: 2, data: floats(4) } }]]) }]]))),
  ],
  change: asText(mutateJsonText),
  read: (bytes) => {
    const read = readRecords(textOf(bytes), 'probe.json');
    if (read.ok) assert.equal(readRecords(printRecords(read.value), 'probe.json').ok, true);
    return codeOf(read);
  },
};

const run = { at: '2026-11-22T12:30:00Z', kind: 'fit' as const, file: 'a.mdl', name: 'Bridge', inputs: { 'a.mdl': digest }, method: 'ridge', seed: 1, rows: 20, scores: { r2: 0.5 }, versions: { mdl: '0.1.0' } };
const history: Parser = {
  corpus: () => [utf8(`${JSON.stringify(run)}\n${JSON.stringify({ ...run, kind: 'verify', verdict: 'PASS' })}\n`)],
  change: jsonl.change,
  read: (bytes) => inFolder('h.jsonl', bytes, (folder) => {
    const file = path.join(folder, 'h.jsonl');
    const before = readHistory(file);
    // Whatever stands there, one more can be kept.
    appendRun(file, run);
    const after = readHistory(file);
    assert.deepEqual(after.runs.at(-1), run);
    return before.unread === 0 ? 'ok' : 'unread lines';
  }),
};

const keys = [1, 2, 3].map((n) => Buffer.alloc(32, n));
const vectors = keys.map((_, i) => floats(4).map((value) => value + i));
const features: Parser = {
  corpus: () => [inFolder('', undefined, (folder) => {
    const cache = openFeatureCache(folder, 'f');
    cache.add(keys.map((key, i) => [key, vectors[i]!] as const));
    cache.close();
    return readFileSync(path.join(folder, 'f.features'));
  })],
  change: mutateBytes,
  /** A vector is given back as it was kept, or not at all. */
  read: (bytes) => inFolder('f.features', bytes, (folder) => {
    const cache = openFeatureCache(folder, 'f');
    const known = keys.filter((key) => cache.has(key));
    for (const key of known) assert.deepEqual(cache.read([key]), vectors[keys.indexOf(key)]);
    cache.add([[keys[0]!, vectors[0]!]]);
    assert.deepEqual(cache.read([keys[0]!]), vectors[0]);
    cache.close();
    return known.length === keys.length ? 'ok' : 'vectors forgotten';
  }),
};

const state = { epoch: 2, step: 1, tensors: [floats(6), floats(6), floats(2)], best: { epoch: 1, loss: 0.5, parameters: [floats(6)] }, sum: 0.25, history: [{ training: 1, held: 1 }] };
const checkpoints: Parser = {
  corpus: () => [inFolder('', undefined, (folder) => {
    openCheckpoint(folder, 'k').save(state as unknown as Parameters<ReturnType<typeof openCheckpoint>['save']>[0]);
    return readFileSync(path.join(folder, 'checkpoints/k.safetensors'));
  })],
  change: safetensors.change,
  read: (bytes) => inFolder('', undefined, (folder) => {
    const checkpoint = openCheckpoint(folder, 'k');
    checkpoint.save(state as unknown as Parameters<typeof checkpoint.save>[0]);
    writeFileSync(path.join(folder, 'checkpoints/k.safetensors'), bytes);
    const found = checkpoint.load();
    for (const tensor of found?.tensors ?? []) assert(tensor instanceof Float32Array);
    for (const tensor of found?.best?.parameters ?? []) assert(tensor instanceof Float32Array);
    return found === undefined ? 'none' : 'ok';
  }),
};

// ---------------------------------------------------------------- bundles

const source = 'model M {\n  input x: f32[batch, 4] where range [0, 1] on violation reject\n  output y = onnx.Softmax(x, axis: -1)\n}\n';
const files = new Map<string, Uint8Array>();
/** The manifest, without its seal, which would find every change. */
const bundles: Parser = {
  corpus: (root) => inFolder('m.mdl', utf8(source), (folder) => {
    const { status, stderr } = spawnSync(process.execPath, [path.join(root, 'dist/js/cli.cjs'), 'build', 'm.mdl', '--out', 'out'], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const built = path.join(folder, 'out/M');
    for (const name of readdirSync(built)) files.set(name, readFileSync(path.join(built, name)));
    return [json(Object.fromEntries(Object.entries(JSON.parse(textOf(files.get('manifest.json')!)) as object).filter(([key]) => key !== 'seal')))];
  }),
  change: asText(mutateJsonText),
  read: async (bytes) => {
    try {
      const model = await load({ ...Object.fromEntries(files), 'manifest.json': bytes }, { device: 'cpu' });
      await model.close();
      return 'ok';
    } catch (error) {
      if (!(error instanceof MdlRuntimeError)) throw error;
      return error.code;
    }
  },
};

export const parsers: Readonly<Record<string, Parser>> = {
  onnx: {
    corpus: () => [dense],
    change: (bytes, random) => {
      const kind = random();
      return kind < 0.4 ? randomModel(random) : mutateBytes(kind < 0.7 ? randomModel(random) : bytes, random);
    },
    read: (bytes) => {
      checkInspection(bytes);
      return checkAnswer(bytes);
    },
    mebibytes: 256,
  },
  safetensors, npy, csv, jsonl, tokenizer, pictures, locks, records, history, features, checkpoints, bundles,
  lsp: { corpus: () => sessions, change: asText(mutateJsonText), read: askWrongly },
};
