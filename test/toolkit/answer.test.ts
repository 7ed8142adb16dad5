/** What `mdl upgrade` answers, from what was found out: of vectors that are made up, so that the right answer is known. */
import { afterAll, describe, expect, test } from 'vitest';
import type { GateResult, Verdict } from '../../src/align/index.ts';
import type { Features } from '../../src/align/matrix.ts';
import { createRandom } from '../../src/data/random.ts';
import { answerOf } from '../../src/toolkit/upgrade/answer.ts';
import { recallKept } from '../../src/toolkit/verify/recall.ts';
import type { VerifyResult } from '../../src/toolkit/verify/verify.ts';
import { testKernels } from '../align/kernel-session.ts';

const kernels = testKernels();
afterAll(() => kernels.close());

const columns = 8;
function drawn(rows: number, seed: number): Features {
  const random = createRandom(seed);
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, () => random.normal()) };
}
/** The vectors with noise of this deviation in each number. */
const noisy = (vectors: Features, deviation: number): Features => ({ ...vectors, data: drawn(vectors.rows, 9).data.map((value, at) => vectors.data[at]! + deviation * value) });

const gates = ['G0 integrity', 'G1 alignment', 'G2 information', 'G3 function', 'G4 calibration', 'G5 concepts', 'G6 robustness', 'G7 artefact'] as const;

/** A verification in which all passes but these. */
function verified(others: Partial<Record<GateResult['gate'], Verdict>> = {}, budget: Verdict = 'PASS'): VerifyResult {
  const results = gates.map((gate): GateResult => ({ gate, verdict: others[gate] ?? 'PASS', measures: [], reason: `${gate} is as it is.` }));
  return { name: 'V', verdict: 'PASS', rows: 500, judged: 425, data: {}, requirements: [], budgets: [{ text: 'latency.p99 <= 1ms', metric: 'latency.p99', verdict: budget, compared: undefined, bound: 1, reason: '', runs: 1 }], swaps: [{ swap: 'A by B in M', gates: results, lost: [], notJudged: { outputs: [] } } as unknown as VerifyResult['swaps'][number]] };
}

const advise = (remedy: 'nothing' | 'ridge' | 'refuse') => ({ remedy, reason: 'So it is.' });

describe('of vectors that are searched', () => {
  const old = drawn(500, 1);
  const recallOf = (x: Features, bridged: Features) => recallKept(kernels, 'embedding', { x, bridged, y: old });

  test('bridge: the bridged query finds what a full re-index would give', async () => {
    const recall = await recallOf(old, noisy(old, 0.01));
    expect(recall.direct.interval.low).toBeGreaterThan(0.95);
    expect(answerOf({ advice: advise('ridge'), verified: [verified()], recall: [recall] })).toMatchObject({ answer: 'bridge', verdict: 'PASS' });
  });

  test('swap: the new vectors are next to the old ones as they are', async () => {
    expect(answerOf({ advice: advise('nothing'), verified: [verified()], recall: [await recallOf(old, old)] })).toMatchObject({ answer: 'swap', verdict: 'PASS' });
  });

  test('bridge and rerank: it finds them, but not first', async () => {
    const recall = await recallOf(old, noisy(old, 0.35));
    expect(recall.direct.interval.high).toBeLessThan(0.95);
    expect(recall.candidates.interval.low).toBeGreaterThan(0.95);
    expect(answerOf({ advice: advise('ridge'), verified: [verified()], recall: [recall] })).toMatchObject({ answer: 'bridge and rerank', verdict: 'PASS' });
  });

  test('re-index: the heads bear it, the index does not', async () => {
    const recall = await recallOf(drawn(500, 2), noisy(old, 0.01));
    // Ten of 499 others by luck.
    expect(recall.direct.value).toBeLessThan(0.06);
    expect(answerOf({ advice: advise('ridge'), verified: [verified()], recall: [recall] })).toMatchObject({ answer: 're-index', verdict: 'FAIL' });
    const failing = { advice: advise('ridge'), verified: [verified({ 'G5 concepts': 'FAIL' })] };
    const apart = expect.stringContaining('Of the index nothing fails: computed anew, it serves.') as string;
    expect(answerOf({ ...failing, recall: [recall] })).toMatchObject({ answer: 're-index', verdict: 'FAIL', reasons: ['G5 concepts: G5 concepts is as it is.', apart] });
    // Who follows that, with --reindex, asks no old index, and is told the same.
    expect(answerOf({ ...failing, recall: [], anew: 'Compute it anew.' })).toMatchObject({ answer: 're-index', verdict: 'FAIL', reasons: ['G5 concepts: G5 concepts is as it is.', apart] });
    expect(answerOf({ advice: advise('ridge'), verified: [verified({ 'G3 function': 'FAIL' })], recall: [], anew: 'Compute it anew.' })).toMatchObject({ answer: 'do not upgrade', verdict: 'FAIL' });
  });
});

