/** Damaged bundles: whichever file was altered, cut short, lengthened or exchanged is refused before a session is made of it. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, MdlRuntimeError } from '../../src/runtime/index.ts';
import { safetensors } from '../check/world.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { encodeModel, floats, node, valueInfo } from '../onnx/models.ts';

const encoder = encodeModel({
  node: [node('MatMul', ['x', 'w'], ['e'])],
  input: [valueInfo('x', ['batch', 4])],
  output: [valueInfo('e', ['batch', 4])],
  initializer: [floats('w', [4, 4], Array.from({ length: 16 }, (_, i) => i))],
});
const source = `labels Answer = ["no", "yes"]
backbone Enc { source "./enc.onnx" input x: f32[batch, 4] from "x" output e: f32[batch, 4] from "e" }
head Own(e: f32[batch, 4]) -> f32[batch, Answer] weights "./own.safetensors" { param w: f32[4, Answer] onnx.MatMul(e, w) }
head Next(e: f32[batch, 4]) -> f32[batch, Answer] weights "./next.safetensors" { param w: f32[4, Answer] onnx.MatMul(e, w) }
model M { input x: f32[batch, 4] let e = Enc(x).e output answer = Own(e) output e = e }
golden M { data "./golden.jsonl" }
rollout Both of M { slot answer { arm Own 50% arm Next 50% } }`;
const weights = (by: number) => safetensors({ w: { dims: [4, 2], values: Array.from({ length: 8 }, (_, i) => by * i) } });

const project = createFolder({
  'package.json': '{ "name": "damaged" }',
  'm.mdl': source,
  'enc.onnx': encoder,
  'own.safetensors': weights(1),
  'next.safetensors': weights(2),
  // The encoder makes the sums of its columns, 24, 28, 32 and 36; the head's columns are 0, 2, 4, 6 and 1, 3, 5, 7.
  'golden.jsonl': `${JSON.stringify({ x: [1, 1, 1, 1], answer: [2 * 28 + 4 * 32 + 6 * 36, 24 + 3 * 28 + 5 * 32 + 7 * 36] })}\n`,
});
afterAll(() => project.remove());

const layouts: Readonly<Record<string, readonly string[]>> = { fused: [], linked: ['--link'], split: ['--split'] };
const bundles = new Map<string, Readonly<Record<string, Uint8Array>>>();
beforeAll(async () => {
  for (const [name, flags] of Object.entries(layouts)) {
    const { code, stderr } = await mdl(project.path, ['build', 'm.mdl', '--out', name, ...flags]);
    if (code !== 0) throw new Error(stderr);
    const folder = path.join(project.path, name, 'M');
    bundles.set(name, Object.fromEntries(readdirSync(folder).filter((file) => !file.endsWith('.d.ts')).map((file) => [file, new Uint8Array(readFileSync(path.join(folder, file)))])));
  }
});

type Damage = (bytes: Uint8Array, place: number, other: Uint8Array) => Uint8Array;
const damages: Readonly<Record<string, Damage>> = {
  altered: (bytes, place) => bytes.map((byte, i) => (i === Math.floor(place * bytes.length) ? byte ^ (1 << Math.floor(place * 8e6) % 8) : byte)),
  'cut short': (bytes, place) => bytes.slice(0, Math.floor(place * bytes.length)),
  lengthened: (bytes, place) => Uint8Array.from([...bytes, Math.floor(place * 256)]),
  exchanged: (_, __, other) => other,
};

describe.each(Object.keys(layouts))('%s', (layout) => {
  test('as it was built, it is loaded', async () => {
    const model = await load(bundles.get(layout)!, { device: 'cpu' });
    expect([...(await model.run({ x: [[1, 1, 1, 1]] }))['answer']!.data]).toEqual([400, 520]);
    await model.close();
  });

  test.each(Object.keys(damages))('a file that was %s is refused', async (kind) => {
    const files = bundles.get(layout)!;
    const names = Object.keys(files);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.constantFrom(...names), async (name, place, from) => {
        const bytes = damages[kind]!(files[name]!, place, files[from]!);
        // A manifest without its last line's end says what it said.
        fc.pre(Buffer.from(bytes).toString('latin1').trimEnd() !== Buffer.from(files[name]!).toString('latin1').trimEnd());
        const outcome = await load({ ...files, [name]: bytes }, { device: 'cpu' }).catch((error: unknown) => error);
        if (!(outcome instanceof MdlRuntimeError && /^(bundle|manifest)-/.test(outcome.code))) throw new Error(`${name} was ${kind} at ${place}, and the bundle was loaded, or ended in ${String(outcome)}`);
      }),
      { numRuns: 30 },
    );
  });
});
