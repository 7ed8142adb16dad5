/** Who is at fault, where a head gives several labels at once or a number: an encoder that sees all and lies elsewhere, one that sees nothing, and one that nothing was lost by. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';
import { swapSource, world } from './made-world.ts';

const tags = [['red'], ['green'], ['red', 'green'], []];
const source = swapSource
  .slice(0, swapSource.indexOf('verify Swap'))
  .replace('labels Kind', 'labels Tag = ["red", "green"]\nlabels Kind')
  .replace('model Before {', `head Tags(e: f32[batch, 16]) -> f32[batch, Tag] where range [0, 1] weights "./tags.safetensors" = learned { onnx.Sigmoid(e |> linear(out: Tag)) }
part Price(e: f32[batch, 16]) -> f32[batch, 2] { 100 * (e |> truncate(to: 2)) }
adapter Blind(z: Both) -> f32[batch, 16] { 1000 * first(z) - onnx.Floor(1000 * first(z)) - 0.5 }
fit Tags { data d = "./heads.jsonl" loss binary_cross_entropy(Tags(Old(d.z)), d.tags) method lbfgs(penalty: 0.001) }
model Before {`)
  .replace('output kind = Tell(Old(z))', 'output tags = Tags(Old(z))\n  output price = Price(Old(z))')
  .replace(/fit Tell .*\n/, '')
  .replace(/head Tell[^}]*}\n/, '');
const againstBaseline = ['accuracy(y.tags, d.tags) >= baseline - 5%', 'r2(y.price, d.t) >= baseline - 5%', 'mae(y.price, d.t) <= baseline + 9'];
const verify = (by: string, required: readonly string[]): string => `verify V { swap Old with ${by} in Before  data d = "./test.jsonl"  let y = Before(d.z)\n${required.map((one) => `  require ${one}\n`).join('')}}\n`;

/** The price is what the head makes of the old vectors: nothing is lost but by the swap. */
const jsonl = (rows: number, seed: number): string => {
  const { x, y, labels } = world(rows, seed);
  const vectors = (i: number): number[] => [x, y].flatMap(({ data }) => [...data.subarray(16 * i, 16 * i + 16)]);
  return Array.from({ length: rows }, (_, i) => `${JSON.stringify({ z: vectors(i), tags: tags[labels[i]!], t: vectors(i).slice(16, 18).map((value) => 100 * value), far: vectors(i).slice(16, 18).map((value) => 100 * value + 1000) })}\n`).join('');
};
const made = createFolder({ 'package.json': '{ "name": "faults" }', 'a.mdl': source, 'heads.jsonl': jsonl(300, 1), 'pairs.jsonl': jsonl(400, 2), 'test.jsonl': jsonl(900, 3) });
afterAll(() => made.remove());
beforeAll(async () => {
  const { code, stderr } = await mdl(made.path, ['fit', 'a.mdl']);
  if (code !== 0) throw new Error(stderr);
});

interface Fault {
  readonly head: string;
  readonly fault: string;
  readonly measures: readonly { readonly value: number; readonly bar?: string }[];
}
async function faults(by: string, required = againstBaseline): Promise<readonly Fault[]> {
  writeFileSync(path.join(made.path, 'a.mdl'), `${source}${verify(by, required)}`);
  const { stdout, stderr } = await mdl(made.path, ['verify', 'a.mdl', '--json']);
  if (!stdout.includes('"results"')) throw new Error(`${stdout}${stderr}`);
  return (JSON.parse(stdout) as { results: [{ swaps: [{ attributions: Fault[] }] }] }).results[0].swaps[0].attributions;
}

test('vectors that nobody carried over: the adapter, of the labels and of the price', async () => {
  expect((await faults('Padded')).map(({ head, fault }) => `${head}: ${fault}`)).toEqual(['tags: adapter', 'price: adapter']);
});

test('vectors that hold nothing: the backbone; all that is explained is lost', async () => {
  const found = await faults('Blind');
  expect(found.map(({ head, fault }) => `${head}: ${fault}`)).toEqual(['tags: backbone', 'price: backbone']);
  // A reader of the old vectors finds the price in them, which is two of their numbers; one of noise finds the mean.
  expect(found[1]!.measures[0]!.value).toBeGreaterThan(-1.1);
  expect(found[1]!.measures[0]!.value).toBeLessThan(-0.95);
});

test('of what surely keeps what it has to nobody is at fault', async () => {
  expect((await faults('New')).filter(({ head }) => head === 'tags')).toEqual([]);
});

describe('of a bound by itself', () => {
  test('what lies between it and what there was may be lost', async () => {
    // The old part errs by nothing: all of the bound may be lost. A reader of the new vectors loses some 40, one of the old vectors on the padded ones some 800.
    for (const [bound, fault] of [[9, 'backbone'], [100, 'adapter']] as const) {
      const [found, ...others] = await faults('Padded', [`mae(y.price, d.t) <= ${bound}`]);
      expect([found!.head, found!.fault, found!.measures.map(({ bar }) => bar), others]).toEqual(['price', fault, [`>= -${bound}`, `>= -${bound}`], []]);
    }
    // It explains all.
    expect((await faults('Padded', ['r2(y.price, d.t) >= 70%']))[0]!.measures[0]!.bar).toBe('>= -0.3');
  });

  test('nobody is at fault where the swap surely keeps it, and where the old part does not', async () => {
    expect(await faults('New', ['r2(y.price, d.t) >= 10%'])).toEqual([]);
    // 1000 apart, whatever the vectors are.
    expect(await faults('Padded', ['mae(y.price, d.far) <= 9'])).toEqual([]);
  });
});
