import { chmodSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readCall } from '../../src/cli/arguments.ts';
import type { Call } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { createProgram } from '../../src/cli/program.ts';
import { run } from '../../src/cli/run.ts';
import { createFolder, mdl } from './harness.ts';

const folder = createFolder({
  'glosses.mdl': 'space use @ 1.0.0\n',
  'models/encoder.onnx': 'no model',
  'bundles/Small/manifest.json': '{}',
  'empty/notes.txt': '',
  'also.mdl': 'import { relu } from "std/nn"\nmodel A {\n  input x: f32[3]\n  output y = relu(x)\n}\n',
  'two.mdl': 'import { relu } from "std/nn"\nmodel A {\n  input x: f32[2]\n  output y = relu(x)\n}\nmodel B {\n  input x: f32[2]\n  output y = relu(x)\n}\n',
});
afterAll(() => folder.remove());

describe('a call that is wrong ends with 2 and says what is meant', () => {
  test.each<[string[], string]>([
    [['chekc'], "error[cli-bad-call]: unknown command 'chekc'\n  = Did you mean check?\n"],
    [['check', '--jsno'], "error[cli-bad-call]: unknown option '--jsno'\n  = Did you mean --json?\n"],
    [['check', 'glosse.mdl'], 'error[cli-no-file]: there is no file or folder glosse.mdl\n  = Did you mean glosses.mdl?\n'],
    [['check', 'empty'], 'error[cli-no-sources]: there is no .mdl file in empty'],
    [['check', 'models/encoder.onnx'], 'error[cli-not-source]: models/encoder.onnx is not an .mdl file\n  = To see what is in it: mdl inspect models/encoder.onnx\n'],
    [['build', 'two.mdl', '--model', 'a'], 'error[cli-no-model]: there is no model a: the sources declare `A`, `B`\n  = Did you mean A?\n'],
    [['build', 'glosses.mdl'], 'error[cli-choose-model]: glosses.mdl declares no model'],
    [['build', 'two.mdl', '--out', ''], 'error[cli-bad-call]: --out names the folder into which models are written, and is empty\n'],
    [['build', 'also.mdl', 'two.mdl'], 'error[cli-same-model]: also.mdl and two.mdl declare a model `A` each, and would be written to one folder, dist/A\n  = Build them one at a time, each with an --out of its own, or rename one.\n'],
    [['build', '--out'], "error[cli-bad-call]: option '-o, --out <folder>' argument missing\n"],
    [['graph', 'two.mdl'], 'error[cli-choose-model]: two.mdl declares several models: `A`, `B`\n  = Choose one: --model A\n'],
    [['graph', 'two.mdl', '--format', 'svg'], "error[cli-bad-call]: option '--format <format>' argument 'svg' is invalid. Allowed choices are mermaid, dot\n"],
    [['graph', 'bundles/Small'], 'error[cli-not-source]: bundles/Small is not an .mdl file\n  = bundles/Small is the bundle of a model that was built'],
    [['check', ''], "error[cli-no-file]: there is no file or folder ''\n  = The path is empty. The working directory is `.`\n"],
    [['graph'], "error[cli-bad-call]: missing required argument 'file'\n"],
    [['graph', 'two.mdl', 'glosses.mdl'], 'error[cli-bad-call]: too many arguments'],
    [['run', 'models/encoder.onnx'], 'error[cli-no-bundle]: models/encoder.onnx is neither a bundle\'s folder nor an .mdl file\n'],
    [['run', 'bundles'], ' = Did you mean bundles/Small?\n'],
    [['run', 'two.mdl', '--top', 'many'], "error[cli-bad-call]: option '--top <k>' argument 'many' is invalid. It takes a whole number from 1\n"],
    [['inspect', 'models/encodr.onnx'], ' = Did you mean models/encoder.onnx?\n'],
    [['explain', 'space-chnged'], 'error[cli-unknown-code]: there is no diagnostic space-chnged\n  = Did you mean space-changed?\n'],
  ])('%j', async (args, expected) => {
    const { code, stdout, stderr } = await mdl(folder.path, args);
    expect(stderr).toContain(expected);
    expect([code, stdout]).toEqual([2, '']);
  });

  test('in JSON, too', async () => {
    const { code, stdout, stderr } = await mdl(folder.path, ['check', 'glosse.mdl', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: { code: 'cli-no-file', severity: 'error', message: 'there is no file or folder glosse.mdl', notes: ['Did you mean glosses.mdl?'] },
    });
    expect([code, stderr]).toEqual([2, '']);
  });

  test('where a folder cannot be read', async () => {
    const locked = createFolder({ 'inner/a.mdl': '' });
    chmodSync(path.join(locked.path, 'inner'), 0);
    const { code, stderr } = await mdl(locked.path, ['check']);
    chmodSync(path.join(locked.path, 'inner'), 0o755);
    locked.remove();
    // The superuser reads every folder.
    if (process.getuid?.() === 0) expect(code).toBe(0);
    else expect([code, stderr]).toEqual([2, expect.stringContaining('error[file-unreadable]')]);
  });
});

