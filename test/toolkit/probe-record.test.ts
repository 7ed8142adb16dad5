/** What `mdl probe` writes down, and what `mdl check` and a later probe make of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { kernelModel, type KernelNode } from '../../src/align/kernels/graph.ts';
import { createRandom } from '../../src/data/random.ts';
import { driftText } from '../../src/cli/show/show-probe.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

/** x, then what the nodes make of it, one after the other. */
const network = (...nodes: readonly KernelNode[]): Uint8Array =>
  kernelModel({ name: 'network', inputs: [{ name: 'x', dtype: 'f32', rank: 2 }], nodes, outputs: [{ name: nodes.at(-1)!.output, dtype: 'f32', rank: 2 }] });

const encoder = network({ op: 'Neg', inputs: ['x'], output: 'turned' }, { op: 'Add', inputs: ['turned', 'turned'], output: 'e' });

const source = (facts = ''): string => `backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input x: f32[batch, 4]
  output e: f32[batch, 4]${facts} from "e"
  tap turned: f32[batch, 4] from "turned"
}
probe Vectors {
  data "./x.jsonl"
  through Encoder
  taps turned
}
`;

interface World {
  readonly rows?: number;
  readonly seed: number;
  readonly change?: (row: number[]) => number[];
}

function data({ rows = 100, seed, change = (row) => row }: World): string {
  const random = createRandom(seed);
  return Array.from({ length: rows }, () => `${JSON.stringify({ x: change(Array.from({ length: 4 }, () => random.normal())) })}\n`).join('');
}

function project(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = createFolder({ 'package.json': '{ "name": "vectors" }', 'a.mdl': source(), 'encoder.onnx': encoder, 'x.jsonl': data({ seed: 1 }), ...files });
  folders.push(folder);
  return folder.path;
}

test('the lock keeps between what all rows lay; a tap is a space of its own, and the layers are compared', async () => {
  const folder = project({ 'x.jsonl': Array.from({ length: 12 }, (_, i) => `${JSON.stringify({ x: [i, 1, 0, -1] })}\n`).join('') });
  const { code, stdout } = await mdl(folder, ['probe', 'a.mdl', '--json']);
  const [result] = (JSON.parse(stdout) as { results: { spaces: { part: string }[]; maps: { rows: string[]; cka: number[][] }[] }[] }).results;
  expect([code, result!.spaces.map(({ part }) => part)]).toEqual([0, ['Encoder.turned', 'Encoder']]);
  const [map] = result!.maps;
  expect(map!.rows).toEqual(['Encoder.turned', 'Encoder']);
  // One layer is twice the other: CKA does not see scales.
  expect(map!.cka.flat().every((value) => Math.abs(value - 1) < 1e-6)).toBe(true);
  const lock = JSON.parse(readFileSync(path.join(folder, 'mdl.lock'), 'utf8')) as { probes: Record<string, { rows: number; spaces: Record<string, unknown> }> };
  // The rows of the result are -2 (i, 1, 0, -1): by hand.
  expect(lock.probes['a.mdl#Vectors']).toMatchObject({
    rows: 12,
    spaces: { Encoder: { columns: 4, finite: true, range: [-22, 2], norm: [Number(Math.sqrt(8).toPrecision(8)), Number((2 * Math.sqrt(123)).toPrecision(8))], sum: [-22, 0], mean: [-5.5, 0] } },
  });
});

test('check names what is declared and was measured otherwise, and nothing that holds', async () => {
  const folder = project({ 'a.mdl': source(' where norm(-1) == 1 +- 1e-3, range [-100, 100]') });
  expect((await mdl(folder, ['check', 'a.mdl'])).stdout).not.toContain('measured');
  await mdl(folder, ['probe', 'a.mdl']);
  const { stdout, code } = await mdl(folder, ['check', 'a.mdl']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/warning\[measured-contradicts\]: `norm\(-1\) == 1 \+- 0\.001` is declared of `Encoder`, and a norm from \d\.\d+ to \d+\.\d+ was measured on 100 rows/);
  expect(stdout).toContain('1 warning in 1 file');
  writeFileSync(path.join(folder, 'encoder.onnx'), network({ op: 'Neg', inputs: ['x'], output: 'turned' }, { op: 'Neg', inputs: ['turned'], output: 'e' }));
  const later = await mdl(folder, ['check', 'a.mdl']);
  expect(later.stdout).toContain('warning[probe-stale]: what `probe Vectors` measured on ');
});

