/** One model as one file, linked, split, and with its weights beside it: the answers are the same bits. */
import { appendFileSync, cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import { emitOnnx } from '../../src/emit/onnx.ts';
import type { BundleLayout } from '../../src/emit/index.ts';
import { createBundle, createCompiler, createNodeHost, writeBundle, type Manifest } from '../../src/index.ts';
import { splitProgram } from '../../src/ir/passes/split.ts';
import { verify } from '../../src/ir/verify.ts';
import { composeProgram, materialize } from '../../src/onnx/index.ts';
import { load } from '../../src/runtime/index.ts';
import { opener, readUseLite, useLiteUri, valueOf } from '../onnx/helpers.ts';
import { bitsOf, i64 } from '../onnx/oracles.ts';
import { info, operation, port, program, topicProgram } from '../onnx/programs.ts';
import { plainSession } from '../plain-session.ts';

const example = path.resolve('examples/glosses');
const folder = mkdtempSync(path.join(tmpdir(), 'mdl-layouts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const texts = ['a large wild cat', 'booth for using a telephone'];

async function build(name: string, layout: BundleLayout): Promise<string> {
  const host = createNodeHost({ cwd: example });
  const compiler = createCompiler(host);
  const { models, sources } = compiler.check([pathToFileURL(path.join(example, 'glosses.mdl')).href]);
  const fingerprints = new Map(models[0]!.files.map((uri) => [uri, valueOf(host.sha256(uri))]));
  const bundle = valueOf(createBundle(models[0]!, { host, version: '0.0.0', sources, fingerprints, layout, model: compiler.files.model }));
  const target = path.join(folder, name);
  const written = await writeBundle(target, async (add, link) => {
    const onnx = await add(bundle.onnx.path, bundle.onnx.pieces);
    const more = [];
    for (const part of bundle.more) more.push(await add(part.path, part.pieces));
    for (const { uri, ...file } of bundle.linked) link(uri, file);
    for (const { path: inBundle, content } of bundle.others(onnx, more))
      await add(inBundle, [typeof content === 'string' ? new TextEncoder().encode(content) : content]);
  });
  valueOf(written);
  return target;
}

/** The bits of all outputs, at a level of optimisation at which nothing is computed otherwise than written. */
async function answers(bundle: string): Promise<Record<string, string>> {
  await using model = await load(bundle, { device: 'cpu', optimization: 'disabled' });
  const found = (await model.run({ tokens: texts })) as Record<string, { data: Float32Array }>;
  return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')]));
}

const manifestOf = (bundle: string): Manifest => JSON.parse(readFileSync(path.join(bundle, 'manifest.json'), 'utf8')) as Manifest;
const layouts: readonly [string, BundleLayout][] = [
  ['linked', { link: true }],
  ['split', { split: true }],
  ['both', { split: true, link: true }],
];

describe.each(layouts)('%s', (name, layout) => {
  test('answers as one file does, to the bit', async () => {
    const expected = await answers(await build('fused', {}));
    expect(Object.keys(expected).sort()).toEqual(['embedding', 'living', 'topic']);
    expect(await answers(await build(name, layout))).toEqual(expected);
  });
});

test('a linked model is small: its weights stay in the file of the backbone, untouched', async () => {
  const bundle = await build('small', { link: true });
  const { onnx, data } = manifestOf(bundle);
  expect(onnx.bytes).toBeLessThan(100_000);
  const [weights] = data!;
  const original = path.join(example, 'models/use-lite/model.onnx');
  expect(weights!.bytes).toBe(statSync(original).size);
  expect(readFileSync(path.join(bundle, weights!.path)).equals(readFileSync(original))).toBe(true);
});

test.each([['linked', { link: true }], ['split', { split: true }]] as const)('a file of a %s bundle that was altered is not loaded', async (name, layout) => {
  const built = await build(`altered-${name}`, layout);
  const copy = path.join(folder, `copy-${name}`);
  cpSync(built, copy, { recursive: true });
  const { data = [], heads = [] } = manifestOf(copy);
  const [file] = [...data, ...heads];
  const target = path.join(copy, file!.path);
  const bytes = readFileSync(target);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(target, bytes);
  await expect(load(copy, { device: 'cpu' })).rejects.toMatchObject({ code: 'bundle-changed' });
  appendFileSync(target, 'x');
  await expect(load(copy, { device: 'cpu' })).rejects.toThrow(/bytes/);
});

describe('a split program', () => {
  const types = { x: info('f32', 'n', 2), m: info('f32', 'n', 2), h: info('f32', 'n', 2), a: info('f32', 'n', 2), b: info('f32', 'n', 2), c: info('f32', 'n', 2) };
  const named = (op: string, inputs: string[], outputs: string[]) => operation(op, inputs, outputs, new Map(), `${op}:${outputs[0]}`);

  test('has what outputs share in its encoder, and feeds inputs to heads directly', () => {
    const whole = program({
      inputs: [port('x'), port('m')],
      outputs: [port('first', 'a'), port('second', 'c')],
      steps: [named('Neg', ['x'], ['h']), named('Mul', ['h', 'm'], ['a']), named('Abs', ['h'], ['b']), named('Exp', ['b'], ['c'])],
      types,
    });
    const { encoder, heads } = splitProgram(whole)!;
    expect(encoder.steps.map(({ name }) => name)).toEqual(['Neg:h']);
    expect(heads.map(({ name, program: { inputs, outputs } }) => [name, inputs.map((p) => p.name), outputs.map((p) => p.name)])).toEqual([
      ['first', ['feature:h', 'm'], ['first']],
      ['second', ['feature:h'], ['second']],
    ]);
    for (const each of [encoder, ...heads.map((head) => head.program)]) expect(verify(each)).toEqual([]);
  });

  test('has what lies inside the form of an operator wherever it is needed', () => {
    const whole = program({
      inputs: [port('x')],
      outputs: [port('first', 'a'), port('second', 'c')],
      steps: [named('Neg', ['x'], ['h']), named('Tanh', ['h'], ['untyped']), named('Exp', ['untyped'], ['a']), named('Abs', ['untyped'], ['c'])],
      types: { ...types, untyped: { dtype: undefined, dims: undefined } },
    });
    const { encoder, heads } = splitProgram(whole)!;
    expect(encoder.steps.map(({ name }) => name)).toEqual(['Neg:h']);
    expect(heads.map(({ program: { inputs, steps } }) => [inputs.map((p) => p.name), steps.map((step) => step.name)])).toEqual([
      [['feature:h'], ['Tanh:untyped', 'Exp:a']],
      [['feature:h'], ['Tanh:untyped', 'Abs:c']],
    ]);
    for (const each of [encoder, ...heads.map((head) => head.program)]) expect(verify(each)).toEqual([]);
  });

  test("has a head's own file with that head, and every backbone in the encoder", () => {
        const link = { kind: 'link' as const, name: 'file', model: readUseLite(), inputs: new Map([['i', 'h']]), outputs: new Map([['o', 'a']]), origin: operation('Neg', [], []).origin };
    const steps = (more: object) => [named('Neg', ['x'], ['h']), { ...link, ...more }, named('Abs', ['h'], ['c'])];
    const whole = (more: object) => program({ inputs: [port('x')], outputs: [port('first', 'a'), port('second', 'c')], steps: steps(more), types });
    const namesOf = (more: object) => {
      const { encoder, heads } = splitProgram(whole(more))!;
      return [encoder, ...heads.map((head) => head.program)].map((each) => each.steps.map(({ name }) => name));
    };
    expect(namesOf({ ofPart: true })).toEqual([['Neg:h'], ['file'], ['Abs:c']]);
    expect(namesOf({})).toEqual([['Neg:h', 'file'], ['Abs:c']]);
  });

  test('is none where every output is shared', () => {
    const whole = program({ inputs: [port('x')], outputs: [port('p', 'h'), port('q', 'h')], steps: [named('Neg', ['x'], ['h'])], types });
    expect(splitProgram(whole)).toBeUndefined();
  });
});

describe('weights beside the graph', () => {
  const meta = { producer: 'mdl', producerVersion: '0' };

  test('are found there, each at a page of its own', async () => {
    const encoder = readUseLite();
    const topic = topicProgram(encoder);
    const files = new Map([[useLiteUri, encoder]]);
    const composed = valueOf(composeProgram(topic, files, meta, opener(), { storage: { kind: 'beside', path: 'model.onnx.data' } }));
    expect(composed.byteLength).toBeLessThan(100_000);
    const target = path.join(folder, 'beside');
    mkdirSync(target);
    writeFileSync(path.join(target, 'model.onnx'), materialize(composed.pieces, opener()));
    writeFileSync(path.join(target, 'model.onnx.data'), materialize(composed.beside, opener()));
    const feeds = { 'tokens.ids': i64([1, 3], [5, 900, 31]), 'tokens.mask': i64([1, 3], [1, 1, 1]) };
    const run = async (model: string | Uint8Array) => {
      const session = await ort.InferenceSession.create(model as string, plainSession);
      return bitsOf((await session.run(feeds))['topic'] as ort.Tensor);
    };
    const whole = materialize(valueOf(composeProgram(topic, files, meta, opener())).pieces, opener());
    expect(await run(path.join(target, 'model.onnx'))).toBe(await run(whole));
  });

  test('are chosen where one file would pass 2 GiB', () => {
    const bytes = { uri: 'memory:///huge.bin', offset: 0, length: 2 ** 31 };
    const huge = { name: 'c', dtype: 'u8', dims: [2 ** 31], bytes } as const;
    const large = program({
      inputs: [port('x')],
      outputs: [port('y')],
      steps: [operation('Add', ['x', 'c'], ['y'])],
      initializers: [huge],
      types: { x: info('u8', 'n'), y: info('u8', 'n') },
    });
    const artefact = valueOf(emitOnnx(large, new Map(), meta, opener()));
    expect(artefact.beside).toEqual({ path: 'model.onnx.data', pieces: [bytes] });
    expect(artefact.byteLength).toBeLessThan(1000);
  });
});
