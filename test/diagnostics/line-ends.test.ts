/** Edits in files whose lines end in CRLF are those of the same file with LF, and bring no other line end. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { applyEdits } from '../../src/diagnostics/index.ts';
import { checkText } from '../check/world.ts';

const read = (name: string): string => readFileSync(new URL(`../cases/${name}.mdl`, import.meta.url), 'utf8');
const modules = { 'base.mdl': read('check/modules/base') };

/** What each fix makes of the text. */
const mended = (text: string): string[] =>
  checkText(text, modules).diagnostics.flatMap(({ fixes }) => fixes.map(({ edits }) => applyEdits(text, edits.filter(({ location }) => location.uri.endsWith('/main.mdl'))).text));

test.each(['check/no-output', 'check/states', 'check/unmet-size', 'check/unknown-name', 'check/rollout', 'check/repeated-parameter', 'syntax/misplaced-import', 'syntax/missing-value'])('%s', (name) => {
  const text = read(name);
  const plain = mended(text);
  expect(plain.length).toBeGreaterThan(0);
  expect(mended(text.replaceAll('\n', '\r\n'))).toEqual(plain.map((fixed) => fixed.replaceAll('\n', '\r\n')));
});
