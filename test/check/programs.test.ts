import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkFiles } from './world.ts';

describe('programs of the whole language', () => {
  test('a fit names a part, it declares none', () => {
    const { diagnostics } = checkFiles({ 'main.mdl': 'part p(x: f32[n]) -> f32[n] { x }\nfit p { data "./d.jsonl" }\n' });
    expect(diagnostics.map((d) => d.code)).toEqual(['tool-incomplete', 'fit-target']);
  });

  const folder = new URL('../cases/language/', import.meta.url);
  const programs = readdirSync(folder);
  test.each(programs)('%s is checked without a crash', (name) => {
    const files = Object.fromEntries(programs.map((file) => [file, readFileSync(new URL(file, folder), 'utf8')]));
    // They name files and modules that are not there.
    expect(checkFiles({ [name]: files[name]!, ...files }).diagnostics.map((d) => d.code)).toContain({ 'reviews.mdl': 'file-missing', 'tools.mdl': 'unknown-module', 'joints.mdl': 'package-missing' }[name]);
  });
});
