/** Reports as Markdown, and what their sections say. */
import { expect, test } from 'vitest';
import { composeHistory, composeReport, renderMarkdown } from '../../src/report/index.ts';
import { changesOf, historySections } from '../../src/report/sections/history-section.ts';
import { limitsOf } from '../../src/report/sections/limits.ts';
import type { Block, Section } from '../../src/report/document.ts';
import type { RequirementResult } from '../../src/toolkit/verify/requirement.ts';
import { hostile, input, runs, verifyStudy } from './studies.ts';

test('a report as Markdown', async () => {
  await expect(renderMarkdown(composeReport(input))).toMatchFileSnapshot('./golden/report.md');
});

test('the history as Markdown', async () => {
  await expect(renderMarkdown(composeHistory('mdl.history.jsonl', runs, { date: '2026-11-22', version: '0.1.0', unread: 2 }))).toMatchFileSnapshot('./golden/history.md');
});

test('nothing in it is HTML, a link, or a table of its own', () => {
  const text = renderMarkdown(composeReport(input));
  expect(text).not.toContain('<');
  expect(text).not.toMatch(/[^\\]\[/);
  const tables = text.split('\n\n').filter((block) => block.startsWith('| ')).map((block) => block.trim());
  for (const table of tables) {
    const widths = table.split('\n').map((line) => line.replace(/\\\|/g, '').split('|').length);
    expect(new Set(widths).size).toBe(1);
  }
});

test('what changed between two runs: data, files that came and went, seed, versions', () => {
  const [first, second, third] = runs;
  expect(changesOf(first!, first!)).toEqual([]);
  expect(changesOf(first!, second!)).toEqual([`${hostile} came`, 'test.jsonl']);
  expect(changesOf(second!, third!)).toEqual([`${hostile} went`, 'seed 0 to 3', 'mdl-lang 0.1.0 to 0.2.0']);
});

test('of many scores the first are drawn, and all those of the last run listed', () => {
  const scores = (value: number): Record<string, number> => Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`score ${i}`, value + i]));
  const [section] = historySections([{ ...runs[0]!, scores: scores(0) }, { ...runs[0]!, scores: scores(10) }]);
  const [, drawn, table] = section!.blocks;
  expect(drawn).toMatchObject({ kind: 'figure', charts: Array.from({ length: 6 }, (_, i) => ({ title: `score ${i}`, runs: [{ value: i }, { value: 10 + i }] })) });
  expect(table).toMatchObject({ kind: 'table', caption: 'All 8 scores of the last run, of which the first 6 are drawn', rows: Array.from({ length: 8 }, (_, i) => [`score ${i}`, { text: String(10 + i) }]) });
});

test('the limits: what failed, which class is found least and less, what was not judged', () => {
  expect(limitsOf(verifyStudy)).toEqual([
    `G2 information is INCONCLUSIVE for Old by New in Before: ${hostile}`,
    'G3 function is FAIL for Old by New in Before: kind loses.',
    'The requirement accuracy(y.kind, d.label) >= baseline - 2% is FAIL.',
    'The requirement information.p <= 0.01 is INCONCLUSIVE.',
    // Of three rows none is found; the first of the pairs with most confusions is another one.
    'kind finds "ünïcode ✓" least often: 0.0 % of 3 rows.',
    'kind takes "ünïcode ✓" for "A & B | `c` * "d"" most often: 2 times.',
    `Not judged: ${hostile} and answer.logits rest on what was swapped, and no requirement looks at them.`,
    'Not judged: G1 (alignment beyond chance), G4 (calibration), G5 (directions of the classes), G6 (perturbed inputs and vectors far from all known ones), G7 (the artefact as it is shipped).',
    'Judged on 100 rows of test.jsonl: of examples of another kind it says nothing.',
    'No licence is stated for Mixer.',
  ]);
});

const blocksOf = ({ blocks, sections = [] }: Section): readonly Block[] => [...blocks, ...sections.flatMap(blocksOf)];

test('a p is drawn by its value, which is what is compared, and all else with its interval', () => {
  const required: RequirementResult = { metric: 'information.p', text: 'information.p <= 0.01', verdict: 'PASS', compared: { value: 0.005, interval: { low: 0, high: 0.0189 } }, bound: 0.01 };
  const tables = composeReport({ ...input, studies: [{ ...verifyStudy, requirements: [required, verifyStudy.requirements[0]!] }] }).sections.flatMap(blocksOf).filter((block) => block.kind === 'table');
  const cells = tables.flatMap(({ rows }) => rows.flat()).filter((cell) => typeof cell === 'object' && cell.kind === 'bullet');
  const drawn = (name: string) => cells.filter(({ words }) => words.startsWith(name)).map(({ words, interval }) => [words, interval]);
  expect(drawn('p: ')).toEqual([['p: 0.0120, to be at most 0.01', undefined]]);
  expect(drawn('information.p')).toEqual([['information.p <= 0.01: 0.0050, to be at most 0.01', undefined]]);
  expect(drawn('accuracy').map(([, interval]) => interval)).toEqual([{ low: -0.15, high: -0.05 }]);
});
