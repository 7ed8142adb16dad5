/** A verification of two heads: each is judged by its own classes, and by what it may lose. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';
import { swapSource, world, type World } from './made-world.ts';

interface Measure {
  readonly name: string;
  readonly value: number;
  readonly bar?: string;
}
interface Swap {
  readonly gates: readonly { readonly gate: string; readonly measures: readonly Measure[]; readonly verdict: string }[];
  readonly heads: Readonly<Record<string, { readonly accuracy: { readonly own: number; readonly swapped: number } }>>;
  readonly attributions: readonly { readonly head: string; readonly fault: string }[];
}

/** The second head tells classes a and b from c and d, has its own column, and a guard, which gives the program an output more. */
const source = swapSource
  .replace('labels Kind = ["a", "b", "c", "d"]', 'labels Kind = ["a", "b", "c", "d"]\nlabels Pair = ["early", "late"]')
  .replace('model Before {', 'contract Seen = f32[batch, 16] where range [-1000, 1000] on violation report\nhead TellPair(e: Seen) -> f32[batch, Pair] where range [0, 1], sum(-1) == 1 weights "./pair.safetensors" = learned {\n  e |> linear(out: Pair) |> softmax\n}\nmodel Before {')
  .replace('output kind = Tell(Old(z))', 'output kind = Tell(Old(z))\n  output pair = TellPair(Old(z))')
  .replace('verify Swap {', 'fit TellPair { data d = "./heads.jsonl" loss cross_entropy(TellPair(Old(d.z)), d.pair) method prototypes }\nverify Swap {')
  .replace('swap Old with New', 'swap Old with Padded')
  .replace('require flips.negative <= 10%', 'require accuracy(y.pair, d.pair) >= baseline - 20%\n  require flips.negative <= 10%');

const jsonl = ({ x, y, labels }: World): string =>
  Array.from({ length: x.rows }, (_, i) => `${JSON.stringify({ z: [...x.data.subarray(16 * i, 16 * i + 16), ...y.data.subarray(16 * i, 16 * i + 16)], label: 'abcd'[labels[i]!], pair: labels[i]! < 2 ? 'early' : 'late' })}\n`).join('');

describe('two heads with labels of their own', () => {
  let swap: Swap;
  const made = createFolder({ 'package.json': '{ "name": "heads" }', 'a.mdl': source, 'heads.jsonl': jsonl(world(300, 1)), 'pairs.jsonl': jsonl(world(60, 2)), 'test.jsonl': jsonl(world(800, 3)) });
  beforeAll(async () => {
    await mdl(made.path, ['fit', 'a.mdl']);
    [swap] = (JSON.parse((await mdl(made.path, ['verify', 'a.mdl', '--json'])).stdout) as { results: { swaps: Swap[] }[] }).results[0]!.swaps as [Swap];
  });
  afterAll(() => made.remove());
  const measure = (gate: string, name: string): Measure => swap.gates.find((one) => one.gate.startsWith(gate))!.measures.find((one) => one.name === name)!;

  test('G3 counts each by its own column, as the metrics beside the gates do', () => {
    for (const head of ['kind', 'pair'])
      for (const side of ['own', 'swapped'] as const) expect(measure('G3', `accuracy of ${head}, ${side}`).value).toBeCloseTo(swap.heads[head]!.accuracy[side], 12);
    expect(swap.heads['pair']!.accuracy.own).toBeGreaterThan(0.9);
    // So do what it is compared with: a head trained anew on these classes.
    expect(swap.gates.find(({ gate }) => gate.startsWith('G3'))!.measures.find(({ name }) => name.startsWith('accuracy of pair, head retrained'))!.value).toBeGreaterThan(0.9);
  });

  test('each may lose what its own requirement says, also where examples are perturbed and in the built file', () => {
    expect(['kind', 'pair'].map((head) => measure('G3', `difference of ${head}`).bar)).toEqual(['>= -0.05', '>= -0.2']);
    expect(['kind', 'pair'].map((head) => measure('G7', `difference of ${head}`).bar)).toEqual(['>= -0.05', '>= -0.2']);
    expect(measure('G6', 'difference of pair with noise of 5 % of the deviation').bar).toBe('>= -0.2');
  });

  test('calibration and the directions of classes are judged of both', () => {
    expect(swap.gates.find(({ gate }) => gate.startsWith('G4'))!.measures.filter(({ name }) => name.startsWith('change of ECE')).map(({ name }) => name)).toEqual(['change of ECE of kind', 'change of ECE of pair']);
    expect(swap.gates.find(({ gate }) => gate.startsWith('G5'))!.measures.filter(({ name }) => name.startsWith('smallest')).map(({ name }) => name)).toEqual(['smallest cosine of class directions of kind', 'smallest cosine of class directions of pair']);
  });

  test('what they lose is laid to the adapter: the vectors know it, and were not carried over', () => {
    expect(swap.attributions).toEqual([expect.objectContaining({ head: 'kind', fault: 'adapter' }), expect.objectContaining({ head: 'pair', fault: 'adapter' })]);
  });
});

