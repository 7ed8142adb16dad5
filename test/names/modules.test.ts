/** Modules and their names: who imports what from where. */
import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../../src/host/memory.ts';
import { resolveModules } from '../../src/names/modules.ts';
import { resolvePath } from '../../src/names/paths.ts';
import { resolveSpecifier } from '../../src/names/specifiers.ts';
import { parse } from '../../src/syntax/index.ts';

const library = { nn: 'part relu(x: float[..., n]) -> float[..., n] { onnx.Relu(x) }' };
const uri = (path: string): string => `memory:///${path}`;
function resolve(files: Readonly<Record<string, string>>, entry = 'main.mdl') {
  const { scopes, diagnostics } = resolveModules([uri(entry)], createMemoryHost(files, library), parse);
  return { scopes, codes: diagnostics.map((d) => d.code), scope: scopes.get(uri(entry))! };
}

describe('paths', () => {
  const host = createMemoryHost({}, library);
  test.each([
    ['std/nn', 'std:///nn.mdl'],
    ['std/none', undefined],
    ['./a.mdl', 'memory:///deep/a.mdl'],
    ['../a.mdl', 'memory:///a.mdl'],
    ['./b/../a.mdl', 'memory:///deep/a.mdl'],
    ['../../../a.mdl', 'memory:///a.mdl'],
    ['a.mdl', undefined],
    ['/a.mdl', undefined],
    ['https://example.org/a.mdl', undefined],
    ['', undefined],
  ])('import from "%s"', (specifier, resolved) => expect(resolveSpecifier(specifier, uri('deep/main.mdl'), host)).toBe(resolved));

  test.each([
    ['./50% #1?.onnx', 'memory:///50%25%20%231%3F.onnx'],
    ['./größe.onnx', 'memory:///gr%C3%B6%C3%9Fe.onnx'],
    ['.\\a.onnx', 'memory:///.%5Ca.onnx'],
  ])('the file "%s"', (path, resolved) => expect(resolvePath(path, uri('main.mdl'))).toBe(resolved));
});

describe('names', () => {
  test('are those of the declarations and the imports, under their aliases', () => {
    const { scope, codes } = resolve({ 'main.mdl': 'import { relu as r } from "std/nn"\nimport { b } from "./b.mdl"\nspace a @ 1.0.0', 'b.mdl': 'space b @ 1.0.0\nspace hidden @ 1.0.0' });
    expect(codes).toEqual([]);
    expect([...scope.names.keys()].toSorted()).toEqual(['a', 'b', 'r']);
    expect(scope.names.get('r')!.name).toBe('relu');
    expect(scope.names.get('r')!.module.package).toBe('std');
  });

  test('an import is one declaration, by whichever way', () => {
    const files = { 'main.mdl': 'import { a } from "./a.mdl"\nimport { B } from "./b.mdl"', 'b.mdl': 'import { a } from "./a.mdl"\ncontract B = f32[n] where space a', 'a.mdl': 'space a @ 1.0.0' };
    const { scopes } = resolve(files);
    expect(scopes.get(uri('main.mdl'))!.names.get('a')).toBe(scopes.get(uri('b.mdl'))!.names.get('a'));
  });

  test('what a module imports is not its own to give', () => {
    const { codes } = resolve({ 'main.mdl': 'import { relu } from "./b.mdl"', 'b.mdl': 'import { relu } from "std/nn"' });
    expect(codes).toEqual(['unknown-export']);
  });

  test('each failing import is told, and its names are kept apart', () => {
    const { codes, scope } = resolve({ 'main.mdl': 'import { a, relu } from "std/nn"\nimport { b } from "./none.mdl"\nimport { c as d } from "nowhere"' });
    expect(codes).toEqual(['unknown-export', 'unknown-module', 'package-missing']);
    expect([...scope.unresolved].toSorted()).toEqual(['a', 'b', 'd']);
    expect([...scope.names.keys()]).toEqual(['relu']);
  });

  test('the first of two declarations counts', () => {
    const { codes, scope } = resolve({ 'main.mdl': 'import { relu } from "std/nn"\nspace relu @ 1.0.0\nspace x @ 1.0.0\nlabels x = ["a"]' });
    expect(codes).toEqual(['duplicate-name', 'duplicate-name']);
    expect([...scope.names].map(([name, { declaration }]) => `${declaration.kind} ${name}`)).toEqual(['SpaceDecl relu', 'SpaceDecl x']);
  });

  test('modules have the package of their folder', () => {
    const { scopes } = resolve({ 'package.json': '{ "name": "app" }', 'main.mdl': 'import { a } from "./node_modules/b/a.mdl"', 'node_modules/b/package.json': '{ "name": "b" }', 'node_modules/b/a.mdl': 'space a @ 1.0.0' });
    expect([...scopes.values()].map((scope) => scope.package)).toEqual(['b', 'app']);
  });
});

describe('circles', () => {
  const circle = (n: number): Record<string, string> => Object.fromEntries(Array.from({ length: n }, (_, i) => [`m${i}.mdl`, `import { s${(i + 1) % n} } from "./m${(i + 1) % n}.mdl"\nspace s${i} @ 1.0.0`]));

  test.each([2, 3, 10])('of %d modules are told once', (n) => expect(resolve(circle(n), 'm0.mdl').codes).toEqual(['import-cycle']));
  test('of one', () => expect(resolve({ 'main.mdl': 'import { a } from "./main.mdl"\nspace a @ 1.0.0' }).codes).toEqual(['import-cycle']));
  test('a module read by two ways is none', () => {
    const files = { 'main.mdl': 'import { a } from "./a.mdl"\nimport { b } from "./b.mdl"', 'a.mdl': 'import { c } from "./c.mdl"\nspace a @ 1.0.0', 'b.mdl': 'import { c } from "./c.mdl"\nspace b @ 1.0.0', 'c.mdl': 'space c @ 1.0.0' };
    expect(resolve(files).codes).toEqual([]);
  });
});