describe('do not upgrade', () => {
  test.each(gates.filter((gate) => !['G4 calibration', 'G5 concepts'].includes(gate)))('where %s fails, whatever an index would bear', async (gate) => {
    const recall = await recallKept(kernels, 'embedding', { x: drawn(300, 1), bridged: drawn(300, 1), y: drawn(300, 1) });
    expect(answerOf({ advice: advise('ridge'), verified: [verified({ [gate]: 'FAIL' })], recall: [recall] })).toMatchObject({ answer: 'do not upgrade', verdict: 'FAIL', reasons: [`${gate}: ${gate} is as it is.`] });
  });

  test('where heads alone are asked, any gate that fails', () => {
    expect(answerOf({ advice: advise('ridge'), verified: [verified({ 'G5 concepts': 'FAIL' })], recall: [] })).toMatchObject({ answer: 'do not upgrade', verdict: 'FAIL' });
  });

  test('where the spaces have nothing in common', () => {
    expect(answerOf({ advice: advise('refuse'), verified: [], recall: [] })).toMatchObject({ answer: 'do not upgrade', verdict: 'FAIL' });
  });

  test('where a budget is not kept, and not yet where it is open', () => {
    expect(answerOf({ advice: advise('ridge'), verified: [verified({}, 'FAIL')], recall: [] })).toMatchObject({ answer: 'do not upgrade', verdict: 'FAIL', reasons: ['Not kept: latency.p99 <= 1ms.'] });
    expect(answerOf({ advice: advise('ridge'), verified: [verified({}, 'INCONCLUSIVE')], recall: [] })).toMatchObject({ answer: 'do not upgrade', verdict: 'INCONCLUSIVE' });
  });

  test('of several models, which one it is', () => {
    const { reasons } = answerOf({ advice: advise('ridge'), verified: [verified(), { ...verified({ 'G3 function': 'FAIL' }, 'FAIL'), name: 'W' }], recall: [] });
    expect(reasons).toEqual(['W, G3 function: G3 function is as it is.', 'Not kept: W, latency.p99 <= 1ms.']);
  });

  test('where the bridge was learned from fewer rows than it reads numbers, that more may help', () => {
    const reasonsOf = (rows: number) => answerOf({ advice: advise('ridge'), verified: [verified({ 'G2 information': 'FAIL' })], recall: [], learned: { rows, columns: 128 } }).reasons;
    expect(reasonsOf(127).slice(1)).toEqual(['The bridge was learned from 127 rows, fewer than the 128 numbers of a new vector: more examples in --data may carry more.']);
    expect(reasonsOf(128)).toHaveLength(1);
  });

  test('yet, where the data do not decide', () => {
    expect(answerOf({ advice: advise('ridge'), verified: [verified({ 'G3 function': 'INCONCLUSIVE' })], recall: [] })).toMatchObject({ answer: 'do not upgrade', verdict: 'INCONCLUSIVE' });
  });
});