describe('outputs that rest on what is swapped, and that no requirement looks at', () => {
  /** Beside what is judged: a head, one field of a record, a cosine of the vectors; and the vectors themselves, and what does not rest on them. */
  const open = source
    .replace('\n  require accuracy(y.pair, d.pair) >= baseline - 20%', '\n  require cosine(y.both.vector, second(d.z)) >= 0.1')
    .replace('model Before {', 'contract Two { vector: f32[batch, 16]  double: f32[batch, 16] }\npart both(e: f32[batch, 16]) -> Two { { vector: e * 1, double: e * 2 } }\nmodel Before {')
    .replace('output pair = TellPair(Old(z))', 'output pair = TellPair(Old(z))\n  output both = both(Old(z))\n  output vectors = Old(z)\n  output other = first(z)');
  const made = createFolder({ 'package.json': '{ "name": "heads" }', 'a.mdl': open, 'heads.jsonl': jsonl(world(300, 1)), 'pairs.jsonl': jsonl(world(60, 2)), 'test.jsonl': jsonl(world(300, 3)) });
  beforeAll(async () => {
    const { code, stderr } = await mdl(made.path, ['fit', 'a.mdl']);
    if (code !== 0) throw new Error(stderr);
  });
  afterAll(() => made.remove());

  test('are named in the first line, below the gates, in JSON, in XML and in the report', async () => {
    const { stdout } = await mdl(made.path, ['verify', 'a.mdl', '--junit', 'verdict.xml']);
    expect(stdout).toMatch(/^Swap: FAIL, on 300 rows; not judged: pair, both\.double\n/);
    expect(stdout).toContain('\n    not judged    pair and both.double rest on what was swapped, and no requirement looks at them.\n');
    const xml = readFileSync(path.join(made.path, 'verdict.xml'), 'utf8');
    expect(xml).toMatch(/<testsuite name="Swap" [^>]*skipped="2">/);
    expect(xml).toMatch(/classname="Swap.Old by Padded in Before" name="pair">\s*<skipped message="not judged">pair rests on what was swapped, and no requirement looks at it\.<\/skipped>/);
    const { results } = JSON.parse((await mdl(made.path, ['verify', 'a.mdl', '--json'])).stdout) as { results: { notJudged: string[]; swaps: { notJudged: object }[] }[] };
    expect([results[0]!.notJudged, results[0]!.swaps[0]!.notJudged]).toEqual([['pair', 'both.double'], { outputs: ['pair', 'both.double'] }]);
    await mdl(made.path, ['report', 'a.mdl', '--format', 'md', '--out', 'report.md']);
    const report = readFileSync(path.join(made.path, 'report.md'), 'utf8');
    expect(report).toContain('- Not judged: pair and both.double rest on what was swapped, and no requirement looks at them.\n');
    expect(report).toContain('; not judged: pair, both.double |');
  });

  test('where all are judged nothing is said; a head for a head is an answer and no vector', async () => {
    const judged = open.replace('require flips.negative', 'require accuracy(y.pair, d.pair) >= 1%\n  require cosine(y.both.double, second(d.z)) >= 0.1\n  require flips.negative');
    const headsAlone = `${judged.slice(0, judged.indexOf('verify Swap'))}head Told(e: f32[batch, 16]) -> f32[batch, Kind] where range [0, 1], sum(-1) == 1 { Tell(e) }\nverify Heads {\n  swap Tell with Told in Before\n  data d = "./test.jsonl"\n  let y = Before(d.z)\n  require accuracy(Tell(Old(d.z)), d.label) >= 1%\n}\n`;
    writeFileSync(path.join(made.path, 'a.mdl'), judged);
    const { stdout } = await mdl(made.path, ['verify', 'a.mdl']);
    expect(stdout).toMatch(/^Swap: FAIL, on 300 rows\n/);
    expect(stdout).not.toContain('not judged');
    writeFileSync(path.join(made.path, 'a.mdl'), headsAlone);
    expect((await mdl(made.path, ['verify', 'a.mdl'])).stdout).toMatch(/^Heads: \w+, on 300 rows; not judged: kind\n/);
  });
});
