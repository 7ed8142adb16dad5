/** What an app that embeds a model can do with it: many inputs, streams, signals, disposal, bundles in memory. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { load, MdlRuntimeError, type Model } from '../../src/runtime/index.ts';
import { buildText } from '../compile/build.ts';
import { safetensors } from '../check/world.ts';
import { fileOf, temporaryFolder } from './bundles.ts';

const open: Model[] = [];
afterAll(() => Promise.all(open.map((model) => model.close())));

/** Builds a module's model into a folder of its own, with digests that are right. */
function bundleOf(text: string, files = {}): string {
  const { bytes, manifest } = buildText(text, files);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'model.onnx'), bytes);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, onnx: fileOf(folder, 'model.onnx') }));
  return folder;
}

async function loaded(bundle: Parameters<typeof load>[0]): Promise<Model> {
  const model = await load(bundle, { device: 'cpu' });
  open.push(model);
  return model;
}

const double = bundleOf('model Double { input x: f32[n] where range [0, 10] output y = x + x output z = x * x }');
const count = bundleOf('model Count { input x: f32[n] state sum: f32[n] = 0 let now = sum + x output total = now next sum = now }');

const numbers = (values: readonly number[]) => ({ x: Float32Array.from(values) });
const list = (data: unknown): number[] => Array.from(data as Float32Array);

describe('many inputs', () => {
  test('are answered in their order', async () => {
    const model = await loaded(double);
    const answers = await model.runMany([[1], [2, 3], [4]].map(numbers), { outputs: ['y'] });
    expect(answers.map(({ y }) => list(y!.data))).toEqual([[2], [4, 6], [8]]);
    expect(Object.keys(answers[0]!)).toEqual(['y']);
  });

  test('name the one that is refused', async () => {
    const model = await loaded(double);
    await expect(model.runMany([numbers([1]), numbers([11])])).rejects.toMatchObject({
      code: 'input-value',
      message: expect.stringMatching(/`x` promises values from 0 to 10, found 11 at \[0\]\.\nIt is about the input 1, counted from 0\.$/),
    });
  });
});

describe('a source of inputs', () => {
  /** Counts up for ever; tells how many were taken, and whether it was ended. */
  function counting() {
    const seen = { taken: 0, ended: false };
    async function* source() {
      try {
        for (;;) yield numbers([seen.taken++ % 10]);
      } finally {
        seen.ended = true;
      }
    }
    return { seen, source: source() };
  }

  test.each([1, 3])('is read %i ahead of the answers, and ended when nobody asks any more', async (ahead) => {
    const model = await loaded(double);
    const { seen, source } = counting();
    const found: number[] = [];
    for await (const { y } of model.stream(source, { ahead })) {
      found.push(...list(y!.data));
      expect(seen.taken).toBeLessThanOrEqual(found.length - 1 + ahead);
      if (found.length === 5) break;
    }
    expect(found).toEqual([0, 2, 4, 6, 8]);
    expect(seen.ended).toBe(true);
  });

  test('that brings nothing more for a while keeps no answer waiting', async () => {
    const model = await loaded(double);
    async function* stalling() {
      yield numbers([1]);
      await new Promise(() => undefined);
    }
    const { value } = await model.stream(stalling(), { ahead: 4 }).next();
    expect(list(value!.y!.data)).toEqual([2]);
  });

  test('carries the states of a model that has some, from where it is told', async () => {
    const model = await loaded(count);
    const totals = async (options = {}) => {
      const found: number[] = [];
      for await (const { total } of model.stream([1, 2, 3].map((x) => numbers([x])), options)) found.push(...list(total!.data));
      return found;
    };
    expect(await totals()).toEqual([1, 3, 6]);
    expect(await totals({ state: { sum: [10] }, ahead: 2 })).toEqual([11, 13, 16]);
  });

  test('ends with the first input that is refused, and its number', async () => {
    const model = await loaded(double);
    const found: number[] = [];
    const reading = async () => {
      for await (const { y } of model.stream([1, 20, 3].map((x) => numbers([x])), { ahead: 3 })) found.push(...list(y!.data));
    };
    await expect(reading()).rejects.toThrow('It is about the input 1, counted from 0.');
    expect(found).toEqual([2]);
  });

  test.each([[0], [1.5], ['2']])('is not read %j ahead', async (ahead) => {
    const model = await loaded(double);
    expect(() => model.stream([], { ahead: ahead as number })).toThrow('The option `ahead` should be a whole number from 1');
  });
});

