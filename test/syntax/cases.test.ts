import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { syntaxCodes } from '../../src/diagnostics/codes/syntax.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { MemoryFiles } from '../../src/host/memory.ts';
import { parse } from '../../src/syntax/index.ts';
import { uriOf } from '../check/world.ts';
import { brokenFixes } from '../diagnostics/broken-fixes.ts';
import { expectGolden, shownOf } from '../diagnostics/golden.ts';
import { compareDiagnostics, expectedDiagnostics } from '../../src/testing/markers.ts';
import { limits } from '../../src/syntax/limits.ts';
import { createSource } from '../../src/text/source.ts';

const folder = new URL('../cases/syntax/', import.meta.url);
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.mdl'));

describe('fixtures', () => {
  test.each(fixtures)('%s', (name) => {
    const source = createSource(name, readFileSync(new URL(name, folder), 'utf8'));
    expect(compareDiagnostics(expectedDiagnostics(source), parse(source).diagnostics)).toBe('');
  });
});

/** What is found in the text of the first file. */
const read = (files: MemoryFiles): readonly Diagnostic[] => Object.entries(files).slice(0, 1).flatMap(([name, text]) => parse(createSource(uriOf(name), String(text))).diagnostics);

describe('fixes', () => {
  test.each(fixtures)('of %s', (name) => {
    expect(brokenFixes({ [name]: readFileSync(new URL(name, folder), 'utf8') }, read)).toEqual([]);
  });
});

const made: Readonly<Record<string, () => string>> = {
  'source-too-large': () => ' '.repeat(limits.sourceLength + 1),
  'too-many-errors': () => '? x\n'.repeat(limits.errors + 1),
  'nesting-too-deep': () => `part f(x: f32[n]) -> f32[n] {\n  ${'('.repeat(limits.bracketDepth + 1)}x${')'.repeat(limits.bracketDepth + 1)}\n}\n`,
};

describe('codes', () => {
  test.each(Object.keys(syntaxCodes.table))('%s, as the terminal shows it first', (code) => {
    const source = createSource(`${code}.mdl`, made[code]?.() ?? readFileSync(new URL(`${code}.mdl`, folder), 'utf8'));
    const first = parse(source).diagnostics.find((d) => d.code === code)!;
    expectGolden(shownOf(first, new Map([[source.uri, source]])), new URL(`golden/codes/${code}.txt`, import.meta.url));
  });

  test.each(Object.keys(syntaxCodes.table))('%s has a fixture and a page', (code) => {
    expect(fixtures.includes(`${code}.mdl`) || code in made).toBe(true);
    const page = new URL(`../../docs/diagnostics/${code}.md`, import.meta.url);
    expect(existsSync(page)).toBe(true);
    expect(readFileSync(page, 'utf8')).toMatch(new RegExp(`^# ${code}: `));
  });
});