test('a bug of ours ends with 70 and one line, and with a stack where it is asked for', async () => {
  const broken = { stdout: { write: () => true }, stdin: (async function* () {})(), cwd: folder.path };
  const lines: string[] = [];
  const boom = (env: Record<string, string>) => ({
    ...broken,
    env,
    stderr: { write: (text: string) => void lines.push(text) },
    get signal(): AbortSignal { throw new TypeError('two\nlines'); },
  });
  expect(await run(['check', 'glosses.mdl', '--watch'], boom({}))).toBe(70);
  expect(await run(['check', 'glosses.mdl', '--watch'], boom({ MDL_DEBUG: '1' }))).toBe(70);
  const bugs = lines.filter((line) => line.startsWith('mdl: a bug'));
  expect(bugs[0]).toMatch(/^mdl: a bug of MDL itself: TypeError: two lines \(mdl [\d.]+, node [\d.]+, \w+ \w+\)\. Please report .* MDL_DEBUG=1 shows where it happened\.\n$/);
  expect(bugs[1]).toContain('    at ');
});

test('no call at all shows the help, and ends with 2', async () => {
  const { code, stdout } = await mdl(folder.path, []);
  expect(code).toBe(2);
  expect(commands.filter(({ summary }) => !stdout.replaceAll(/\s+/g, ' ').includes(summary))).toEqual([]);
});

describe('help', () => {
  test('of the whole', async () => {
    const { code, stdout } = await mdl(folder.path, ['--help'], { columns: 100 });
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot('./golden/help.txt');
  });

  test.each(commands.map(({ name }) => name))('of %s ends with 0, and has examples', async (name) => {
    const { code, stdout, stderr } = await mdl(folder.path, [name, '--help'], { columns: 100 });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: mdl ${name}`);
    expect(stdout).toContain(`Examples:\n  mdl ${name}`);
  });

  test('has the version', async () => {
    expect(await mdl(folder.path, ['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});

describe('what is read without commander', () => {
  /** The same call as commander reads it; undefined where it refuses or helps. */
  async function commanderReads(argv: readonly string[]): Promise<Omit<Call, 'io'> | undefined> {
    let read: Omit<Call, 'io'> | undefined;
    const rows = commands.map((row) => ({ ...row, load: async () => ({ command: async ({ args, options }: Call) => ((read = { args, options }), 0) }) }));
    const silent = { write: () => true };
    try {
      const io = { stdout: silent, stderr: silent, stdin: (async function* () {})(), env: {}, cwd: '/' };
      await createProgram(io, () => undefined, rows).parseAsync([...argv], { from: 'user' });
    } catch {
      return undefined;
    }
    return read;
  }

  const rarer = ['-h', '--', '-', '--out=x', '--nothing', '', 'a.mdl', 'x=1', '7', '0', 'dot', 'mermaid', '-x'];

  test('is read by commander in the same way', async () => {
    const words = fc.constantFrom(
      ...commands.flatMap((row) => [row.name, ...row.options.flatMap(({ flags, letter }) => [flags.split(' ')[0]!, ...(letter === undefined ? [] : [`-${letter}`])])]),
      ...rarer,
    );
    const calls = fc.tuple(fc.constantFrom(...commands.map((row) => row.name)), fc.array(words, { maxLength: 6 }));
    await fc.assert(
      fc.asyncProperty(calls, async ([name, rest]) => {
        const call = readCall([name, ...rest]);
        fc.pre(call !== undefined);
        expect({ args: call.args, options: call.options }).toEqual(await commanderReads([name, ...rest]));
      }),
      { numRuns: 300 },
    );
  });
});
