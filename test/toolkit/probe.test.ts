/** `mdl probe` on made-up encoders: what it says of two spaces, and what it advises. */
import sharp from 'sharp';
import { afterEach, expect, test } from 'vitest';
import { createRandom } from '../../src/data/random.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

const source = `import { last } from "std/nn"
import { truncate } from "std/text"
contract Both = f32[batch, 16]
adapter First(z: Both) -> f32[batch, 8] { z |> truncate(to: 8) }
adapter Second(z: Both) -> f32[batch, 8] { z |> last(n: 8) }
probe Spaces { data "./z.jsonl" through First, Second }
`;

type Pair = (x: readonly number[], noise: () => number) => readonly number[];

const turn: Pair = (x) => x.map((_, i) => (i % 2 === 0 ? x[i + 1]! : -x[i - 1]!));
/** By what relates the second half of each vector to the first. */
const worlds: Readonly<Record<string, readonly [remedy: string, pair: Pair]>> = {
  'equal vectors need nothing': ['nothing', (x) => x],
  'another mean is to be centred': ['centre', (x) => x.map((v) => v + 3)],
  'another scale and mean are to be rescaled': ['rescale', (x) => x.map((v) => 4 * v - 2)],
  'turned vectors need a rotation': ['orthogonal', turn],
  'vectors that share nothing are refused': ['refuse', (x, noise) => x.map(noise)],
};

test.each(Object.keys(worlds))('%s', async (name) => {
  const [remedy, pair] = worlds[name]!;
  const random = createRandom(11);
  const rows = Array.from({ length: 150 }, () => {
    const x = Array.from({ length: 8 }, () => random.normal());
    return JSON.stringify({ z: [...x, ...pair(x, () => random.normal())] });
  });
  const folder = createFolder({ 'package.json': '{ "name": "spaces" }', 'a.mdl': source, 'z.jsonl': `${rows.join('\n')}\n` });
  folders.push(folder);
  const { code, stdout } = await mdl(folder.path, ['probe', 'a.mdl', '--json']);
  const [result] = (JSON.parse(stdout) as { results: { rows: number; joints: { from: string; to: string; advice: { remedy: string } }[] }[] }).results;
  expect([code, result!.rows, result!.joints.map(({ from, to, advice }) => `${from} to ${to}: ${advice.remedy}`)]).toEqual([0, 150, [`Second to First: ${remedy}`, `First to Second: ${remedy}`]]);
});

test('beside the R² of ridge stands its p, and no figure for chance: that of answers given to other rows is none', async () => {
  const random = createRandom(12);
  const rows = Array.from({ length: 150 }, () => {
    const x = Array.from({ length: 8 }, () => random.normal());
    return JSON.stringify({ z: [...x, ...x.map((value) => value + 0.5 * random.normal())] });
  });
  const folder = createFolder({ 'package.json': '{ "name": "spaces" }', 'a.mdl': source, 'z.jsonl': `${rows.join('\n')}\n` });
  folders.push(folder);
  const { stdout } = await mdl(folder.path, ['probe', 'a.mdl']);
  // The variance of the sum is 1.25, of which 1 is explained.
  const [, value] = /Second to First[^]*cross-validated R² by ridge: (\S+) \(\S+ to \S+\), p = 0\.0010\n/.exec(stdout)!;
  expect(Math.abs(Number(value) - 0.8)).toBeLessThan(0.06);
  expect(stdout).not.toMatch(/by ridge: .* by chance/);
  expect(stdout).toMatch(/CKA: .*, by chance -?0\.00\d\d, p = 0\.0010\n/);
});

const pictures = `adapter Colours(pixels: u8[N: batch, H: 2, W: 2, C: 3]) -> f32[batch, 12] { onnx.Cast(onnx.Flatten(pixels, axis: 1), to: f32) }
adapter Dimmed(pixels: u8[N: batch, H: 2, W: 2, C: 3]) -> f32[batch, 12] { onnx.Cast(onnx.Flatten(pixels, axis: 1), to: f32) * 0.5 }
probe Spaces { data "./photos" through Colours, Dimmed }
`;

test.each([['in folders of their classes', (i: number) => (i % 2 === 0 ? 'day/' : 'night/')], ['in one folder', () => '']] as const)('pictures %s are read, whatever the input is called', async (_, classOf) => {
  const random = createRandom(5);
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 40; i++) files[`photos/${classOf(i)}${i}.png`] = await sharp(Uint8Array.from({ length: 12 }, () => random.integer(256)), { raw: { width: 2, height: 2, channels: 3 } }).png().toBuffer();
  const folder = createFolder({ 'package.json': '{ "name": "spaces" }', 'a.mdl': pictures, ...files });
  folders.push(folder);
  const { code, stdout } = await mdl(folder.path, ['probe', 'a.mdl', '--json']);
  const [result] = (JSON.parse(stdout) as { results: { rows: number; joints: { from: string; advice: { remedy: string } }[] }[] }).results;
  expect([code, result!.rows, result!.joints.map(({ from, advice }) => [from, advice.remedy])]).toEqual([0, 40, [['Dimmed', 'rescale'], ['Colours', 'rescale']]]);
});

test('which of several columns is meant is asked, with those that there are', async () => {
  const folder = createFolder({ 'package.json': '{ "name": "spaces" }', 'a.mdl': source, 'z.jsonl': `${JSON.stringify({ a: [1], b: [2], label: 'x' })}\n` });
  folders.push(folder);
  const { code, stdout, stderr } = await mdl(folder.path, ['probe', 'a.mdl']);
  expect(code).toBe(1);
  expect(stdout + stderr).toContain('`z.jsonl` has no column `z`; it has `a`, `b`, `label`');
});
