/** What to do with a new encoder: one of five answers, and why. */
import type { Advice, GateResult, Verdict } from '../../align/index.ts';
import { showLostClass } from '../verify/lost-classes.ts';
import { showNotJudged } from '../verify/not-judged.ts';
import { showRowsNeeded } from '../verify/rows-needed.ts';
import type { VerifyResult } from '../verify/verify.ts';
import type { RecallKept } from '../verify/recall.ts';

export type UpgradeAnswer = 'swap' | 'bridge' | 'bridge and rerank' | 're-index' | 'do not upgrade';

export interface Answered {
  readonly answer: UpgradeAnswer;
  /** INCONCLUSIVE: do not upgrade yet, for the data do not say. */
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** Whether an index that is made anew is all that it takes. */
  readonly indexAlone?: true;
}

export interface AnswerEvidence {
  readonly advice: Advice;
  /** Of each model; none where nothing was fitted. */
  readonly verified: readonly VerifyResult[];
  /** Of each output that is the vectors themselves. */
  readonly recall: readonly RecallKept[];
  /** How many rows the bridge was learned from, and how many numbers a vector has that it reads; none where nobody knows. */
  readonly learned?: { readonly rows: number; readonly columns: number };
  /** What is to be kept in an index that is made anew, as `toBeIndexed` says it; none where the old index is to serve. */
  readonly anew?: string | undefined;
}

/** Where all that fails is of the heads. */
const indexApart = 'Of the index nothing fails: computed anew, it serves. Give its vectors a model of their own, which --reindex exchanges without a bridge, and learn the heads anew from the new vectors.';

/** What these say is of where vectors lie, and not of what heads answer. */
const ofVectors: ReadonlySet<GateResult['gate']> = new Set(['G4 calibration', 'G5 concepts']);

/** Which part of the neighbours that a full re-index would give has to be found. */
export const recallBar = 0.95;

export function answerOf({ advice, verified, recall, learned, anew }: AnswerEvidence): Answered {
  const isIndexed = recall.length > 0 || anew !== undefined;
  if (advice.remedy === 'refuse') return { answer: 'do not upgrade', verdict: 'FAIL', reasons: [advice.reason] };
  const gates = verified.flatMap(({ name, swaps }) => swaps.flatMap((swap) => swap.gates.map((gate) => ({ ...gate, of: name }))));
  const limits = verified.flatMap(({ name, requirements, budgets }) => [...requirements, ...budgets].map((limit) => ({ ...limit, of: name })));
  // Who of several is meant, is said.
  const named = (of: string): string => (verified.length > 1 ? `${of}, ` : '');
  const failed = [
    ...gates.filter(({ verdict }) => verdict === 'FAIL').map(({ of, gate, reason }) => `${named(of)}${gate}: ${reason}`),
    ...limits.filter(({ verdict }) => verdict === 'FAIL').map(({ of, text }) => `Not kept: ${named(of)}${text}.`),
  ];
  if (failed.length > 0) {
    // An index can be made anew, and of the heads then only what these gates hold them to is at fault.
    const onlyIndex = isIndexed && limits.every(({ verdict }) => verdict === 'PASS') && gates.every(({ gate, verdict }) => verdict === 'PASS' || ofVectors.has(gate));
    return { answer: onlyIndex ? 're-index' : 'do not upgrade', verdict: 'FAIL', reasons: [...failed, ...(onlyIndex ? [indexApart] : []), ...tooFew(learned)] };
  }
  const open = gates.filter(({ verdict }) => verdict === 'INCONCLUSIVE');
  const openLimits = limits.filter(({ verdict }) => verdict === 'INCONCLUSIVE');
  if (open.length + openLimits.length > 0)
    return { answer: 'do not upgrade', verdict: 'INCONCLUSIVE', reasons: [...open.map(({ of, gate, reason, ...needed }) => `${named(of)}${gate}: ${reason}${showRowsNeeded(needed)}`), ...openLimits.map(({ of, text }) => `Not decided: ${named(of)}${text}.`)] };
  const passed = `All gates pass, of ${verified.map(({ name }) => `\`${name}\``).join(' and ')}.`;
  const unjudged = verified.flatMap(({ name, swaps }) => swaps.flatMap(({ notJudged }) => showNotJudged(notJudged).map((told) => `Not judged: ${named(name)}${told}`)));
  const lost = verified.flatMap(({ name, swaps }) => swaps.flatMap((swap) => swap.lost.map((one) => `Lost: ${named(name)}${showLostClass(one)}`)));
  const conditions = gates.flatMap(({ of, condition, ...gate }) => (condition === undefined ? [] : [`${named(of)}${gate.gate}: ${condition}${howTempered(gate.measures)}`]));
  const kept = recall.map(({ output, direct, candidates, depth, k }) => `\`${output}\`: the bridged query finds ${percent(direct)} of the ${k} neighbours of a full re-index in the old index, and ${percent(candidates)} among its first ${depth}.`);
  const reasons = [advice.reason, passed, ...lost, ...conditions, ...unjudged, ...kept];
  if (anew !== undefined) return { answer: 're-index', verdict: 'PASS', reasons: [...reasons, anew] };
  if (!recall.every(({ direct }) => direct.interval.low >= recallBar))
    return recall.every(({ candidates }) => candidates.interval.low >= recallBar)
      ? { answer: 'bridge and rerank', verdict: 'PASS', reasons }
      : { answer: 're-index', verdict: 'FAIL', reasons: [...reasons, `An index of old vectors does not serve the new encoder: ${100 * recallBar} % of the neighbours are asked for.`, 'With --reindex the outputs give the new vectors as they are, and the bridge is for the heads alone.'], indexAlone: true };
  return advice.remedy === 'nothing' ? { answer: 'swap', verdict: 'PASS', reasons: [...reasons, 'The bridge of the patch is next to the identity: it is there because the two spaces have names.'] } : { answer: 'bridge', verdict: 'PASS', reasons };
}

