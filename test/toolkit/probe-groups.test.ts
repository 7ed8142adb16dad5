/** `mdl probe` on examples that belong together: a map is not scored on copies of what it learned, nor are copies anybody's neighbours. */
import { afterEach, expect, test } from 'vitest';
import { createRandom } from '../../src/data/random.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

const source = `import { last } from "std/nn"
import { truncate } from "std/text"
contract Both = f32[batch, 24]
adapter First(z: Both) -> f32[batch, 12] { z |> truncate(to: 12) }
adapter Second(z: Both) -> f32[batch, 12] { z |> last(n: 12) }
probe Spaces { data "./z.jsonl" through First, Second }
`;

interface Probed {
  readonly grouped?: { readonly count: number; readonly words: string };
  readonly joints: readonly { readonly measures: Readonly<Record<string, { readonly value: number; readonly interval?: { readonly low: number; readonly high: number } }>> }[];
}

async function probe(lines: readonly unknown[]): Promise<{ readonly code: number; readonly stdout: string; readonly result: Probed }> {
  const made = createFolder({ 'package.json': '{ "name": "probes" }', 'a.mdl': source, 'z.jsonl': lines.map((line) => `${JSON.stringify(line)}\n`).join('') });
  folders.push(made);
  const { code, stdout } = await mdl(made.path, ['probe', 'a.mdl', '--json', '--no-history']);
  return { code, stdout, result: code === 0 ? (JSON.parse(stdout) as { results: Probed[] }).results[0]! : { joints: [] } };
}

test('copies and groups are kept together, and as many as they are', async () => {
  const random = createRandom(4);
  const examples = Array.from({ length: 40 }, () => {
    const x = Array.from({ length: 12 }, () => random.normal());
    return [...x, ...x.map((value) => 0.5 * value + random.normal())];
  });
  const once = await probe(examples.map((z) => ({ z })));
  const copied = await probe(Array.from({ length: 12 }, () => examples).flat().map((z) => ({ z })));
  const grouped = await probe(examples.flatMap((z, group) => Array.from({ length: 12 }, () => ({ z: z.map((value) => value + 0.001 * random.normal()), group: `page ${group}` }))));
  expect([once.code, copied.code, grouped.code]).toEqual([0, 0, 0]);
  expect([once.result.grouped, copied.result.grouped, grouped.result.grouped]).toEqual([undefined, { count: 40, words: 'different examples' }, { count: 40, words: 'groups' }]);
  const measures = (probed: typeof once) => probed.result.joints[0]!.measures;
  for (const name of ['CKA', 'shared neighbours', 'Procrustes distance²']) expect(measures(copied)[name]!.value, name).toBeCloseTo(measures(once)[name]!.value, 5);
  for (const probed of [copied, grouped]) {
    expect(measures(probed)['CKA']!.value).toBeCloseTo(measures(once)['CKA']!.value, 2);
    // A map that has learned the copies explains nearly all of them; of other examples it explains next to nothing.
    expect(measures(probed)['cross-validated R² by ridge']!.value).toBeLessThan(measures(once)['cross-validated R² by ridge']!.value + 0.1);
  }
});

test('fewer than ten rows are refused as fewer than ten examples are', async () => {
  const random = createRandom(5);
  const { code, stdout } = await probe(Array.from({ length: 9 }, () => ({ z: Array.from({ length: 24 }, () => random.normal()) })));
  expect([code, stdout]).toEqual([1, expect.stringContaining('it has 9 rows, and a probe needs 10')]);
});

test('copies of fewer than ten examples are refused', async () => {
  const { code, stdout } = await probe(Array.from({ length: 90 }, (_, i) => ({ z: Array.from({ length: 24 }, (__, j) => (i % 9) * j + (j % (1 + (i % 9)))) })));
  expect([code, stdout]).toEqual([1, expect.stringContaining('it has 9 different examples, and a probe needs 10')]);
});
