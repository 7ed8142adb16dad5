/** Rollouts: who gets which request, who is only shown it, who is taken out, and what is said of it. */
import { afterAll, describe, expect, test } from 'vitest';
import { load, type Model, type Rollout, type RolloutEvent, type RolloutPlan } from '../../src/runtime/index.ts';
import { safetensors } from '../check/world.ts';
import { buildSplit } from './split-bundle.ts';

/** A head whose first class wins by `factor`, and which fails where an index of its own is out of its table. */
const source = (last: string) => `
labels Answer = ["no", "yes"]
head H(e: f32[batch, 2], i: i64[batch]) -> f32[batch, Answer] weights "./w.safetensors" {
  param w: f32[2, Answer]
  param table: f32[${last}, Answer]
  onnx.MatMul(e, w) + onnx.Gather(table, i, axis: 0)
}
model M {
  input x: f32[batch, 2]
  input i: i64[batch]
  let e = x + x
  output answer = H(e, i)
  output encoded = e
}`;
function bundle(factor: number, rows = 3): string {
  const w = { dims: [2, 2], values: [factor, 0, 0, 1] };
  const table = { dims: [rows, 2], values: Array.from({ length: 2 * rows }, () => 0) };
  return buildSplit(source(String(rows)), { 'w.safetensors': safetensors({ w, table }) });
}
/** By the factor. The last of them fails where `i` is 2. */
const bundles = { 1: bundle(1), 10: bundle(10), '-1': bundle(-1), 5: bundle(5, 2) };

const open: Model[] = [];
afterAll(() => Promise.all(open.map((model) => model.close())));

const request = (i = 0) => ({ x: [[1, 1]], i: [i] });
const golden = (factor: number) => [{ inputs: request(), outputs: { answer: [[2 * factor, 2]] } }];

async function begun(plan: RolloutPlan): Promise<{ model: Model; rollout: Rollout; events: RolloutEvent[] }> {
  const model = await load(bundles[1], { device: 'cpu' });
  open.push(model);
  const events: RolloutEvent[] = [];
  return { model, rollout: await model.rollout('answer', { ...plan, onEvent: (event) => void events.push(event) }), events };
}
const factorOf = async (model: Model, options = {}, i = 0): Promise<number> => Number((await model.run(request(i), options))['answer']!.data[0]) / 2;
const said = (events: readonly RolloutEvent[]): string[] => events.map(({ kind, arm, reason }) => `${kind} ${arm}: ${reason}`);

const half: RolloutPlan = { arms: [{ name: 'ten', bundle: bundles[10], share: 0.5, flag: 'topic-10', golden: golden(10), force: true }] };

test('keys stay with their arm, also while it grows, and flags go before them', async () => {
  const { model, rollout } = await begun(half);
  const keys = Array.from({ length: 60 }, (_, i) => `user ${i}`);
  const factors = async () => {
    const found: number[] = [];
    for (const key of keys) found.push(await factorOf(model, { key }));
    return found;
  };
  const first = await factors();
  expect(await factors()).toEqual(first);
  // The keys' places are fixed: 60 draws of a half lie within four deviations of 30.
  expect(first.filter((factor) => factor === 10).length).toBeGreaterThan(14);
  expect(first.filter((factor) => factor === 1).length).toBeGreaterThan(14);
  rollout.ramp('ten', 0.8);
  const grown = await factors();
  expect(first.every((factor, i) => factor === 1 || grown[i] === 10)).toBe(true);
  rollout.ramp('ten', 0);
  expect(new Set(await factors())).toEqual(new Set([1]));
  expect(await factorOf(model, { key: 'user 1', flags: ['topic-10'] })).toBe(10);
  const [own, ten] = rollout.arms;
  expect([own!.name, own!.share, ten!.share, own!.requests + ten!.requests]).toEqual(['current', 1, 0, 4 * 60 + 1]);
  expect(ten!.latency.reduce((sum, count) => sum + count, 0)).toBe(ten!.requests);
});

test('an arm that fails answers nobody wrongly, and is taken out with a reason', async () => {
  const { model, rollout, events } = await begun({
    arms: [{ name: 'five', bundle: bundles[5], share: 1, golden: golden(5), force: true }],
    rollback: { errorRate: 0.1, over: 20 },
  });
  expect(await factorOf(model)).toBe(5);
  // Two errors are a tenth of twenty; the third is too many. Each is answered by the head that was there.
  for (let i = 0; i < 3; i++) expect(await factorOf(model, {}, 2)).toBe(1);
  expect(await factorOf(model)).toBe(1);
  expect(said(events)).toEqual(['started five: it is to get 100 % of the requests', "unproven five: it gets traffic by `force`, though its bundle has no verdict on it", 'rolled-back five: 3 errors in 4 requests are more than 10 % of 20']);
  expect(rollout.arms.map(({ name, share, requests, errors }) => ({ name, share, requests, errors }))).toEqual([
    { name: 'current', share: 1, requests: 1, errors: 0 },
    { name: 'five', share: 0, requests: 4, errors: 3 },
  ]);
  await expect(rollout.promote('five')).rejects.toThrow('the arm `five` was taken out: 3 errors in 4 requests');
});