/** Minus twice a vector of length 1/2 has the length 1: of which the graph says nothing. */
const halves = (row: number[]): number[] => row.map((value) => value / 2 / Math.hypot(...row));
const unitSource = `contract Unit = f32[batch, 4] where norm(-1) == 1 +- 1e-3
contract Tested = f32[batch, 4] where norm(-1) == 1 +- 1e-3 on violation reject
backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input x: f32[batch, 4]
  output e: f32[batch, 4] where norm(-1) == 1 +- 1e-3, finite from "e"
}
part plain(e: Unit) -> f32[batch, 4] { e }
part tested(e: Tested) -> f32[batch, 4] { e }
model Vectors {
  input x: f32[batch, 4]
  let e = Encoder(x).e
  output e = e
  output a = plain(e)
  output b = tested(e)
}
`;

interface Joints {
  readonly models: readonly { readonly joints: readonly { readonly to: string; readonly requirements: readonly { readonly what: string; readonly evidence: string; readonly because?: string }[] }[]; readonly guards: readonly { readonly to: string; readonly what: string; readonly needed: boolean }[] }[];
}

async function checked(folder: string): Promise<{ readonly norm: (joint: string) => unknown; readonly guards: readonly unknown[] }> {
  const { stdout } = await mdl(folder, ['check', 'a.mdl', '--json']);
  const [model] = (JSON.parse(stdout) as Joints).models;
  return {
    norm: (joint) => model!.joints.find(({ to }) => to === joint)!.requirements.find(({ what }) => what.startsWith('norm')),
    guards: model!.guards.map(({ to, what, needed }) => [to, what, needed]),
  };
}

test('what a probe found true is measured at joints, and in the manifest; guards stay, and another encoder takes it back', async () => {
  const folder = project({
    'a.mdl': unitSource,
    // The probe imports what it measures: it is no part of what is checked and built.
    'probe.mdl': 'import { Encoder } from "./a.mdl"\nprobe Lengths { data "./x.jsonl" through Encoder }\n',
    'x.jsonl': data({ seed: 5, change: halves }),
  });
  const what = 'norm(-1) == 1 +- 0.001';
  const before = await checked(folder);
  expect(before.norm('plain.e')).toEqual({ what, evidence: 'declared' });
  expect((await mdl(folder, ['probe', 'probe.mdl'])).code).toBe(0);
  const lock = JSON.parse(readFileSync(path.join(folder, 'mdl.lock'), 'utf8')) as { probes: Record<string, { date: string }> };
  const because = `probe Lengths on ${lock.probes['probe.mdl#Lengths']!.date}: a norm of 1 on 100 rows`;
  const after = await checked(folder);
  expect(after.norm('plain.e')).toEqual({ what, evidence: 'measured', because });
  expect(after.norm('tested.e')).toEqual({ what, evidence: 'enforced' });
  expect(after.guards).toEqual(before.guards);
  expect(after.guards).toContainEqual(['tested.e', what, true]);
  const explained = await mdl(folder, ['check', 'a.mdl', '--explain', 'Encoder.e']);
  expect(explained.stdout).toContain(`${what} (measured: ${because}), finite (measured: probe Lengths on `);

  expect((await mdl(folder, ['build', 'a.mdl'])).code).toBe(0);
  const manifest = JSON.parse(readFileSync(path.join(folder, 'dist/Vectors/manifest.json'), 'utf8')) as { outputs: { name: string; tensor: { facts: unknown[] } }[] };
  const facts = manifest.outputs.find(({ name }) => name === 'e')!.tensor.facts;
  expect(facts).toContainEqual({ kind: 'norm', axis: -1, value: 1, tolerance: 0.001, evidence: 'measured', because });
  expect(readFileSync(path.join(folder, 'dist/Vectors/model.d.ts'), 'utf8')).toContain(`(measured: ${because})`);

  writeFileSync(path.join(folder, 'encoder.onnx'), network({ op: 'Neg', inputs: ['x'], output: 'turned' }, { op: 'Neg', inputs: ['turned'], output: 'e' }));
  expect((await checked(folder)).norm('plain.e')).toEqual({ what, evidence: 'declared' });
});

