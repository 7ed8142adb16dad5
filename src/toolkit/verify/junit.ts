/** Verdicts as JUnit's XML, which build servers show: a gate a test case. INCONCLUSIVE is an error, as is what cannot be carried out, FAIL a failure, what was not judged is skipped. */
import type { Verdict } from '../../align/index.ts';
import { showNotJudged, type NotJudged } from './not-judged.ts';
import { showBudget, showMeasure, showRequirement } from './show-verdict.ts';
import { showRowsNeeded } from './rows-needed.ts';
import type { VerifyResult } from './verify.ts';

interface Case {
  readonly suite: string;
  readonly name: string;
  /** Undefined of what was not judged. */
  readonly verdict: Verdict | 'refused' | undefined;
  readonly text: string;
}

/** A verification that could not be carried out, and the diagnostic that says why. */
export interface RefusedVerify {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

export function junitOf(results: readonly VerifyResult[], refused: readonly RefusedVerify[] = []): string {
  const all = [...results.map((result) => ({ name: result.name, cases: casesOf(result) })), ...refused.map((one) => ({ name: one.name, cases: [refusedCase(one)] }))];
  const suites = all.map(({ name, cases }) => {
    const count = (verdict: Case['verdict']): number => cases.filter((one) => one.verdict === verdict).length;
    return `  <testsuite name="${escape(name)}" tests="${cases.length}" failures="${count('FAIL')}" errors="${count('INCONCLUSIVE') + count('refused')}" skipped="${count(undefined)}">\n${cases.map(showCase).join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

const refusedCase = ({ name, code, message }: RefusedVerify): Case => ({ suite: name, name: 'carried out', verdict: 'refused', text: `${code}: ${message}` });

const casesOf = ({ name, swaps, requirements, budgets }: VerifyResult): readonly Case[] => [
  ...swaps.flatMap(({ swap, gates }) => gates.map(({ gate, verdict, reason, measures, ...needed }) => ({ suite: `${name}.${swap}`, name: gate, verdict, text: [`${reason}${showRowsNeeded(needed)}`, ...measures.map(showMeasure)].join('\n') }))),
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

const words: Readonly<Record<Verdict | 'refused', string | undefined>> = { PASS: undefined, FAIL: 'failure', INCONCLUSIVE: 'error', refused: 'error' };

function showCase({ suite, name, verdict, text }: Case): string {
  const word = verdict === undefined ? undefined : words[verdict];
  const inner = verdict === undefined ? `      <skipped message="not judged">${escape(text)}</skipped>\n` : word === undefined ? `      <system-out>${escape(text)}</system-out>\n` : `      <${word} message="${verdict === 'refused' ? 'not carried out' : verdict}">${escape(text)}</${word}>\n`;
  return `    <testcase classname="${escape(suite)}" name="${escape(name)}">\n${inner}    </testcase>\n`;
}

/** Characters that XML cannot hold are left out. */
const escape = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- these are what XML forbids
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