test('classes that are lost are named beside a PASS', () => {
  const lost = { head: 'kind', class: 'snake', of: 'class' as const, rows: 27, own: 26 / 27, swapped: 0, change: { value: -26 / 27, interval: { low: -0.995, high: -0.655 } }, margin: 0.02 };
  const open = verified();
  const { verdict, reasons } = answerOf({ advice: advise('ridge'), verified: [{ ...open, swaps: [{ ...open.swaps[0]!, lost: [lost] }] }], recall: [] });
  expect([verdict, reasons.filter((reason) => reason.startsWith('Lost: '))]).toEqual(['PASS', ['Lost: kind finds "snake" less often: 0.963 -> 0.000 of 27 rows (-0.963, -0.995 to -0.655), and surely loses more than 2.0 points.']]);
});

test('outputs that nobody judged are named beside a PASS, with the model where there are several', () => {
  const open = verified();
  const unjudged: VerifyResult = { ...open, name: 'W', swaps: [{ ...open.swaps[0]!, notJudged: { outputs: ['bin'] } }] };
  const told = 'bin rests on what was swapped, and no requirement looks at it.';
  expect(answerOf({ advice: advise('ridge'), verified: [unjudged], recall: [] })).toMatchObject({ answer: 'bridge', verdict: 'PASS', reasons: ['So it is.', 'All gates pass, of `W`.', `Not judged: ${told}`] });
  expect(answerOf({ advice: advise('ridge'), verified: [open, unjudged], recall: [] }).reasons).toContain(`Not judged: W, ${told}`);
});

test('a temperature that a PASS rests on is written as an output, for the heads that need one', () => {
  const condition = 'kind: As shipped, without one, it changes by 0.030.';
  const of = (head: string, value: number) => ({ name: `temperature that is advised of ${head}`, value });
  const open = verified();
  const tempered = (measures: GateResult['measures'], told: string): VerifyResult => ({ ...open, swaps: [{ ...open.swaps[0]!, gates: open.swaps[0]!.gates.map((gate) => (gate.gate === 'G4 calibration' ? { ...gate, condition: told, measures } : gate)) }] });
  const said = (result: VerifyResult) => answerOf({ advice: advise('ridge'), verified: [result], recall: [] }).reasons.filter((reason) => reason.startsWith('G4'));
  expect(said(tempered([of('kind', 2.414), { name: 'temperature, swapped of topic', value: 1.02 }], condition))).toEqual([`G4 calibration: ${condition} The patch does not: of a head that ends in softmax, \`output kind = … |> sharpen(t: 2.41)\` does, with \`import { sharpen } from "std/norm"\`.`]);
  expect(said(tempered([{ name: 'temperature that is advised', value: 0.73 }], 'As shipped, it changes.'))[0]).toContain('`output NAME = … |> sharpen(t: 0.73)`');
  // Nothing is written where no temperature helps.
  expect(said(tempered([{ name: 'temperature, swapped', value: 1.01 }], 'It does not help.'))).toEqual(['G4 calibration: It does not help.']);
});

test('re-index, where the index is made anew: what somebody has to do stands in the answer', async () => {
  const recall = await recallKept(kernels, 'embedding', { x: drawn(300, 2), bridged: drawn(300, 3), y: drawn(300, 1) });
  const anew = 'Compute the index anew.';
  expect(answerOf({ advice: advise('ridge'), verified: [verified()], recall: [recall], anew })).toMatchObject({ answer: 're-index', verdict: 'PASS', reasons: expect.arrayContaining([anew]) as string[] });
  expect(answerOf({ advice: advise('ridge'), verified: [verified()], recall: [recall] })).toMatchObject({ verdict: 'FAIL', indexAlone: true });
  // What heads answer is not mended by another index.
  expect(answerOf({ advice: advise('ridge'), verified: [verified({ 'G3 function': 'FAIL' })], recall: [recall], anew })).toMatchObject({ answer: 'do not upgrade', verdict: 'FAIL' });
  expect(answerOf({ advice: advise('ridge'), verified: [verified({ 'G5 concepts': 'FAIL' })], recall: [recall], anew })).toMatchObject({ verdict: 'FAIL' });
});
