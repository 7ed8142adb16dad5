/** `mdl` as a process of its own, bundled as it is published. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rolldown, type OutputChunk } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command } from '../../rolldown.config.mjs';
import { createFolder } from './harness.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = createFolder({ 'package.json': '{}', 'use.mdl': 'space use @ 1.0.0\n' });
let installed = '';
let chunks: readonly OutputChunk[] = [];

beforeAll(async () => {
  installed = mkdtempSync(path.join(tmpdir(), 'mdl-process-'));
  for (const name of ['package.json', 'stdlib', 'docs', 'node_modules']) symlinkSync(path.join(root, name), path.join(installed, name), 'junction');
  const { output, ...input } = command;
  const build = await rolldown({ ...input, cwd: root });
  const written = await build.write({ ...output, dir: path.join(installed, 'dist/js') });
  await build.close();
  chunks = written.output.filter((item) => item.type === 'chunk');
});
afterAll(() => {
  rmSync(installed, { recursive: true });
  folder.remove();
});

const cli = (): string => path.join(installed, 'dist/js/cli.cjs');
const call = (args: readonly string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [cli(), ...args], { cwd: folder.path, encoding: 'utf8', env: { ...process.env, ...env } });

/** The modules that are loaded to start, and to call a command that finds nothing. */
function modulesOf(called: string): readonly string[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const imported of byName.get(name)?.imports ?? []) visit(imported);
  };
  visit('cli.cjs');
  visit(chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(`src/cli/commands/${called}.ts`))!.fileName);
  return [...seen].flatMap((name) => byName.get(name)?.moduleIds ?? []);
}

