/** `mdl upgrade` on made-up encoders: what it says, what it would change, and what it changes. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readHistory } from '../../src/toolkit/history.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { jsonl, shuffled, world, type World } from './made-world.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

const parts = `import { last } from "std/nn"
import { truncate } from "std/text"

contract Both = f32[batch, 32]
contract Doubled = f32[batch, 32]

/// The new encoder.
part Right(z: Both) -> f32[batch, 16] {
  z |> truncate(to: 16)
}

/// The old one, which reads the same numbers twice as large.
part Left(z: Doubled) -> f32[batch, 16] {
  z |> last(n: 16)
}
`;
const source = `import { linear, softmax } from "std/nn"
import { Doubled, Left } from "./parts.mdl"

labels Kind = ["a", "b", "c", "d"]

head Tell @ 1.0.0 (e: f32[batch, 16]) -> f32[batch, Kind] where range [0, 1], sum(-1) == 1
  weights "./tell.safetensors" = learned
{
  e |> linear(out: Kind) |> softmax
}

/// What is in production.
model Before {
  input z: Doubled
  let e = z |> Left
  output kind = Tell(e)
}

fit Tell {
  data d = "./heads.jsonl"
  loss cross_entropy(Tell(Left(d.z)), d.label)
  method prototypes
}
`;

async function project({ pairs, held }: { pairs: World; held: World }): Promise<string> {
  const made = createFolder({ 'package.json': '{ "name": "upgrades" }', 'a.mdl': source, 'parts.mdl': parts, 'heads.jsonl': jsonl(world(400, 1)), 'pairs.jsonl': jsonl(pairs), 'held.jsonl': jsonl(held) });
  folders.push(made);
  expect((await mdl(made.path, ['fit', 'a.mdl'])).code).toBe(0);
  return made.path;
}

const call = ['upgrade', 'a.mdl', 'Left', 'parts.mdl#Right', '--data', 'pairs.jsonl', '--test', 'held.jsonl', '--margin', '5%'];

const contents = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.')).map((name) => [name, readFileSync(path.join(folder, name), 'latin1')]));

test('an upgrade is shown, then written; what it wrote checks, is formatted, builds and verifies again', async () => {
  const folder = await project({ pairs: world(400, 2), held: world(900, 3) });
  // A lock file is none of the changes either: there is none, and none comes.
  rmSync(path.join(folder, 'mdl.lock'), { force: true });
  const before = contents(folder);
  const shown = await mdl(folder, call);
  expect([shown.code, shown.stderr]).toEqual([0, '']);
  expect(shown.stdout).toContain('Left by Right: bridge\n');
  expect(contents(folder)).toEqual(before);
  const patch = shown.stdout.slice(shown.stdout.indexOf('\n--- ') + 1);
  expect(patch).toContain('-  input z: Doubled\n-  let e = z |> Left\n+  input z: Both\n+  let e = z |> LeftByRight\n');

  const copy = createFolder(before);
  folders.push(copy);
  // Where patch(1) is not installed, the text alone is compared below.
  const hasPatch = spawnSync('patch', ['--version']).error === undefined;
  if (hasPatch) expect(spawnSync('patch', ['-p1'], { cwd: copy.path, input: patch, encoding: 'utf8' })).toMatchObject({ status: 0 });

  const written = await mdl(folder, [...call, '--write', '--json']);
  expect([written.code, written.stderr]).toEqual([0, '']);
  const answer = JSON.parse(written.stdout) as { answer: string; verdict: string; patch: string; written: string[] };
  expect(answer).toMatchObject({ answer: 'bridge', verdict: 'PASS', written: expect.arrayContaining(['a.mdl', 'left-by-right.mdl', 'left-by-right.verify.mdl', 'weights/right-to-left.safetensors', 'left-by-right.verify.report.html']) as string[] });
  expect(patch).toBe(answer.patch);
  for (const name of hasPatch ? ['a.mdl', 'left-by-right.mdl', 'left-by-right.verify.mdl'] : []) expect(contents(copy.path)[name]).toBe(contents(folder)[name]);
  const lock = readFileSync(path.join(folder, 'mdl.lock'), 'utf8');
  expect(lock).toContain('left-by-right.verify.mdl#LeftByRightInBefore');
  expect(readFileSync(path.join(folder, 'left-by-right.verify.report.html'), 'utf8')).toContain('LeftByRightInBefore');
  const { runs, unread } = readHistory(path.join(folder, 'mdl.history.jsonl'));
  expect([unread, runs.slice(-3).map(({ kind, name, file, rows }) => [kind, name, file, rows])]).toEqual([0, [['probe', 'RightAndLeft', 'left-by-right.verify.mdl', 400], ['fit', 'RightToLeft', 'left-by-right.verify.mdl', 400], ['verify', 'LeftByRightInBefore', 'left-by-right.verify.mdl', 900]]]);
  expect(runs.at(-1)).toMatchObject({ verdict: 'PASS', scores: { 'accuracy of kind': expect.any(Number) as number }, inputs: { 'held.jsonl': expect.stringMatching(/^[0-9a-f]{64}$/) as string } });
  const checked = await mdl(folder, ['check', '--locked']);
  expect([checked.code, checked.stdout]).toEqual([0, expect.not.stringMatching(/warning|error\[/) as string]);
  expect((await mdl(folder, ['fmt', '--check', 'a.mdl', 'left-by-right.mdl', 'left-by-right.verify.mdl'])).code).toBe(0);
  expect((await mdl(folder, ['build', 'a.mdl'])).code).toBe(0);
  const again = await mdl(folder, ['verify', 'left-by-right.verify.mdl', '--json']);
  expect([again.code, (JSON.parse(again.stdout) as { results: { verdict: string }[] }).results[0]!.verdict]).toEqual([0, 'PASS']);

  const twice = await mdl(folder, call);
  expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('no model of the file calls `Left`; `LeftByRight` is what they call') as string]);
}, 300_000);

test('pairs that were shuffled within a class carry nothing: nothing is written', async () => {
  const folder = await project({ pairs: shuffled(400, 2), held: world(500, 3) });
  const { code, stdout } = await mdl(folder, [...call, '--write']);
  expect([code, stdout.split('\n', 1)[0]]).toEqual([1, 'Left by Right: do not upgrade']);
  expect(stdout).toContain('G2 information');
  expect(existsSync(path.join(folder, 'left-by-right.mdl'))).toBe(false);
});

test('40 rows do not decide; what one file declares stays in one file', async () => {
  const folder = await project({ pairs: world(400, 2), held: world(40, 3) });
  const [, imports, rest] = /^((?:import .*\n)+)([^]*)$/.exec(parts)!;
  writeFileSync(path.join(folder, 'a.mdl'), `${imports}${source.replace(/import .* from ".\/parts.mdl"\n/, '')}${rest}`);
  const { code, stdout } = await mdl(folder, ['upgrade', 'a.mdl', 'Left', 'Right', ...call.slice(4), '--write']);
  expect([code, stdout.split('\n', 1)[0]]).toEqual([3, 'Left by Right: do not upgrade yet: the data do not decide']);
  expect(stdout).toContain('+adapter LeftByRight @ 1.0.0');
  expect(readdirSync(folder)).not.toContain('left-by-right.verify.mdl');
});

test('what cannot be exchanged is said', async () => {
  const folder = await project({ pairs: world(60, 2), held: world(60, 3) });
  const says = async (...args: string[]): Promise<string> => (await mdl(folder, ['upgrade', 'a.mdl', ...args])).stderr;
  expect(await says('Lift', 'parts.mdl#Right', '--data', 'pairs.jsonl', '--test', 'held.jsonl')).toContain('Did you mean `Left`?');
  expect(await says('Left', 'Tell', '--data', 'pairs.jsonl', '--test', 'held.jsonl')).toContain('`Left` takes `z: f32[batch, 32]`, and `Tell` takes `e: f32[batch, 16]`: name an adapter');
  expect(await says('Left', 'parts.mdl#Right')).toContain('give --test FILE');
  expect(await says('Left', 'parts.mdl#Right', '--data', 'pairs.jsonl', '--test', 'held.jsonl', '--label', 'z')).toContain('the values of `z` are none of its classes');
  expect(await says('Left', 'parts.mdl#Right', '--data', 'pairs.jsonl', '--test', 'held.jsonl', '--margin', 'much')).toContain('a share of less than 100%');
});

describe('other files of the project that use what the exchange changes', () => {
  const apart = (name: string, body: string): string => `import { Doubled } from "./parts.mdl"\nimport { Kind, kind_of } from "./shared.mdl"\n\nmodel ${name} {\n  input z: Doubled\n  output kind${body}\n}\n`;

  /** The head and the call of the encoder lie in a part that two files share. */
  async function shared(more: Readonly<Record<string, string>>): Promise<string> {
    const folder = await project({ pairs: world(400, 2), held: world(900, 3) });
    const [imports, rest] = source.split('/// What is in production.') as [string, string];
    const fit = rest.slice(rest.indexOf('fit Tell'));
    writeFileSync(path.join(folder, 'shared.mdl'), `${imports}part kind_of @ 1.2.0 (z: Doubled) -> f32[batch, Kind] {\n  Left(z) |> Tell\n}\n\n${fit}`);
    writeFileSync(path.join(folder, 'a.mdl'), apart('Before', ' = kind_of(z)').replace('Kind, ', ''));
    for (const [name, text] of Object.entries(more)) writeFileSync(path.join(folder, name), text);
    return folder;
  }
  const exchanged = ['upgrade', 'a.mdl', 'Left', 'parts.mdl#Right', ...call.slice(4)];

  test('a model that calls a part which changes gets the new encoder, and is verified', async () => {
    const folder = await shared({ 'b.mdl': `// A file of its own.\n${apart('Before', ': f32[batch, Kind] = kind_of(z)')}`, 'wrong.mdl': apart('Wrong', ' = nobody(z)') });
    const { code, stdout, stderr } = await mdl(folder, [...exchanged, '--write']);
    expect(stderr).toBe('');
    expect([code, stdout.split('\n', 1)[0]]).toEqual([0, 'Left by Right: bridge']);
    expect(stdout).toContain('`Before` of b.mdl rests on parts that change with it: it gets the new encoder, too.');
    expect(stdout).toContain('of `LeftByRightInBefore` and `LeftByRightInBefore2`.');
    expect(readFileSync(path.join(folder, 'b.mdl'), 'utf8')).toBe(`// A file of its own.\nimport { Kind, kind_of } from "./shared.mdl"\nimport { Both } from "./parts.mdl"\n\nmodel Before {\n  input z: Both\n  output kind: f32[batch, Kind] = kind_of(z)\n}\n`);
    for (const file of ['a.mdl', 'b.mdl', 'left-by-right.verify.mdl']) expect([file, (await mdl(folder, ['check', '--locked', file])).stderr]).toEqual([file, '']);
    expect(readFileSync(path.join(folder, 'shared.mdl'), 'utf8')).toContain('kind_of @ 2.0.0 (z: Both)');
  });

  test('what a part with a head is handed has to be what a model is fed', async () => {
    const folder = await shared({});
    writeFileSync(path.join(folder, 'a.mdl'), apart('Before', ' = kind_of(z * 2.0)').replace('Kind, ', ''));
    const { code, stderr } = await mdl(folder, exchanged, { columns: 400 });
    expect([code, stderr]).toEqual([2, expect.stringContaining('the models call it through `kind_of`, and what they hand to that is computed: name an adapter that takes what a model is fed') as string]);
  });

  test('a file that would not check any more is named, and nothing is written', async () => {
    const folder = await shared({ 'again.mdl': 'import { Doubled } from "./parts.mdl"\nimport { Kind, kind_of } from "./shared.mdl"\n\npart again(z: Doubled) -> f32[batch, Kind] {\n  kind_of(z)\n}\n' });
    writeFileSync(path.join(folder, 'parts.mdl'), parts.replace('contract Both', 'attribute scale { once, twice }\n\ncontract Both').replace('[batch, 32]\n', '[batch, 32] where scale == once\n').replace('Doubled = f32[batch, 32]', 'Doubled = f32[batch, 32] where scale == twice'));
    const before = contents(folder);
    const { code, stdout, stderr } = await mdl(folder, [...exchanged, '--write']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('again.mdl would not check any more\n');
    expect(contents(folder)).toEqual(before);
  });
});