const worlds: Readonly<Record<string, readonly [code: number, moved: readonly string[], world: World]>> = {
  'the same rows': [0, [], { seed: 1 }],
  'other rows of the same world': [0, [], { seed: 2 }],
  'one column that moved': [1, ['all columns together', 'column 2'], { seed: 3, change: ([a, b, c, d]) => [a!, b!, c! + 1, d!] }],
  'all twice as large': [1, ['norm of a row', 'mean |a| of a row'], { seed: 4, change: (row) => row.map((v) => 2 * v) }],
};

test.each(Object.keys(worlds))('against a record: %s', async (name) => {
  const [wanted, moved, world] = worlds[name]!;
  const folder = project({});
  expect((await mdl(folder, ['probe', 'a.mdl', '--record', 'reference.json'])).code).toBe(0);
  writeFileSync(path.join(folder, 'x.jsonl'), data(world));
  const { code, stdout } = await mdl(folder, ['probe', 'a.mdl', '--against', 'reference.json', '--json']);
  const [result] = (JSON.parse(stdout) as { results: { sameEncoders: boolean; sameData: boolean; spaces: { drift: { moved: { statistic: string }[] } }[] }[] }).results;
  const found = result!.spaces.at(-1)!.drift.moved.map(({ statistic }) => statistic);
  expect([code, result!.sameEncoders, result!.sameData]).toEqual([wanted, true, world.seed === 1]);
  for (const statistic of moved) expect(found).toContain(statistic);
  if (moved.length === 0) expect(found).toEqual([]);
});

test('8 rows are too few to say that nothing moved', async () => {
  const folder = project({});
  expect((await mdl(folder, ['probe', 'a.mdl', '--record', 'reference.json'])).code).toBe(0);
  const rows = data({ seed: 2 }).split('\n');
  writeFileSync(path.join(folder, 'x.jsonl'), rows.slice(0, 8).join('\n'));
  const few = await mdl(folder, ['probe', 'a.mdl', '--against', 'reference.json']);
  expect([few.code, few.stdout]).toEqual([3, expect.stringMatching(/^Vectors: INCONCLUSIVE, 8 rows against 100 of [^]*nothing moved\n    Too few rows to show it if a statistic had moved by one deviation\. About 54 would decide\.\n/) as string]);
});

test('a row of NaN is told apart from those of which nothing moved', () => {
  const drift = { rows: 40, notFinite: 1, tests: [], moved: [], drifted: true };
  expect(driftText({ name: 'P', rows: 40, against: { date: '2026-11-22', rows: 1000 }, sameEncoders: true, sameData: false, spaces: [{ part: 'Old', drift }], drifted: true, verdict: 'FAIL' })).toContain('  Old: 1 row holds NaN or infinity; of the others nothing moved\n');
});

test('a record of something else is refused, whatever it holds', async () => {
  const folder = project({ 'other.json': '{ "probeRecord": 1, "probes": {} }' });
  const against = async (file: string): Promise<string> => {
    const { code, stdout, stderr } = await mdl(folder, ['probe', 'a.mdl', '--against', file]);
    expect(code).not.toBe(0);
    return stdout + stderr;
  };
  expect(await against('package.json')).toContain('error[record-invalid]: `package.json` is not the record of a probe: probeRecord should be 1, the version of records that is read, found nothing');
  expect(await against('other.json')).toContain('error[record-other]: `other.json` cannot be compared with: it has nothing of `probe Vectors` and of no other');
  const both = await mdl(folder, ['probe', 'a.mdl', '--against', 'other.json', '--record', 'new.json']);
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('--record writes down what --against compares with: give one of them') as string]);
  const place = await mdl(folder, ['probe', 'a.mdl', '--record', '.']);
  expect([place.code, place.stdout, place.stderr]).toEqual([2, '', expect.stringContaining('. cannot be written: it is a folder') as string]);
  const behind = await mdl(folder, ['probe', 'a.mdl', '--record', 'package.json/new.json']);
  expect([behind.code, behind.stderr]).toEqual([2, expect.stringContaining('package.json/new.json cannot be written: a part of the path is not a folder') as string]);
  expect(await against('nowhere.json')).toContain('error[cli-no-file]: there is no file or folder nowhere.json');
});

