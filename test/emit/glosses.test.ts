/** The glosses example from its source to answers, judged by the encoder and the heads run one by one. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import proto from 'onnx-proto';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBundle, createCompiler, createNodeHost, writeBundle } from '../../src/index.ts';
import { load } from '../../src/runtime/index.ts';
import { valueOf } from '../onnx/helpers.ts';
import { encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { askChecker, bitsOf, checkerMissing, i64, runModel } from '../onnx/oracles.ts';
import { plainSession } from '../plain-session.ts';

const example = path.resolve('examples/glosses');
const encoder = readFileSync(path.join(example, 'models/use-lite/model.onnx'));
const sentences = ['booth for using a telephone', 'a large wild cat', 'x', ''];
const folder = mkdtempSync(path.join(tmpdir(), 'mdl-emit-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Builds a model of the example into a folder, as the command line does. */
async function build(file: string, name: string): Promise<string> {
  const host = createNodeHost({ cwd: example });
  const compiler = createCompiler(host);
  const { models, sources, diagnostics } = compiler.check([pathToFileURL(path.join(example, file)).href]);
  expect(diagnostics).toEqual([]);
  const fingerprints = new Map(models[0]!.files.map((uri) => [uri, valueOf(host.sha256(uri))]));
  const context = { host, version: '0.0.0', sources, fingerprints, model: compiler.files.model };
  const bundle = valueOf(createBundle(models[0]!, context));
  const target = path.join(folder, name);
  const written = await writeBundle(target, async (add) => {
    const onnx = await add(bundle.onnx.path, bundle.onnx.pieces);
    for (const { path: inBundle, content } of bundle.others(onnx)) {
      await add(inBundle, [typeof content === 'string' ? new TextEncoder().encode(content) : content]);
    }
  });
  valueOf(written);
  return target;
}

interface Head {
  readonly onnx: Uint8Array;
  readonly weights: Float32Array;
  readonly classes: number;
}

/** A head as a model of its own, made from the safetensors file without this project's reader. */
function readHead(name: string): Head {
  const file = readFileSync(path.join(example, 'heads', `${name}.safetensors`));
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<'w' | 'b', { shape: number[]; data_offsets: [number, number] }>;
  const read = (key: 'w' | 'b'): Float32Array => {
    const [start, end] = header[key].data_offsets;
    return new Float32Array(Uint8Array.from(file.subarray(8 + length + start, 8 + length + end)).buffer);
  };
  const classes = header.b.shape[0]!;
  const onnx = encodeModel({
    input: [valueInfo('embedding', ['batch', 512])],
    output: [valueInfo('y', ['batch', classes])],
    initializer: [floats('w', header.w.shape, [...read('w')]), floats('b', header.b.shape, [...read('b')])],
    node: [node('MatMul', ['embedding', 'w'], ['xw']), node('Add', ['xw', 'b'], ['z']), node('Softmax', ['z'], ['y'])],
  });
  return { onnx, weights: read('w'), classes };
}

async function runAt(level: 'disabled' | 'all', bytes: Uint8Array, feeds: Record<string, ort.Tensor>): Promise<Record<string, ort.Tensor>> {
  if (level === 'disabled') return runModel(bytes, feeds);
  const session = await ort.InferenceSession.create(bytes, { ...plainSession, graphOptimizationLevel: 'all' });
  const answer = (await session.run(feeds)) as Record<string, ort.Tensor>;
  await session.release();
  return answer;
}

/** The encoder, then each head, each in a session of its own. */
async function oneByOne(level: 'disabled' | 'all', ids: ort.Tensor, mask: ort.Tensor) {
  const { embedding } = await runAt(level, encoder, { input_ids: ids, attention_mask: mask });
  const topic = await runAt(level, readHead('topic').onnx, { embedding: embedding! });
  const living = await runAt(level, readHead('living').onnx, { embedding: embedding! });
  return { embedding: embedding!, topic: topic['y']!, living: living['y']! };
}

