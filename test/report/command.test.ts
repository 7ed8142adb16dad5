/** `mdl report` as it is called: what it runs, what it takes from what is known, and what it refuses. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFolder, mdl, type Answer } from '../cli/harness.ts';

const source = `import { last } from "std/nn"
import { truncate } from "std/text"
contract Both = f32[batch, 8]
/// What the first one is for.
adapter First(z: Both) -> f32[batch, 4] { z |> truncate(to: 4) }
adapter Second(z: Both) -> f32[batch, 4] { z |> last(n: 4) }
probe Spaces { data "./z.jsonl" through First, Second }
probe Again { data "./z.jsonl" through Second, First }
`;
const rows = (shift: number): string => Array.from({ length: 30 }, (_, i) => `${JSON.stringify({ z: Array.from({ length: 8 }, (__, j) => Math.sin(i * (j + 1) + shift)) })}\n`).join('');

let folder = createFolder();
beforeEach(() => {
  folder = createFolder({ 'package.json': '{ "name": "reports" }', 'a.mdl': source, 'z.jsonl': rows(0), 'none.mdl': 'space use @ 1.0.0\n' });
});
afterEach(() => folder.remove());
const report = (...args: readonly string[]): Promise<Answer> => mdl(folder.path, ['report', ...args], { env: { XDG_CACHE_HOME: path.join(folder.path, 'cache') } });
const read = (name: string): string => readFileSync(path.join(folder.path, name), 'utf8');
const studiesOf = ({ stdout }: Answer) => (JSON.parse(stdout) as { studies: { name: string; computed: boolean }[] }).studies.map(({ name, computed }) => [name, computed]);

test('runs what is not known, and draws what is; other data make it run again', async () => {
  const first = await report('a.mdl', 'Spaces', '--json');
  expect([first.code, first.stderr, studiesOf(first)]).toEqual([0, '', [['Spaces', true]]]);
  const page = read('a.report.html');
  expect(page.startsWith('<!DOCTYPE html>\n<html lang="en"')).toBe(true);
  expect(page).toContain('What the first one is for.');
  expect(studiesOf(await report('a.mdl', '--json'))).toEqual([['Spaces', false], ['Again', true]]);
  writeFileSync(path.join(folder.path, 'z.jsonl'), rows(1));
  expect(studiesOf(await report('a.mdl', 'Again', '--json'))).toEqual([['Again', true]]);
  // What ran stands in the history, and what was only drawn does not.
  expect(read('mdl.history.jsonl').split('\n').length - 1).toBe(3);
});

test('one that cannot be carried out keeps no other from the page, which names it', async () => {
  writeFileSync(path.join(folder.path, 'a.mdl'), source.replace('probe Spaces { data "./z.jsonl"', 'probe Spaces { data "./gone.jsonl"'));
  const { code, stdout, stderr } = await report('a.mdl', '--format', 'md');
  expect([code, stdout.split('\n')[0]]).toEqual([1, expect.stringMatching(/^a\.report\.md: Again, \d+ kB$/)]);
  expect(stderr).toMatch(/^error\[/);
  expect(read('a.report.md')).toMatch(/\n## Not carried out\n\n- Spaces: .*gone\.jsonl.*\.\n/);
  const json = await report('a.mdl', '--json');
  expect([json.code, json.stderr]).toEqual([1, '']);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, refused: ['Spaces'], studies: [{ name: 'Again' }], diagnostics: [{ severity: 'error' }] });
  // Where nothing is left there is no page.
  const alone = await report('a.mdl', 'Spaces', '--out', 'alone.html');
  expect([alone.code, alone.stdout, readdirSync(folder.path).includes('alone.html')]).toEqual([1, '', false]);
});

test('--no-history without a file is told what it does', async () => {
  for (const both of [['--history', '--no-history'], ['--no-history']]) expect(await report(...both)).toMatchObject({ code: 2, stderr: expect.stringContaining('report with --no-history needs a file: it keeps the runs of a report out of the history, which --history shows') as string });
});

test('takes what `mdl probe` found out', async () => {
  const env = { XDG_CACHE_HOME: path.join(folder.path, 'cache') };
  await mdl(folder.path, ['probe', 'a.mdl', 'Again'], { env });
  expect(studiesOf(await report('a.mdl', 'Again', '--json'))).toEqual([['Again', false]]);
});

test('writes Markdown, where it is told, and to standard output', async () => {
  const shown = await report('a.mdl', 'Spaces', '--format', 'md', '--out', '-');
  expect([shown.code, shown.stderr]).toEqual([0, '']);
  expect(shown.stdout).toMatch(/^# Spaces\n\na\.mdl, \d{4}-\d\d-\d\d {2}\n/);
  const written = await report('a.mdl', 'Spaces', '--format', 'md', '--out', 'deep/er/page.md');
  expect([written.code, written.stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^deep\/er\/page\.md: Spaces, \d+ kB$/)]);
  expect(read('deep/er/page.md').split('\n')[0]).toBe('# Spaces');
});

test('plots the history', async () => {
  expect(await report('--history')).toMatchObject({ code: 2, stderr: expect.stringContaining('error[cli-no-history]: mdl.history.jsonl holds no runs\n') as string });
  await report('a.mdl', 'Spaces');
  writeFileSync(path.join(folder.path, 'z.jsonl'), rows(1));
  await report('a.mdl', 'Spaces');
  const { code, stdout } = await report('--history', '--format', 'md', '--out', '-');
  expect(code).toBe(0);
  expect(stdout).toContain('## probe Spaces of a.mdl\n\n2 runs.');
  expect(stdout).toMatch(/\| 30 \| \w+ \| 0 \| z\.jsonl \|\n.*\| the first run \|/);
  expect((await report('none.mdl', '--history')).stderr).toContain('mdl.history.jsonl holds no runs of none.mdl');
});

test('refuses a file without declarations, names that are not there, and a call without a file; writes nothing then', async () => {
  expect(await report('none.mdl')).toMatchObject({ code: 2, stderr: expect.stringContaining('none.mdl declares no verify or probe') as string });
  expect(await report('a.mdl', 'Space')).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean Spaces?') as string });
  expect(await report()).toMatchObject({ code: 2, stderr: expect.stringContaining('report needs a file, or --history') as string });
  writeFileSync(path.join(folder.path, 'z.jsonl'), '{"y": 1}\n');
  expect((await report('a.mdl')).code).toBe(1);
  expect(readdirSync(folder.path).filter((name) => name.includes('report'))).toEqual([]);
});
