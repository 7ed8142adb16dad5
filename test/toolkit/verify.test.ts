/** `mdl verify` on made-up encoders: what passes, what has to fail, and what stays open. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { rulesVersion } from '../../src/align/verify/gate.ts';
import { checkProject, createProject } from '../../src/cli/project/project.ts';
import { createRandom } from '../../src/data/random.ts';
import { budgetsAmong, fingerprintOfGrounds, verdictGrounds } from '../../src/toolkit/verify/verdicts.ts';
import { randomMatrix } from '../align/kernel-session.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { jsonl, shuffled, swapSource as source, world, type World } from './made-world.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

/** Each class a point, and noise about it that knows nothing of the example. */
function noise(rows: number, seed: number): World {
  const { y, labels } = world(rows, seed);
  const random = createRandom(seed);
  const centres = randomMatrix(4, 16, 7);
  return { y, labels, x: { ...y, data: y.data.map((_, at) => 3 * centres.data[labels[Math.floor(at / 16)]! * 16 + (at % 16)]! + random.normal()) } };
}

/** True vectors whose partners are others of their class. */
interface Answer {
  readonly code: number;
  readonly verdict: string;
  readonly gates: Readonly<Record<string, string>>;
  readonly folder: string;
}

async function verify({ pairs, test: held, text = source }: { pairs: World; test: World; text?: string }): Promise<Answer> {
  const made = createFolder({ 'package.json': '{ "name": "swaps" }', 'a.mdl': text, 'heads.jsonl': jsonl(world(400, 1)), 'pairs.jsonl': jsonl(pairs), 'test.jsonl': jsonl(held) });
  folders.push(made);
  const fitted = await mdl(made.path, ['fit', 'a.mdl']);
  expect([fitted.code, fitted.stderr]).toEqual([0, expect.not.stringContaining('error[')]);
  const { code, stdout } = await mdl(made.path, ['verify', 'a.mdl', '--json', '--junit', 'verdict.xml']);
  const [result] = (JSON.parse(stdout) as { results: { verdict: string; swaps: { gates: { gate: string; verdict: string }[] }[] }[] }).results;
  return { code, verdict: result!.verdict, gates: Object.fromEntries(result!.swaps[0]!.gates.map(({ gate, verdict }) => [gate.slice(0, 2), verdict])), folder: made.path };
}

/** What a verdict of other rules would have been stored under. */
async function fingerprintUnder(rules: number, folder: string): Promise<string> {
  const project = createProject({ cwd: folder, env: {} });
  const { tools } = await checkProject(project, [pathToFileURL(path.join(folder, 'a.mdl')).href], 'locked');
  const [found] = tools.flatMap(({ tool, lowerTerms }) => (tool.kind === 'verify' ? [fingerprintOfGrounds(verdictGrounds(tool, { host: project.host, lowerTerms, budgets: budgetsAmong(tools), rules })!)] : []));
  return found!;
}

test('true pairs pass; the verdict is kept, and stale once the rules or the bridge are others', async () => {
  const { code, verdict, gates, folder } = await verify({ pairs: world(400, 2), test: world(1800, 3) });
  expect([code, verdict, gates]).toEqual([0, 'PASS', { G0: 'PASS', G1: 'PASS', G2: 'PASS', G3: 'PASS', G4: 'PASS', G5: 'PASS', G6: 'PASS', G7: 'PASS' }]);
  const lockFile = path.join(folder, 'mdl.lock');
  const stored = readFileSync(lockFile, 'utf8');
  const lock = JSON.parse(stored) as { verdicts: Record<string, { verdict: string; rows: number; date: string; fingerprint: string }> };
  expect(lock.verdicts).toMatchObject({ 'a.mdl#Swap': { verdict: 'PASS', rows: 1800, date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string } });
  const junit = readFileSync(path.join(folder, 'verdict.xml'), 'utf8');
  expect(junit).toContain('<testsuite name="Swap" tests="10" failures="0" errors="0" skipped="0">');
  expect((await mdl(folder, ['check', 'a.mdl'])).stdout).not.toContain('verdict-stale');
  const { fingerprint } = lock.verdicts['a.mdl#Swap']!;
  expect(await fingerprintUnder(rulesVersion, folder)).toBe(fingerprint);
  writeFileSync(lockFile, stored.replace(fingerprint, await fingerprintUnder(rulesVersion - 1, folder)));
  expect((await mdl(folder, ['check', 'a.mdl'])).stdout).toContain('warning[verdict-stale]');
  writeFileSync(lockFile, stored);
  writeFileSync(path.join(folder, 'pairs.jsonl'), jsonl(world(300, 4)));
  expect((await mdl(folder, ['fit', 'a.mdl', 'Back'])).code).toBe(0);
  expect((await mdl(folder, ['check', 'a.mdl'])).stdout).toMatch(/warning\[verdict-stale\]: the verdict on `Swap`, PASS of \d/);
});

