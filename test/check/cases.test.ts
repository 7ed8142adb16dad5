/**
 * Every fixture's diagnostics are those that its comments list, every fix does what it says, and each code reads as its golden file.
 * `UPDATE_GOLDEN=1` writes these anew, to be read.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { foreignCodes } from '../../src/diagnostics/codes/foreign.ts';
import { jointCodes } from '../../src/diagnostics/codes/joints.ts';
import { nameCodes } from '../../src/diagnostics/codes/names.ts';
import { partCodes } from '../../src/diagnostics/codes/parts.ts';
import { toolCodes } from '../../src/diagnostics/codes/tools.ts';
import type { Compilation } from '../../src/compile.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../../src/diagnostics/index.ts';
import { compareDiagnostics, expectedDiagnostics } from '../../src/testing/markers.ts';
import { createSource } from '../../src/text/source.ts';
import { brokenFixes } from './fixes.ts';
import { withoutFixes } from './without-fixes.ts';
import { checkFiles, uriOf } from './world.ts';

const folder = new URL('../cases/check/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.mdl'));
/** What fixtures import. */
const modules = Object.fromEntries(readdirSync(new URL('modules/', folder)).map((name) => [name, read(`modules/${name}`)]));

/** Too long for a fixture, not found by a check, or found in another file: see limits, learned and names/packages.test.ts. */
const madeInTests = ['too-deep', 'too-large', 'weight-unfitted', 'package-twice'];

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
    expect(listed.has(code) || madeInTests.includes(code)).toBe(true);
  });

  test.each(codes.filter((code) => !madeInTests.includes(code)))('%s, as the terminal shows it first', (code) => {
    const golden = new URL(`golden/codes/${code}.txt`, import.meta.url);
    const name = [`${code}.mdl`, ...fixtures].find((fixture) => fixtures.includes(fixture) && diagnose(fixture).some((d) => d.code === code))!;
    const { diagnostics, sources } = check(name);
    const display = (uri: string): string => uri.replace(/^(?:memory|std):\/\/\//, '');
    const shown = `${renderDiagnostic(diagnostics.find((d) => d.code === code)!, { sources, display })}\n`;
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, shown);
    expect(shown).toBe(readFileSync(golden, 'utf8'));
  });

  test('each has a fixture with a fix, which is applied above, or a reason why there is none', () => {
    const fixed = new Set(fixtures.flatMap((name) => diagnose(name).flatMap(({ code, fixes }) => (fixes.length > 0 ? [code] : []))));
    expect(codes.filter((code) => !fixed.has(code) && withoutFixes[code] === undefined), 'neither').toEqual([]);
    expect(Object.keys(withoutFixes).filter((code) => fixed.has(code)), 'both').toEqual([]);
  });
});
