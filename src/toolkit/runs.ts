/** What the history keeps of a run's answer. */
import { rulesVersion } from '../align/verify/gate.ts';
import type { ProbeDrift } from './probe/drift.ts';
import type { FitResult } from './fit/fit.ts';
import type { Run } from './history.ts';
import type { ProbeResult } from './probe/probe.ts';
import type { VerifyResult } from './verify/verify.ts';

/** What came out, as far as it depends on the kind of tool. */
export type RunOutcome = Pick<Run, 'method' | 'rows' | 'scores' | 'verdict'>;

/** JSON has no NaN. */
const finite = (scores: readonly (readonly [name: string, value: number])[]): Run['scores'] => Object.fromEntries(scores.filter(([, value]) => Number.isFinite(value)));

export const fitOutcome = ({ method, rows, scores }: FitResult): RunOutcome => ({ method, rows, scores: finite(Object.entries(scores)) });

/** Of several swaps, each under its name. */
export function verifyOutcome({ verdict, rows, swaps, requirements }: VerifyResult): RunOutcome {
  const scores = swaps.flatMap(({ swap, representation, heads }): [string, number][] => {
    const prefix = swaps.length > 1 ? `${swap}: ` : '';
    const ofHeads = Object.entries(heads).flatMap(([head, metrics]) => Object.entries(metrics).map(([metric, { swapped }]): [string, number] => [`${prefix}${metric} of ${head}`, swapped]));
    return [...Object.entries(representation).map(([name, value]): [string, number] => [prefix + name, value]), ...ofHeads];
  });
  return { method: `gates ${rulesVersion}`, rows, verdict, scores: finite([...scores, ...requirements.map(({ text, compared }) => [text, compared.value] as const)]) };
}

export const probeOutcome = ({ rows, joints }: ProbeResult): RunOutcome => ({
  method: [...new Set(joints.map(({ advice }) => advice.remedy))].join(', '),
  rows,
  scores: finite(joints.flatMap(({ from, to, measures }) => Object.entries(measures).map(([name, { value }]) => [`${name}, ${from} to ${to}`, value] as const))),
});

export const driftOutcome = ({ rows, spaces, verdict }: ProbeDrift): RunOutcome => ({
  method: 'against a record',
  rows,
  verdict,
  scores: finite(spaces.flatMap(({ part, drift: { tests } }) => tests.slice(0, 1).map(({ distance }) => [`energy distance of ${part}`, distance] as const))),
});
