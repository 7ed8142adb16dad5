/** Models that call the part which is swapped on several values, as one encoder on a question and on an answer. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';
import { swapSource, world } from './made-world.ts';

interface Gate {
  readonly gate: string;
  readonly verdict: string;
  readonly reason: string;
  readonly measures: readonly { readonly name: string; readonly value: number }[];
}
interface Answer {
  readonly verdict: string;
  readonly swaps: readonly [{ readonly gates: readonly Gate[]; readonly representation: Readonly<Record<string, number>>; readonly notJudged: { readonly gates?: readonly { readonly gate: string; readonly why: string }[] } }];
}

const vectorOf = (seed: number) => {
  const { x, y, labels } = world(600, seed);
  return (i: number) => ({ z: [...x.data.subarray(16 * i, 16 * i + 16), ...y.data.subarray(16 * i, 16 * i + 16)], label: 'abcd'[labels[i]!] });
};
const [questions, answers, pairs] = [vectorOf(3), vectorOf(4), vectorOf(2)];
/** Examples of two values each; the second of row 7 is perhaps one that the bridge was fitted to. */
const rows = (leak: boolean): string => Array.from({ length: 600 }, (_, i) => `${JSON.stringify({ ...questions(i), w: (leak && i === 6 ? pairs(11) : answers(i)).z })}\n`).join('');
const lines = (of: (i: number) => object, count: number): string => Array.from({ length: count }, (_, i) => `${JSON.stringify(of(i))}\n`).join('');

const source = `${swapSource.slice(0, swapSource.indexOf('verify Swap'))}
model Twice { input z: Both  input w: Both  output q = Old(z)  output a = Old(w)  output kind = Tell(Old(z)) }
adapter Turned(z: Both) -> f32[batch, 16] { onnx.Where(onnx.Greater(second(z), 50), -1 * second(z), second(z)) }
`;
const verify = (by: string, ...requirements: readonly string[]): string => `verify V { swap Old with ${by} in Twice  data d = "./test.jsonl"  let y = Twice(d.z, w: d.w)  ${requirements.map((one) => `require ${one}`).join('  ')} }\n`;

const made = createFolder({ 'package.json': '{ "name": "calls" }', 'a.mdl': source, 'heads.jsonl': lines(vectorOf(1), 300), 'pairs.jsonl': lines(pairs, 400), 'test.jsonl': rows(false) });
afterAll(() => made.remove());
beforeAll(async () => {
  const { code, stderr } = await mdl(made.path, ['fit', 'a.mdl']);
  if (code !== 0) throw new Error(stderr);
});
const write = (text: string): void => writeFileSync(path.join(made.path, 'a.mdl'), `${source}${text}`);
const run = async (text: string): Promise<Answer> => {
  write(text);
  const { stdout, stderr } = await mdl(made.path, ['verify', 'a.mdl', '--json']);
  if (!stdout.includes('"results"')) throw new Error(`${stdout}${stderr}`);
  return (JSON.parse(stdout) as { results: Answer[] }).results[0]!;
};
const verdicts = ({ swaps: [{ gates }] }: Answer): readonly string[] => gates.map(({ gate, verdict }) => `${gate.slice(0, 2)} ${verdict}`);

test('a true bridge passes, by the vectors of all calls, counted by examples; a part that carries nothing over does not', async () => {
  const good = await run(verify('New', 'cosine(y.q, y.a) >= baseline - 0.1'));
  expect([good.verdict, verdicts(good)]).toEqual(['PASS', ['G0 PASS', 'G1 PASS', 'G2 PASS', 'G6 PASS', 'G7 PASS']]);
  // One vector of each example, drawn: some 300 of the half that tests, not twice as many.
  expect(Number(/of (\d+) examples\)/.exec(good.swaps[0].gates[1]!.reason)![1])).toBeLessThan(360);
  const bad = await run(verify('Padded', 'cosine(y.q, y.a) >= baseline - 0.1'));
  expect([bad.verdict, verdicts(bad)[2]]).toEqual(['FAIL', 'G2 FAIL']);
});

test('heads are judged as ever; where the classes lie among several vectors of an example nobody says', async () => {
  const answer = await run(verify('New', 'accuracy(y.kind, d.label) >= baseline - 5%', 'cosine(y.q, y.a) >= baseline - 0.1'));
  expect(verdicts(answer)).toEqual(['G0 PASS', 'G1 PASS', 'G2 PASS', 'G3 PASS', expect.stringContaining('G4'), 'G6 PASS', 'G7 PASS']);
  expect(answer.swaps[0].notJudged.gates).toEqual([{ gate: 'G5 concepts', why: expect.stringContaining('`Old` gives 2 for an example') }]);
  // What only one of them goes into is judged as where there is but one.
  expect(verdicts(await run(verify('New', 'accuracy(y.kind, d.label) >= baseline - 5%')))).toContainEqual('G5 PASS');
});

test('what is right on the first value and wrong on the second is seen', async () => {
  // Of the second value every vector is turned round: by cosines 1 and -1, as many of each.
  writeFileSync(path.join(made.path, 'test.jsonl'), Array.from({ length: 600 }, (_, i) => `${JSON.stringify({ ...questions(i), w: answers(i).z.map((value) => value + 100) })}\n`).join(''));
  const answer = await run(verify('Turned', 'cosine(y.q, second(d.z)) >= 0.5', 'cosine(y.a, second(d.z)) >= -0.9'));
  writeFileSync(path.join(made.path, 'test.jsonl'), rows(false));
  expect(answer.swaps[0].representation['mean cosine with the old vectors']).toBeCloseTo(0, 6);
  expect([answer.verdict, verdicts(answer).at(-2)]).toEqual(['FAIL', 'G6 FAIL']);
});

test('an example of the fit that stands in either column is found', async () => {
  writeFileSync(path.join(made.path, 'test.jsonl'), rows(true));
  const { swaps: [{ gates: [g0] }] } = await run(verify('New', 'cosine(y.q, y.a) >= baseline - 0.1'));
  writeFileSync(path.join(made.path, 'test.jsonl'), rows(false));
  expect([g0!.verdict, g0!.reason]).toEqual(['FAIL', expect.stringContaining('1 example stands in both the data of fit Back and `w` of the data of this verify: row 12 there and row 7 here.')]);
});

test('where the model calls the new part besides nobody can tell which call stands for which', async () => {
  write(`model Besides { input z: Both  input w: Both  output q = Old(z)  output n = New(w) }\nverify W { swap Old with New in Besides  data d = "./test.jsonl"  let y = Besides(d.z, w: d.w)  require cosine(y.q, y.n) >= 0.5 }`);
  const { code, stderr } = await mdl(made.path, ['verify', 'a.mdl', 'W']);
  expect([code, stderr.replace(/\s+(= )?/g, ' ')]).toEqual([1, expect.stringContaining('`Old` is called on one value, and with the swap `New` on 2 values')]);
});
