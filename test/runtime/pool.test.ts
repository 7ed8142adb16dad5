/** A model on several threads answers as on one. The threads run the package as it was last built. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { load, versionsOf, type LoadOptions, type Model } from '../../src/runtime/index.ts';
import { safetensors } from '../check/world.ts';
import { buildText } from '../compile/build.ts';
import { fileOf, temporaryFolder, writeIndexing } from './bundles.ts';
import { buildSplit } from './split-bundle.ts';

const open: Model[] = [];
afterAll(() => Promise.all(open.map((model) => model.close())));

async function loaded(folder: string, options: LoadOptions = {}): Promise<Model> {
  const model = await load(folder, { device: 'cpu', workers: 2, ...options });
  open.push(model);
  return model;
}

function double(): string {
  const { bytes, manifest } = buildText('model Double { input x: f32[n] output y = x + x }');
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'model.onnx'), bytes);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, onnx: fileOf(folder, 'model.onnx') }));
  return folder;
}
const numbers = (value: number) => ({ x: Float32Array.of(value) });

test('each asker gets the answer to what it asked, and closing waits for all', async () => {
  const model = await load(double(), { device: 'cpu', workers: 2 });
  const asked = Array.from({ length: 50 }, (_, i) => i);
  const answers = Promise.all(asked.map(async (i) => (await model.run(numbers(i)))['y']!.data[0]));
  await model.close();
  expect(await answers).toEqual(asked.map((i) => 2 * i));
  await expect(model.run(numbers(1))).rejects.toMatchObject({ code: 'model-closed' });
});

test('more than may wait are refused, the others answered', async () => {
  const model = await loaded(double(), { waiting: 3 });
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => model.run(numbers(i))));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => (reason as Error).message);
  // Two threads have one each, three wait.
  expect(refused).toEqual(Array.from({ length: 5 }, () => expect.stringContaining('3 runs wait for a worker already, and no more may.')));
  expect((await model.run(numbers(4)))['y']!.data[0]).toBe(8);
});

test('heads are exchanged in all threads', async () => {
  const bundle = (factor: number) =>
    buildSplit(
      `head H(e: f32[batch, 1]) -> f32[batch, 1] weights "./w.safetensors" { param w: f32[1, 1] onnx.MatMul(e, w) }
      model M { input x: f32[batch, 1] let e = x + x output y = H(e) output encoded = e }`,
      { 'w.safetensors': safetensors({ w: { dims: [1, 1], values: [factor] } }) },
    );
  const model = await loaded(bundle(1));
  const y = async () => Promise.all(Array.from({ length: 6 }, async () => (await model.run({ x: [[1]] }))['y']!.data[0]));
  expect(new Set(await y())).toEqual(new Set([2]));
  const { to } = await model.swap('y', bundle(10));
  expect(new Set(await y())).toEqual(new Set([20]));
  expect(versionsOf(await model.run({ x: [[1]] }))!.heads).toEqual({ y: to });
});

test('an error of a thread comes back as one of ours', async () => {
  const model = await loaded(writeIndexing());
  await expect(model.run({ table: [1, 2, 3], i: [9] })).rejects.toMatchObject({
    code: 'runtime-failed',
    notes: ['It happened at reviews.mdl:31:5, in the operator Gather.'],
  });
  expect((await model.run({ table: [1, 2, 3], i: [2] }))['y']!.data[0]).toBe(3);
});

test('threads are for the CPU', async () => {
  await expect(load(double(), { device: 'webgpu', workers: 2 })).rejects.toMatchObject({
    code: 'device-unavailable',
    message: expect.stringContaining('`workers` run on the CPU'),
  });
});
