/** What a verdict does not say, and where it is against the swap: found in the numbers by rules, each a line. */
import type { AnswerStudy, SwapStudy, VerifyStudy } from '../../toolkit/study/study.ts';
import { showNotJudged } from '../../toolkit/verify/not-judged.ts';
import { showRows, showShare, showSigned } from '../numbers.ts';

type Rule = (study: VerifyStudy) => readonly string[];

/** In the order in which they are told. */
const rules: readonly Rule[] = [
  ({ swaps }) => swaps.flatMap(({ gates, swap }) => gates.filter(({ verdict }) => verdict !== 'PASS').map(({ gate, verdict, reason }) => `${gate} is ${verdict} for ${swap}: ${reason}`)),
  ({ requirements }) => requirements.filter(({ verdict }) => verdict !== 'PASS').map(({ text, verdict }) => `The requirement ${text} is ${verdict}.`),
  ({ swaps }) => swaps.flatMap(({ answers }) => answers.flatMap((answer) => [...worstClass(answer), ...lostClasses(answer), ...worstPair(answer)])),
  ({ swaps }) => swaps.flatMap(({ notJudged }) => showNotJudged(notJudged).map((told) => `Not judged: ${told}`)),
  ({ swaps }) => swaps.flatMap(gatesNotJudged),
  ({ card }) => [`Judged on ${card.data.map(({ file, rows }) => `${showRows(rows)} of ${file}`).join(' and ')}: of examples of another kind it says nothing.`],
  ({ card }) => card.backbones.filter(({ card: known }) => known['license'] === undefined).map(({ name }) => `No licence is stated for ${name}.`),
];

export const limitsOf = (study: VerifyStudy): readonly string[] => rules.flatMap((rule) => rule(study));

// ---------------------------------------------------------------- gates

const gates: Readonly<Record<string, string>> = {
  G0: 'files, widths and leakage',
  G1: 'alignment beyond chance',
  G2: 'information beyond the class',
  G3: 'what the heads answer',
  G4: 'calibration',
  G5: 'directions of the classes',
  G6: 'perturbed inputs and vectors far from all known ones',
  G7: 'the artefact as it is shipped',
};

/** Those of which no reason was told above. */
function gatesNotJudged({ gates: judged, notJudged }: SwapStudy): readonly string[] {
  const known = new Set([...judged, ...(notJudged.gates ?? [])].flatMap(({ gate }) => gate.match(/G\d/g) ?? []));
  const open = Object.entries(gates).filter(([gate]) => !known.has(gate));
  return open.length === 0 ? [] : [`Not judged: ${open.map(([gate, what]) => `${gate} (${what})`).join(', ')}.`];
}

// ---------------------------------------------------------------- classes

/** A change by fewer answers than this says nothing of a class. */
const leastLost = 5;

const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
const recallOf = (counts: readonly number[], i: number): number => counts[i]! / sum(counts);

function worstClass({ head, classes, confusion: { swapped } }: AnswerStudy): readonly string[] {
  const known = classes.map((_, i) => i).filter((i) => sum(swapped[i]!) > 0);
  const worst = known.toSorted((a, b) => recallOf(swapped[a]!, a) - recallOf(swapped[b]!, b))[0];
  return worst === undefined ? [] : [`${head} finds "${classes[worst]}" least often: ${showShare(recallOf(swapped[worst]!, worst), 1)} of ${showRows(sum(swapped[worst]!))}.`];
}

const lostClasses = ({ head, classes, confusion: { own, swapped } }: AnswerStudy): readonly string[] =>
  classes.flatMap((name, i) => {
    const lost = own[i]![i]! - swapped[i]![i]!;
    const change = 100 * (recallOf(swapped[i]!, i) - recallOf(own[i]!, i));
    return lost < leastLost ? [] : [`${head} finds "${name}" less often than before: ${showSigned(change, 1)} points of ${showRows(sum(own[i]!))}.`];
  });

function worstPair({ head, classes, confusion: { swapped } }: AnswerStudy): readonly string[] {
  const pairs = swapped.flatMap((line, i) => line.map((count, j) => ({ i, j, count })).filter(({ j, count }) => j !== i && count > 0));
  const worst = pairs.toSorted((a, b) => b.count - a.count)[0];
  return worst === undefined ? [] : [`${head} takes "${classes[worst.i]}" for "${classes[worst.j]}" most often: ${worst.count.toLocaleString('en-US')} times.`];
}
