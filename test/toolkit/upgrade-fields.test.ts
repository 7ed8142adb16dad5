/** `mdl upgrade` where a backbone's vectors are read as a field: in place, of a `let`, of a pipe in brackets, beside other fields. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { mdl } from '../cli/harness.ts';
import { learnedHead, projectOf } from './one-file-app.ts';

const source = (body: string, declared = ''): string => `import { linear, softmax } from "std/nn"

${learnedHead.labels}
contract Both = f32[batch, 32]
contract LeftVector = f32[batch, 16] where space lefts
contract LeftAll { embedding: LeftVector  twice: f32[batch, 16] }

backbone Left @ 1.0.0 {
  source "./left.onnx"
  input z: Both
  output embedding: LeftVector
  output twice: f32[batch, 16]
}

${learnedHead.head}${declared}
model App {
  input z: Both
  ${body}
}

${learnedHead.fit}`;

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

async function project(app: string): Promise<string> {
  const made = await projectOf(app);
  folders.push(made);
  return made.path;
}

const call = (old = 'Left', ...more: string[]): string[] => ['upgrade', 'app.mdl', old, 'right.onnx', '--data', 'pairs.jsonl', '--test', 'held.jsonl', '--margin', '5%', ...more];

test.each<[string, string, string]>([
  ['of a `let`', 'let e = Left(z)\n  output kind = Tell(e.embedding)\n  output again = Tell(e.embedding)', 'let e = LeftByRight(z)\n  output kind = Tell(e)\n  output again = Tell(e)'],
  ['of a second name', 'let all = z |> Left\n  let e = all\n  let v = e.embedding\n  output kind = Tell(v)', 'let all = z |> LeftByRight\n  let e = all\n  let v = e\n  output kind = Tell(v)'],
  ['of a pipe in brackets', 'output kind = Tell((z |> Left).embedding)', 'output kind = Tell((z |> LeftByRight))'],
])('vectors that are read %s', async (_, body, after) => {
  const folder = await project(source(body));
  const { code, stdout, stderr } = await mdl(folder, call('Left', '--write'));
  expect([code, stderr, stdout.split('\n', 1)[0]]).toEqual([0, '', 'Left by Right: bridge']);
  expect(readFileSync(path.join(folder, 'app.mdl'), 'utf8')).toContain(`  input z: Both\n  ${after}\n}\n`);
  expect(await mdl(folder, ['build', 'app.mdl'])).toMatchObject({ code: 0, stderr: '' });
}, 120_000);

test('an input keeps its contract where the new encoder writes the same type without it', async () => {
  const folder = await project(source('output kind = Tell(Left(z).embedding)', 'space rights @ 1.0.0\nbackbone Right @ 1.0.0 { source "./right.onnx"  input z: f32[batch, 32]  output embedding: f32[batch, 16] where space rights }\n'));
  const { code, stderr } = await mdl(folder, [...call().map((word) => (word === 'right.onnx' ? 'Right' : word)), '--write']);
  expect([code, stderr]).toEqual([0, '']);
  expect(readFileSync(path.join(folder, 'app.mdl'), 'utf8')).toContain('  input z: Both\n  output kind = Tell(LeftByRight(z))\n');
}, 120_000);

test('an index of vectors that are read of a `let` is made anew', async () => {
  const folder = await project(source('let e = Left(z)\n  output vector = e.embedding'));
  const { code, stderr } = await mdl(folder, call('Left', '--reindex', '--write'));
  expect([code, stderr]).toEqual([0, '']);
  expect(readFileSync(path.join(folder, 'app.mdl'), 'utf8')).toContain('  let e = Right(z).embedding\n  output vector = e\n');
}, 120_000);

test('of a head and an index, each reads its own', async () => {
  const folder = await project(source('let e = Left(z)\n  output kind = Tell(e.embedding)\n  output vector = e.embedding'));
  const { code, stderr } = await mdl(folder, call('Left', '--reindex', '--write'));
  expect([code, stderr]).toEqual([0, '']);
  expect(readFileSync(path.join(folder, 'app.mdl'), 'utf8')).toContain('  let e = LeftByRight(z)\n  output kind = Tell(e)\n  output vector = Right(z).embedding\n');
}, 120_000);

test('where another field is read it is said where, and what to write; that serves', async () => {
  const both = await project(source('let e = Left(z)\n  output kind = Tell(e.embedding)\n  output twice = e.twice'));
  const refused = await mdl(both, call(), { columns: 600 });
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('`App` reads `.twice` of it in line 27 of app.mdl, beside the vectors `.embedding`, which alone are exchanged: write an adapter of the same inputs with the body `Left(…).embedding`, call that for the vectors, and name it');
  const adapter = 'adapter Embed(z: Both) -> LeftVector { Left(z).embedding }\n';
  const apart = await project(source('output kind = Tell(Embed(z))\n  output twice = Left(z).twice', adapter));
  const { code, stdout, stderr } = await mdl(apart, call('Embed', '--write'));
  expect([code, stderr, stdout.split('\n', 1)[0]]).toEqual([0, '', 'Embed by Right: bridge']);
  expect(readFileSync(path.join(apart, 'app.mdl'), 'utf8')).toContain('output kind = Tell(EmbedByRight(z))\n  output twice = Left(z).twice');
}, 120_000);

test('where all fields are handed on it is said where, and what to write', async () => {
  const folder = await project(source('let e = Left(z)\n  output kind = Tell(First(e))', 'adapter First(all: LeftAll) -> LeftVector { all.embedding }\n'));
  const refused = await mdl(folder, call(), { columns: 600 });
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('`App` hands on all that it gives, in line 27 of app.mdl, where vectors alone are exchanged: write `e.embedding` if nothing else is read there');
}, 120_000);
