/** What to do with a new encoder: one of five answers, and why. */
import type { Advice, Verdict } from '../../align/index.ts';
import { showRowsNeeded } from '../verify/show-verdict.ts';
import type { VerifyResult } from '../verify/verify.ts';
import type { RecallKept } from '../verify/recall.ts';

export type UpgradeAnswer = 'swap' | 'bridge' | 'bridge and rerank' | 're-index' | 'do not upgrade';

export interface Answered {
  readonly answer: UpgradeAnswer;
  /** INCONCLUSIVE: do not upgrade yet, for the data do not say. */
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

export interface AnswerEvidence {
  readonly advice: Advice;
  /** Of each model; none where nothing was fitted. */
  readonly verified: readonly VerifyResult[];
  /** Of each output that is the vectors themselves. */
  readonly recall: readonly RecallKept[];
}

/** Which part of the neighbours that a full re-index would give has to be found. */
export const recallBar = 0.95;

export function answerOf({ advice, verified, recall }: AnswerEvidence): Answered {
  const isIndexed = recall.length > 0;
  if (advice.remedy === 'refuse') return { answer: 'do not upgrade', verdict: 'FAIL', reasons: [advice.reason] };
  const gates = verified.flatMap(({ name, swaps }) => swaps.flatMap((swap) => swap.gates.map((gate) => ({ ...gate, of: name }))));
  const requirements = verified.flatMap((result) => result.requirements);
  const failed = [
    ...gates.filter(({ verdict }) => verdict === 'FAIL').map(({ gate, reason }) => `${gate}: ${reason}`),
    ...requirements.filter(({ verdict }) => verdict === 'FAIL').map(({ text }) => `Not kept: ${text}.`),
  ];
  if (failed.length > 0) {
    // Spaces that share nothing say nothing against the new one alone: what rests on vectors alone can be made anew.
    const isForeign = gates.some(({ gate, verdict }) => verdict === 'FAIL' && (gate === 'G1 alignment' || gate === 'G2 information'));
    const onlyIndex = isIndexed && !isForeign && requirements.every(({ verdict }) => verdict === 'PASS') && gates.every(({ gate, verdict }) => gate !== 'G3 function' || verdict === 'PASS');
    return { answer: onlyIndex ? 're-index' : 'do not upgrade', verdict: 'FAIL', reasons: failed };
  }
  const open = gates.filter(({ verdict }) => verdict === 'INCONCLUSIVE');
  const openRequirements = requirements.filter(({ verdict }) => verdict === 'INCONCLUSIVE');
  if (open.length + openRequirements.length > 0)
    return { answer: 'do not upgrade', verdict: 'INCONCLUSIVE', reasons: [...open.map(({ gate, reason, rowsNeeded }) => `${gate}: ${reason}${rowsNeeded !== undefined && Number.isFinite(rowsNeeded) ? ` ${showRowsNeeded(rowsNeeded)}` : ''}`), ...openRequirements.map(({ text }) => `Not decided: ${text}.`)] };
  const passed = `All gates pass, of ${verified.map(({ name }) => `\`${name}\``).join(' and ')}.`;
  const kept = recall.map(({ output, direct, candidates, depth, k }) => `\`${output}\`: the bridged query finds ${percent(direct)} of the ${k} neighbours of a full re-index in the old index, and ${percent(candidates)} among its first ${depth}.`);
  const reasons = [advice.reason, passed, ...kept];
  if (isIndexed && !recall.every(({ direct }) => direct.interval.low >= recallBar))
    return recall.every(({ candidates }) => candidates.interval.low >= recallBar)
      ? { answer: 'bridge and rerank', verdict: 'PASS', reasons }
      : { answer: 're-index', verdict: 'FAIL', reasons: [...reasons, `An index of old vectors does not serve the new encoder: ${100 * recallBar} % of the neighbours are asked for.`] };
  return advice.remedy === 'nothing' ? { answer: 'swap', verdict: 'PASS', reasons: [...reasons, 'The bridge of the patch is next to the identity: it is there because the two spaces have names.'] } : { answer: 'bridge', verdict: 'PASS', reasons };
}

const percent = ({ value, interval }: RecallKept['direct']): string => `${(100 * value).toFixed(1)} % (${(100 * interval.low).toFixed(1)} to ${(100 * interval.high).toFixed(1)})`;
