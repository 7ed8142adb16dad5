/** `mdl probe`: how the spaces of parts look, and what a joint of two needs. */
import { runProbe, type ProbeResult } from '../toolkit/probe.ts';
import { probeOutcome } from '../toolkit/runs.ts';
import { showNumber } from '../toolkit/show-verdict.ts';
import { studyProbe } from '../toolkit/study/probe-study.ts';
import type { Call } from './command.ts';
import { exit } from './exit.ts';
import { carryOut, type Carried } from './tools.ts';

export const command = (call: Call): Promise<number> => carryOut(call, carriedProbe(call));

export const carriedProbe = ({ io }: Call): Carried<'probe', ProbeResult> => ({
  kind: 'probe',
  run: runProbe,
  outcome: probeOutcome,
  study: studyProbe,
  print: (result) => void io.stdout.write(textOf(result)),
  toJson: ({ name, rows, spaces, joints }) => ({ name, rows, spaces, joints }),
  codeOf: () => exit.fine,
});

function textOf({ name, rows, spaces, joints }: ProbeResult): string {
  const listed = (measures: Readonly<Record<string, number>>): string => Object.entries(measures).map(([measure, value]) => `    ${measure}: ${showNumber(value)}\n`).join('');
  const described = spaces.map(({ part, columns, measures }) => `  ${part}, ${columns} numbers\n${listed(measures)}`);
  const advised = joints.map(({ from, to, measures, advice }) => `  ${from} to ${to}: ${advice.remedy}\n    ${advice.reason}\n${listed(measures)}`);
  return `${name}: ${rows.toLocaleString('en-US')} rows\n${described.join('')}${advised.join('')}`;
}
