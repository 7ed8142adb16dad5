import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../src/text/unified-diff.ts';
import { seed } from '../seed.ts';

test('equal texts have no diff; a new file has all its lines', () => {
  expect(unifiedDiff('a\n', 'a\n', { before: 'x', after: 'x' })).toBe('');
  expect(unifiedDiff('', 'a\nb\n', { before: undefined, after: 'x' })).toBe('--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n');
});

test('a last line without its end is told', () => {
  expect(unifiedDiff('a\n', 'a', { before: 'x', after: 'x' })).toBe('--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n');
});

const hasPatch = spawnSync('patch', ['--version']).error === undefined;
if (!hasPatch) console.log('skipped: no patch(1) that could apply what we write');

test.skipIf(!hasPatch)('patch(1) makes the new text of the old one', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-diff-'));
  const file = path.join(folder, 'x');
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 14 });
  const text = fc.tuple(lines, fc.boolean()).map(([all, ends]) => all.join('\n') + (ends ? '\n' : ''));
  try {
    fc.assert(fc.property(text, text, (before, after) => {
      const diff = unifiedDiff(before, after, { before: 'x', after: 'x' });
      if (before === '' || after === '' || diff === '') return;
      writeFileSync(file, before);
      const patched = spawnSync('patch', ['-p1', '-s'], { cwd: folder, input: diff, encoding: 'utf8' });
      expect([patched.status, patched.stdout]).toEqual([0, '']);
      expect(readFileSync(file, 'utf8')).toBe(after);
    }), { seed, numRuns: 40 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
