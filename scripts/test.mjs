/** All checks, one after another, up to the first that fails. Ends in one line: `N passed, N failed, N skipped`. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const report = path.join(os.tmpdir(), `mdl-tests-${process.pid}.json`);
const bin = (name) => path.join(root, 'node_modules', name);

/** `loud`: its output is shown as it comes. `beside`: it runs while those after it do, for it mostly waits. */
const steps = [
  { name: 'lint', args: [bin('oxlint/bin/oxlint'), '--deny-warnings'] },
  { name: 'types', args: [bin('typescript/bin/tsc'), '--noEmit', '-p', '.'] },
  { name: 'formatting', args: ['dist/js/cli.cjs', 'fmt', '--check', 'stdlib', 'examples'] },
  { name: 'a minute of load', args: ['scripts/soak.mjs', '60', '150'], beside: true },
  {
    name: 'tests',
    args: [bin('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    loud: true,
  },
];

process.chdir(root);
const besides = [];
for (const step of steps) {
  const outcome = succeeds(step);
  if (step.beside) besides.push(outcome);
  else if (!(await outcome)) {
    process.exitCode = 1;
    break;
  }
}
if ((await Promise.all(besides)).includes(false)) process.exitCode = 1;
console.log(closingLine());
rmSync(report, { force: true });

/** Runs a step; one line if it succeeds, all that it printed if it fails. */
async function succeeds({ name, args, loud = false }) {
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', loud ? 'inherit' : 'pipe', loud ? 'inherit' : 'pipe'] });
  const printed = [];
  child.stdout?.on('data', (bytes) => printed.push(bytes));
  child.stderr?.on('data', (bytes) => printed.push(bytes));
  const status = await new Promise((resolve) => child.on('close', resolve));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name}: ${status === 0 ? 'ok' : 'failed'}, ${seconds} s`);
  if (status !== 0) process.stdout.write(Buffer.concat(printed));
  return status === 0;
}

/** A check that failed before the tests ran counts as the one failure. */
function closingLine() {
  const results = readReport();
  if (results === undefined) return `0 passed, ${process.exitCode ?? 0} failed, 0 skipped`;
  // A file that fails to load has no tests that could fail.
  const broken = results.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  // An error outside of any test fails the run, too.
  const failed = Math.max(results.numFailedTests + broken.length, process.exitCode ?? 0);
  return `${results.numPassedTests} passed, ${failed} failed, ${results.numPendingTests + results.numTodoTests} skipped`;
}

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return undefined;
  }
}
