/** Inputs that no perturbation is known for: G6 says nothing of the answers, and does not say PASS. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';
import { swapSource, world, type World } from './made-world.ts';

/** Whole numbers, which may be ids. */
const ids = ({ x, y, labels }: World): string =>
  Array.from({ length: x.rows }, (_, i) => `${JSON.stringify({ z: [...x.data.subarray(16 * i, 16 * i + 16), ...y.data.subarray(16 * i, 16 * i + 16)].map((value) => Math.round(1000 * value)), label: 'abcd'[labels[i]!] })}\n`).join('');

const made = createFolder({ 'package.json': '{ "name": "ids" }', 'a.mdl': swapSource, 'heads.jsonl': ids(world(300, 1)), 'pairs.jsonl': ids(world(400, 2)), 'test.jsonl': ids(world(600, 3)) });
afterAll(() => made.remove());

test('G6 is not judged: in the answer, in JSON, in JUnit and in the lock', async () => {
  expect((await mdl(made.path, ['fit', 'a.mdl'])).code).toBe(0);
  const told = /G6 robustness: No perturbation is known for these inputs\. 0\.\d+ \(.*\) of the bridged points lie farther out/;
  const text = await mdl(made.path, ['verify', 'a.mdl', '--junit', 'junit.xml']);
  expect(text.stdout).toMatch(new RegExp(`not judged {4}${told.source}`));
  expect(text.stdout).not.toMatch(/(PASS|FAIL|INCONCLUSIVE) +G6/);
  expect(readFileSync(path.join(made.path, 'junit.xml'), 'utf8')).toMatch(/name="G6 robustness">\n +<skipped message="not judged">G6 robustness: No perturbation/);
  expect(readFileSync(path.join(made.path, 'mdl.lock'), 'utf8')).not.toContain('"G6"');
  const { stdout } = await mdl(made.path, ['verify', 'a.mdl', '--json']);
  const { results: [{ swaps: [swap] }] } = JSON.parse(stdout) as { results: [{ swaps: [{ gates: { gate: string }[]; notJudged: { gates: { gate: string; why: string }[] } }] }] };
  expect(swap.gates.map(({ gate }) => gate.slice(0, 2))).toEqual(['G0', 'G1', 'G2', 'G3', 'G4', 'G5', 'G7']);
  expect(swap.notJudged.gates).toEqual([{ gate: 'G6 robustness', why: expect.stringContaining('No perturbation is known') }]);
});
