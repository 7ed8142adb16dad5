/** Heads that are exchanged while requests are in flight: what is refused, what is answered by whom, and the way back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/bundle/manifest.ts';
import { load, versionsOf, type LoadOptions, type Model } from '../../src/runtime/index.ts';
import { safetensors } from '../check/world.ts';
import { buildText } from './built.ts';
import { buildSplit } from './split-bundle.ts';

/** The head multiplies what the encoder makes of `x` by `factor`; by that alone one sees which head has answered. */
const weights = (factor: number) => safetensors({ w: { dims: [2, 2], values: [factor, 0, 0, factor] } });
const source = (encoder = 'x + x', facts = '', labels = '["no", "yes"]') => `
labels Answer = ${labels}
head H(e: f32[batch, 2]) -> f32[batch, Answer] weights "./w.safetensors" { param w: f32[2, Answer] onnx.MatMul(e, w) }
model M {
  input x: f32[batch, 2]${facts}
  let e = ${encoder}
  output answer = H(e)
  output encoded = e
}`;
const bundle = (factor: number, text = source()) => buildSplit(text, { 'w.safetensors': weights(factor) });
const [one, two, three] = [1, 10, 100].map((factor) => bundle(factor)) as [string, string, string];

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
const headOf = (folder: string): string => manifestOf(folder).heads!.find(({ name }) => name === 'answer')!.sha256;

const open: Model[] = [];
afterAll(() => Promise.all(open.map((model) => model.close())));
async function loaded(folder = one, options: LoadOptions = {}): Promise<Model> {
  const model = await load(folder, { device: 'cpu', ...options });
  open.push(model);
  return model;
}

const x = { x: [[1, 2]] };
const golden = (factor: number) => [{ inputs: x, outputs: { answer: [[2 * factor, 4 * factor]] } }];

/** The factor of the head that has answered; the answer's stamp must name that head. */
async function factorOf(model: Model): Promise<number> {
  const answer = await model.run(x);
  const factor = Number(answer['answer']!.data[0]) / 2;
  const expected = { 1: one, 10: two, 100: three }[factor]!;
  expect(versionsOf(answer)).toEqual({ model: manifestOf(one).onnx.sha256, heads: { answer: headOf(expected) } });
  return factor;
}

test('a head is exchanged and put back, and every answer says who made it', async () => {
  const model = await loaded();
  expect(await factorOf(model)).toBe(1);
  expect(await model.swap('answer', two, { golden: golden(10) })).toMatchObject({ head: 'answer', from: headOf(one), to: headOf(two) });
  expect(await factorOf(model)).toBe(10);
  await model.swap('answer', three);
  expect(await factorOf(model)).toBe(100);
  expect(await model.rollback('answer')).toMatchObject({ from: headOf(three), to: headOf(two) });
  expect(await factorOf(model)).toBe(10);
  await expect(model.rollback('answer')).rejects.toMatchObject({ code: 'head-refused', message: expect.stringContaining('there is no head before it') });
});

test('a head that takes longer to load than the serving thread may wait runs on a thread of its own', async () => {
  const model = await loaded(one, { stall: 0 });
  expect(await model.swap('answer', two, { golden: golden(10) })).toMatchObject({ thread: 'own', stalled: 0 });
  expect(await factorOf(model)).toBe(10);
  expect(await model.rollback('answer')).toMatchObject({ thread: 'serving', stalled: 0 });
  expect(await factorOf(model)).toBe(1);
  const patient = await loaded(one, { stall: 60_000 });
  expect(await patient.swap('answer', two)).toMatchObject({ thread: 'serving' });
  expect(await factorOf(patient)).toBe(10);
});

test('requests are counted by head, those of golden rows are not', async () => {
  const model = await loaded();
  await factorOf(model);
  await model.swap('answer', two, { golden: golden(10) });
  await factorOf(model);
  await model.run({ x: [[1]] }).catch(() => undefined);
  await model.run(x, { outputs: ['encoded'] });
  const { requests, errors, codes, heads, latency } = model.statistics;
  expect({ requests, errors, codes }).toEqual({ requests: 4, errors: 1, codes: { 'input-shape': 1 } });
  expect(latency.reduce((sum, count) => sum + count)).toBe(4);
  // One golden row beside what was asked for.
  expect(model.statistics.sessionRuns).toBe(3 + 1);
  expect(heads).toEqual({ answer: { requests: 2, errors: 0, violations: 0, sessionRuns: 2 + 1, latency: expect.any(Array) } });
});

