import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { syntaxCodes } from '../../src/diagnostics/codes/syntax.ts';
import { parse } from '../../src/syntax/index.ts';
import { compareDiagnostics, expectedDiagnostics } from '../../src/testing/markers.ts';
import { createSource } from '../../src/text/source.ts';

const folder = new URL('../cases/syntax/', import.meta.url);
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.mdl'));
/** Too long for a fixture: see limits.test.ts. */
const madeInTests = ['source-too-large', 'too-many-errors', 'nesting-too-deep'];

describe('fixtures', () => {
  test.each(fixtures)('%s', (name) => {
    const source = createSource(name, readFileSync(new URL(name, folder), 'utf8'));
    expect(compareDiagnostics(expectedDiagnostics(source), parse(source).diagnostics)).toBe('');
  });
});

describe('codes', () => {
  test.each(Object.keys(syntaxCodes.table))('%s has a fixture and a page', (code) => {
    expect(fixtures.includes(`${code}.mdl`) || madeInTests.includes(code)).toBe(true);
    const page = new URL(`../../docs/diagnostics/${code}.md`, import.meta.url);
    expect(existsSync(page)).toBe(true);
    expect(readFileSync(page, 'utf8')).toMatch(new RegExp(`^# ${code}: `));
  });
});