describe('as a process', () => {
  test('it ends with the exit codes of the table', () => {
    expect(call(['check', 'use.mdl'])).toMatchObject({ status: 0, stdout: '1 file checked, no model among them\n', stderr: '' });
    expect(call(['check', 'none.mdl'])).toMatchObject({ status: 2, stdout: '' });
    expect(call(['chekc'])).toMatchObject({ status: 2 });
    expect(call(['--version'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test('it finds its pages and its library', () => {
    expect(call(['explain', 'space-changed']).stdout).toMatch(/^# space-changed: /);
    expect(call(['doctor']).stdout).toContain('std/nn');
  });

  test('it keeps compiled code, and does without where that is damaged', () => {
    const cache = path.join(folder.path, 'cache');
    const bins = (): string[] => readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.bin'));
    const check = () => call(['check', 'use.mdl'], { XDG_CACHE_HOME: cache });
    expect(check().status).toBe(0);
    // From Node 22.1 on the cache is Node's own affair.
    if (!('enableCompileCache' in module)) {
      expect(bins().length).toBeGreaterThan(2);
      for (const name of bins()) writeFileSync(path.join(cache, name), 'rubbish');
    }
    expect(check()).toMatchObject({ status: 0, stderr: '' });
    expect(check()).toMatchObject({ status: 0, stderr: '' });
    expect(call(['check', 'use.mdl'], { XDG_CACHE_HOME: path.join(folder.path, 'use.mdl') })).toMatchObject({ status: 0, stderr: '' });
  });

  test('it removes compiled code that nothing used for a month, and nothing else', () => {
    if ('enableCompileCache' in module) return console.log('skipped: from Node 22.1 on the cache is Node\'s own affair');
    const cache = path.join(folder.path, 'cache-of-builds', 'mdl-lang');
    const days = (count: number): Date => new Date(Date.now() - count * 24 * 60 * 60 * 1000);
    const ages: Record<string, number> = {
      'code-v18.0.0-x64/check/compiler-Aa.cjs.bin': 31,
      'code-v20.19.0-x64/check/compiler-Bb.cjs.bin': 31,
      'code-v20.19.0-x64/check/compiler-Cc.cjs.bin.7.tmp': 31,
      'code-v20.19.0-x64/check/compiler-Dd.cjs.bin': 29,
      'code-v20.19.0-x64/check/notes.txt': 31,
      'trees/old.bin': 31,
    };
    for (const [name, age] of Object.entries(ages)) {
      mkdirSync(path.dirname(path.join(cache, name)), { recursive: true });
      writeFileSync(path.join(cache, name), '');
      utimesSync(path.join(cache, name), days(age), days(age));
    }
    expect(call(['check', 'use.mdl'], { XDG_CACHE_HOME: path.dirname(cache) })).toMatchObject({ status: 0, stderr: '' });
    const left = Object.keys(ages).filter((name) => existsSync(path.join(cache, name)));
    expect(left).toEqual(['code-v20.19.0-x64/check/compiler-Dd.cjs.bin', 'code-v20.19.0-x64/check/notes.txt', 'trees/old.bin']);
    expect(existsSync(path.join(cache, 'code-v18.0.0-x64'))).toBe(false);
  });

  test('it answers again from compiled code', () => {
    const env = { XDG_CACHE_HOME: path.join(folder.path, 'cache-of-runs') };
    const run = () => call(['doctor', '--json'], env);
    const first = run();
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(run().stdout)).toEqual(JSON.parse(first.stdout));
    // Code that was kept cannot follow an `import()`.
    for (const chunk of chunks) expect(chunk.code, chunk.fileName).not.toMatch(/\bimport\(/);
  });

  test('it runs a text as long as an argument can be', () => {
    const text = 'the '.repeat(30_000);
    const answer = call(['run', path.join(root, 'examples/glosses/glosses.mdl'), '--text', text, '--json']);
    expect(answer).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(answer.stdout)).toMatchObject({ rows: [{ text }] });
  });

  test('it has colour when that is wanted', () => {
    expect(call(['check', 'none.mdl'], { FORCE_COLOR: '1', NO_COLOR: '' }).stderr).toContain('\u001b[31merror[cli-no-file]');
    expect(call(['check', 'none.mdl'], { FORCE_COLOR: '1', NO_COLOR: '1' }).stderr).not.toContain('\u001b');
  });

  test('it checks without a cache where none can be made, in /proc, where a recursive mkdir never ends', () => {
    if (process.platform !== 'linux') return console.log('skipped: there is no /proc');
    const answer = spawnSync(process.execPath, [cli(), 'check', 'use.mdl'], {
      cwd: folder.path,
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: '/proc/none' },
      timeout: 30_000,
    });
    expect(answer).toMatchObject({ status: 0, signal: null, stderr: '' });
  });

  test('it says that a full disk took no output', () => {
    if (process.platform !== 'linux') return console.log('skipped: there is no /dev/full');
    const full = openSync('/dev/full', 'w');
    const answer = spawnSync(process.execPath, [cli(), 'check', 'use.mdl'], { cwd: folder.path, encoding: 'utf8', stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    expect(answer).toMatchObject({ status: 2, stderr: 'mdl: standard output cannot be written: the disk is full\n' });
  });

  test.each([['SIGINT', 'bundles'], ['SIGTERM', 'terminated']] as const)('%s ends a build of many models, and leaves only whole bundles', async (signal, out) => {
    if (process.platform === 'win32') return console.log('skipped: Windows has no signals');
    const many = Array.from({ length: 200 }, (_, i) => `model M${i} {\n  input x: f32[2]\n  output y = x\n}\n`).join('');
    writeFileSync(path.join(folder.path, 'many.mdl'), many);
    const child = spawn(process.execPath, [cli(), 'build', 'many.mdl', '--out', out], { cwd: folder.path, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
    child.stdout.once('data', () => child.kill(signal));
    expect(await ended).toBe(signal);
    const built = readdirSync(path.join(folder.path, out));
    expect(built.length).toBeGreaterThan(0);
    expect(built.length).toBeLessThan(200);
    // Their names are those of models: nothing is left aside.
    for (const name of built) {
      expect(name).toMatch(/^M\d+$/);
      expect(readdirSync(path.join(folder.path, out, name)).sort()).toEqual(['manifest.json', 'model.d.ts', 'model.onnx']);
    }
  });

  test('Ctrl-C keeps what a fit has learned, and the same call goes on from there, to the same bytes', async () => {
    if (process.platform === 'win32') return console.log('skipped: Windows has no signals');
    const fits = path.join(folder.path, 'fits');
    const pairs = Array.from({ length: 400 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(5 * i + 1)]).map(([a, b, c]) => `${JSON.stringify({ x: [a, b, c], y: [Math.abs(a!), b! * c!] })}\n`);
    mkdirSync(fits);
    writeFileSync(path.join(fits, 'pairs.jsonl'), pairs.join(''));
    writeFileSync(path.join(fits, 'fit.mdl'), `import { gelu, linear } from "std/nn"
part Bend(x: f32[batch, 3]) -> f32[batch, 2] weights "./bend.safetensors" = learned {
  let hidden = x |> linear(out: 24)
  let out = hidden |> gelu |> linear(out: 2)
  out
}
fit Bend {
  data d = "./pairs.jsonl"
  loss mse(Bend(d.x), d.y)
  method adam(lr: 0.01, epochs: 100, batch: 8, patience: 0)
}
`);
    // Once training listens it gets a signal, so many milliseconds later. Others that listen do so to SIGHUP, too.
    const hook = path.join(folder.path, 'interrupt.cjs');
    writeFileSync(hook, `const isLearning = () => process.listenerCount('SIGINT') > process.listenerCount('SIGHUP');
const interrupt = () => isLearning() && setTimeout(() => process.kill(process.pid, 'SIGINT'), process.env.INTERRUPT_AFTER);
process.on('newListener', (name) => name === 'SIGTERM' && setImmediate(interrupt));`);
    const fit = (cache: string, after?: number) =>
      spawnSync(process.execPath, [cli(), 'fit', 'fit.mdl'], { cwd: fits, encoding: 'utf8', env: { ...process.env, XDG_CACHE_HOME: path.join(folder.path, cache), ...(after === undefined ? {} : { NODE_OPTIONS: `--require ${JSON.stringify(hook)}`, INTERRUPT_AFTER: String(after) }) } });
    const checkpoints = (): string[] => readdirSync(path.join(folder.path, 'stopped/mdl-lang/checkpoints'));
    const weights = path.join(fits, 'bend.safetensors');
    const stoppedAt = (after: number): number => {
      const { status, stderr } = fit('stopped', after);
      expect([status, stderr]).toEqual([130, expect.stringMatching(/Bend: stopped at step [\d,]+ of [\d,]+; the same call goes on from there/)]);
      expect([existsSync(weights), checkpoints().length]).toEqual([false, 1]);
      return Number(/step ([\d,]+) of/.exec(stderr)![1]!.replaceAll(',', ''));
    };
    const [first, second, third] = [stoppedAt(0), stoppedAt(0), stoppedAt(80)];
    expect([first < second, second < third], `${first}, ${second}, ${third}`).toEqual([true, true]);
    expect(fit('stopped')).toMatchObject({ status: 0, stdout: expect.stringContaining('bend.safetensors written, by adam from 400 rows, held-out R² 0.9') });
    expect(checkpoints()).toEqual([]);
    const bytes = readFileSync(weights);
    rmSync(weights);
    expect(fit('whole').status).toBe(0);
    expect(readFileSync(weights).equals(bytes)).toBe(true);
  });

  test('it is quiet when its reader goes away', async () => {
    const child = spawn(process.execPath, [cli(), 'inspect', path.join(root, 'examples/glosses/models/use-lite/model.onnx'), '--inner'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (bytes) => (stderr += bytes));
    child.stdout.once('data', () => child.stdout.destroy());
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect([status, stderr]).toEqual([0, '']);
  });

  test('it serves editors', async () => {
    const frame = (message: object): string => {
      const json = JSON.stringify({ jsonrpc: '2.0', ...message });
      return `Content-Length: ${json.length}\r\n\r\n${json}`;
    };
    const server = spawn(process.execPath, [cli(), 'lsp', '--stdio'], { cwd: folder.path, stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => server.once('close', resolve));
    server.stdin.write(frame({ id: 1, method: 'shutdown' }));
    let answer = '';
    while (!answer.includes('"id":1,"result":null')) answer += String(await once(server.stdout, 'data'));
    server.stdin.write(frame({ method: 'exit' }));
    expect(await ended).toBe(0);
  });
});

describe('to start fast', () => {
  const never = /chevrotain|prettier|commander|vscode-|huggingface|onnxruntime|protobuf|onnx-proto|src\/(runtime|format|ide|lsp|emit)\//;
  test('check loads the parser for what is new only', () => {
    const loaded = path.join(folder.path, 'loaded.txt');
    const hook = path.join(folder.path, 'hook.cjs');
    writeFileSync(hook, `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(loaded)}, Object.keys(require.cache).join('\\n')))`);
    const checked = (file: string): readonly string[] => {
      const env = { XDG_CACHE_HOME: path.join(folder.path, 'cache-of-trees'), NODE_OPTIONS: `--require ${JSON.stringify(hook)}` };
      expect(call(['check', file], env)).toMatchObject({ status: 0, stderr: '' });
      const names = readFileSync(loaded, 'utf8').split('\n').map((name) => path.basename(name));
      return names.flatMap((name) => /^(.+)-.{8}\.cjs$/.exec(name)?.[1] ?? []).sort();
    };
    const plain = ['check', 'common', 'compiler', 'rolldown-runtime', 'run', 'start'];
    const glosses = path.join(root, 'examples/glosses/glosses.mdl');
    expect(checked(glosses)).toEqual([...plain, 'parser'].sort());
    expect(checked(glosses)).toEqual(plain);
    writeFileSync(path.join(folder.path, 'edited.mdl'), 'space one @ 1.0.0\n');
    expect(checked('edited.mdl')).toContain('parser');
    expect(checked('edited.mdl')).toEqual(plain);
    writeFileSync(path.join(folder.path, 'edited.mdl'), 'space two @ 1.0.0\n');
    expect(checked('edited.mdl')).toContain('parser');
  });

  test.each(['check'])('%s loads nothing that it does not need', (called) => {
    const modules = modulesOf(called);
    expect(modules.length).toBeGreaterThan(20);
    expect(modules.filter((id) => never.test(path.relative(root, id)))).toEqual([]);
  });
});

if (process.platform === 'win32') console.log('skipped: Windows has no umask and no sh, by which these builds differ');

describe.skipIf(process.platform === 'win32')('what is built is the same bytes', () => {
  const example = path.join(root, 'examples/fashion');
  /** All files of a folder, by their paths in it. */
  const filesOf = (at: string): Record<string, string> =>
    Object.fromEntries(readdirSync(at, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => [path.relative(at, path.join(entry.parentPath, entry.name)), readFileSync(path.join(entry.parentPath, entry.name)).toString('base64')]));

  test.each([[[]], [['--split']], [['--link']]])('in another folder, from another one, at another time, for another user: %j', (flags) => {
    const [here, there] = [createFolder(), createFolder({ 'a folder ü/deep/note': '' })];
    const inner = path.join(there.path, 'a folder ü/deep/fashion');
    cpSync(example, path.join(here.path, 'fashion'), { recursive: true });
    cpSync(example, inner, { recursive: true });
    const build = (cwd: string, source: string, out: string, env: Record<string, string>) =>
      spawnSync('sh', ['-c', `umask ${env['UMASK']}; exec "$0" "$@"`, process.execPath, cli(), 'build', source, '--out', out, ...flags], { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } });
    try {
      expect(build(path.join(here.path, 'fashion'), 'fashion.mdl', 'dist', { UMASK: '022', TZ: 'UTC', LC_ALL: 'C', HOME: here.path })).toMatchObject({ status: 0 });
      expect(build(there.path, path.join('a folder ü/deep/fashion/fashion.mdl'), path.join(inner, 'dist'), { UMASK: '077', TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', HOME: '/nonexistent' })).toMatchObject({ status: 0 });
      const [one, other] = [filesOf(path.join(here.path, 'fashion/dist')), filesOf(path.join(inner, 'dist'))];
      expect(Object.keys(other).length).toBeGreaterThan(2);
      expect(other).toEqual(one);
    } finally {
      here.remove();
      there.remove();
    }
  });
});
