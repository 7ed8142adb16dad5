/** `mdl verify` on examples that belong together: neither copies nor the rows of a group make a verdict surer than they are. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';
import { jsonl, swapSource, world } from './made-world.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

interface Answer {
  readonly verdict: string;
  readonly grouped?: { readonly count: number; readonly words: string };
  readonly swaps: readonly { readonly gates: readonly { readonly gate: string; readonly verdict: string; readonly reason: string; readonly rowsNeeded?: number; readonly counted?: string; readonly measures: readonly { readonly name: string; readonly interval?: unknown }[] }[] }[];
  readonly requirements: readonly { readonly verdict: string; readonly compared: { readonly interval: { readonly low: number; readonly high: number } } }[];
}

test('copies change no interval that counts, are told, and do not make a hundred of sixty', async () => {
  const lines = jsonl(world(420, 3)).trimEnd().split('\n');
  const grouped = lines.slice(0, 60).flatMap((line, group) => Array.from({ length: 20 }, (_, i) => line.replace(/"z":\[[^,]+,/, `"group":"page ${group}","z":[${i / 1000},`)));
  const made = createFolder({ 'package.json': '{ "name": "swaps" }', 'a.mdl': swapSource, 'heads.jsonl': jsonl(world(400, 1)), 'pairs.jsonl': jsonl(world(400, 2)), 'test.jsonl': `${lines.join('\n')}\n` });
  folders.push(made);
  expect((await mdl(made.path, ['fit', 'a.mdl'])).code).toBe(0);
  const answer = async (rows: readonly string[]): Promise<{ readonly json: Answer; readonly text: string }> => {
    writeFileSync(path.join(made.path, 'test.jsonl'), `${rows.join('\n')}\n`);
    return { json: (JSON.parse((await mdl(made.path, ['verify', 'a.mdl', '--json', '--no-history'])).stdout) as { results: Answer[] }).results[0]!, text: (await mdl(made.path, ['verify', 'a.mdl', '--no-history'])).stdout };
  };
  const [once, copied, pages] = [await answer(lines), await answer(lines.flatMap((line) => [line, line, line])), await answer(grouped)];
  expect(once.json.grouped).toBeUndefined();
  expect(copied.json.grouped).toEqual({ count: 420, words: 'different examples' });
  expect(copied.text).toContain('on 1,260 rows: 420 different examples');
  for (const [i, { verdict, compared: { interval } }] of once.json.requirements.entries()) {
    expect(copied.json.requirements[i]!.verdict).toBe(verdict);
    for (const bound of ['low', 'high'] as const) expect(copied.json.requirements[i]!.compared.interval[bound]).toBeCloseTo(interval[bound], 9);
  }
  expect(copied.json.swaps[0]!.gates.map(({ gate, verdict }) => [gate, verdict])).toEqual(once.json.swaps[0]!.gates.map(({ gate, verdict }) => [gate, verdict]));
  expect(pages.json).toMatchObject({ verdict: 'INCONCLUSIVE', grouped: { count: 60, words: 'groups' } });
  const open = pages.json.swaps[0]!.gates.filter(({ gate }) => gate !== 'G0 integrity');
  expect(open.map(({ verdict, counted }) => [verdict, counted])).toEqual(open.map(() => ['INCONCLUSIVE', 'groups']));
  expect(pages.text).toMatch(/G3 function: \d\d groups are too few to tell skill from luck\. About \d+ groups would decide\./);
});

test('fewer than a hundred rows pass no requirement, of flips and of neighbours neither, and are told beside the metrics', async () => {
  const text = swapSource.replace('require flips.negative <= 10%', 'require flips.negative <= 90%\n  require recall.kept >= 1%');
  const made = createFolder({ 'package.json': '{ "name": "swaps" }', 'a.mdl': text, 'heads.jsonl': jsonl(world(400, 1)), 'pairs.jsonl': jsonl(world(400, 2)), 'test.jsonl': jsonl(world(90, 3)) });
  folders.push(made);
  expect((await mdl(made.path, ['fit', 'a.mdl'])).code).toBe(0);
  const [result] = (JSON.parse((await mdl(made.path, ['verify', 'a.mdl', '--json', '--no-history'])).stdout) as { results: { judged: number; requirements: { text: string; verdict: string; rowsNeeded?: number }[] }[] }).results;
  // All rows but those for temperatures, 85 %: of 122 examples 100 or more fall there in 86 of 100 draws, of 120 in 74 (scipy's binom). The queries are all examples.
  const { judged, requirements } = result!;
  expect(judged).toBeLessThan(90);
  expect(requirements.map(({ verdict, rowsNeeded }) => [verdict, rowsNeeded])).toEqual([expect.any(Array), ['INCONCLUSIVE', 122], ['INCONCLUSIVE', 100]]);
  const { stdout } = await mdl(made.path, ['verify', 'a.mdl', '--no-history']);
  expect(stdout).toContain(`\n    kind, on ${judged} rows: accuracy `);
});