/** Token ids by the tokenizers of the bundle; ids of the encoder's vocabulary at random otherwise. */
const ids = i64([2, 7], [3380, 128, 22, 6497, 11, 3891, 2901, 12, 700, 45, 9, 0, 0, 0]);
const mask = i64([2, 7], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]);

describe('glosses', () => {
  let bundle = '';
  let onnx: Buffer = Buffer.alloc(0);
  beforeAll(async () => {
    bundle = await build('glosses.mdl', 'first');
    onnx = readFileSync(path.join(bundle, 'model.onnx'));
  });

  test('answers as the encoder and the heads one by one, to the last bit, without graph optimisation', async () => {
    const fused = await runAt('disabled', onnx, { 'tokens.ids': ids, 'tokens.mask': mask });
    const parts = await oneByOne('disabled', ids, mask);
    for (const name of ['topic', 'living', 'embedding'] as const) expect(bitsOf(fused[name]), name).toBe(bitsOf(parts[name]));
  });

  test('answers within the rounding of a dot product at the default level, where fusions may reorder sums', async () => {
    const fused = await runAt('all', onnx, { 'tokens.ids': ids, 'tokens.mask': mask });
    const parts = await oneByOne('all', ids, mask);
    expect(bitsOf(fused['embedding'])).toBe(bitsOf(parts.embedding));
    for (const name of ['topic', 'living'] as const) {
      const tolerance = probabilityTolerance(readHead(name));
      const found = fused[name]!.data as Float32Array;
      const expected = parts[name].data as Float32Array;
      for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(tolerance);
    }
  });

  test('is accepted by ONNX’s full checker', (context) => {
    const missing = checkerMissing();
    if (missing !== undefined) {
      console.log(`skipped: ${missing}`);
      context.skip();
    }
    expect(askChecker(onnx)).toBe('');
  });

  test('builds the same bytes twice', async () => {
    const second = await build('glosses.mdl', 'second');
    const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    const files = readdirSync(bundle).sort();
    expect(readdirSync(second).sort()).toEqual(files);
    for (const file of files) expect(digest(path.join(second, file)), file).toBe(digest(path.join(bundle, file)));
  });

  test('carries the encoder’s weights as the bytes that they were', () => {
    const { graph } = decodeGraph(encoder);
    for (const raw of graph) expect(onnx.includes(raw)).toBe(true);
    expect(graph.length).toBe(30);
  });

  test('takes text and says the classes', async () => {
    const model = await load(bundle);
    const { topic, living } = await model.run({ tokens: sentences });
    await model.close();
    expect(topic!.dims).toEqual([4, 10]);
    expect(living!.labels).toEqual(['other', 'living']);
    for (let row = 0; row < 4; row++) {
      const sum = [...(topic!.data as Float32Array).subarray(row * 10, row * 10 + 10)].reduce((a, b) => a + b, 0);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-6);
    }
  });
});

/**
 * How far two ways of summing may lie apart: a dot product of n terms is off by at most γ_n Σ|x w| with
 * γ_n = n u / (1 - n u) and u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 3.1); Σ|x w| is at most
 * the norm of w where x is a unit vector. Softmax halves what moves its inputs, and adds a few roundings of its own.
 */
function probabilityTolerance({ weights, classes }: Head): number {
  const u = 2 ** -24;
  const n = 514;
  const gamma = (n * u) / (1 - n * u);
  let norm = 0;
  for (let c = 0; c < classes; c++) {
    let sum = 0;
    for (let i = c; i < weights.length; i += classes) sum += weights[i]! ** 2;
    norm = Math.max(norm, Math.sqrt(sum));
  }
  return 0.5 * 2 * gamma * norm + (classes + 8) * u;
}

/** The raw bytes of each of a model's initializers, read by onnx-proto. */
function decodeGraph(bytes: Uint8Array): { graph: Buffer[] } {
  const model = proto.onnx.ModelProto.decode(bytes);
  return { graph: model.graph!.initializer!.map((tensor) => Buffer.from(tensor.rawData as Uint8Array)) };
}
