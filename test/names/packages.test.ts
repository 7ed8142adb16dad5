/** Imports from packages: from `node_modules`, in memory and on disk. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { createNodeHost } from '../../src/host/node.ts';
import { packageSpecifier } from '../../src/names/packages.ts';
import { resolveSpecifier, specifierOf } from '../../src/names/specifiers.ts';
import { checkFiles } from '../check/world.ts';

const uri = (file: string): string => `memory:///${file}`;

describe('specifiers', () => {
  test.each([
    ['encoders', { name: 'encoders', path: '' }],
    ['encoders/a/b.mdl', { name: 'encoders', path: 'a/b.mdl' }],
    ['@acme/encoders', { name: '@acme/encoders', path: '' }],
    ['@acme/encoders/a.mdl', { name: '@acme/encoders', path: 'a.mdl' }],
    ['@acme', undefined],
    ['Encoders', undefined],
    ['.hidden', undefined],
    ['a b', undefined],
    ['', undefined],
  ])('"%s"', (specifier, named) => expect(packageSpecifier(specifier)).toEqual(named));
});

describe('package.json', () => {
  const at = (json: unknown, specifier: string, more: Record<string, string> = {}): string | undefined =>
    resolveSpecifier(specifier, uri('src/deep/main.mdl'), createMemoryHost({ 'node_modules/p/package.json': JSON.stringify(json), ...more }));
  test.each<[string, unknown, string, string | undefined]>([
    ['the field mdl', { mdl: './a.mdl' }, 'p', 'a.mdl'],
    ['the field mdl, without a dot', { mdl: 'lib/a.mdl' }, 'p', 'lib/a.mdl'],
    ['exports before the field', { mdl: './a.mdl', exports: { mdl: './b.mdl' } }, 'p', 'b.mdl'],
    ['exports of JavaScript alone', { mdl: './a.mdl', exports: './index.js' }, 'p', 'a.mdl'],
    ['a condition inside a condition', { exports: { '.': { node: { mdl: './n.mdl' }, mdl: { default: './d.mdl' } } } }, 'p', 'd.mdl'],
    ['the first of several', { exports: { mdl: ['./a.js', './a.mdl'] } }, 'p', 'a.mdl'],
    ['a path that is a file', { exports: './index.js' }, 'p/x/y.mdl', 'x/y.mdl'],
    ['a path that exports knows', { exports: { './x': { mdl: './src/x.mdl' } } }, 'p/x', 'src/x.mdl'],
    ['a pattern', { exports: { './h/*': './src/*/main.mdl' } }, 'p/h/deep', 'src/deep/main.mdl'],
    ['the longest pattern', { exports: { './*': './all/*.mdl', './h/*': './src/*.mdl' } }, 'p/h/x', 'src/x.mdl'],
    ['nothing', {}, 'p', undefined],
    ['another kind of file', { mdl: './a.js' }, 'p', undefined],
    ['a way out', { mdl: '../other/a.mdl' }, 'p', undefined],
    ['an absolute path', { mdl: '/a.mdl' }, 'p', undefined],
    ['no string', { mdl: 3 }, 'p', undefined],
    ['a list', [], 'p', undefined],
  ])('%s', (_, json, specifier, file) => expect(at(json, specifier)).toBe(file === undefined ? undefined : uri(`node_modules/p/${file}`)));

  test('the nearest node_modules counts', () => {
    expect(at({ mdl: './a.mdl' }, 'p', { 'src/node_modules/p/package.json': '{ "mdl": "./near.mdl" }' })).toBe(uri('src/node_modules/p/near.mdl'));
  });

  test('conditions nested without end are none', () => {
    const deep = `${'{"default":'.repeat(2000)}"./a.mdl"${'}'.repeat(2000)}`;
    const host = createMemoryHost({ 'node_modules/p/package.json': `{ "exports": ${deep} }` });
    expect(resolveSpecifier('p', uri('main.mdl'), host)).toBeUndefined();
  });

  test('a module is imported as its package offers it', () => {
    const host = createMemoryHost({ 'node_modules/@a/p/package.json': '{ "mdl": "./main.mdl" }', 'node_modules/@a/p/main.mdl': '', 'node_modules/@a/p/x/y.mdl': '' });
    expect(specifierOf(uri('node_modules/@a/p/main.mdl'), uri('src/m.mdl'), host)).toBe('@a/p');
    expect(specifierOf(uri('node_modules/@a/p/x/y.mdl'), uri('src/m.mdl'), host)).toBe('@a/p/x/y.mdl');
    expect(specifierOf(uri('x.mdl'), uri('src/m.mdl'), host)).toBe('../x.mdl');
  });
});

