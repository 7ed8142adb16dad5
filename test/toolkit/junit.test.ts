/** Verdicts as JUnit's XML, read again by Python's parser where it is installed. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { junitOf } from '../../src/toolkit/verify/junit.ts';
import type { VerifyResult } from '../../src/toolkit/verify/verify.ts';

const requirement = { text: 'accuracy(y.a, d."b") >= 90%', verdict: 'PASS', own: undefined, swapped: 0.95, compared: { value: 0.95, interval: { low: 0.93, high: 0.97 } } };
const result = {
  name: 'Swap & <verify>',
  verdict: 'FAIL',
  requirements: [requirement],
  budgets: [],
  swaps: [{ swap: 'A by B in M', notJudged: { outputs: ['bin', 'answer.logits'] }, gates: [
    { gate: 'G0 integrity', verdict: 'PASS', reason: 'Fine.', measures: [{ name: 'faults', value: 0, bar: '= 0' }] },
    { gate: 'G2 information', verdict: 'INCONCLUSIVE', reason: 'Too few \u0000rows.', rowsNeeded: 1250, measures: [] },
    { gate: 'G3 function', verdict: 'FAIL', reason: 'It loses.', measures: [] },
  ] }],
} as unknown as VerifyResult;

test('a gate is a case: FAIL a failure, INCONCLUSIVE an error with the rows that would decide', () => {
  const xml = junitOf([result]);
  expect(xml).toContain('<testsuite name="Swap &amp; &lt;verify&gt;" tests="6" failures="1" errors="1" skipped="2">');
  expect(xml).toContain('<error message="INCONCLUSIVE">Too few rows. About 1,250 examples would decide.</error>');
  expect(xml).toContain('<failure message="FAIL">It loses.</failure>');
  const read = spawnSync('python3', ['-c', "import sys,xml.etree.ElementTree as E; print([(c.get('name'), [k.tag for k in c]) for c in E.fromstring(sys.stdin.buffer.read()).iter('testcase')])"], { input: xml, encoding: 'utf8' });
  if (read.error !== undefined) {
    console.log('skipped: no python3 that reads the XML again');
    return;
  }
  expect([read.stderr, read.stdout.trim()]).toEqual(['', `[('G0 integrity', ['system-out']), ('G2 information', ['error']), ('G3 function', ['failure']), ('bin', ['skipped']), ('answer.logits', ['skipped']), ('accuracy(y.a, d."b") >= 90%', ['system-out'])]`]);
});

test('what cannot be carried out is an error of a suite of its own', () => {
  expect(junitOf([], [{ name: 'Twice', code: 'tool-open', message: 'called on 2 < 3 values' }])).toContain(
    '<testsuite name="Twice" tests="1" failures="0" errors="1" skipped="0">\n    <testcase classname="Twice" name="carried out">\n      <error message="not carried out">tool-open: called on 2 &lt; 3 values</error>',
  );
});
