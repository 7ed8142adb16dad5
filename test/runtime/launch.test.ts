/** Declared rollouts from source to traffic: built, verified and launched as a user does it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Manifest } from '../../src/bundle/manifest.ts';
import { createRandom } from '../../src/data/random.ts';
import { load, versionsOf, type LaunchOptions, type Model, type RolloutEvent } from '../../src/runtime/index.ts';
import { safetensors } from '../check/world.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { expectThrown } from './thrown.ts';

const source = `import { linear, softmax } from "std/nn"
labels Answer = ["no", "yes"]
contract Vec = f32[batch, 2]
head V1(e: Vec) -> f32[batch, Answer] where range [0, 1] weights "./v1.safetensors" { e |> linear(out: Answer) |> softmax }
head V2(e: Vec) -> f32[batch, Answer] where range [0, 1] weights "./v2.safetensors" { e |> linear(out: Answer) |> softmax }
head Always(e: Vec) -> f32[batch, Answer] where range [0, 1] weights "./always.safetensors" { e |> linear(out: Answer) |> softmax }
model M {
  input x: Vec
  let e = x + x
  output answer = V1(e)
  output encoded = e
}
verify Next {
  swap V1 with V2 in M
  data d = "./test.jsonl"
  let y = M(d.x)
  require accuracy(y.answer, d.label) >= baseline - 5%
}
golden M { data "./golden.jsonl" tolerance 1e-4 }
golden M { swap V1 with V2 in M data "./golden-2.jsonl" tolerance 1e-4 }
rollout Production of M {
  slot answer {
    arm V1 60%
    arm V2 40%
    shadow Always
    sticky by user
    flag "old" -> V1
    flag "new" -> V2
    rollback to V1 when disagreement > 90% over 1000
  }
}
rollout Risky of M {
  slot answer {
    arm V1 0%
    arm Always 100%
    rollback to V1 when drift > 20% over 30
  }
}`;

/** The scores are the halves of the vector, times a factor; `yes` is chosen by the second. */
const weights = (factor: number, bias: readonly number[] = [0, 0]): Uint8Array =>
  safetensors({ 'linear.w': { dims: [2, 2], values: [factor, 0, 0, factor] }, 'linear.b': { dims: [2], values: bias } });

const random = createRandom(4);
const examples = Array.from({ length: 900 }, () => [random.normal(), random.normal()] as const);
const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
/** By hand: twice the vector, times the head's factor, the softmax of its two elements. */
function softmaxOf([a, b]: readonly [number, number], factor = 1): readonly [number, number] {
  const yes = 1 / (1 + Math.exp(2 * factor * (a - b)));
  return [1 - yes, yes];
}

const project = createFolder({
  'package.json': '{ "name": "launched" }',
  'm.mdl': source,
  'v1.safetensors': weights(1),
  'v2.safetensors': weights(1.05),
  'always.safetensors': weights(0, [0, 5]),
  'test.jsonl': lines(examples.map((x) => ({ x, label: random.uniform() < softmaxOf(x)[1] ? 'yes' : 'no' }))),
  'golden.jsonl': lines(examples.slice(0, 50).map((x) => ({ x, answer: softmaxOf(x) }))),
  'golden-2.jsonl': lines(examples.slice(0, 10).map((x) => ({ x, answer: softmaxOf(x, 1.05) }))),
});
const open: Model[] = [];
afterAll(async () => {
  await Promise.all(open.map((model) => model.close()));
  project.remove();
});

const bundle = path.join(project.path, 'dist/M');
const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as Manifest;

async function built(out: string, ...more: string[]): Promise<string> {
  const { code, stderr } = await mdl(project.path, ['build', 'm.mdl', '--split', '--out', out, ...more]);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
  return path.join(project.path, out, 'M');
}
let unproven: string;
let answered: string;
beforeAll(async () => {
  unproven = await built('unproven');
  answered = (await mdl(project.path, ['verify', 'm.mdl'])).stdout;
  await built('dist');
});

async function launched(from: string, options: LaunchOptions) {
  const model = await load(from, { device: 'cpu' });
  open.push(model);
  const events: RolloutEvent[] = [];
  const { slots } = await model.launch({ ...options, onEvent: (event) => void events.push(event) });
  return { model, rollout: slots['answer']!, said: () => events.map(({ kind, arm, reason }) => `${kind} ${arm}: ${reason}`) };
}
const ask = (model: Model, i: number, options = {}) => model.run({ x: [examples[i % examples.length]!] }, options);

