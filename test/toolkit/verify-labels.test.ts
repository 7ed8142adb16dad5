/** A head that gives several labels at once, verified: its metrics, and what the gates make of it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setsFound, type LabelSets } from '../../src/toolkit/verify/label-sets.ts';
import { classesFound, rightOn, statistics, type Measured } from '../../src/toolkit/verify/measure.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { swapSource, world, type World } from './made-world.ts';

describe('metrics of several labels at once', () => {
  const features = (rows: readonly (readonly number[])[]) => ({ rows: rows.length, columns: rows[0]!.length, data: Float32Array.from(rows.flat()) });
  const prediction = features([[0.9, 0.2, 0.6], [0.4, 0.7, 0.1], [0.8, 0.6, 0.3], [0.3, 0.1, 0.7], [0.6, 0.4, 0.2], [0.2, 0.9, 0.8]]);
  const sets: LabelSets = { truth: features([[1, 0, 1], [0, 1, 0], [1, 0, 0], [1, 0, 1], [0, 0, 0], [0, 1, 0]]), numbers: new Map() };
  const measured: Measured = { prediction, sets, labels: setsFound(sets.truth, sets) };
  const rows = [0, 1, 2, 3, 4, 5];

  test('are those of scikit-learn 1.2.1', () => {
    // accuracy_score, f1_score, precision_score and recall_score of (Y, P > .5) by each average, roc_auc_score macro; log_loss of each label, their mean.
    const average = (value: string) => new Map([['average', value]]);
    const found = {
      accuracy: statistics.accuracy(measured, new Map())(rows),
      macro: [statistics.f1, statistics.precision, statistics.recall].map((metric) => metric(measured, average('macro'))(rows)),
      micro: [statistics.f1, statistics.precision, statistics.recall].map((metric) => metric(measured, average('micro'))(rows)),
      weighted: [statistics.f1, statistics.precision, statistics.recall].map((metric) => metric(measured, average('weighted'))(rows)),
    };
    const expected = { accuracy: 1 / 3, macro: [0.7555555555555555, 0.6666666666666666, 0.8888888888888888], micro: [0.75, 0.6666666666666666, 0.8571428571428571], weighted: [0.7428571428571429, 0.6666666666666666, 0.8571428571428571] };
    expect(found.accuracy).toBeCloseTo(expected.accuracy, 12);
    for (const name of ['macro', 'micro', 'weighted'] as const) for (const [i, value] of found[name].entries()) expect(value).toBeCloseTo(expected[name][i]!, 12);
    expect(statistics.auc(measured, new Map())(rows)).toBeCloseTo(0.8425925925925926, 12);
    // Probabilities are in single precision.
    expect(statistics.nll(measured, new Map())(rows)).toBeCloseTo(0.475695008417, 6);
    // As of a head of one label, over both of its outcomes: twice brier_score_loss.
    expect(statistics.brier(measured, new Map())(rows)).toBeCloseTo(2 * 0.155555555556, 6);
    // One bin: 14 of 18 decisions are right, of a mean confidence of 13.4 / 18. By hand.
    expect(statistics.ece(measured, new Map([['bins', 1]]))(rows)).toBeCloseTo(0.6 / 18, 6);
  });

  test('a row is right where all of its labels are; equal sets have equal numbers', () => {
    expect(rightOn(measured, rows)).toEqual([true, true, false, false, false, false]);
    expect(classesFound(prediction, sets)[0]).toBe(measured.labels![0]);
    expect(measured.labels![3]).toBe(measured.labels![0]);
    expect(rightOn(measured, [1, 2])).toEqual([true, false]);
  });
});

/** Each of the four classes is a set of labels. */
const tags = [['red'], ['green'], ['red', 'green'], []];
const source = swapSource
  .replace('labels Kind = ["a", "b", "c", "d"]', 'labels Kind = ["a", "b", "c", "d"]\nlabels Tag = ["red", "green", "blue"]')
  .replace('model Before {', 'head Tags(e: f32[batch, 16]) -> f32[batch, Tag] where range [0, 1] weights "./tags.safetensors" = learned { onnx.Sigmoid(e |> linear(out: Tag)) }\nmodel Before {')
  .replace('output kind = Tell(Old(z))', 'output kind = Tell(Old(z))\n  output tags = Tags(Old(z))')
  .replace('verify Swap {', 'fit Tags { data d = "./heads.jsonl" loss binary_cross_entropy(Tags(Old(d.z)), d.tags) method lbfgs(penalty: 0.001) }\nverify Swap {')
  .replace('require accuracy(y.kind, d.label) >= baseline - 5%', 'require accuracy(y.tags, d.tags) >= baseline - 10%\n  require f1(y.tags, d.tags) >= baseline - 10%\n  require mse(y.tags, d.tags) <= 0.3');

