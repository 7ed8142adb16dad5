/** The example as `npm run example -- glosses` runs it, on a few rows, with the package as it was built. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const script = pathToFileURL(path.resolve('examples/glosses/run.mjs')).href;

test('glosses tells its story and ends in one line of JSON', () => {
  const program = `const { run } = await import(${JSON.stringify(script)}); await run({ limit: 200 });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  expect(result).toMatchObject({
    example: 'glosses',
    rows: 200,
    wrong: ['tokenizer-mismatch'],
    build: { encoders: 1, weights: { all: 30, same: 30 } },
  });
  // The heads' own accuracies are .8225 and .9345; four standard errors of 200 rows are .11 and .07.
  expect(result.accuracy.topic).toBeGreaterThan(0.71);
  expect(result.accuracy.living).toBeGreaterThan(0.86);
  // Ten classes at chance.
  expect(result.elsewhere.topic).toBeLessThan(0.2);
});
