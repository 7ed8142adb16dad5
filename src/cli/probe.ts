/** `mdl probe`: how the spaces of parts look, and what a joint of two needs. */
import { runProbe, type ProbeResult } from '../toolkit/probe.ts';
import { probeOutcome } from '../toolkit/runs.ts';
import { showNumber } from '../toolkit/show-verdict.ts';
import type { Call } from './command.ts';
import { exit } from './exit.ts';
import { carryOut } from './tools.ts';

export const command = (call: Call): Promise<number> =>
  carryOut<'probe', ProbeResult>(call, {
    kind: 'probe',
    run: runProbe,
    outcome: probeOutcome,
    print: (result) => void call.io.stdout.write(textOf(result)),
    toJson: (result) => result,
    codeOf: () => exit.fine,
  });

function textOf({ name, rows, spaces, joints }: ProbeResult): string {
  const listed = (measures: Readonly<Record<string, number>>): string => Object.entries(measures).map(([measure, value]) => `    ${measure}: ${showNumber(value)}\n`).join('');
  const described = spaces.map(({ part, columns, measures }) => `  ${part}, ${columns} numbers\n${listed(measures)}`);
  const advised = joints.map(({ from, to, measures, advice }) => `  ${from} to ${to}: ${advice.remedy}\n    ${advice.reason}\n${listed(measures)}`);
  return `${name}: ${rows.toLocaleString('en-US')} rows\n${described.join('')}${advised.join('')}`;
}
