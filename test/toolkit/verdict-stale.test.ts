/** What makes a stored verdict stale, and that the warning names it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';
import { jsonl, swapSource, world } from './made-world.ts';

const source = swapSource.replace('output kind = Tell(Old(z))', 'output kind = Tell(Old(z))\n  budget { latency.p50 <= 60s on "cpu"  throughput >= 1 on "cpu" }');
const made = createFolder({ 'package.json': '{ "name": "swaps" }', 'a.mdl': source, 'heads.jsonl': jsonl(world(60, 1)), 'pairs.jsonl': jsonl(world(60, 2)), 'test.jsonl': jsonl(world(60, 3)) });
afterAll(() => made.remove());

const at = (name: string): string => path.join(made.path, name);
/** Of the warning the part that names what changed; undefined without one. */
async function stale(): Promise<string | undefined> {
  const { code, stdout } = await mdl(made.path, ['check', 'a.mdl', '--json', '--accept']);
  expect(code).toBe(0);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; notes: string[] }[] };
  return diagnostics.find((one) => one.code === 'verdict-stale')?.notes[0];
}

let codes: readonly number[];
beforeAll(async () => {
  codes = [(await mdl(made.path, ['fit', 'a.mdl'])).code, (await mdl(made.path, ['verify', 'a.mdl'])).code];
}, 60_000);

test('nothing does of which the answer does not speak', async () => {
  expect(codes).toEqual([0, 3]);
  writeFileSync(at('a.mdl'), `// A comment.\n${source.replace('heads.jsonl', 'other-heads.jsonl')}`);
  expect(await stale()).toBeUndefined();
  // What does not rest on the swap, and the vectors, which are judged.
  writeFileSync(at('a.mdl'), source.replace('\n  budget {', '\n  output vectors = Old(z)\n  output other = first(z)\n  budget {'));
  expect(await stale()).toBeUndefined();
});

test.each<[string, string, string, string]>([
  ['a budget', 'latency.p50 <= 60s', 'latency.p50 <= 50s', 'Another one now: the budget of `latency.p50` on "cpu".'],
  ['another limit of it', ' throughput >= 1 on "cpu"', ' memory <= 9GB on "cpu"', 'New: the budget of `memory` on "cpu". No longer there: the budget of `throughput` on "cpu".'],
  ['the margin', 'baseline - 5%', 'baseline - 4%', 'Another one now: what is required of `accuracy`.'],
  ['a requirement more', 'require flips.negative', 'require cka.p <= 0.01 require flips.negative', 'New: what is required of `cka.p`.'],
  ['a requirement less', '\n  require flips.negative <= 10%', '', 'No longer there: what is required of `flips.negative`.'],
  ['how the new vectors are made', 'adapter New(z: Both) -> f32[batch, 16] { Back(first(z)) }', 'adapter New(z: Both) -> f32[batch, 16] { Back(second(z)) }', 'Another one now: the model with the swap.'],
  ['an output that nobody judged', '\n  budget {', '\n  output double = 2 * Old(z)\n  budget {', 'New: the output `double` of `Before`, which no requirement looks at.'],
  ['what is judged', 'swap Old with New in', 'swap Old with Padded in', 'Another one now: the model with the swap. No longer there: the file back.safetensors.'],
])('%s', async (_, from, to, told) => {
  expect(source).toContain(from);
  writeFileSync(at('a.mdl'), source.replace(from, to));
  expect(await stale()).toBe(told);
});

test('where the data lie, and what is in them', async () => {
  writeFileSync(at('a.mdl'), source.replace('./test.jsonl', './held.jsonl'));
  renameSync(at('test.jsonl'), at('held.jsonl'));
  expect(await stale()).toBe('New: the data held.jsonl. No longer there: the data test.jsonl.');
  renameSync(at('held.jsonl'), at('test.jsonl'));
  writeFileSync(at('a.mdl'), source);
  const before = readFileSync(at('test.jsonl'));
  writeFileSync(at('test.jsonl'), jsonl(world(60, 4)));
  expect(await stale()).toBe('Another one now: the data test.jsonl.');
  rmSync(at('test.jsonl'));
  expect(await stale()).toBe('Another one now: the data test.jsonl.');
  writeFileSync(at('test.jsonl'), before);
  expect(await stale()).toBeUndefined();
});

test('weights that are learned anew, by the name of their file', async () => {
  for (const [part, data, file] of [['Back', 'pairs.jsonl', 'back.safetensors'], ['Tell', 'heads.jsonl', 'tell.safetensors']] as const) {
    const before = readFileSync(at(file));
    writeFileSync(at(data), jsonl(world(80, 9)));
    expect((await mdl(made.path, ['fit', 'a.mdl', part])).code).toBe(0);
    expect(await stale()).toBe(`Another one now: the file ${file}.`);
    writeFileSync(at(file), before);
  }
});

test('a list of an older version, which is none, still tells that something is another one', async () => {
  const lock = JSON.parse(readFileSync(at('mdl.lock'), 'utf8')) as { verdicts: Record<string, { grounds?: unknown; fingerprint: string }> };
  const verdict = lock.verdicts['a.mdl#Swap']!;
  delete verdict.grounds;
  verdict.fingerprint = '0'.repeat(64);
  writeFileSync(at('mdl.lock'), `${JSON.stringify(lock, undefined, 2)}\n`);
  expect(await stale()).toBe('Encoders, heads, bridges, data, requirements, budgets or the rules of the gates are others now.');
});
