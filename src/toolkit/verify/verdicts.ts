/** When a stored verdict no longer speaks of what is here, and what is another thing since. */
import { createHash } from 'node:crypto';
import { rulesVersion } from '../../align/verify/gate.ts';
import type { CheckedSwap, CheckedTool, CheckedVerify } from '../../check/tools/index.ts';
import type { LoweredTerms, LowerTerms } from '../../check/tools/lower.ts';
import type { CheckedBudget } from '../../check/tools/model.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Host } from '../../host/host.ts';
import { lockUriOf } from '../../packages/index.ts';
import type { LockedVerdict } from '../../packages/lock.ts';
import { pathFromLock } from '../../packages/lock-place.ts';
import { isMeasured } from './budgets.ts';
import { changedGrounds, digestsIn, groundsOf, type Grounds } from './grounds.ts';
import { notJudged } from './not-judged.ts';
import { besideOf, outputsOf, sidesOf } from './swap.ts';
import { digestOfData } from '../data/table.ts';

/** What a verdict rests on, besides its declaration. */
export interface VerdictPlace {
  readonly host: Host;
  readonly lowerTerms: LowerTerms;
  readonly budgets: readonly CheckedBudget[];
  /** The version of the gates' rules; the one that is in force. */
  readonly rules?: number;
}

export const budgetsAmong = (tools: readonly { readonly tool: CheckedTool }[]): readonly CheckedBudget[] => tools.flatMap(({ tool }) => (tool.kind === 'budget' ? [tool] : []));

/** Both models and their files, the data, what is required, outputs of which nothing is, the budgets that are measured, and the rules of the gates; undefined where that cannot be made out. */
export function verdictGrounds(verify: CheckedVerify, { host, lowerTerms, budgets, rules = rulesVersion }: VerdictPlace): Grounds | undefined {
  const models = verify.swaps.flatMap((swap) => bothModels(verify, swap, lowerTerms));
  const lowered = models.flatMap(([words, of]) => (typeof of === 'string' ? [] : [[words, of.model] as const]));
  if (lowered.length < models.length) return undefined;
  const lockUri = lockUriOf(verify.uri, host);
  const limits = budgets.filter(({ model }) => verify.swaps.some((swap) => swap.model === model)).flatMap((budget) => budget.limits).filter(({ metric }) => isMeasured(metric));
  return groundsOf([
    ['the rules of the gates', rules],
    ...digestsIn(lowered, lockUri, host),
    ...verify.data.map(({ uri }) => [`the data ${pathFromLock(lockUri, uri)}`, digestOfData(uri, host)] as const),
    ...verify.requirements.map(({ metric, op, bound }) => [`what is required of \`${metric.name}\``, [[...metric.options], op, bound]] as const),
    ...verify.swaps.flatMap((swap) => notJudged(verify, swap, { lowerTerms }).outputs.map((output) => [`the output \`${output}\` of \`${swap.model.name}\`, which no requirement looks at`, ''] as const)),
    ...limits.map(({ metric, op, bound, device }) => [`the budget of \`${metric}\`${device === undefined ? '' : ` on "${device}"`}`, [op, bound]] as const),
  ]);
}

/** The program of what is required without a swap and with it, by what a message calls them; a clause where one cannot be made. */
function bothModels(verify: CheckedVerify, swap: CheckedSwap, lowerTerms: LowerTerms): readonly (readonly [words: string, lowered: LoweredTerms | string])[] {
  const outputs = outputsOf(verify, swap);
  const { own, swapped } = sidesOf([swap]);
  const lower = (swaps: typeof own) => lowerTerms({ tool: verify, name: verify.name, outputs, untouched: besideOf(verify, swap), ...(swaps === undefined ? {} : { swaps }) });
  const of = verify.swaps.length === 1 ? '' : ` of \`${swap.part.name}\` by \`${swap.replacement.name}\` in \`${swap.model.name}\``;
  return [[`the model before the swap${of}`, lower(own)], [`the model with the swap${of}`, lower(swapped)]];
}

/** One digest of them all. */
export const fingerprintOfGrounds = (grounds: Grounds): string => createHash('sha256').update(JSON.stringify(Object.entries(grounds))).digest('hex');

/** A warning at the declaration whose verdict was given on something else. */
export function staleVerdict(verify: CheckedVerify, stored: LockedVerdict, place: VerdictPlace): readonly Diagnostic[] {
  const grounds = verdictGrounds(verify, place);
  if (grounds !== undefined && fingerprintOfGrounds(grounds) === stored.fingerprint) return [];
  const changed = changedGrounds(stored.grounds, grounds) ?? 'Encoders, heads, bridges, data, requirements, budgets or the rules of the gates are others now.';
  return [toolkitCodes.report('verdict-stale', { name: verify.name, verdict: stored.verdict, date: stored.date }, verify.location, {
    label: 'given on something else',
    notes: [changed, `Run \`mdl verify ${place.host.display(verify.uri)} ${verify.name}\`.`],
  })];
}
