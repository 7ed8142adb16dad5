/** A verification of two heads: each is judged by its own classes, and by what it may lose. */
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
