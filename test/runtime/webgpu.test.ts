/**
 * WebGPU, really run, on a software Vulkan device where there is one. It compiles each shader by software, too, so what
 * runs here is small; test/examples/webgpu.test.ts runs a few rows of every example.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { load } from '../../src/runtime/index.ts';
import { createSession, importOrt } from '../../src/runtime/ort.ts';
import { safetensors } from '../check/world.ts';
import { buildText } from '../compile/build.ts';
import { noSwiftShader, swiftShader } from '../swift-shader.ts';
import { temporaryFolder } from './bundles.ts';
import { buildSplit } from './split-bundle.ts';

if (!existsSync(swiftShader)) console.log(noSwiftShader);

const rows = 16;
const width = 8;
const length = 4;
const values = (count: number, seed: number): Float32Array => Float32Array.from({ length: count }, (_, i) => 2 * Math.sin(i * 1.7 + seed));

const library = `
import { mean_pool, max_pool } from "std/text"
import { l2_normalize, standardize } from "std/norm"
import { gelu, sigmoid } from "std/nn"
import { linear_classifier, similarity } from "std/heads"
labels Kind = ["one", "two", "three"]
head Classify(x: f32[batch, ${width}]) -> f32[batch, Kind] weights "./w.safetensors" { x |> linear_classifier(classes: Kind) }
model Library {
  input hidden: f32[batch, seq, ${width}]
  input mask: i64[batch, seq] where mask
  let mean = hidden |> mean_pool(mask: mask)
  let most = hidden |> max_pool(mask: mask)
  output mean = mean
  output most = most
  output unit = l2_normalize(mean)
  output moved = standardize(most)
  output bent = gelu(most)
  output chance = sigmoid(mean)
  output kind = Classify(mean)
  output alike = similarity(mean, most)
}`;

const weights = safetensors({
  'linear_classifier.linear.w': { dims: [width, 3], values: [...values(width * 3, 5)] },
  'linear_classifier.linear.b': { dims: [3], values: [0.1, 0, -0.1] },
});

function libraryBundle(): string {
  const { bytes, manifest } = buildText(library, { 'w.safetensors': weights });
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'model.onnx'), bytes);
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

/** An encoder that doubles, and two heads. */
const splitBundle = (factor = 1): string =>
  buildSplit(
    `
head Kind(e: f32[batch, ${width}]) -> f32[batch, 2] weights "./w.safetensors" { param w: f32[${width}, 2] onnx.MatMul(e, w) }
head Sum(e: f32[batch, ${width}]) -> f32[batch, 2] weights "./w.safetensors" { param w: f32[${width}, 2] onnx.MatMul(e + e, w) }
model Twice {
  input x: f32[batch, ${width}]
  let e = x + x
  output kind = Kind(e)
  output sum = Sum(e)
}`,
    // Small whole numbers, and halves of them: all sums are exact, whatever their order.
    { 'w.safetensors': safetensors({ w: { dims: [width, 2], values: Array.from({ length: width * 2 }, (_, i) => factor * (i % 3 === 0 ? 0.5 : 2)) } }) },
  );

/** Every text has a token or more, and some padding. */
const inputs = {
  hidden: { data: values(rows * length * width, 1), dims: [rows, length, width] },
  mask: { data: BigInt64Array.from({ length: rows * length }, (_, i) => (i % length <= i % 3 ? 1n : 0n)), dims: [rows, length] },
};

/** All that is computed from the mask while it is one of i64, which the provider does not take. */
const leftToTheCpu = [
  'Equal main.mdl:11:24/Equal',
  'ReduceMax main.mdl:12:24/ReduceMax#2',
  'Equal main.mdl:12:24/Equal',
  'Cast main.mdl:11:24/Cast',
];

