/** Requests that are put together: each gets its own answer, and nobody waits for long. */
import { afterAll, expect, test } from 'vitest';
import { batchSession } from '../../src/runtime/serving/batching.ts';
import { runEach } from '../../src/runtime/serving/many.ts';
import { begunAtOnce, putTogether } from '../../src/runtime/serving/together.ts';
import { load, type LoadOptions, type Model } from '../../src/runtime/index.ts';
import type { RawTensor, Session } from '../../src/runtime/session.ts';
import { traced } from '../ir/infer/exporters/trace.ts';
import { buildText } from './built.ts';

const open: Model[] = [];
afterAll(() => Promise.all(open.map((model) => model.close())));
async function loaded(text: string, options: LoadOptions = {}): Promise<Model> {
  const model = await load(buildText(text).folder, { device: 'cpu', batch: { rows: 8, milliseconds: 5 }, verify: false, ...options });
  open.push(model);
  return model;
}

/** Doubles, notes how many rows each run had, and fails where an element is 13. */
function doubling(): { readonly session: Session; readonly runs: number[] } {
  const runs: number[] = [];
  const session: Session = {
    inputs: [],
    outputs: [],
    loadedIn: 0,
    run: async (feeds) => {
      const { data, dims } = feeds.get('x') as RawTensor;
      runs.push(dims[0]!);
      if ((data as Float32Array).includes(13)) throw new Error('thirteen');
      return new Map([['y', { dtype: 'f32', data: (data as Float32Array).map((value) => 2 * value), dims } satisfies RawTensor]]);
    },
    release: async () => undefined,
  };
  return { session, runs };
}
const feeds = (values: readonly number[], width = 1) => new Map([['x', { dtype: 'f32', data: Float32Array.from(values), dims: [values.length / width, width] } satisfies RawTensor]]);
const settings = { rows: 4, milliseconds: 5, waiting: 100 };

test('requests of equal shapes are one run, up to so many rows, and each gets its own', async () => {
  const { session, runs } = doubling();
  const batched = batchSession(session, settings);
  const asked = [[1], [2, 3], [4], [5], [6, 7, 8, 9, 10], [11]];
  const answers = await Promise.all(asked.map((values) => batched.run(feeds(values), ['y'])));
  expect(answers.map((made) => [...(made.get('y')!.data as Float32Array)])).toEqual(asked.map((values) => values.map((value) => 2 * value)));
  expect(runs.toSorted((a, b) => a - b)).toEqual([2, 4, 5]);
});

test('other shapes and other outputs do not mix', async () => {
  const { session, runs } = doubling();
  const batched = batchSession(session, settings);
  await Promise.all([batched.run(feeds([1, 2], 2), ['y']), batched.run(feeds([1]), ['y']), batched.run(feeds([1]), ['y', 'z'])]);
  expect(runs).toEqual([1, 1, 1]);
});