/** How the temperatures that are advised are written: the patch leaves the outputs as they are, for whoever reads no confidences needs none. */
function howTempered(measures: GateResult['measures']): string {
  const written = measures.flatMap(({ name, value }) => {
    const head = /^temperature that is advised(?: of (.+))?$/.exec(name);
    return head === null ? [] : [`\`output ${head[1] ?? 'NAME'} = … |> sharpen(t: ${value.toFixed(2)})\``];
  });
  return written.length === 0 ? '' : ` The patch does not: of a head that ends in softmax, ${written.join(' and ')} does, with \`import { sharpen } from "std/norm"\`.`;
}

/** A linear map of so few rows is not settled by them: what failed may be the data's fault. */
const tooFew = (learned: AnswerEvidence['learned']): readonly string[] =>
  learned === undefined || learned.rows >= learned.columns ? [] : [`The bridge was learned from ${learned.rows} rows, fewer than the ${learned.columns} numbers of a new vector: more examples in --data may carry more.`];

/** What somebody has to do, who keeps these outputs in an index: `embedding` of `Search`. */
export const toBeIndexed = (outputs: readonly string[], encoder: string): string =>
  `Compute the index anew: ${outputs.join(' and ')} ${outputs.length === 1 ? 'gives' : 'give'} the vectors of \`${encoder}\` as they are. Beside the old ones, or asked of the old index, they say nothing.`;

/** What becomes of an index of old vectors, of one verification; its own requirement of that is what is answered here. */
export function indexAnswer(result: VerifyResult): string {
  const recall = result.swaps.flatMap((swap) => (swap.recall === undefined ? [] : [swap.recall]));
  const remedy = result.swaps.some(({ data }) => data.learned.length > 0) ? 'ridge' : 'nothing';
  const requirements = result.requirements.filter(({ metric }) => metric !== 'recall.kept');
  const { answer, verdict } = answerOf({ advice: { remedy, reason: '' }, verified: [{ ...result, requirements }], recall });
  return verdict === 'INCONCLUSIVE' ? `${answer} yet` : answer;
}

const percent = ({ value, interval }: RecallKept['direct']): string => `${(100 * value).toFixed(1)} % (${(100 * interval.low).toFixed(1)} to ${(100 * interval.high).toFixed(1)})`;