test('the bundle carries arms, golden rows and the verdict', () => {
  expect(answered).toContain('Next: PASS, on 900 rows');
  const { golden, rollouts, heads } = manifestOf(bundle);
  expect(golden).toMatchObject([{ path: 'golden.json', rows: 50, tolerance: 1e-4 }, { path: 'golden.2.json', rows: 10, arm: 'V2' }]);
  const [slot] = rollouts!.find(({ name }) => name === 'Production')!.slots;
  expect(slot).toMatchObject({ output: 'answer', sticky: 'user', rollback: { to: 'V1', signal: 'disagreement', op: '>', bound: 0.9, over: 1000 } });
  expect(slot!.arms.map(({ name, share, head, verdict }) => [name, share, head?.path, verdict?.verdict])).toEqual([
    ['V1', 0.6, undefined, undefined],
    ['V2', 0.4, 'arm.answer.V2.onnx', 'PASS'],
  ]);
  const yes = examples.slice(0, 50).filter(([a, b]) => b > a).length;
  expect(slot!.reference!.rows).toBe(50);
  expect(slot!.reference!.shares[1]).toBeCloseTo(yes / 50);
  expect(heads!.map(({ name }) => name)).toEqual(['answer']);
});

test.each(['arm.answer.V2.onnx', 'golden.json'])('a bit that was flipped in %s is found by an audit', async (name) => {
  const file = path.join(bundle, name);
  const whole = readFileSync(file);
  const altered = Buffer.from(whole);
  altered[altered.length >> 1]! ^= 1;
  const codes: number[] = [(await mdl(project.path, ['audit', bundle])).code];
  writeFileSync(file, altered);
  codes.push((await mdl(project.path, ['audit', bundle])).code);
  writeFileSync(file, whole);
  expect(codes).toEqual([0, 1]);
});

test('shares, keys and flags are as declared, and the shadow is told of', async () => {
  const { model, rollout, said } = await launched(bundle, { name: 'Production' });
  const arms = async (options: object) => versionsOf(await ask(model, 1, options))!.heads['answer'];
  const [old, next] = [await arms({ flags: ['old'] }), await arms({ flags: ['new'] })];
  expect(next).not.toBe(old);
  const users = Array.from({ length: 100 }, (_, i) => ({ key: { user: `u${i}`, session: `s${i % 3}` } }));
  const first = await Promise.all(users.map(arms));
  expect(await Promise.all(users.map(arms))).toEqual(first);
  // The places are fixed: 100 draws of 40 % lie within four deviations of 40.
  expect(first.filter((arm) => arm === next).length).toBeGreaterThan(20);
  expect(first.filter((arm) => arm === next).length).toBeLessThan(60);
  expect(said()[0]).toMatch(/^started V2: it is to get 40 % of the requests: `verify Next` answered PASS on 900 rows on \d{4}-\d\d-\d\d; it answers its 10 golden rows as recorded$/);
  await expect.poll(() => rollout.arms.find(({ name }) => name === 'Always')!.compared).toBeGreaterThan(0);
  await expect.poll(() => rollout.arms.find(({ name }) => name === 'V2')!.compared).toBeGreaterThan(0);
  expect(rollout.arms.find(({ name }) => name === 'V2')!.disagreed).toBe(0);
});

test('what was not verified, or fails, or is stale, gets traffic by force alone, which is recorded', async () => {
  const model = await load(unproven, { device: 'cpu' });
  open.push(model);
  await expect(model.launch({ name: 'Production' })).rejects.toMatchObject({ code: 'arm-unproven', message: expect.stringContaining('its bundle has no verdict on it') });
  await expectThrown('arm-unproven', () => model.launch({ name: 'Production' }));
  const { said } = await launched(unproven, { name: 'Production', force: true });
  expect(said().slice(0, 2)).toEqual(['started V2: it is to get 40 % of the requests: it answers its 10 golden rows as recorded', "unproven V2: it gets traffic by `force`, though its bundle has no verdict on it"]);
  writeFileSync(path.join(project.path, 'v2.safetensors'), weights(1.25));
  const stale = await built('stale', '--no-golden');
  writeFileSync(path.join(project.path, 'v2.safetensors'), weights(1.05));
  const other = await load(stale, { device: 'cpu' });
  open.push(other);
  const refusal = 'The new head `answer` gets no traffic, by row 1 of `golden.2.json`: `answer` at [0, ';
  await expect(other.launch({ name: 'Production' })).rejects.toMatchObject({ code: 'golden-failed', message: expect.stringContaining(refusal) });
  const forced = await launched(stale, { name: 'Production', force: true });
  expect(forced.said().slice(1, 3)).toEqual([
    expect.stringContaining(`unproven V2: it gets traffic by \`force\`, though it was refused: ${refusal}`),
    expect.stringContaining('of other files or by other rules than those of the bundle'),
  ]);
});

