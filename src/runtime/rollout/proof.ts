/** Whether an arm may have traffic: what `mdl verify` answered of it, as its bundle carries it. */
import type { ManifestVerdict } from '../../bundle/rollout.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { raise } from '../errors.ts';

/** A clause that says what is known. */
export interface Proof {
  readonly holds: boolean;
  readonly reason: string;
}

export function proofOf(verdict: ManifestVerdict | undefined): Proof {
  if (verdict === undefined) return { holds: false, reason: 'its bundle has no verdict on it' };
  const { name, verdict: answer, date, rows, stale } = verdict;
  const said = `\`verify ${name}\` answered ${answer} on ${rows} rows on ${date}`;
  if (stale === true) return { holds: false, reason: `${said}, of other files or by other rules than those of the bundle` };
  return { holds: answer === 'PASS', reason: said };
}

export function refuseUnproven(head: string, arm: string, reason: string): never {
  raise(runtimeCodes.finding('arm-unproven', { head, arm, reason }, ['Declare `verify NAME { swap HEAD with ARM in MODEL … }`, run `mdl verify`, and build again; or let it have traffic by `force: true`, which is recorded.']));
}