test('rows of a group move together: other groups of the same kind are no drift, and groups that moved are', async () => {
  /** Groups of eight rows that are nearly the same. */
  const pages = (seed: number, move = 0): string => {
    const random = createRandom(seed);
    return Array.from({ length: 60 }, (_, group) => {
      const centre = Array.from({ length: 4 }, () => random.normal() + move);
      return Array.from({ length: 8 }, () => `${JSON.stringify({ x: centre.map((value) => value + 0.01 * random.normal()), group: `page ${group}` })}\n`).join('');
    }).join('');
  };
  const folder = project({ 'x.jsonl': pages(1) });
  expect((await mdl(folder, ['probe', 'a.mdl', '--record', 'then.json'])).code).toBe(0);
  const against = async (lines: string): Promise<boolean> => {
    writeFileSync(path.join(folder, 'x.jsonl'), lines);
    const { stdout } = await mdl(folder, ['probe', 'a.mdl', '--against', 'then.json', '--json']);
    return (JSON.parse(stdout) as { results: { drifted: boolean }[] }).results[0]!.drifted;
  };
  const { stdout: told } = await mdl(folder, ['probe', 'a.mdl', '--against', 'then.json']);
  expect(told).toMatch(/^Vectors: INCONCLUSIVE, 480 rows \(60 groups\) against 480 \(60 groups\) of \d{4}-\d\d-\d\d\n[^]* Too few groups to show it if a statistic had moved by one deviation\. About 85 groups would decide\.\n/);
  // Rows taken for independent say of each of these that it has drifted.
  const others = [await against(pages(2)), await against(pages(3)), await against(pages(4))];
  expect(others).toEqual([false, false, false]);
  expect(await against(pages(9, 2))).toBe(true);
});

const wrapped = (range: string): string => `backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input x: f32[batch, 4]
  output e: f32[batch, 4] where ${range} from "e"
}
adapter Encode(x: f32[batch, 4]) -> f32[batch, 4] { Encoder(x).e }
model M { input x: f32[batch, 4]  output e = Encode(x) }
`;

test('what a backbone declares is measured by a probe of a part around it; what does not hold is told where it is declared', async () => {
  const folder = project({
    'a.mdl': wrapped('range [-60, 60]'),
    'probe.mdl': 'import { Encode } from "./a.mdl"\nprobe Around { data "./x.jsonl" through Encode }\n',
    // Another module of the same lock, which will not check.
    'other.mdl': 'import { Encode } from "./a.mdl"\nprobe Other { data "./x.jsonl" through Encode }\n',
  });
  for (const file of ['probe.mdl', 'other.mdl']) expect((await mdl(folder, ['probe', file])).code).toBe(0);
  writeFileSync(path.join(folder, 'other.mdl'), 'import { Nowhere } from "./a.mdl"\n');
  const explained = await mdl(folder, ['check', 'a.mdl', '--explain', 'M.e']);
  expect(explained.stdout).toMatch(/M\.e: .* range \[-60, 60\] \(measured: probe Around on [\d-]+: numbers from -[\d.]+ to [\d.]+ on 100 rows\)/);

  writeFileSync(path.join(folder, 'a.mdl'), wrapped('range [0, 60]'));
  const { stdout } = await mdl(folder, ['check', 'probe.mdl']);
  expect(stdout).toContain('warning[measured-contradicts]: `range [0, 60]` is declared of `Encode`, and numbers from -');
  expect(stdout).toMatch(/--> a\.mdl:4:33\n.*\n.*\n.*\^+ declared here/);
  expect(stdout).toMatch(/probe Around .*\n.* -+ measured by this probe on/);
});

test('what follows from a declaration and was measured otherwise is told at the probe', async () => {
  const folder = project({
    'a.mdl': `${wrapped('range [-1, 1]').replace('Encoder(x).e', '2 * Encoder(x).e')}probe Doubled { data "./x.jsonl" through Encode }\n`,
  });
  expect((await mdl(folder, ['probe', 'a.mdl'])).code).toBe(0);
  const { stdout } = await mdl(folder, ['check', 'a.mdl']);
  expect(stdout).toContain('`range [-2, 2]` is declared of `Encode`, and numbers from -');
  expect(stdout).toMatch(/probe Doubled .*\n.* \^+ measured by this probe on/);
  expect(stdout).toMatch(/adapter Encode.*\n.* -+ follows from what is declared/);
  expect(stdout).not.toContain('declared here');
});
