import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { syntaxCodes } from '../../src/diagnostics/codes/syntax.ts';
import { parse } from '../../src/syntax/index.ts';
import { createSource } from '../../src/text/source.ts';

const blocksOf = (code: string): readonly string[] => {
  const page = readFileSync(new URL(`../../docs/diagnostics/${code}.md`, import.meta.url), 'utf8');
  return [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map((match) => (match[1] === 'mdl' ? match[2]! : ''));
};
const codesIn = (text: string): readonly string[] => parse(createSource('page.mdl', text)).diagnostics.map((d) => d.code);

test.each(Object.keys(syntaxCodes.table))('the page of %s: its first block has the error, the others have none', (code) => {
  const [first, ...others] = blocksOf(code);
  // An empty first block is a shell command: what it makes is too long for a page.
  if (first !== '') expect(new Set(codesIn(first!))).toEqual(new Set([code]));
  for (const other of others) expect(codesIn(other)).toEqual([]);
});
