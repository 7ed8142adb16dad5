/** The examples of the checker's pages: the first of a page produces its diagnostic, the others are without fault. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { foreignCodes } from '../../src/diagnostics/codes/foreign.ts';
import { jointCodes } from '../../src/diagnostics/codes/joints.ts';
import { nameCodes } from '../../src/diagnostics/codes/names.ts';
import { partCodes } from '../../src/diagnostics/codes/parts.ts';
import { toolCodes } from '../../src/diagnostics/codes/tools.ts';
import { brokenFixes } from '../diagnostics/broken-fixes.ts';
import { checkText } from './world.ts';

/** Their examples would fill a page, or are without fault until they are built. */
const abridged = ['too-deep', 'too-large', 'weight-unfitted'];
const codes = [nameCodes, jointCodes, partCodes, foreignCodes, toolCodes].flatMap(({ table }) => Object.keys(table)).filter((code) => !abridged.includes(code));
/** What pages import. */
const modules = { 'meaning.mdl': 'space meaning @ 1.0.0\n' };

function examplesOf(code: string): string[] {
  const page = readFileSync(new URL(`../../docs/diagnostics/${code}.md`, import.meta.url), 'utf8');
  return [...page.matchAll(/^```mdl\n([^]*?)^```$/gm)].map((match) => match[1]!);
}

describe.each(codes)('%s', (code) => {
  const [wrong, ...right] = examplesOf(code);

  test('its example has it, and no error besides', () => {
    const { diagnostics } = checkText(wrong!, modules);
    expect([...new Set(diagnostics.map((d) => d.code))]).toEqual([code]);
  });

  test('its other examples are right', () => {
    expect(right.flatMap((text) => checkText(text, modules).diagnostics.map((d) => d.message))).toEqual([]);
  });

  test('its fixes fix it', () => {
    expect(brokenFixes({ 'main.mdl': wrong!, ...modules })).toEqual([]);
  });
});
