/** MDL's half of the benchmark: every wrong twin is refused for its reason, and no right one is. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as api from '../../src/index.ts';

interface Row {
  readonly name: string;
  readonly code: string;
  readonly also: readonly string[];
  readonly found: readonly string[];
  readonly refused: readonly string[];
}

const folder = path.resolve('bench/silent-joints');
const load = async (file: string): Promise<Record<string, unknown>> => (await import(pathToFileURL(path.join(folder, file)).href)) as Record<string, unknown>;

const { writeFiles } = (await load('files.mjs')) as { writeFiles: () => string };
const { checkCases } = (await load('check.mjs')) as { checkCases: (compiler: typeof api) => Row[] };
writeFiles();
const rows = checkCases(api);

describe('silent joints', () => {
  test('each folder is a case', () => {
    expect(rows.map(({ name }) => name)).toEqual(readdirSync(path.join(folder, 'cases')).sort());
    expect(rows.length).toBeGreaterThanOrEqual(60);
  });

  test.each(rows)('$name is refused for $code, and its twin is not', ({ code, also, found, refused }) => {
    expect(found).toEqual([code, ...also]);
    expect(refused).toEqual([]);
  });
});
