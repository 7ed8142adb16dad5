/** An example as `npm run example -- NAME` runs it, on a few rows, with the package as it was built. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';

/** The object of the last line. */
export function runExample(name: string, options: object): Record<string, unknown> {
  const script = pathToFileURL(path.resolve(`examples/${name}/run.mjs`)).href;
  const program = `const { run } = await import(${JSON.stringify(script)}); await run(${JSON.stringify(options)});`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, unknown>;
}
