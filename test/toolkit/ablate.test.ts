/** `mdl verify --ablate` and `--bundle` where the right answer is known by construction. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../src/data/random.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { encodeModel, floats, node, valueInfo } from '../onnx/models.ts';

const width = 8;

/**
 * The new encoder. Its tap `early` holds the first number only, `whole` all of them; the result is turned by a quarter in the
 * plane of the first two, in which the classes are the four quadrants: each lies where its neighbour lay.
 */
const keep = (first: number, rest: number): number[] => Array.from({ length: width }, (_, i) => (i === 0 ? first : rest));
const turn = Array.from({ length: width * width }, (_, at) => {
  const [i, j] = [Math.floor(at / width), at % width];
  if (i < 2 && j < 2) return i === j ? 0 : i === 0 ? 1 : -1;
  return i === j ? 1 : 0;
});
const encoder = encodeModel({
  input: [valueInfo('x', ['batch', width])],
  output: [valueInfo('e', ['batch', width])],
  initializer: [floats('first', [width], keep(1, 0)), floats('others', [width], keep(0, 1)), floats('turn', [width, width], turn)],
  node: [node('Mul', ['x', 'first'], ['early']), node('Mul', ['x', 'others'], ['late']), node('Add', ['early', 'late'], ['whole']), node('MatMul', ['whole', 'turn'], ['e'])],
});

const source = `import { linear, softmax } from "std/nn"
labels Kind = ["a", "b", "c", "d"]
contract Vector = f32[batch, ${width}]
backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input x: f32[batch, ${width}]
  output e: f32[batch, ${width}] from "e"
  tap early: f32[batch, ${width}] from "early"
  tap whole: f32[batch, ${width}] from "whole"
}
adapter Back(e: Vector) -> f32[batch, ${width}] weights "./back.safetensors" = learned { e |> linear(out: ${width}) }
adapter Old(x: Vector) -> f32[batch, ${width}] { x }
adapter New(x: Vector) -> f32[batch, ${width}] { Back(Encoder(x).e) }
adapter Bare(x: Vector) -> f32[batch, ${width}] { Encoder(x).e }
head Tell(e: Vector) -> f32[batch, Kind] where range [0, 1], sum(-1) == 1 weights "./tell.safetensors" = learned { e |> linear(out: Kind) |> softmax }
model Before { input x: Vector output kind = Tell(Old(x)) }
model After { input x: Vector output kind = Tell(New(x)) }
model Turned { input x: Vector output kind = Tell(Bare(x)) }
model Renamed { input x: Vector output answer = Tell(New(x)) }
fit Tell { data d = "./heads.jsonl" loss cross_entropy(Tell(Old(d.x)), d.label) method prototypes }
fit Back { data d = "./pairs.jsonl" loss mse(Back(Encoder(d.x).e), Old(d.x)) method ridge(lambda: 1) }
verify Swap {
  swap Old with New in Before
  data d = "./test.jsonl"
  let y = Before(d.x)
  require accuracy(y.kind, d.label) >= baseline - 5%
}
verify Done {
  swap Old with New in After
  data d = "./test.jsonl"
  let y = After(d.x)
  require accuracy(y.kind, d.label) >= baseline - 5%
}
`;

/** Quadrants at (±5, ±4), and noise of deviation 0.5: 8 deviations from the next, so no example lies on another's side. */
function examples(rows: number, seed: number): string {
  const random = createRandom(seed);
  return Array.from({ length: rows }, () => {
    const label = random.integer(4);
    const centre = [label < 2 ? 5 : -5, label % 2 === 0 ? 4 : -4];
    return `${JSON.stringify({ x: Array.from({ length: width }, (_, i) => (centre[i] ?? 0) + 0.5 * random.normal()), label: 'abcd'[label] })}\n`;
  }).join('');
}

interface Seen {
  readonly value: number;
  readonly interval: { readonly low: number; readonly high: number };
}

interface Ablations {
  readonly head: string;
  readonly needed?: number;
  readonly components: readonly { readonly kept: number; readonly own: Seen; readonly bridged: Seen }[];
  readonly adapter: { readonly with: Seen; readonly without: Seen };
  readonly layers: readonly { readonly layer: string; readonly accuracy: Seen; readonly explained: number }[];
}

interface Swap {
  readonly gates: readonly { readonly gate: string; readonly verdict: string; readonly reason: string; readonly measures: readonly { readonly name: string; readonly value: number }[] }[];
  readonly ablations?: readonly Ablations[];
}

let folder: ReturnType<typeof createFolder>;
beforeAll(async () => {
  folder = createFolder({ 'package.json': '{ "name": "quadrants" }', 'a.mdl': source, 'encoder.onnx': encoder, 'heads.jsonl': examples(200, 1), 'pairs.jsonl': examples(200, 2), 'test.jsonl': examples(600, 3) });
  await succeeded(['fit', 'a.mdl']);
});
afterAll(() => folder.remove());

/** What has to be done before there is anything to test. */
async function succeeded(args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await mdl(folder.path, args);
  if (code !== 0) throw new Error(stdout + stderr);
}

async function verify(...more: readonly string[]): Promise<Swap> {
  const { stdout } = await mdl(folder.path, ['verify', 'a.mdl', 'Swap', '--json', ...more]);
  return (JSON.parse(stdout) as { results: { swaps: Swap[] }[] }).results[0]!.swaps[0]!;
}

