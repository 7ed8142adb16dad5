/** Verdicts as JUnit's XML, which build servers show: a gate a test case. INCONCLUSIVE is an error, FAIL a failure, what was not judged is skipped. */
import type { Verdict } from '../../align/index.ts';
import { showNotJudged, type NotJudged } from './not-judged.ts';
import { showBudget, showMeasure, showRequirement, showRowsNeeded } from './show-verdict.ts';
import type { VerifyResult } from './verify.ts';

interface Case {
  readonly suite: string;
  readonly name: string;
  /** Undefined of what was not judged. */
  readonly verdict: Verdict | undefined;
  readonly text: string;
}

export function junitOf(results: readonly VerifyResult[]): string {
  const suites = results.map((result) => {
    const cases = casesOf(result);
    const count = (verdict: Case['verdict']): number => cases.filter((one) => one.verdict === verdict).length;
    return `  <testsuite name="${escape(result.name)}" tests="${cases.length}" failures="${count('FAIL')}" errors="${count('INCONCLUSIVE')}" skipped="${count(undefined)}">\n${cases.map(showCase).join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

const casesOf = ({ name, swaps, requirements, budgets }: VerifyResult): readonly Case[] => [
  ...swaps.flatMap(({ swap, gates }) => gates.map(({ gate, verdict, reason, rowsNeeded, counted, measures }) => ({ suite: `${name}.${swap}`, name: gate, verdict, text: [rowsNeeded === undefined ? reason : `${reason} ${showRowsNeeded(rowsNeeded, counted)}`, ...measures.map(showMeasure)].join('\n') }))),
  ...swaps.flatMap(({ swap, notJudged: { outputs, why, gates = [] } }) => {
    const open = (named: string, told: NotJudged): Case => ({ suite: `${name}.${swap}`, name: named, verdict: undefined, text: showNotJudged(told).join(' ') });
    return [
      ...outputs.map((output) => open(output, { outputs: [output] })),
      ...(why === undefined ? [] : [open('other outputs', { outputs, why })]),
      ...gates.map((gate) => open(gate.gate, { outputs: [], gates: [gate] })),
    ];
  }),
  ...requirements.map((requirement) => ({ suite: name, name: requirement.text, verdict: requirement.verdict, text: showRequirement(requirement) })),
  ...budgets.map((budget) => ({ suite: `${name}.budget`, name: budget.text, verdict: budget.verdict, text: showBudget(budget) })),
];

const words: Readonly<Record<Verdict, string | undefined>> = { PASS: undefined, FAIL: 'failure', INCONCLUSIVE: 'error' };

function showCase({ suite, name, verdict, text }: Case): string {
  const word = verdict === undefined ? undefined : words[verdict];
  const inner = verdict === undefined ? `      <skipped message="not judged">${escape(text)}</skipped>\n` : word === undefined ? `      <system-out>${escape(text)}</system-out>\n` : `      <${word} message="${verdict}">${escape(text)}</${word}>\n`;
  return `    <testcase classname="${escape(suite)}" name="${escape(name)}">\n${inner}    </testcase>\n`;
}

/** Characters that XML cannot hold are left out. */
const escape = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- these are what XML forbids
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
