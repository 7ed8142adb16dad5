/** When a stored verdict no longer speaks of what is here. */
import { createHash } from 'node:crypto';
import { rulesVersion } from '../align/verify/gate.ts';
import type { CheckedVerify } from '../check/tools/index.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { toolkitCodes } from '../diagnostics/codes/toolkit.ts';
import type { Host } from '../host/host.ts';
import type { LowerTerms } from '../check/tools/lower.ts';
import type { LockedVerdict } from '../packages/lock.ts';
import { fingerprintOf } from './fingerprint.ts';
import { outputsOf, sidesOf } from './swap.ts';
import { digestOfData } from './table.ts';

/** What a verdict rests on, as a digest: both models, the data, what is required, and the rules of the gates; undefined where that cannot be made out. */
export function verdictFingerprint(verify: CheckedVerify, host: Host, lowerTerms: LowerTerms, rules = rulesVersion): string | undefined {
  const outputs = outputsOf(verify);
  const { own, swapped } = sidesOf(verify.swaps);
  const lowered = [own, swapped].map((given) => lowerTerms({ tool: verify, name: verify.name, outputs, ...(given === undefined ? {} : { swaps: given }) }));
  const digestOf = (uri: string): string => {
    const digest = host.sha256(uri);
    return digest.ok ? digest.value : '';
  };
  const models = lowered.map((terms) => (typeof terms === 'string' ? undefined : fingerprintOf(terms.model, digestOf)));
  if (models.includes(undefined)) return undefined;
  const required = verify.requirements.map(({ metric, op, bound }) => [metric.name, [...metric.options], op, bound]);
  return createHash('sha256').update(JSON.stringify([rules, models, verify.data.map(({ uri }) => digestOfData(uri, host)), required])).digest('hex');
}

/** A warning at the declaration whose verdict was given on something else. */
export function staleVerdict(verify: CheckedVerify, stored: LockedVerdict, host: Host, lowerTerms: LowerTerms): readonly Diagnostic[] {
  if (verdictFingerprint(verify, host, lowerTerms) === stored.fingerprint) return [];
  return [toolkitCodes.report('verdict-stale', { name: verify.name, verdict: stored.verdict, date: stored.date }, verify.location, {
    label: 'given on something else',
    notes: [`Encoders, heads, bridges, data, requirements or the rules of the gates are others now. Run \`mdl verify ${host.display(verify.uri)} ${verify.name}\`.`],
  })];
}