describe.skipIf(!existsSync(swiftShader))('on WebGPU', () => {
  test(`${rows} rows of parts of the library are as on the CPU, and only the nodes that are named here are left to it`, async () => {
    process.env['VK_ICD_FILENAMES'] = swiftShader;
    const folder = libraryBundle();
    const cpu = await load(folder, { device: 'cpu', verify: false });
    const gpu = await load(folder, { device: 'webgpu', verify: false });
    const [expected, found] = [await cpu.run(inputs), await gpu.run(inputs)];
    // Single operators of the two agree within 2e-5 on numbers of this size; the longest chain here has five that may differ.
    for (const name of Object.keys(expected)) {
      const [a, b] = [expected[name]!.data as Float32Array, found[name]!.data as Float32Array];
      expect(b.length, name).toBe(a.length);
      expect(a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0), name).toBeLessThan(1e-4);
    }
    const runs = await gpu.devices(inputs);
    expect(runs.filter(({ provider }) => provider !== 'webgpu').map(({ operator, node }) => `${operator} ${node}`)).toEqual(leftToTheCpu);
    expect(runs.filter(({ provider }) => provider === 'webgpu').length).toBeGreaterThan(10);
    await Promise.all([cpu.close(), gpu.close()]);
  });

  test('a model of which it does not take every node is refused where that is asked for', async () => {
    process.env['VK_ICD_FILENAMES'] = swiftShader;
    const loading = load(libraryBundle(), { device: 'webgpu', strict: true, verify: false });
    await expect(loading).rejects.toMatchObject({
      code: 'device-unavailable',
      message: expect.stringContaining('webgpu does not take every node of the model, which `strict` demands.'),
      notes: expect.arrayContaining(['Without `strict`, those nodes run on the CPU; `mdl run --placement` lists them.']),
    });
  });

  test('features stay on the device between an encoder and its heads', async () => {
    process.env['VK_ICD_FILENAMES'] = swiftShader;
    const folder = splitBundle();
    const [cpu, gpu] = [await load(folder, { device: 'cpu' }), await load(folder, { device: 'webgpu' })];
    const x = { data: Float32Array.from({ length: rows * width }, (_, i) => (i % 7) - 3), dims: [rows, width] };
    // Twice: what the first run left behind is not in the way of the second.
    for (const _ of [1, 2]) expect(await gpu.run({ x })).toEqual(await cpu.run({ x }));
    await Promise.all([cpu.close(), gpu.close()]);

    const ort = await importOrt();
    const settings = { provider: 'webgpu', optimization: 'all', threads: 1 } as const;
    const head = await createSession(ort, path.join(folder, 'head.kind.onnx'), settings);
    const name = head.inputs[0]!.name;
    const encoder = await createSession(ort, path.join(folder, 'encoder.onnx'), { ...settings, resident: [name] });
    const feeds = new Map([['x', { dtype: 'f32' as const, ...x }]]);
    const feature = (await encoder.runResident!(feeds, [name])).get(name)!;
    if (!('resident' in feature)) throw new Error('the feature has left the device');
    // The encoder is a doubling.
    expect(await feature.read()).toEqual({ dtype: 'f32', dims: x.dims, data: x.data.map((value) => 2 * value) });
    expect((await head.run(new Map([[name, feature]]), ['kind'])).get('kind')!.dims).toEqual([rows, 2]);
    feature.release();
    await Promise.all([encoder, head].map((session) => session.release()));
  });

  test('an exchange of heads says for how long it held up the one thread, and requests go on before and after', async () => {
    process.env['VK_ICD_FILENAMES'] = swiftShader;
    const [old, next] = [splitBundle(), splitBundle(3)];
    const [cpu, gpu] = [await load(next, { device: 'cpu' }), await load(old, { device: 'webgpu' })];
    const x = { data: Float32Array.from({ length: rows * width }, (_, i) => (i % 7) - 3), dims: [rows, width] };
    const before = await gpu.run({ x });
    const started = performance.now();
    const [during, swapped] = await Promise.all([gpu.run({ x }), gpu.swap('kind', next)]);
    const took = performance.now() - started;
    expect(during).toEqual(before);
    expect(swapped).toMatchObject({ head: 'kind', thread: 'serving' });
    // All of the loading is on this thread, and the exchange takes no longer than its promise.
    expect(swapped.stalled).toBeGreaterThan(0);
    expect(swapped.milliseconds).toBeGreaterThanOrEqual(swapped.stalled);
    expect(swapped.milliseconds).toBeLessThanOrEqual(took);
    expect((await gpu.run({ x }))['kind']).toEqual((await cpu.run({ x }))['kind']);
    expect(await gpu.rollback('kind')).toMatchObject({ stalled: 0 });
    expect(await gpu.run({ x })).toEqual(before);
    await Promise.all([cpu.close(), gpu.close()]);
  });

  test('a head that would hold up the one thread for longer than it may is refused, in a rollout too, and the old one goes on', async () => {
    process.env['VK_ICD_FILENAMES'] = swiftShader;
    const [old, next] = [splitBundle(), splitBundle(3)];
    const x = { data: Float32Array.from({ length: rows * width }, (_, i) => (i % 7) - 3), dims: [rows, width] };
    const gpu = await load(old, { device: 'webgpu', stall: 0 });
    const before = await gpu.run({ x });
    const refused = { code: 'head-refused', message: expect.stringMatching(/loading it would hold up the only thread that can use webgpu for about [\d.]+ ms, and `stall` allows 0/) };
    await expect(gpu.swap('kind', next)).rejects.toMatchObject(refused);
    await expect(gpu.rollout('kind', { arms: [{ name: 'next', bundle: next, share: 0.5, force: true }] })).rejects.toMatchObject(refused);
    expect(await gpu.run({ x })).toEqual(before);
    await gpu.close();
  });

  test('is refused to a second thread of the process, which would end it', () => {
    const runtime = JSON.stringify(path.resolve('dist/js/runtime.js'));
    const folder = JSON.stringify(libraryBundle());
    const program = `
      import { Worker, isMainThread, parentPort } from 'node:worker_threads';
      import { load } from ${runtime};
      const open = () => load(${folder}, { device: 'webgpu', verify: false });
      if (isMainThread) {
        const model = await open();
        const worker = new Worker(new URL(import.meta.url));
        worker.on('message', async (message) => { console.log(message); await model.close(); });
      } else {
        parentPort.postMessage(await open().then(() => 'loaded', (error) => error.code + ': ' + error.message));
      }`;
    const file = path.join(temporaryFolder(), 'threads.mjs');
    writeFileSync(file, program);
    const { status, stdout } = spawnSync(process.execPath, [file], { encoding: 'utf8', env: { ...process.env, VK_ICD_FILENAMES: swiftShader } });
    expect(stdout).toContain('device-unavailable: There is no device `webgpu` here: webgpu answers "the main thread of this process uses webgpu, and only one thread can"');
    expect(status).toBe(0);
  });
});
