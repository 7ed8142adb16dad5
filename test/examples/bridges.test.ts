/** Two encoders in one program: the examples with a bridge between them, on a few rows. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { mdl } from '../cli/harness.ts';
import { runExample } from './run-example.ts';

type Shares = Record<string, number>;

test('upgrade: the old head is better with the new encoder, and lost without the bridge', () => {
  const result = runExample('upgrade', { limit: 500 });
  expect(result).toMatchObject({ example: 'upgrade', rows: 500, wrong: ['space-mismatch'] });
  const accuracy = result['accuracy'] as Shares;
  // On all 5,000 they are .8900, .9228 and .0482; four standard errors of 500 rows are .056, .048 and .038.
  expect(accuracy['before']).toBeGreaterThan(0.834);
  expect(accuracy['after']).toBeGreaterThan(0.874);
  expect(accuracy['elsewhere']).toBeLessThan(0.087);
});

test('two-towers: texts find themselves across both towers, unless the tokens are wrong', () => {
  const result = runExample('two-towers', { limit: 100 });
  expect(result).toMatchObject({ example: 'two-towers', rows: 100, wrong: ['tokenizer-mismatch'] });
  const [found, elsewhere] = [result['found'] as Shares, result['elsewhere'] as Shares];
  // Of 100 texts one in ten is among the first ten by chance, with a standard error of .03.
  expect(found['firstTen']).toBeGreaterThan(0.3);
  expect(elsewhere['firstTen']).toBeLessThan(0.22);
});

test('bridges: the data are what they are said to be, and the declarations check', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-bridges-'));
  try {
    const script = pathToFileURL(path.resolve('examples/bridges/data.mjs')).href;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', `const { writeData } = await import(${JSON.stringify(script)}); await writeData(${JSON.stringify(folder)});`], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const read = (file: string): Buffer => readFileSync(file).subarray(128);
    const [others, images, labels] = [read(path.join(folder, 'pairs.others.npy')), read('examples/fashion/data/test.images.npy'), read('examples/fashion/data/test.labels.npy')];
    const pictures = Array.from({ length: 2000 }, (_, row) => images.subarray(784 * row, 784 * (row + 1)).toString('latin1'));
    const classesOf = new Map<string, Set<number>>();
    pictures.forEach((picture, row) => classesOf.set(picture, (classesOf.get(picture) ?? new Set()).add(labels[row]!)));
    const other = (row: number): string => others.subarray(784 * row, 784 * (row + 1)).toString('latin1');
    expect(pictures.flatMap((picture, row) => (other(row) !== picture && classesOf.get(other(row))?.has(labels[row]!) === true ? [] : [row]))).toEqual([]);
    for (const file of ['gates.mdl', 'reverse.mdl', 'words.mdl']) expect(await mdl('.', ['check', '--json', `examples/bridges/${file}`])).toMatchObject({ code: 0, stdout: expect.stringContaining('"ok": true') as string });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