describe('errors', () => {
  const notes = (text: string, more: Record<string, string> = {}): readonly string[] => checkFiles({ 'main.mdl': text, ...more }).diagnostics.flatMap((d) => d.notes);

  test('what is not installed is to be installed', () => {
    expect(notes('import { a } from "@acme/vectors/a.mdl"')).toEqual(['Run `npm install @acme/vectors`.']);
  });

  test('what package.json names already only has to be fetched', () => {
    expect(notes('import { a } from "vectors"', { 'package.json': '{ "name": "app", "dependencies": { "vectors": "^1.0.0" } }' })).toEqual(['package.json names it: run `npm install`.']);
  });

  test('two copies of a package that declare one space', () => {
    const { diagnostics } = checkFiles({ 'main.mdl': 'import { First } from "first-user"\nimport { Second } from "second-user"\npart f(a: First, b: Second) -> f32[batch, 8] { a + b }' });
    expect(diagnostics.map(({ code, message, location }) => [code, message, location.uri])).toEqual([
      ['package-twice', 'the space `shared` of the package "shared" was read from two copies of it, node_modules/shared/ and node_modules/second-user/node_modules/shared/', uri('node_modules/second-user/node_modules/shared/shared.mdl')],
    ]);
  });

  test('two versions of one package list other classes, and have other vectors', () => {
    const copy = (version: string, moods: string): string => `labels Mood = [${moods}]\nspace v @ ${version}\ncontract Vec = f32[batch, 4] where space v`;
    const packages = {
      'node_modules/enc/package.json': '{ "name": "enc", "version": "2.0.0", "mdl": "./main.mdl" }',
      'node_modules/enc/main.mdl': copy('2.0.0', '"glad", "sad"'),
      'node_modules/old/package.json': '{ "name": "old", "mdl": "./main.mdl" }',
      'node_modules/old/main.mdl': 'import { Mood, Vec } from "enc"\npart is_sad(x: f32[batch, Mood]) -> f32[batch, Mood] { x * 1 }\npart near(x: Vec) -> f32[batch, 4] { x * 1 }',
      'node_modules/old/node_modules/enc/package.json': '{ "name": "enc", "version": "1.0.0", "mdl": "./main.mdl" }',
      'node_modules/old/node_modules/enc/main.mdl': copy('1.0.0', '"sad", "glad"'),
    };
    const main = 'import { Mood, Vec } from "enc"\nimport { is_sad, near } from "old"\nmodel M {\n  input x: f32[batch, Mood]\n  input v: Vec\n  output y = is_sad(x)\n  output z = near(v)\n}';
    const { diagnostics } = checkFiles({ 'main.mdl': main, ...packages });
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ['classes-mismatch', '`is_sad.x` takes the classes of `Mood`, but `x` has those of another `Mood`'],
      ['space-mismatch', '`near.x` reads vectors of the space `v@1.0.0`, but `v` lies in `v@2.0.0`'],
    ]);
  });

  test('spaces of two packages are two, whatever they are called', () => {
    const { diagnostics } = checkFiles({
      'main.mdl': 'import { Sentence } from "encoders"\nspace sentences @ 1.0.0\ncontract Mine = f32[batch, 8] where space sentences\npart f(x: Sentence) -> f32[batch, 8] { x * 1 }\nmodel M { input x: Mine output y = f(x) }',
      'package.json': '{ "name": "app" }',
    });
    expect(diagnostics.map((d) => d.message)).toEqual(['`f.x` reads vectors of the space `sentences` of the package encoders, but `x` lies in `sentences` of the package app']);
  });
});

describe('on disk', () => {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'mdl-packages-')));
  afterAll(() => rmSync(root, { recursive: true }));
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };

  test('a linked package finds its own dependencies where it really lies', () => {
    write('app/main.mdl', 'import { double } from "linked"\nmodel M {\n  input x: f32[n]\n  output y = double(x)\n}\n');
    write('store/linked/package.json', '{ "name": "linked", "mdl": "./main.mdl" }');
    write('store/linked/main.mdl', 'import { once } from "inner"\npart double(x: f32[n]) -> f32[n] {\n  once(x) + x\n}\n');
    write('store/node_modules/inner/package.json', '{ "name": "inner", "exports": { "mdl": "./i.mdl" } }');
    write('store/node_modules/inner/i.mdl', 'part once(x: f32[n]) -> f32[n] {\n  x * 1\n}\n');
    mkdirSync(path.join(root, 'app/node_modules'));
    symlinkSync(path.join(root, 'store/linked'), path.join(root, 'app/node_modules/linked'), 'junction');
    const { diagnostics, sources } = createCompiler(createNodeHost({ cwd: root })).check([pathToFileURL(path.join(root, 'app/main.mdl')).href]);
    expect(diagnostics).toEqual([]);
    expect([...sources.keys()].map((file) => path.relative(root, new URL(file).pathname))).toEqual(['store/node_modules/inner/i.mdl', 'store/linked/main.mdl', 'app/main.mdl']);
  });
});
