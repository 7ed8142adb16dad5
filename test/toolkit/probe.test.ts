/** `mdl probe` on made-up encoders: what it says of two spaces, and what it advises. */
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