test('no answer is lost or mixed while heads move to and fro', async () => {
  const model = await loaded();
  const stop = new AbortController();
  const factors = new Set<number>();
  const traffic = Array.from({ length: 4 }, async () => {
    let answers = 0;
    for (; !stop.signal.aborted; answers++) factors.add(await factorOf(model));
    return answers;
  });
  for (let round = 0; round < 3; round++) {
    await model.swap('answer', two, { golden: golden(10) });
    await model.swap('answer', three);
    await model.rollback('answer');
    await model.swap('answer', one);
  }
  stop.abort();
  expect(Math.min(...(await Promise.all(traffic)))).toBeGreaterThan(0);
  expect([...factors].every((factor) => [1, 10, 100].includes(factor))).toBe(true);
  expect(await factorOf(model)).toBe(1);
});

test('answers that were asked for before are those of the old head', async () => {
  const model = await loaded();
  const [before, swapped] = [model.runMany([x, x]), model.swap('answer', two)];
  await swapped;
  for (const answer of await before) expect([2, 20]).toContain(answer['answer']!.data[0]);
  expect(await factorOf(model)).toBe(10);
});

describe('a head is refused', () => {
  const refusals: readonly [string, () => string, string, object, string][] = [
    ['that reads another encoder', () => bundle(1, source('x + x + x')), 'answer', {}, 'head-refused: The head `answer` cannot be exchanged: the encoder of the new bundle is another one.'],
    ['with another class', () => bundle(1, source('x + x', '', '["no", "maybe"]')), 'answer', {}, '`outputs.answer[0].dims[1].classes[1]` should be "yes", found "maybe" in the new bundle'],
    ['of a name that the model has not', () => two, 'anwser', {}, 'Did you mean `answer`?'],
    ['from a bundle in one file', () => buildText('model M { input x: f32[batch, 2] output answer = x + x }').folder, 'answer', {}, 'the new bundle M is one file'],
    ['that fails its golden batch', () => two, 'answer', { golden: golden(1) }, 'golden-failed: The new head `answer` gets no traffic, by `golden[0]`: `answer` at [0, 1] should be 4 ± 0.0001, found 40.'],
    ['whose golden batch has another shape', () => two, 'answer', { golden: [{ inputs: x, outputs: { answer: [1, 2] } }] }, 'the shape of `answer` should be [2], found [1, 2]'],
    ['whose golden batch names an output that there is not', () => two, 'answer', { golden: [{ inputs: x, outputs: { anwser: [[5, 5]] } }] }, 'The option `golden[0].outputs` should be of outputs of the head: `answer`, found `anwser`'],
    ['whose golden batch names no output', () => two, 'answer', { golden: [{ inputs: x, outputs: {} }] }, 'The option `golden[0].outputs` should be of outputs of the head: `answer`, found none'],
    ['whose golden batch is near anything', () => two, 'answer', { golden: [{ inputs: x, outputs: { answer: [[5, 5]] }, tolerance: NaN }] }, 'The option `golden` should be a list'],
    ['with golden batches that are none', () => two, 'answer', { golden: [1] }, 'The option `golden` should be a list of `{ inputs, outputs, tolerance }`, of which the last is 0 or more'],
    ['from a folder that is none', () => join(one, 'nowhere'), 'answer', {}, 'bundle-unreadable'],
  ];
  test.each(refusals)('%s, and the old one goes on', async (_, folder, head, options, expected) => {
    const model = await loaded();
    const error: unknown = await model.swap(head, folder(), options).catch((reason: unknown) => reason);
    const { code, message } = error as { code: string; message: string };
    expect(`${code}: ${message}`).toContain(expected);
    expect(await factorOf(model)).toBe(1);
  });

  test('where the model is one file', async () => {
    const model = await loaded(buildText('model M { input x: f32[batch, 2] output answer = x + x }').folder);
    await expect(model.swap('answer', two)).rejects.toMatchObject({ code: 'head-refused', message: expect.stringContaining('the model M is one file') });
  });
});

test('a closed model exchanges nothing', async () => {
  const model = await load(one, { device: 'cpu' });
  await model.swap('answer', two);
  await model.close();
  await expect(model.swap('answer', one)).rejects.toMatchObject({ code: 'model-closed' });
});