test('one that fails fails alone', async () => {
  const { session } = doubling();
  const batched = batchSession(session, settings);
  const outcomes = await Promise.allSettled([[1], [13], [3]].map((values) => batched.run(feeds(values), ['y'])));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('what has no rows is given to each as it is, and each is run alone where it finds fault', async () => {
  const { session, runs } = doubling();
  const sizes: RawTensor = { dtype: 'i32', data: Int32Array.of(7, 7, 7), dims: [3] };
  const withSizes: Session = { ...session, run: async (fed, outputs) => new Map([...(await session.run(fed, outputs)), ['sizes', sizes]]) };
  const fine = batchSession(withSizes, settings, { names: ['sizes'], findFault: () => false });
  for (const made of await Promise.all([[1], [2, 3]].map((values) => fine.run(feeds(values), ['y', 'sizes'])))) expect(made.get('sizes')).toBe(sizes);
  const faulty = batchSession(withSizes, settings, { names: ['sizes'], findFault: (shared) => shared.get('sizes') === sizes });
  await Promise.all([[1], [2, 3]].map((values) => faulty.run(feeds(values), ['y', 'sizes'])));
  expect(runs).toEqual([3, 3, 1, 2]);
});

test('a request waits no longer for those that come after it', async () => {
  const { session, runs } = doubling();
  const batched = batchSession(session, { ...settings, rows: 1000 });
  const state = { done: false };
  const first = batched.run(feeds([1]), ['y']).then(() => void (state.done = true));
  while (!state.done) {
    void batched.run(feeds([2]), ['y']);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await first;
  expect(runs[0]).toBeLessThan(1000);
});

test('more than may be unanswered are refused', async () => {
  const { session } = doubling();
  const batched = batchSession(session, { ...settings, waiting: 2 });
  const outcomes = await Promise.allSettled([[1], [2], [3]].map((values) => batched.run(feeds(values), ['y'])));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
});

test('a model answers each of many at once as it answers it alone, on a thread of its own, too', async () => {
  const text = 'model M { input x: f32[batch, 3] where range [0, 1] output y = onnx.Softmax(x, axis: 1) output s = onnx.ReduceSum(x, axes: [1], keepdims: 0) }';
  const [plain, direct, pooled] = [await loaded(text, { batch: undefined! }), await loaded(text), await loaded(text, { workers: 2 })];
  const inputs = Array.from({ length: 20 }, (_, i) => ({ x: Array.from({ length: 1 + (i % 3) }, (__, r) => [i / 20, r / 3, (i * r) / 60]) }));
  const expected = await plain.runMany(inputs, { rows: 1 });
  const asked = [...[direct, pooled].map((model) => Promise.all(inputs.map((each) => model.run(each)))), ...[plain, direct, pooled].flatMap((model) => [model.runMany(inputs), model.runMany(inputs, { rows: 7 })])];
  for (const answers of await Promise.all(asked)) {
    answers.forEach((answer, i) => {
      expect(answer['y']!.dims).toEqual(expected[i]!['y']!.dims);
      // Three terms: a sum in another order differs by two roundings of at most 3, and a softmax by as many of 1.
      for (const name of ['y', 's']) (answer[name]!.data as Float32Array).forEach((value, k) => expect(Math.abs(value - Number(expected[i]![name]!.data[k]))).toBeLessThanOrEqual(4 * 3 * 2 ** -24));
    });
  }
  await expect(direct.run({ x: [[2, 0, 0]] })).rejects.toMatchObject({ code: 'input-value' });
});

test('requests and the runs that answered them are counted apart', async () => {
  const text = 'model M { input x: f32[batch, 3] output y = x + x }';
  for (const options of [{}, { workers: 2 }]) {
    const model = await loaded(text, options);
    await Promise.all(Array.from({ length: 16 }, (_, i) => model.run({ x: [[i, i, i]] })));
    expect(model.statistics).toMatchObject({ requests: 16, sessionRuns: 2 });
    await model.runMany(Array.from({ length: 10 }, () => ({ x: [[1, 2, 3]] })));
    expect(model.statistics).toMatchObject({ requests: 26, sessionRuns: 4 });
    await model.devices({ x: [[1, 2, 3]] });
    expect(model.statistics).toMatchObject({ requests: 26, sessionRuns: 4 });
  }
});

test('a list is as few runs as its shapes and the bound allow, and at most so many are under way', async () => {
  const { session, runs } = doubling();
  const [busy, most] = [{ now: 0 }, [] as number[]];
  const slow: Session = {
    ...session,
    together: batchSession,
    run: async (given, outputs) => {
      most.push(++busy.now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return session.run(given, outputs).finally(() => busy.now--);
    },
  };
  const how = { rows: 4, lanes: 2 };
  const by = putTogether(how);
  const inputs = Array.from({ length: 50 }, (_, i) => (i % 3 === 0 ? feeds([-i, -i], 2) : feeds([-i])));
  const answers = await runEach(inputs, begunAtOnce(how), (each) => by(slow).run(each, ['y']));
  expect(answers.map((made) => made.get('y')!.data)).toEqual(inputs.map((each) => (each.get('x')!.data as Float32Array).map((value) => 2 * value)));
  expect(Math.max(...runs)).toBe(4);
  // 17 of one shape and 33 of the other.
  expect(runs.length).toBe(5 + 9);
  expect(Math.max(...most)).toBe(2);
});

test('the first of a list that is at fault is named, whatever came with it, and no more are read', async () => {
  const model = await loaded('model M { input x: f32[batch, 3] where range [0, 1] output y = x + x }', { batch: undefined!, workers: 1, waiting: 1 });
  let read = 0;
  const source = function* () {
    for (; read < 10_000; read++) yield { x: [[read === 40 || read === 50 ? 2 : 0, 0, 1]] };
  };
  await expect(model.runMany(source(), { rows: 4 })).rejects.toMatchObject({ code: 'input-value', notes: [expect.stringContaining('the input 40, counted from 0')] });
  expect(read).toBeLessThanOrEqual(2 * 8 * 4);
  const abandoned = new AbortController();
  const answer = model.runMany(Array.from({ length: 200 }, () => ({ x: [[0, 0, 1]] })), { signal: abandoned.signal });
  abandoned.abort(new Error('enough'));
  await expect(answer).rejects.toThrow('enough');
  await expect(model.runMany([], { rows: 0 })).rejects.toMatchObject({ code: 'runtime-options', message: expect.stringContaining('from 1 to 65536') });
  expect(model.statistics.requests).toBeGreaterThan(40);
});

test('a model that mixes rows, or carries states, runs the inputs of a list one by one', async () => {
  const mixing = await loaded('model M { input x: f32[batch, 2] output y = x - onnx.ReduceMean(x, axes: [0], keepdims: 0) }', { batch: undefined! });
  const [first, second] = await mixing.runMany([{ x: [[1, 2]] }, { x: [[3, 5]] }], { rows: 8 });
  expect([[...first!['y']!.data], [...second!['y']!.data]]).toEqual([[0, 0], [0, 0]]);
});

/** Of a file whose sizes a guard tests at each run: of so many places it gives twice the square root. */
test('a guard of sizes finds for each of many what it finds for it alone', async () => {
  let y = '';
  const bytes = traced([{ name: 'x', dims: ['batch', 'seq', 2] }], (t) => {
    const root = t.op('Sqrt', [t.op('Cast', [t.op('Mul', [t.size('x', 1), t.whole(4)])], { to: 1 })]);
    return [(y = t.slice('x', 1, 0, t.op('Cast', [root], { to: 7 })))];
  });
  const text = `backbone Most { source "./most.onnx" input x: f32[batch, seq, 2] from "x" output y: f32[batch, seq, 2] from "${y}" }
    model M { input x: f32[batch, seq, 2] output y = Most(x).y }`;
  const { folder, manifest } = buildText(text, { 'most.onnx': bytes });
  expect(manifest.rows).toEqual({ independent: true, shared: ['guard.Most.y'] });
  await using model = await load(folder, { device: 'cpu', batch: { rows: 16, milliseconds: 50 }, verify: false });
  const ask = (rows: number, seq: number) => model.run({ x: { data: Float32Array.from({ length: rows * seq * 2 }, (_, i) => rows + i), dims: [rows, seq, 2] } });
  const [one, long, two, longer] = await Promise.allSettled([ask(1, 4), ask(1, 9), ask(2, 4), ask(3, 9)]);
  for (const [settled, rows] of [[one, 1], [two, 2]] as const) expect(settled).toMatchObject({ value: { y: { dims: [rows, 4, 2], data: Float32Array.from({ length: rows * 8 }, (_, i) => rows + i) } } });
  for (const settled of [long, longer]) expect(settled).toMatchObject({ reason: { code: 'guard-rejected', cause: { sizes: [{ axis: 1, found: 6, expected: 9 }] } } });
});

test('a model that mixes rows takes no batches, and it is said why', async () => {
  await expect(loaded('model M { input x: f32[batch, 3] output y = x - onnx.ReduceMean(x, axes: [0], keepdims: 0) }')).rejects.toMatchObject({
    code: 'runtime-options',
    notes: [expect.stringMatching(/^It is not proved that rows are computed apart: `y`: `ReduceMean` \(main\.mdl:1:\d+.*\): it works along the first axis\.$/)],
  });
});