test('an arm whose answers drift from the golden ones is taken out', async () => {
  const { model, rollout, said } = await launched(bundle, { name: 'Risky', force: true });
  for (let i = 0; i < 40; i++) await ask(model, i);
  expect(said().at(-1)).toMatch(/^rolled-back Always: the last 30 answers lie \d+(\.\d+)? % from the reference, more than 20 %$/);
  expect(rollout.arms.map(({ name, share, requests }) => [name, share, requests])).toEqual([['V1', 1, 10], ['Always', 0, 30]]);
});

test('stages lead from a shadow to the declared share', async () => {
  const { model, rollout, said } = await launched(bundle, { name: 'Production', stages: { shares: [0, 0.2], after: 20 } });
  const shares = () => rollout.arms.map(({ share }) => share);
  expect(shares()).toEqual([1, 0, 0]);
  await expect.poll(async () => {
    for (let i = 0; i < 20; i++) await ask(model, i);
    return shares();
  }).toEqual([0.6, 0.4, 0]);
  expect(said().filter((line) => line.startsWith('ramped'))).toEqual([
    'ramped V2: 20 requests as a shadow gave no reason to go back; it gets 20 % of the requests',
    'ramped V2: 20 requests at 20 % gave no reason to go back; it gets 40 % of the requests',
  ]);
});

test('the golden rows of a bundle are run before its head takes traffic', async () => {
  const model = await load(bundle, { device: 'cpu' });
  open.push(model);
  await model.swap('answer', unproven);
  writeFileSync(path.join(project.path, 'v1.safetensors'), weights(-1));
  const refused = await mdl(project.path, ['build', 'm.mdl', '--split', '--out', 'refused']);
  const wrong = await built('wrong', '--no-golden');
  writeFileSync(path.join(project.path, 'v1.safetensors'), weights(1));
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/error\[golden-row\]: `M` does not answer row 1 of `golden.jsonl` as recorded: `answer` at \[0, \d\] should be 0\.\d+ ± 0.0001, found 0\.\d+/) });
  expect(refused.stderr).toContain('50 of 50 rows are farther off than 0.0001');
  expect(existsSync(path.join(project.path, 'refused'))).toBe(false);
  await expect(model.swap('answer', wrong)).rejects.toMatchObject({ code: 'golden-failed', message: expect.stringContaining('by row 1 of `golden.json`') });
});

test('an arm without golden rows has to keep what its contract promises on those of the model', async () => {
  const { said } = await launched(bundle, { name: 'Risky', force: true });
  expect(said()[0]).toBe('started Always: it is to get 100 % of the requests: on the 50 golden rows of the model its answers are as its contract promises');
  writeFileSync(path.join(project.path, 'always.safetensors'), weights(NaN));
  const broken = await built('broken');
  writeFileSync(path.join(project.path, 'always.safetensors'), weights(0, [0, 5]));
  const model = await load(broken, { device: 'cpu' });
  open.push(model);
  const plan = { arms: [{ name: 'always', arm: 'Always', bundle: broken, share: 0.1 }] };
  await expect(model.rollout('answer', plan)).rejects.toThrow('gets no traffic, by row 1 of `golden.json`: `answer` promises values from 0 to 1, found NaN');
});

test('a rollout in a file of its own is built with its model', async () => {
  const [model, ...tools] = source.split(/^(?=verify)/m);
  writeFileSync(path.join(project.path, 'apart.mdl'), model!);
  writeFileSync(path.join(project.path, 'tools.mdl'), `import { M, V1, V2, Always } from "./apart.mdl"\n${tools.join('')}`);
  const { code, stdout } = await mdl(project.path, ['build', 'tools.mdl', '--split', '--out', 'apart']);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^M: /)]);
  expect(manifestOf(path.join(project.path, 'apart/M')).rollouts!.map(({ name }) => name)).toEqual(['Production', 'Risky']);
});

test('a file of the golden rows, or of an arm, that was altered is refused', async () => {
  for (const name of ['golden.json', 'arm.answer.V2.onnx']) {
    const files = Object.fromEntries(['manifest.json', 'encoder.onnx', 'head.answer.onnx', 'golden.json', 'golden.2.json', 'arm.answer.V2.onnx', 'arm.answer.Always.onnx'].map((file) => [file, new Uint8Array(readFileSync(path.join(bundle, file)))]));
    files[name]!.fill(32, 40, 44);
    await expect(load(files, { device: 'cpu' })).rejects.toMatchObject({ code: 'bundle-changed' });
  }
});

test.each<[string, LaunchOptions, string]>([
  ['without a name', {}, 'The bundle of `M` has no rollout that could be launched: it declares Production, Risky.'],
  ['by another name', { name: 'Productoin' }, 'Did you mean `Production`?'],
])('a rollout is refused %s', async (_, options, message) => {
  const model = await load(bundle, { device: 'cpu' });
  open.push(model);
  await expect(model.launch(options)).rejects.toThrow(message);
});
