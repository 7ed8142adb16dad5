/** `mdl upgrade` of an app that is one file, by a bare encoder file: what the app declares, the new encoder's declaration speaks of. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { mdl } from '../cli/harness.ts';
import { encoder, learnedHead, projectOf } from './one-file-app.ts';

const source = `import { linear, softmax } from "std/nn"

${learnedHead.labels}
contract Both = f32[batch, 32]
contract LeftVector = f32[batch, 16] where space lefts

backbone Left @ 1.0.0 {
  source "./left.onnx"
  input z: Both
  output embedding: LeftVector
}

${learnedHead.head}
model App {
  input z: Both
  output kind = Tell(Left(z).embedding)
}

${learnedHead.fit}`;

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

async function project(app = source): Promise<string> {
  const made = await projectOf(app);
  folders.push(made);
  return made.path;
}

const call = (next: string): string[] => ['upgrade', 'app.mdl', 'Left', next, '--data', 'pairs.jsonl', '--test', 'held.jsonl', '--margin', '5%'];

test('the new encoder is declared beside what it speaks of; what was written builds without a warning, and verifies again', async () => {
  const folder = await project();
  const { code, stdout, stderr } = await mdl(folder, [...call('right.onnx'), '--write']);
  expect(stderr).toBe('');
  expect([code, stdout.split('\n', 1)[0]]).toEqual([0, 'Left by Right: bridge']);
  expect(readdirSync(folder).filter((name) => name.endsWith('.mdl')).sort()).toEqual(['app.mdl', 'left-by-right.verify.mdl']);
  const app = readFileSync(path.join(folder, 'app.mdl'), 'utf8');
  expect(app).toContain('backbone Right @ 1.0.0 {\n  source "./right.onnx"\n  input z: Both\n  output embedding: f32[batch, 16] where space right from "embedding"\n}');
  expect(app).toContain('  output kind = Tell(LeftByRight(z))\n');
  // The old encoder is for the verification alone: nothing offers to take it out.
  for (const args of [['build', 'app.mdl'], ['check', 'app.mdl'], ['check']]) expect([args, await mdl(folder, args)]).toEqual([args, expect.objectContaining({ code: 0, stderr: '' })]);
  expect(await mdl(folder, ['verify', 'left-by-right.verify.mdl'])).toMatchObject({ code: 0, stdout: expect.stringContaining('LeftByRightInApp: PASS') as string });

  // The next encoder: its own bridge leads to where the stand-in's does, and the verification of the first exchange has had its time.
  writeFileSync(path.join(folder, 'Köln.onnx'), encoder(8));
  const next = await mdl(folder, ['upgrade', 'app.mdl', 'LeftByRight', 'Köln.onnx', ...call('').slice(4)], { columns: 600 });
  expect([next.code, next.stderr]).toEqual([2, expect.stringMatching(/left-by-right\.verify\.mdl would not check any more\n[^]*It verifies an exchange of which `LeftByRight` came, and which would be over: delete it/) as string]);
  rmSync(path.join(folder, 'left-by-right.verify.mdl'));
  expect((await mdl(folder, ['upgrade', 'app.mdl', 'LeftByRight', 'Köln.onnx', ...call('').slice(4)])).stdout).toContain('+  output kind = Tell(LeftByRightByKoln(z))');
}, 300_000);

test('a source with a layout and line ends of its own keeps them: the patch takes out the line of the call, and puts in what is new', async () => {
  const own = source
    .replace('import { linear, softmax } from "std/nn"', '// Who reads this: it is laid out by hand.\n\nimport {softmax , linear} from "std/nn" // both are used')
    .replace('contract Both', '// two sides\ncontract   Both')
    .replace('  output kind = Tell(Left(z).embedding)', '    output kind = Tell( Left(z).embedding ) // what is asked')
    .replace('fit Tell {\n  data', 'fit Tell { // once a week\n  data');
  const folder = await project(`${own}\n// the end`.replaceAll('\n', '\r\n'));
  const { code, stdout, stderr } = await mdl(folder, [...call('right.onnx'), '--write', '--json']);
  expect([code, stderr]).toEqual([0, '']);
  const { patch } = JSON.parse(stdout) as { patch: string };
  const ofApp = patch.slice(patch.indexOf('--- a/app.mdl'), patch.indexOf('--- /dev/null'));
  expect(ofApp.match(/^-(?!--).*$/gm)!.map((line) => line.trimEnd())).toEqual(['-    output kind = Tell( Left(z).embedding ) // what is asked', '-// the end']);
  const app = readFileSync(path.join(folder, 'app.mdl'), 'utf8');
  expect(app).toContain('\r\n    output kind = Tell( LeftByRight(z) ) // what is asked\r\n');
  expect(app).toContain('\r\n// the end\r\n\r\n/// The space of `Right`.\r\n');
  expect(app.match(/(^|[^\r])\n/)).toBeNull();
  expect(await mdl(folder, ['check', 'app.mdl'])).toMatchObject({ code: 0, stderr: '' });
}, 300_000);

test('a name that the app has already is not declared a second time', async () => {
  const folder = await project();
  renameSync(path.join(folder, 'right.onnx'), path.join(folder, 'tell.onnx'));
  const { code, stderr } = await mdl(folder, call('tell.onnx'), { columns: 400 });
  expect([code, stderr]).toEqual([2, expect.stringContaining('`Tell` is declared already in app.mdl, where the new encoder would be: give the file another name') as string]);
});

test('a module of the user that rests on the app is told from what the command would write', async () => {
  const folder = await project();
  writeFileSync(path.join(folder, 'own.mdl'), 'import { Both } from "./app.mdl"\n\nspace rights @ 1.0.0\n\nbackbone Right @ 1.0.0 {\n  source "./right.onnx"\n  input z: Both\n  output embedding: f32[batch, 16] where space rights\n}\n');
  const { code, stderr } = await mdl(folder, call('own.mdl#Right'), { columns: 400 });
  expect([code, stderr]).toEqual([2, expect.stringContaining('app.mdl would import `Right` from own.mdl, which rests on what app.mdl declares: move what both speak of to a module that both import, or declare `Right` in app.mdl') as string]);
});