test('a shadow answers nobody, and is compared with who does', async () => {
  const { model, rollout, events } = await begun({ shadow: { name: 'minus', bundle: bundles['-1'], golden: golden(-1) } });
  for (let i = 0; i < 5; i++) expect(await factorOf(model)).toBe(1);
  await expect.poll(() => rollout.arms[1]!.compared).toBe(5);
  // 2 and 2 against -2 and 2: the first of equals is the class of the one, the second that of the other.
  expect(rollout.arms[1]).toMatchObject({ name: 'minus', share: 0, requests: 5, compared: 5, disagreed: 5, errors: 0, shed: 0 });
  expect(said(events)).toEqual(['shadowed minus: it is shown 100 % of the requests']);
});

test('an arm that is promoted takes all, and the way back is open', async () => {
  const { model, rollout, events } = await begun({ arms: [{ name: 'ten', bundle: bundles[10], share: 0, force: true }] });
  expect(await factorOf(model)).toBe(1);
  await rollout.promote('ten');
  expect(await factorOf(model)).toBe(10);
  await model.rollback('answer');
  expect(await factorOf(model)).toBe(1);
  expect(said(events).slice(1)).toEqual(['unproven ten: it gets traffic by `force`, though its bundle has no verdict on it', 'promoted ten: it was told to']);
});

test('nothing of a rollout that has ended can be put in traffic', async () => {
  const { model, rollout } = await begun(half);
  await rollout.stop();
  await expect(rollout.promote('ten')).rejects.toMatchObject({ code: 'head-refused', message: 'The head `answer` cannot be exchanged: its rollout has ended.' });
  expect(() => rollout.ramp('ten', 1)).toThrow('its rollout has ended');
  const next = await model.rollout('answer', half);
  const twice = await Promise.allSettled([next.promote('ten'), next.promote('ten')]);
  expect(twice.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  // The head that was promoted is not freed by the second call.
  expect(await factorOf(model)).toBe(10);
  await model.rollback('answer');
  expect(await factorOf(model)).toBe(1);
});

test('of rollouts of one head that are begun at once one takes place', async () => {
  const model = await load(bundles[1], { device: 'cpu' });
  open.push(model);
  const [first, second] = await Promise.allSettled([model.rollout('answer', half), model.rollout('answer', half)]);
  expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
  expect(second).toMatchObject({ reason: { code: 'head-refused' } });
  expect([1, 10]).toContain(await factorOf(model));
});

test('a listener that throws fails no request, and names that are no text are refused by a code', async () => {
  const thrown: unknown[] = [];
  const note = (error: unknown): void => void thrown.push(error);
  const before = process.rawListeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', note);
  try {
    const model = await load(bundles[1], { device: 'cpu' });
    open.push(model);
    const rollout = await model.rollout('answer', { ...half, onEvent: () => { throw new Error('mine'); } });
    expect([1, 10]).toContain(await factorOf(model));
    await expect.poll(() => thrown.length).toBeGreaterThan(0);
    const nothing = undefined as unknown as string;
    for (const call of [() => model.swap(nothing, bundles[10]), () => model.rollback(nothing), () => rollout.promote(nothing), () => model.swap('answer', nothing)]) await expect(call()).rejects.toMatchObject({ code: 'runtime-options' });
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener as () => void);
  }
});

test('a rollout that is stopped leaves the head that was there, and another may begin', async () => {
  const { model, rollout } = await begun({ ...half, arms: [{ ...half.arms![0]!, share: 1 }] });
  await expect(model.rollout('answer', half)).rejects.toThrow('a rollout of it is under way');
  expect(await factorOf(model)).toBe(10);
  await rollout.stop('enough');
  expect(await factorOf(model)).toBe(1);
  await (await model.rollout('answer', half)).stop();
});

describe('a plan is refused', () => {
  test.each<[string, object, string]>([
    ['without arms', {}, 'The option `plan` should be one with `arms` or a `shadow`'],
    ['with an arm that proves nothing', { arms: [{ name: 'ten', bundle: bundles[10], share: 0.1 }] }, 'The arm `ten` of `answer` gets no traffic: its bundle has no verdict on it.'],
    ['with an arm that fails its golden batch', { arms: [{ name: 'ten', bundle: bundles[10], share: 0.1, golden: golden(1), force: true }] }, 'The new head `answer` gets no traffic, by `golden[0]`'],
    ['with too much to share', { arms: [0.6, 0.6].map((share, i) => ({ name: `a${i}`, bundle: bundles[10], share, force: true })) }, 'shares of 1 at most together'],
    ['with an arm called current', { arms: [{ name: 'current', bundle: bundles[10], share: 1, force: true }] }, 'arms with names other than current'],
  ])('%s', async (_, plan, message) => {
    const model = await load(bundles[1], { device: 'cpu' });
    open.push(model);
    await expect(model.rollout('answer', plan)).rejects.toThrow(message);
    expect(await factorOf(model)).toBe(1);
  });
});
