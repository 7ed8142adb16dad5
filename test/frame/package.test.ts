/** The package as a user gets it: packed, and installed into a folder that has no other packages. Tests the last build. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importsOf } from './imports.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'mdl-package-'));
const installed = path.join(folder, 'node_modules/mdl-lang');

/** Bytes of the packed file: half as much again as it is now. A model or a second copy of a bundle would pass it. */
const largest = 1_800_000;

interface PackedFile {
  readonly path: string;
}
let tarball: string;
let files: readonly string[];

/** Runs a program in the installation's folder; throws with all its output where it fails. */
function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${[program, ...args].join(' ')} ended with ${status ?? error?.message}\n${stdout}${stderr}`);
}

function repositoryTool(script: string, ...args: string[]): string {
  return run(process.execPath, path.join(root, 'node_modules', script), ...args);
}

const mdl = (...args: string[]): string => run(path.join(folder, 'node_modules/.bin/mdl'), ...args);

function evaluate(code: string): unknown {
  writeFileSync(path.join(folder, 'probe.mjs'), code);
  return JSON.parse(run(process.execPath, 'probe.mjs'));
}

/** A module and all of the package that it may load. */
function reachable(file: string, found = new Set<string>()): readonly string[] {
  if (found.has(file)) return [];
  found.add(file);
  for (const { specifier } of importsOf(file, readFileSync(file, 'utf8'))) {
    if (specifier.startsWith('.')) reachable(path.join(path.dirname(file), specifier), found);
  }
  return [...found];
}

/** Composes a model of one constant and prints its ONNX file. */
const int64Program = `
  import { createBundle, createMemoryHost } from 'mdl-lang';
  const location = { uri: 'memory:///limits.mdl', span: { start: 0, end: 0 } };
  const value = { type: 'ints', value: [2n ** 63n - 1n, -(2n ** 63n)] };
  const constant = {
    kind: 'operation', name: 'limits', op: 'Constant', domain: '', inputs: [], outputs: ['limits'],
    attributes: new Map([['value_ints', value]]), origin: location,
  };
  const two = { terms: [{ coefficient: 2, symbols: [] }] };
  const program = {
    name: 'Limits', inputs: [], outputs: [{ name: 'limits', value: 'limits' }], steps: [constant], initializers: [],
    types: new Map([['limits', { dtype: 'i64', dims: [two] }]]), opsets: new Map([['', 14]]),
  };
  const model = { name: 'Limits', uri: location.uri, location, inputs: [], outputs: [], joints: [], program, files: [], tokenizers: [], backbones: [], states: [], places: { tensors: [], left: 0 }, guards: [], needlessGuards: [], demands: [], budget: [] };
  const context = { host: createMemoryHost({}), version: '0', sources: new Map(), fingerprints: new Map() };
  console.log(JSON.stringify(Buffer.concat(createBundle(model, context).value.onnx.pieces).toString('hex')));`;

beforeAll(() => {
  if (!existsSync(path.join(root, 'dist/js/cli.cjs'))) throw new Error('run `npm run build` first');
  const packed = run('npm', 'pack', root, '--ignore-scripts', '--json', '--loglevel=error');
  const [entry] = JSON.parse(packed) as readonly { filename: string; files: readonly PackedFile[] }[];
  tarball = path.join(folder, entry!.filename);
  files = entry!.files.map((file) => file.path);
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
  run('npm', 'install', tarball, '--offline', '--no-save', '--no-audit', '--no-fund', '--loglevel=error');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed file', () => {
  test('is small, and holds no model and no source', () => {
    expect(statSync(tarball).size).toBeLessThan(largest);
    expect(files.filter((file) => /\.(onnx|safetensors|jsonl|tgz)$/.test(file))).toEqual([]);
    expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
  });

  test('holds the pages that its README leads to', () => {
    const links = [...readFileSync(path.join(root, 'README.md'), 'utf8').matchAll(/\]\((docs\/[^)#]*)/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((link) => !files.some((file) => file === link || file.startsWith(`${link}/`)))).toEqual([]);
  });

  test('holds the library, the pages of the codes, and the licences', () => {
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md', 'dist/js/licences.txt']));
    expect(files.filter((file) => file.startsWith('stdlib/')).length).toBeGreaterThan(0);
    expect(files.filter((file) => file.startsWith('docs/diagnostics/')).length).toBeGreaterThan(0);
  });

  test('has a runtime that loads neither compiler nor parser nor protobuf, and whose lines Node can show', () => {
    const loaded = reachable(path.join(installed, 'dist/js/runtime.js'));
    expect(loaded.map((file) => path.basename(file)).filter((name) => /^(compiler|parser|index)\b/.test(name))).toEqual([]);
    const code = loaded.map((file) => readFileSync(file, 'utf8'));
    expect(Math.max(...code.flatMap((text) => text.split('\n')).map((line) => line.length))).toBeLessThan(2000);
    // The parser library throws these errors, and the protobuf library makes these messages.
    expect(code.filter((text) => /MismatchedTokenException|ValueInfoProto/.test(text))).toEqual([]);
  });

  test('has no fault that publint knows', () => {
    expect(repositoryTool('publint/src/cli.js', 'run', tarball, '--strict', '--level', 'suggestion')).toContain('All good!');
  });

  test('has types that resolve', () => {
    const attw = '@arethetypeswrong/cli/dist/index.js';
    const judge = () => repositoryTool(attw, tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii');
    expect(judge).not.toThrow();
  });
});

describe('the installed package', () => {
  test('is alone: it brings no other package', () => {
    expect(run('npm', 'ls', '--all', '--parseable', '--loglevel=error').trim().split('\n').slice(1)).toEqual([installed]);
  });

  test('answers its version', () => {
    const { version } = evaluate(`
      import info from 'mdl-lang/package.json' with { type: 'json' };
      console.log(JSON.stringify(info));`) as { version: string };
    expect(mdl('--version').trim()).toBe(version);
  });

  test('checks an example', () => {
    cpSync(path.join(root, 'examples/glosses'), path.join(folder, 'glosses'), { recursive: true });
    expect(() => mdl('check', 'glosses/glosses.mdl')).not.toThrow();
  });

  test.each(['mdl-lang', 'mdl-lang/runtime', 'mdl-lang/prettier'])('lets an app import %s', (specifier) => {
    const names = evaluate(`console.log(JSON.stringify(Object.keys(await import('${specifier}'))));`);
    expect(names).not.toEqual([]);
  });

  test('writes the extremes of int64', () => {
    const onnx = evaluate(int64Program);
    // 2^63 - 1 is nine groups of seven ones; -2^63 takes ten bytes, the last of them for bit 63.
    expect(onnx).toContain(`${'ff'.repeat(8)}7f${'80'.repeat(9)}01`);
  });

  test.each(['nodenext', 'bundler'])('has declarations that stand alone under moduleResolution %s', (moduleResolution) => {
    const modules = ['mdl-lang', 'mdl-lang/runtime', 'mdl-lang/prettier'];
    const lines = modules.map((specifier, i) => `import * as m${i} from '${specifier}';\nexport const n${i} = m${i};`);
    const module = moduleResolution === 'nodenext' ? 'nodenext' : 'esnext';
    // A formatter's plugin is of use, and so typed, only where there is the formatter.
    const paths = { prettier: [path.join(root, 'node_modules/prettier/index.d.ts')] };
    const compilerOptions = { strict: true, noEmit: true, types: [], target: 'es2022', module, moduleResolution, paths };
    writeFileSync(path.join(folder, 'consumer.ts'), lines.join('\n'));
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    const printed = repositoryTool('typescript/bin/tsc', '-p', 'tsconfig.json');
    expect(printed).toBe('');
  });
});
