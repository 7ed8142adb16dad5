/** The README: the model that it shows is the example's, and so is the error. `UPDATE_GOLDEN=1` writes both anew, to be read. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { createCompiler, createNodeHost, renderDiagnostics } from '../../src/index.ts';

const page = new URL('../../README.md', import.meta.url);
const example = path.resolve(import.meta.dirname, '../../examples/glosses');
const blockOf = (language: string): RegExp => new RegExp(`(^\`\`\`${language}\\n)([^]*?)(^\`\`\`$)`, 'm');

function shown(): Readonly<Record<'mdl' | 'text', string>> {
  const host = createNodeHost({ cwd: example });
  const { diagnostics, sources } = createCompiler(host).check([pathToFileURL(path.join(example, 'wrong.mdl')).href]);
  return { mdl: readFileSync(path.join(example, 'glosses.mdl'), 'utf8'), text: renderDiagnostics(diagnostics, { sources, display: host.display }) };
}

const expected = shown();
if (process.env['UPDATE_GOLDEN']) {
  const renewed = (['mdl', 'text'] as const).reduce((text, kind) => text.replace(blockOf(kind), (_, open, __, close) => open + expected[kind] + close), readFileSync(page, 'utf8'));
  writeFileSync(page, renewed);
}

test.each(['mdl', 'text'] as const)('the README shows the %s of the example', (kind) => {
  expect(blockOf(kind).exec(readFileSync(page, 'utf8'))?.[2]).toBe(expected[kind]);
});