/** Of the 300 rows that are judged, a share of a half has a standard deviation of .029: this is four of them. */
const isHalf = ({ value }: Seen): boolean => Math.abs(value - 0.5) < 0.12;

describe('ablations', () => {
  let found: Ablations;
  beforeAll(async () => void (found = (await verify('--ablate')).ablations![0]!));

  test('a head that looks at two numbers needs the first two components: by one it knows the half', () => {
    const { head, components, needed } = found;
    expect([head, needed, components.map(({ kept }) => kept)]).toEqual(['kind', 2, [1, 2, 4, 8]]);
    expect(components.map(({ own }) => (isHalf(own) ? 'half' : own.value))).toEqual(['half', 1, 1, 1]);
    expect(components.map(({ bridged }) => (isHalf(bridged) ? 'half' : bridged.value))).toEqual(['half', 1, 1, 1]);
  });

  test('without the adapter every example lies where another class lay', () => {
    expect([found.adapter.with.value, found.adapter.without.value]).toEqual([1, 0]);
  });

  test('the layer that holds one of the two numbers carries the half, the one that holds all carries all', () => {
    expect(found.layers.map(({ layer, accuracy }) => [layer, isHalf(accuracy) ? 'half' : accuracy.value])).toEqual([['early', 'half'], ['whole', 1]]);
    // Of the variance 25 + 16 + 8/4 = 43 the first number has 25.25: by hand.
    expect(found.layers[0]!.explained).toBeCloseTo(25.25 / 43, 1);
    expect(found.layers[1]!.explained).toBeGreaterThan(0.99);
  });
});

describe('a bundle that is there', () => {
  const gates = ({ gates: all }: Swap): Record<string, string> => Object.fromEntries(all.map(({ gate, verdict }) => [gate.slice(0, 2), verdict]));
  const measure = ({ gates: all }: Swap, name: string): number => all.flatMap(({ measures }) => measures).find((one) => one.name === name)!.value;
  const reason = ({ gates: all }: Swap): string => all.find(({ gate }) => gate.startsWith('G7'))!.reason;
  const build = async (model: string, ...more: readonly string[]): Promise<string> => {
    await succeeded(['build', 'a.mdl', '--model', model, '--out', 'shipped', ...more]);
    return path.join('shipped', model);
  };

  test('of the same model passes, and answers as what was verified', async () => {
    const swap = await verify('--bundle', await build('After'));
    expect([gates(swap)['G3'], gates(swap)['G7'], measure(swap, 'rows of another class')]).toEqual(['PASS', 'PASS', 0]);
  });

  test.each(['--weights=f16', '--split', '--link'])('of the same model passes however it was laid out: %s', async (layout) => {
    const swap = await verify('--bundle', await build('After', layout));
    expect([gates(swap)['G7'], measure(swap, 'rows of another class')]).toEqual(['PASS', 0]);
  });

  test('from before the swap fails at G7, which says what it was built without and what to type, though its accuracy is as it was', async () => {
    const bundle = await build('Before');
    const swap = await verify('--bundle', bundle);
    expect([gates(swap)['G3'], gates(swap)['G7']]).toEqual(['PASS', 'FAIL']);
    expect(reason(swap)).toContain('shipped/Before is not the model that was verified: it was built without back.safetensors, encoder.onnx. It was built from tell.safetensors. Put `New` in the place of `Old` in `Before`, then build it: `mdl build a.mdl --model Before --out shipped`.');
    // Neither class nor accuracy tells: the head answers alike on both.
    expect(measure(swap, 'rows of another class')).toBe(0);
    const done = await mdl(folder.path, ['verify', 'a.mdl', 'Done', '--bundle', bundle]);
    expect([done.code, done.stdout]).toEqual([1, expect.stringContaining('Build it again: `mdl build a.mdl --model After`.')]);
  });

  test('with a head that was learned otherwise fails at G7, by the digest of its file', async () => {
    const bundle = await build('After');
    const head = path.join(folder.path, 'tell.safetensors');
    const before = readFileSync(head);
    writeFileSync(path.join(folder.path, 'heads.jsonl'), examples(220, 11));
    await succeeded(['fit', 'a.mdl', 'Tell']);
    const swap = await verify('--bundle', bundle);
    writeFileSync(head, before);
    expect(gates(swap)['G7']).toBe('FAIL');
    expect(reason(swap)).toContain(`it was built with another tell.safetensors (${createHash('sha256').update(before).digest('hex').slice(0, 12)}, here `);
  });

  test('without the adapter fails at G7, though all that was verified before it is well', async () => {
    const swap = await verify('--bundle', await build('Turned'));
    // Half of the 600 rows are judged, and each has another class.
    expect([gates(swap)['G3'], gates(swap)['G7']]).toEqual(['PASS', 'FAIL']);
    expect(measure(swap, 'rows of another class')).toBeGreaterThanOrEqual(300);
  });

  test('of another interface is refused', async () => {
    const { code, stdout, stderr } = await mdl(folder.path, ['verify', 'a.mdl', 'Swap', '--bundle', await build('Renamed')]);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('has other inputs and outputs: `kind`');
  });
});
