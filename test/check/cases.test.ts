/**
 * Every fixture's diagnostics are those that its comments list, every fix does what it says, and each code reads as its golden file.
 * `UPDATE_GOLDEN=1` writes these anew, to be read.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { foreignCodes } from '../../src/diagnostics/codes/foreign.ts';
import { jointCodes } from '../../src/diagnostics/codes/joints.ts';
import { nameCodes } from '../../src/diagnostics/codes/names.ts';
import { partCodes } from '../../src/diagnostics/codes/parts.ts';
import { toolCodes } from '../../src/diagnostics/codes/tools.ts';
import type { Compilation } from '../../src/compile.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { parse } from '../../src/syntax/index.ts';
import { compareDiagnostics, expectedDiagnostics } from '../../src/testing/markers.ts';
import { createSource, type SourceText } from '../../src/text/source.ts';
import { brokenFixes } from '../diagnostics/broken-fixes.ts';
import { expectGolden, shownOf } from '../diagnostics/golden.ts';
import { allRows } from '../diagnostics/tables.ts';
import { withoutFixes } from '../diagnostics/without-fixes.ts';
import { madeSources } from './made-sources.ts';
import { checkFiles, uriOf } from './world.ts';

const folder = new URL('../cases/check/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.mdl'));
/** What fixtures import. */
const modules = Object.fromEntries(readdirSync(new URL('modules/', folder)).map((name) => [name, read(`modules/${name}`)]));

/** Found by what no source says alone; the fixes are applied by the tests named. */
const fixedInTests = { 'space-changed': 'test/packages/apply-lock.test.ts', 'tokenizer-changed': 'test/packages/apply-lock.test.ts', 'data-column': 'test/cli/errors.test.ts', 'file-not-found': 'test/cli/errors.test.ts', 'file-not-regular': 'test/cli/errors-of-files.test.ts' };

/** Their fixes are applied by `test/syntax/cases.test.ts`. */
const syntaxFixtures = (): SourceText[] => {
  const syntax = new URL('../syntax/', folder);
  return readdirSync(syntax).map((name) => createSource(name, readFileSync(new URL(name, syntax), 'utf8')));
};

const found = new Map<string, Pick<Compilation, 'diagnostics' | 'sources'>>();

/** What a check says of a fixture. */
function check(name: string): Pick<Compilation, 'diagnostics' | 'sources'> {
  const { diagnostics, sources } = found.get(name) ?? checkFiles({ [name]: read(name), ...modules });
  found.set(name, { diagnostics, sources });
  return { diagnostics, sources };
}
const diagnose = (name: string): readonly Diagnostic[] => check(name).diagnostics;

describe('fixtures', () => {
  test.each(fixtures)('%s', (name) => {
    const expectations = expectedDiagnostics(createSource(uriOf(name), read(name)));
    expect(compareDiagnostics(expectations, diagnose(name))).toBe('');
  });

  test.each(fixtures)('the fixes of %s', (name) => {
    expect(brokenFixes({ [name]: read(name), ...modules })).toEqual([]);
  });
});

describe('codes', () => {
  const listed = new Set(fixtures.flatMap((name) => expectedDiagnostics(createSource(name, read(name))).diagnostics.map((d) => d.code)));
  const codes = [nameCodes, jointCodes, partCodes, foreignCodes, toolCodes].flatMap(({ table }) => Object.keys(table));

  test.each(codes)('%s has a fixture', (code) => {
    expect(listed.has(code) || code in madeSources).toBe(true);
  });

  test.each(codes)('%s, as the terminal shows it first', (code) => {
    const name = [`${code}.mdl`, ...fixtures].find((fixture) => fixtures.includes(fixture) && diagnose(fixture).some((d) => d.code === code))!;
    const { diagnostics, sources } = madeSources[code]?.() ?? check(name);
    expectGolden(shownOf(diagnostics.find((d) => d.code === code)!, sources), new URL(`golden/codes/${code}.txt`, import.meta.url));
  });

  test('each of all tables has a fixture with a fix, which is applied above, or a reason why there is none', async () => {
    const all = (await allRows()).map(({ code }) => code);
    const offered = [...fixtures.flatMap(diagnose), ...syntaxFixtures().flatMap((source) => parse(source).diagnostics)];
    const fixed = new Set([...Object.keys(fixedInTests), ...offered.flatMap(({ code, fixes }) => (fixes.length > 0 ? [code] : []))]);
    expect(all.filter((code) => !fixed.has(code) && withoutFixes[code] === undefined), 'neither').toEqual([]);
    expect(Object.keys(withoutFixes).filter((code) => !all.includes(code)), 'no code').toEqual([]);
    expect(Object.keys(withoutFixes).filter((code) => fixed.has(code)), 'both').toEqual([]);
  });
});