test('an encoder of noise that is clustered by class fails at G2, though the head scores as before', async () => {
  const { code, gates } = await verify({ pairs: noise(400, 2), test: noise(500, 3) });
  expect([code, gates['G2'], gates['G3']]).toEqual([1, 'FAIL', 'PASS']);
});

test('a bridge from pairs that were shuffled within their class fails at G2, though the test pairs are true', async () => {
  const { code, gates } = await verify({ pairs: shuffled(400, 2), test: world(500, 3) });
  expect([code, gates['G2']]).toEqual([1, 'FAIL']);
});

test('40 rows stay open', async () => {
  const { code, verdict } = await verify({ pairs: world(400, 2), test: world(40, 3) });
  expect([code, verdict]).toEqual([3, 'INCONCLUSIVE']);
});

test('vectors that nobody carried over fail', async () => {
  const { code, gates } = await verify({ pairs: world(400, 2), test: world(400, 3), text: source.replace('swap Old with New', 'swap Old with Padded') });
  expect([code, gates['G2'], gates['G3']]).toEqual([1, 'FAIL', 'FAIL']);
});

test('a test on what the bridge was learned from fails at G0', async () => {
  const { code, gates } = await verify({ pairs: world(400, 2), test: world(400, 2) });
  expect([code, gates['G0']]).toEqual([1, 'FAIL']);
});

test('a budget is measured and judged, and ablations say what the head needs', async () => {
  const text = source.replace('output kind = Tell(Old(z))', 'output kind = Tell(Old(z))\n  budget { latency.p50 <= 60s latency.p99 <= 1ms throughput >= 1 }').replace('with New', 'with Padded').replace('require flips.negative <= 10%', 'require recall.kept >= 90%');
  const made = createFolder({ 'package.json': '{ "name": "swaps" }', 'a.mdl': text, 'heads.jsonl': jsonl(world(300, 1)), 'pairs.jsonl': jsonl(world(60, 2)), 'test.jsonl': jsonl(world(300, 3)) });
  folders.push(made);
  expect((await mdl(made.path, ['fit', 'a.mdl'])).code).toBe(0);
  const { stdout } = await mdl(made.path, ['verify', 'a.mdl', '--json', '--ablate']);
  interface Ablation { readonly head: string; readonly needed?: number; readonly components: readonly { readonly kept: number; readonly variance: number; readonly own: { readonly value: number } }[] }
  const [result] = (JSON.parse(stdout) as { results: { requirements: { text: string; verdict: string; compared: { value: number } }[]; budgets: { text: string; verdict: string; compared: { value: number } }[]; swaps: { ablations: Ablation[]; matrix: { through: string; metric: string; found: { value: number } }[] }[] }[] }).results;
  // Vectors that nobody carried over find hardly any neighbour.
  const retrieval = result!.requirements.find(({ text: said }) => said.includes('recall.kept'))!;
  expect(retrieval).toMatchObject({ verdict: 'FAIL', compared: { value: expect.any(Number) as number } });
  expect(retrieval.compared.value).toBeLessThan(0.3);
  const [p50, p99, rate] = result!.budgets;
  expect([p50!.verdict, rate!.verdict]).toEqual(['PASS', 'PASS']);
  const limits = 'latency\\.p50 <= 60s PASS, latency\\.p99 <= 1ms (?:PASS|FAIL|INCONCLUSIVE), throughput >= 1 PASS';
  const checked = async (): Promise<string> => (await mdl(made.path, ['check', 'a.mdl'])).stdout;
  expect(await checked()).toMatch(new RegExp(`^  left to be measured: [^\\n]*\\n  measured with Padded for Old by verify Swap on [\\d-]+: ${limits}(?:; all of verify Swap, its gates too: FAIL)?$`, 'm'));
  // Once the model calls what was put in, it is the model as it stands that is measured.
  writeFileSync(path.join(made.path, 'a.mdl'), text.replace('Tell(Old(z))', 'Tell(Padded(z))').replace(' latency.p99 <= 1ms', ''));
  expect(await checked()).toMatch(/^ {2}left to be measured: latency\.p50 <= 60s, throughput >= 1$/m);
  await mdl(made.path, ['verify', 'a.mdl']);
  expect(await checked()).toMatch(/^ {2}measured by verify Swap on [\d-]+: latency\.p50 <= 60s PASS, throughput >= 1 PASS; all of verify Swap, its gates too: FAIL$/m);
  // A lock that does not keep what came of each limit says what all of it said, and of what.
  const lock = readFileSync(path.join(made.path, 'mdl.lock'), 'utf8');
  writeFileSync(path.join(made.path, 'mdl.lock'), lock.replace(/,\s*"budgets": \{[^}]*\}/, ''));
  expect(await checked()).toMatch(/^ {2}measured by verify Swap on [\d-]+: latency\.p50 <= 60s, throughput >= 1; all of verify Swap, its gates too: FAIL$/m);
  expect(p50!.compared.value).toBeGreaterThan(0);
  expect(p99!.compared.value).toBeGreaterThanOrEqual(p50!.compared.value);
  const { ablations, matrix } = result!.swaps[0]!;
  expect(matrix.map(({ through, metric }) => `${metric} ${through}`)).toEqual(['accuracy Old', 'accuracy Padded']);
  const { head, components, needed } = ablations[0]!;
  expect([head, components.map(({ kept }) => kept), components.at(-1)!.variance]).toEqual(['kind', [1, 2, 4, 8, 16], 1]);
  // Four classes about four centres lie in three directions; one shows two at best.
  expect(needed).toBeGreaterThan(1);
  expect(components[0]!.own.value).toBeLessThan(components.at(-1)!.own.value);
});

