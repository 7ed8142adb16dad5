/** Several fits or probes of one call, of which one cannot be carried out: the others are, but those that need it. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';

const adapter = (name: string): string => `adapter ${name}(x: f32[batch, 4]) -> f32[batch, 4] weights "./${name}.safetensors" = learned { x |> linear(out: 4) }\n`;
const fit = (name: string, prediction: string, column = 'y'): string => `fit ${name} { data d = "./pairs.jsonl" loss mse(${prediction}, d.${column}) method ridge(lambda: 0.01) }\n`;
const source = `import { linear } from "std/nn"
${['First', 'Broken', 'Apart', 'Behind', 'Last'].map(adapter).join('')}part both(x: f32[batch, 4]) -> f32[batch, 4] { x |> Broken }
${fit('First', 'First(d.x)')}${fit('Broken', 'Broken(d.x)', 'nothing')}${fit('Apart', 'Apart(d.x)')}${fit('Behind', 'Behind(both(d.x))')}${fit('Last', 'Last(Behind(d.x))')}`;
const rows = Array.from({ length: 80 }, (_, i) => {
  const x = [1, 2, 3, 5].map((k) => Math.sin(k * i + k));
  return `${JSON.stringify({ x, y: x.map((value, j) => value + 0.5 * x[(j + 1) % 4]!) })}\n`;
}).join('');
const folder = createFolder({ 'package.json': '{ "name": "several" }', 'a.mdl': source, 'pairs.jsonl': rows });
afterAll(() => folder.remove());

test('a fit that is refused keeps from it only those that call what it would have learned, through others, too', async () => {
  const { code, stdout, stderr } = await mdl(folder.path, ['fit', 'a.mdl']);
  expect([code, stderr.match(/error\[[a-z-]+\]/g)]).toEqual([1, ['error[data-column]']]);
  expect(stdout.match(/^\w+: not carried out.*$/gm)).toEqual(['Broken: not carried out', 'Behind: not carried out, for it needs Broken', 'Last: not carried out, for it needs Behind']);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('fitted: First, Apart; refused: Broken; not begun: Behind, which needs Broken; Last, which needs Behind');
  expect(['First', 'Broken', 'Apart', 'Behind', 'Last'].filter((name) => existsSync(path.join(folder.path, `${name}.safetensors`)))).toEqual(['First', 'Apart']);
  const { ok, results, refused, notBegun, diagnostics } = JSON.parse((await mdl(folder.path, ['fit', 'a.mdl', '--json'])).stdout) as Record<string, unknown> & { results: { part: string }[]; diagnostics: { code: string }[] };
  expect([ok, results.map(({ part }) => part), refused, notBegun, diagnostics.map((one) => one.code)]).toEqual([false, ['First', 'Apart'], ['Broken'], [{ name: 'Behind', needs: 'Broken' }, { name: 'Last', needs: 'Behind' }], ['data-column']]);
});

test('a fit stands behind those that it needs, wherever they are declared; the others keep their order', async () => {
  const other = createFolder({ 'package.json': '{ "name": "several" }', 'pairs.jsonl': rows, 'a.mdl': `import { linear } from "std/nn"
${['Last', 'Apart', 'Behind', 'First'].map(adapter).join('')}part both(x: f32[batch, 4]) -> f32[batch, 4] { x |> First }
${fit('Last', 'Last(Behind(d.x))')}${fit('Apart', 'Apart(d.x)')}${fit('Behind', 'Behind(both(d.x))')}${fit('First', 'First(d.x)')}` });
  const { code, stdout } = await mdl(other.path, ['fit', 'a.mdl']);
  expect([code, stdout.match(/^\w+(?=: )/gm)]).toEqual([0, ['Apart', 'First', 'Behind', 'Last']]);
  other.remove();
});

test('where nothing is refused, and where one alone is, no line sums it up', async () => {
  expect((await mdl(folder.path, ['fit', 'a.mdl', 'First', 'Apart'])).stdout).not.toContain('fitted:');
  const { code, stdout } = await mdl(folder.path, ['fit', 'a.mdl', 'Broken']);
  expect([code, stdout]).toEqual([1, '']);
});

test('a probe that is refused keeps no other from it', async () => {
  const probe = (name: string, file: string): string => `probe ${name} { data "./${file}.jsonl" through one, two }\n`;
  writeFileSync(path.join(folder.path, 'p.mdl'), `part one(x: f32[batch, 4]) -> f32[batch, 4] { 2.0 * x }\npart two(y: f32[batch, 4]) -> f32[batch, 4] { 3.0 * y }\n${probe('Near', 'pairs')}${probe('Gone', 'halves')}${probe('Again', 'pairs')}`);
  writeFileSync(path.join(folder.path, 'halves.jsonl'), rows.replaceAll('"y"', '"z"'));
  const { code, stdout, stderr } = await mdl(folder.path, ['probe', 'p.mdl']);
  expect([code, stderr.match(/error\[[a-z-]+\]/g)]).toEqual([1, ['error[data-column]']]);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('probed: Near, Again; refused: Gone');
});
