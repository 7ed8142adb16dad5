/** Every fixture's diagnostics are those that its comments list, and every fix does what it says. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { foreignCodes } from '../../src/diagnostics/codes/foreign.ts';
import { jointCodes } from '../../src/diagnostics/codes/joints.ts';
import { nameCodes } from '../../src/diagnostics/codes/names.ts';
import { partCodes } from '../../src/diagnostics/codes/parts.ts';
import { toolCodes } from '../../src/diagnostics/codes/tools.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
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

const found = new Map<string, readonly Diagnostic[]>();

/** What a check says of a fixture. */
function diagnose(name: string): readonly Diagnostic[] {
  const known = found.get(name) ?? checkFiles({ [name]: read(name), ...modules }).diagnostics;
  found.set(name, known);
  return known;
}

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

  test('each has a fixture with a fix, which is applied above, or a reason why there is none', () => {
    const fixed = new Set(fixtures.flatMap((name) => diagnose(name).flatMap(({ code, fixes }) => (fixes.length > 0 ? [code] : []))));
    expect(codes.filter((code) => !fixed.has(code) && withoutFixes[code] === undefined), 'neither').toEqual([]);
    expect(Object.keys(withoutFixes).filter((code) => fixed.has(code)), 'both').toEqual([]);
  });
});