const jsonl = ({ x, y, labels }: World, change: (row: object, i: number) => object = (row) => row): string =>
  Array.from({ length: x.rows }, (_, i) => `${JSON.stringify(change({ z: [...x.data.subarray(16 * i, 16 * i + 16), ...y.data.subarray(16 * i, 16 * i + 16)], label: 'abcd'[labels[i]!], tags: tags[labels[i]!] }, i))}\n`).join('');

interface Answer {
  readonly verdict: string;
  readonly notJudged: readonly string[];
  readonly requirements: readonly { readonly metric: string; readonly verdict: string; readonly swapped: number }[];
  readonly swaps: readonly { readonly gates: readonly { readonly gate: string; readonly verdict: string; readonly reason: string; readonly measures: readonly { readonly name: string; readonly value: number }[] }[]; readonly heads: Readonly<Record<string, Readonly<Record<string, { readonly own: number; readonly swapped: number }>>>> }[];
}

describe('a head of several labels behind a swap', () => {
  const made = createFolder({ 'package.json': '{ "name": "labels" }', 'a.mdl': source, 'heads.jsonl': jsonl(world(300, 1)), 'pairs.jsonl': jsonl(world(400, 2)), 'test.jsonl': jsonl(world(900, 3)) });
  afterAll(() => made.remove());
  beforeAll(async () => {
    const { code, stderr } = await mdl(made.path, ['fit', 'a.mdl']);
    if (code !== 0) throw new Error(stderr);
  });
  const run = (text: string, ...more: readonly string[]) => {
    writeFileSync(path.join(made.path, 'a.mdl'), text);
    return mdl(made.path, ['verify', 'a.mdl', ...more]);
  };
  const verified = async (text: string): Promise<Answer> => (JSON.parse((await run(text, '--json')).stdout) as { results: Answer[] }).results[0]!;

  test('is judged by all gates, each label by itself at G5; the shapes of its own metrics agree', async () => {
    const { verdict, notJudged, requirements, swaps: [swap] } = await verified(source);
    expect([verdict, notJudged]).toEqual(['PASS', ['kind']]);
    expect(swap!.gates.map(({ gate, verdict: answer }) => `${gate.slice(0, 2)} ${answer}`)).toEqual(['G0', 'G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7'].map((gate) => `${gate} PASS`));
    expect(swap!.gates[5]!.reason).toMatch(/^tags "red": .* tags "green": /);
    expect(swap!.gates[5]!.reason).not.toContain('blue');
    const measure = (gate: number, name: string): number => swap!.gates[gate]!.measures.find((one) => one.name === name)!.value;
    expect(measure(3, 'accuracy of tags, swapped')).toBeCloseTo(swap!.heads['tags']!['accuracy']!.swapped, 12);
    // Each of the labels is told by a plane: so a reader for each finds nearly all, as the head does; all have no `blue`.
    const retrained = swap!.gates[3]!.measures.find(({ name }) => name.startsWith('accuracy of tags, head retrained on'))!;
    expect(retrained.value).toBeGreaterThan(measure(3, 'accuracy of tags, own') - 0.1);
    expect(measure(7, 'rows of another class')).toBe(0);
    // Over both outcomes, and over one.
    expect(swap!.heads['tags']!['brier']!.swapped).toBeCloseTo(2 * requirements.find(({ metric }) => metric === 'mse')!.swapped, 5);
  });

  test('that nobody carried over fails', async () => {
    const { verdict, swaps: [swap] } = await verified(source.replace('swap Old with New', 'swap Old with Padded'));
    expect([verdict, swap!.gates.find(({ gate }) => gate.startsWith('G3'))!.verdict]).toEqual(['FAIL', 'FAIL']);
  });

  test.each([
    ['accuracy(y.kind, d.tags) >= 1%', 'has to be one class, found a list', 'What the head gives adds up to 1'],
    ['balanced_accuracy(y.tags, d.tags) >= 1%', 'has to be one class, found a list', '`balanced_accuracy` is of heads that choose one class'],
    ['accuracy(y.tags, d.shares) >= 1%', 'row 1 of `test.jsonl`: `shares` has to be 0 or 1 for each label, or a list of names, found 0.5', 'there or is not'],
    ['mse(Tell(Old(d.z)), d.tags) <= 9', 'has to be a list of names of labels, found "green"', ''],
    ['mse(Old(d.z), d.tags) <= 9', 'has to be numbers, found "green"', 'A list of names of labels is what `binary_cross_entropy` learns from'],
  ])('%s is refused, which says why', async (requirement, message, note) => {
    writeFileSync(path.join(made.path, 'test.jsonl'), jsonl(world(60, 3), (row) => ({ ...row, shares: [0.5, 1, 0] })));
    const { code, stderr } = await run(source.replace('require f1(y.tags, d.tags) >= baseline - 10%', `require ${requirement}`));
    expect([code, stderr.replace(/\s+(= )?/g, ' ')]).toEqual([1, expect.stringContaining(message)]);
    expect(stderr.replace(/\s+(= )?/g, ' ')).toContain(note);
  });
});