describe('a signal', () => {
  test('abandons a run that waits for its turn, at once, and leaves the states as they were', async () => {
    const model = await loaded(count);
    const stream = model.start();
    const abort = new AbortController();
    const first = stream.run(numbers([1]));
    const second = stream.run(numbers([5]), { signal: abort.signal });
    abort.abort(new Error('too late'));
    await expect(second).rejects.toThrow('too late');
    await first;
    expect(list((await stream.run(numbers([2]))).total!.data)).toEqual([3]);
  });

  test('that comes after the answer changes nothing', async () => {
    const model = await loaded(double);
    const abort = new AbortController();
    const { y } = await model.run(numbers([1]), { signal: abort.signal });
    abort.abort();
    expect(list(y!.data)).toEqual([2]);
  });
});

test('the profile says which device ran each node, and where it stands in the source', async () => {
  const model = await load(double, { device: 'cpu', optimization: 'disabled' });
  open.push(model);
  const runs = await model.devices(numbers([1]));
  expect(runs.map(({ file, node, operator, provider }) => `${file} ${node} ${operator} ${provider}`)).toEqual([
    expect.stringMatching(/^model\.onnx main\.mdl:1:\d+\/Mul Mul cpu$/),
    expect.stringMatching(/^model\.onnx main\.mdl:1:\d+\/Add Add cpu$/),
  ]);
  // What is wrong with inputs is said here, too, and the model still runs.
  await expect(model.devices(numbers([11]))).rejects.toMatchObject({ code: 'input-value' });
  expect(list((await model.run(numbers([1]))).y!.data)).toEqual([2]);
});

test('a model that is disposed of runs no more', async () => {
  const model = await loaded(double);
  model[Symbol.dispose]();
  await expect(model.run(numbers([1]))).rejects.toMatchObject({ code: 'model-closed' });
  await model[Symbol.asyncDispose]();
});

const filesOf = (folder: string): Record<string, Uint8Array> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));

describe('a bundle in memory', () => {
  test('is one like that in the folder', async () => {
    const model = await loaded(filesOf(double));
    expect(list((await model.run(numbers([3]))).z!.data)).toEqual([9]);
  });

  test.each<[string, (files: Record<string, Uint8Array>) => unknown, string]>([
    ['a bit of whose model is another', (files) => (files['model.onnx']![40]! ^= 1), 'bundle-changed'],
    ['whose model ends too early', (files) => (files['model.onnx'] = files['model.onnx']!.subarray(0, -1)), 'bundle-changed'],
    ['that lacks its model', (files) => delete files['model.onnx'], 'bundle-unreadable'],
    ['that lacks its manifest', (files) => delete files['manifest.json'], 'bundle-unreadable'],
    ['whose model is that of another bundle', (files) => (files['model.onnx'] = readFileSync(join(count, 'model.onnx'))), 'bundle-changed'],
  ])('%s is refused before a session is made', async (_, damage, code) => {
    const files = filesOf(double);
    damage(files);
    await expect(load(files, { device: 'cpu' })).rejects.toMatchObject({ code });
  });
});

describe('the record in the ONNX file', () => {
  const classes = bundleOf(
    `labels Polarity = ["negative", "positive"]
    head H(x: f32[batch, 2]) -> f32[batch, Polarity] weights "./w.safetensors" { param w: f32[2, Polarity] onnx.MatMul(x, w) }
    model M { input x: f32[batch, 2] output polarity = H(x) }`,
    { 'w.safetensors': safetensors({ w: { dims: [2, 2], values: [1, 0, 0, 1] } }) },
  );

  /** The bundle with its manifest changed, as one who renames a class by hand would do it. */
  const edited = (change: (text: string) => string) => {
    const files = filesOf(classes);
    return { ...files, 'manifest.json': Buffer.from(change(Buffer.from(files['manifest.json']!).toString())) };
  };

  test('holds the manifest to the classes that were built', async () => {
    await loaded(classes);
    const error: unknown = await load(edited((text) => text.replace('"negative"', '"neutral"')), { device: 'cpu' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(MdlRuntimeError);
    expect(error).toMatchObject({
      code: 'bundle-mismatch',
      message: expect.stringContaining(
        '`outputs[0].tensor.dims[1].classes[0]` by the record in `model.onnx` should be "negative", found "neutral" in the manifest.',
      ),
    });
  });

  test('is not asked where nothing is to be verified', async () => {
    const model = await load(edited((text) => text.replace('"negative"', '"neutral"')), { device: 'cpu', verify: false });
    expect((await model.run({ x: [[1, 2]] })).polarity!.labels).toEqual(['neutral', 'positive']);
    await model.close();
  });
});
