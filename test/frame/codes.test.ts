import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { allRows } from '../diagnostics/tables.ts';

const root = path.resolve(import.meta.dirname, '../..');
const pagesFolder = path.join(root, 'docs/diagnostics');

const table = await allRows();
const pages = readdirSync(pagesFolder).filter((file) => file.endsWith('.md') && file !== 'README.md');

test('the tables hold codes', () => {
  expect(table.length).toBeGreaterThan(0);
});

const show = ({ file, code }: (typeof table)[number]): string => `${file}: ${code}`;

test('no code stands in two tables', () => {
  const twice = table.filter((row, i) => table.findIndex(({ code }) => code === row.code) !== i);
  expect(twice.map(show)).toEqual([]);
});

test('every code is in kebab-case', () => {
  const others = table.filter(({ code }) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(code));
  expect(others.map(show)).toEqual([]);
});

test('every code has a page', () => {
  expect(table.filter(({ code }) => !pages.includes(`${code}.md`)).map(show)).toEqual([]);
});

test('every page has a code, and its heading is the code and the title', () => {
  const headings = pages.map((page) => readFileSync(path.join(pagesFolder, page), 'utf8').split('\n', 1)[0]);
  const wanted = pages.map((page) => table.find(({ code }) => `${code}.md` === page)).map((row) => `# ${row?.code}: ${row?.title}`);
  expect(headings).toEqual(wanted);
});