test('a part that gives NaN fails at G0, which says which and for how many rows; too few groups to divide are refused', async () => {
  const text = `head Old(x: f32[batch, 2]) -> f32[batch, 2] where range [0, 1] { onnx.Softmax(x, axis: -1) }
head New(x: f32[batch, 2]) -> f32[batch, 2] where range [0, 1] { onnx.Softmax(onnx.Log(x), axis: -1) }
model App {
  input x: f32[batch, 2]
  output y = Old(x)
}
verify Swap { swap Old with New in App data d = "./rows.jsonl" let y = App(d.x) require accuracy(y.y, d.label) >= baseline - 5% }
`;
  const random = createRandom(3);
  const rows = (group: object): string => Array.from({ length: 200 }, (_, i) => `${JSON.stringify({ x: [random.normal(), random.normal()], label: i % 2, ...group })}\n`).join('');
  const verified = async (program: string, data: string): Promise<string> => {
    const made = createFolder({ 'package.json': '{ "name": "swaps" }', 'a.mdl': program, 'rows.jsonl': data });
    folders.push(made);
    const { code, stderr } = await mdl(made.path, ['verify', 'a.mdl']);
    return `${code} ${stderr.slice(stderr.indexOf('error[')).replace(/\s+/g, ' ')}`;
  };
  const data = rows({});
  // The logarithm of a negative number is none, and the softmax hands it on to the whole row.
  const broken = data.trimEnd().split('\n').flatMap((line, i) => ((JSON.parse(line) as { x: number[] }).x.some((value) => value < 0) ? [i + 1] : []));
  const made = createFolder({ 'package.json': '{ "name": "nan" }', 'a.mdl': text, 'rows.jsonl': data });
  folders.push(made);
  const { code, stdout, stderr } = await mdl(made.path, ['verify', 'a.mdl', '--junit', 'verdict.xml']);
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toContain(`FAIL          G0 integrity: \`New\` gives NaN or infinity for ${broken.length} of 200 rows, row ${broken[0]} the first. \`y\` after the swap gives NaN or infinity for ${broken.length} of 200 rows`);
  expect(stdout).not.toMatch(/`Old` gives|before the swap gives|G1 alignment/);
  expect(stdout).toContain('INCONCLUSIVE  accuracy(y.y, d.label) >= baseline - 5%: not measured, for what G0 tells');
  expect(readFileSync(path.join(made.path, 'verdict.xml'), 'utf8')).toMatch(/tests="2" failures="1" errors="1"[^]*name="G0 integrity">\s*<failure message="FAIL">`New` gives NaN or infinity/);
  const { results } = JSON.parse((await mdl(made.path, ['verify', 'a.mdl', '--json'])).stdout) as { results: { verdict: string; swaps: { gates: { gate: string; verdict: string }[] }[] }[] };
  expect([results[0]!.verdict, results[0]!.swaps[0]!.gates.map(({ gate, verdict }) => [gate, verdict])]).toEqual(['FAIL', [['G0 integrity', 'FAIL']]]);
  // A verdict that failed at G0 rests on the rules of the gates as any other does, and on no others.
  const lock = JSON.parse(readFileSync(path.join(made.path, 'mdl.lock'), 'utf8')) as { verdicts: Record<string, { grounds: Record<string, string> }> };
  expect(Object.keys(lock.verdicts['a.mdl#Swap']!.grounds).filter((ground) => ground.includes('rules'))).toEqual(['the rules of the gates']);
  expect((await mdl(made.path, ['check', 'a.mdl'])).stderr).not.toContain('verdict-stale');
  expect((await mdl(made.path, ['report', 'a.mdl', '-o', 'report.html'])).code).toBe(0);
  expect(readFileSync(path.join(made.path, 'report.html'), 'utf8')).toContain('gives NaN or infinity for');
  expect(await verified(text.replace('onnx.Log(x)', 'x'), rows({ group: 'one' }))).toMatch(/^1 error\[data-rows\]: .* have 1 different value in `group`/);
});
