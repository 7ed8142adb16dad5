import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { lex } from '../../src/syntax/lex.ts';
import { parseWithRecovery } from '../../src/syntax/parser.ts';
import { parseRightTokens } from '../../src/syntax/quick-parser.ts';
import { createSource } from '../../src/text/source.ts';
import { lookaheadTableText } from './lookahead-table.ts';

const root = path.join(import.meta.dirname, '../..');
const files = ['stdlib', 'examples', 'test/cases'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mdl'))
    .map((name) => path.join(root, folder, name)),
);
const tokensOf = (file: string) => lex(createSource(file, readFileSync(file, 'utf8'))).tokens;

test('the table is that of the grammar', async () => {
  await expect(lookaheadTableText()).toMatchFileSnapshot('../../src/syntax/lookahead-table.ts');
});

test('it reads the same trees as the parser that recovers, and gives up where that finds an error', () => {
  let right = 0;
  for (const file of files) {
    const quick = parseRightTokens(tokensOf(file));
    const { cst, errors, misplaced } = parseWithRecovery(tokensOf(file));
    if (errors.length > 0 || misplaced.length > 0) {
      expect(quick, file).toBeUndefined();
    } else {
      expect(quick, file).toEqual(cst);
      right++;
    }
  }
  expect(right).toBeGreaterThan(20);
  expect(right).toBeLessThan(files.length);
});
