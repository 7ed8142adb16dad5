/** The examples as they stand: their locks, probes and verdicts are of these sources and files, and nothing is warned of. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Report {
  readonly diagnostics: readonly { readonly severity: string; readonly code: string; readonly message: string }[];
}

function check(files: readonly string[]): Report['diagnostics'] {
  const { stdout, stderr } = spawnSync(process.execPath, ['dist/js/cli.cjs', 'check', '--locked', '--json', ...files], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as Report).diagnostics;
}

const sources = readdirSync('examples', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.mdl')).map((file) => `examples/${file.replaceAll('\\', '/')}`).sort();
/** Its data are made by a script, and what they were judged by is not there before. */
const isWhole = (file: string): boolean => !file.startsWith('examples/bridges/');
const isWrong = (file: string): boolean => file.endsWith('wrong.mdl');

test('nothing is told of the examples but of those that are wrong on purpose', () => {
  const right = sources.filter((file) => isWhole(file) && !isWrong(file));
  expect(right.length).toBeGreaterThan(20);
  expect(check(right)).toEqual([]);
});

test.each(sources.filter(isWrong))('%s has one error', (file) => {
  expect(check([file]).map(({ severity }) => severity)).toEqual(['error']);
});
