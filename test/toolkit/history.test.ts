/** The local history: what stands in it after runs, after many, after two processes at once, and after an accident. */
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { afterEach, expect, test } from 'vitest';
import { appendRun, readHistory, type Run } from '../../src/toolkit/history.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

function folderOf(files: Readonly<Record<string, string>> = {}): string {
  const folder = createFolder({ 'package.json': '{ "name": "runs" }', ...files });
  folders.push(folder);
  return folder.path;
}

const runOf = (name: string): Run => ({ at: '2026-11-22T12:30:00Z', kind: 'fit', file: 'a.mdl', name, inputs: { 'a.mdl': 'ab' }, method: 'ridge', seed: 7, rows: 60, scores: { 'R²': 0.5 }, versions: { 'mdl-lang': '0.1.0' } });

const source = `import { last } from "std/nn"
import { truncate } from "std/text"
contract Both = f32[batch, 8]
adapter First(z: Both) -> f32[batch, 4] { z |> truncate(to: 4) }
adapter Second(z: Both) -> f32[batch, 4] { z |> last(n: 4) }
probe Spaces { data "./z.jsonl" through First, Second }
`;
const rows = (shift: number): string => Array.from({ length: 40 }, (_, i) => `${JSON.stringify({ z: Array.from({ length: 8 }, (__, j) => Math.sin(i * (j + 1) + shift)) })}\n`).join('');

test('a run is a line, with what it rests on; --no-history leaves none', async () => {
  const folder = folderOf({ 'a.mdl': source, 'z.jsonl': rows(0) });
  const file = path.join(folder, 'mdl.history.jsonl');
  expect([(await mdl(folder, ['probe', 'a.mdl', '--no-history'])).code, existsSync(file)]).toEqual([0, false]);
  expect([(await mdl(folder, ['report', 'a.mdl', '--no-history'])).code, existsSync(file)]).toEqual([0, false]);
  await mdl(folder, ['probe', 'a.mdl']);
  writeFileSync(path.join(folder, 'z.jsonl'), rows(1));
  await mdl(folder, ['probe', 'a.mdl', '--json']);
  const { runs, unread } = readHistory(file);
  expect([runs.map(({ kind, file: at, name, rows: count }) => [kind, at, name, count]), unread]).toEqual([[['probe', 'a.mdl', 'Spaces', 40], ['probe', 'a.mdl', 'Spaces', 40]], 0]);
  expect(runs[0]!.scores['CKA, Second to First']).toEqual(expect.any(Number));
  const [before, after] = runs.map(({ inputs }) => inputs);
  expect(Object.keys(before!)).toEqual(['a.mdl', 'z.jsonl']);
  expect([after!['a.mdl'] === before!['a.mdl'], after!['z.jsonl'] === before!['z.jsonl']]).toEqual([true, false]);
});

test('what is old makes room, the newest stays', () => {
  const file = path.join(folderOf(), 'h.jsonl');
  const line = JSON.stringify(runOf('100')).length + 1;
  for (let i = 100; i < 150; i++) appendRun(file, runOf(String(i)), 20 * line);
  const names = readHistory(file).runs.map(({ name }) => Number(name));
  expect([names.at(-1), names.length >= 10, names.length <= 20]).toEqual([149, true, true]);
  names.forEach((name, i) => expect(name).toBe(149 - (names.length - 1) + i));
});

test('lines that are no runs are counted and passed over', () => {
  const file = path.join(folderOf(), 'h.jsonl');
  expect(readHistory(file)).toEqual({ runs: [], unread: 0 });
  appendRun(file, runOf('a'));
  appendFileSync(file, '{"at": "2026\n[1]\nnull\n{"at":"2026-11-22T12:30:00Z","kind":"other"}\n');
  appendRun(file, runOf('b'));
  const { runs, unread } = readHistory(file);
  expect([runs.map(({ name }) => name), unread]).toEqual([['a', 'b'], 4]);
});

test('behind a line that was cut off, or that has no end, the next run is a line of its own', () => {
  const file = path.join(folderOf(), 'h.jsonl');
  appendRun(file, runOf('a'));
  appendFileSync(file, '{"at": "2026-11-2');
  appendRun(file, runOf('b'));
  appendFileSync(file, JSON.stringify(runOf('c')));
  appendRun(file, runOf('d'));
  const { runs, unread } = readHistory(file);
  expect([runs.map(({ name }) => name), unread]).toEqual([['a', 'b', 'c', 'd'], 1]);
});

test('a lock that a killed process left holds nobody up for long', () => {
  const file = path.join(folderOf(), 'h.jsonl');
  writeFileSync(`${file}.lock`, '');
  utimesSync(`${file}.lock`, new Date(0), new Date(0));
  appendRun(file, runOf('a'));
  expect([readHistory(file).runs.length, existsSync(`${file}.lock`)]).toEqual([1, false]);
});

test('processes that write at once lose no line and mix none, while old ones make room', async () => {
  const folder = folderOf();
  const bundle = await rolldown({ input: path.resolve(import.meta.dirname, '../../src/toolkit/history.ts'), platform: 'node' });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  writeFileSync(path.join(folder, 'history.mjs'), output[0].code);
  const run = JSON.stringify(runOf('NAME'));
  const most = 40 * run.length;
  writeFileSync(path.join(folder, 'write.mjs'), `import { appendRun } from './history.mjs';\nfor (let i = 0; i < 100; i++) appendRun('h.jsonl', ${run.replace('"NAME"', '`${process.argv[2]}${i}`')}, ${most});\n`);
  await Promise.all(['a', 'b', 'c'].map((name) => promisify(execFile)(process.execPath, ['write.mjs', name], { cwd: folder })));
  const { runs, unread } = readHistory(path.join(folder, 'h.jsonl'));
  expect([unread, readFileSync(path.join(folder, 'h.jsonl')).length <= most, runs.length >= 19]).toEqual([0, true, true]);
  // What stays of each writer is its last lines, none left out.
  for (const name of 'abc') {
    const numbers = runs.filter((one) => one.name.startsWith(name)).map((one) => Number(one.name.slice(1)));
    numbers.forEach((number, i) => expect(number).toBe(100 - numbers.length + i));
  }
});
