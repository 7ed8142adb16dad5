/** Every closed form by its name in the language, on data of which the answer is known. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createRandom } from '../../src/data/random.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { memorySource } from '../data/memory-source.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

interface Row {
  readonly x: readonly number[];
  readonly y?: readonly number[];
  readonly label?: number;
}

const source = (body: string, loss: string, result = 'f32[batch, 3]'): string => `import { linear, softmax } from "std/nn"
import { match_moments, scale_shift } from "std/norm"
import { affine, relative_representation, whitening } from "std/adapters"
import { calibrate } from "std/heads"
adapter Part(x: f32[batch, 3]) -> ${result} weights "./part.safetensors" = learned ${body}
fit Part { data d = "./rows.jsonl" ${loss} }
`;

/** The tensors that a fit wrote, by the last word of their keys, and its record. */
async function fitted(text: string, rows: readonly Row[]): Promise<{ tensors: Record<string, number[]>; scores: Record<string, number>; method: string }> {
  const folder = createFolder({ 'package.json': '{ "name": "methods" }', 'a.mdl': text, 'rows.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join('') });
  folders.push(folder);
  const { code, stdout } = await mdl(folder.path, ['fit', 'a.mdl', '--json']);
  if (code !== 0) throw new Error(stdout);
  const bytes = readFileSync(path.join(folder.path, 'part.safetensors'));
  const file = readSafetensors(memorySource(bytes));
  if (!file.ok) throw new Error(file.finding.message);
  const floats = (at: number, length: number): number[] => [...new Float32Array(Uint8Array.from(bytes.subarray(at, at + length)).buffer)];
  const tensors = Object.fromEntries(file.value.tensors.map(({ name, offset, length }) => [name.split('.').at(-1)!, floats(offset, length)]));
  const [{ scores, method }] = (JSON.parse(stdout) as { results: [{ scores: Record<string, number>; method: string }] }).results;
  return { tensors, scores, method };
}

const random = createRandom(5);
const base = Array.from({ length: 80 }, () => [2 * random.normal() + 1, random.normal(), 0.5 * random.normal() - 2]);
const column = (j: number): number[] => base.map((row) => row[j]!);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: readonly number[]): number => Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));
const near = (found: readonly number[] | undefined, wanted: readonly number[], digits = 4): void => {
  expect(found).toHaveLength(wanted.length);
  found!.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, digits));
};
const pairs = (of: (x: number[]) => number[]): Row[] => base.map((x) => ({ x, y: of(x) }));

test('translate: a move with one scale, or the move alone', async () => {
  const twice = pairs((x) => x.map((v, j) => 3 * v + j));
  const both = await fitted(source('{ x |> scale_shift }', 'loss mse(Part(d.x), d.y) method translate'), twice);
  near(both.tensors['scale'], [3, 3, 3]);
  near(both.tensors['shift'], [0, 1, 2]);
  const alone = await fitted(source('{ x |> linear(out: 3) }', 'loss mse(Part(d.x), d.y) method translate(scale: false)'), pairs((x) => x.map((v, j) => v - j)));
  near(alone.tensors['w'], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  near(alone.tensors['b'], [0, -1, -2]);
  expect([both.method, alone.method]).toEqual(['translate-scale', 'translate']);
});

test('procrustes of standardised columns finds those that changed places and sizes, and a rotation does not', async () => {
  const moved = pairs(([a, b, c]) => [50 * c! + 1, 0.2 * a!, b! - 3]);
  const standardised = await fitted(source('{ x |> linear(out: 3) }', 'loss mse(Part(d.x), d.y) method procrustes(standardise: true)'), moved);
  near(standardised.tensors['w'], [0, 0.2, 0, 0, 0, 1, 50, 0, 0], 3);
  near(standardised.tensors['b'], [1, 0, -3], 3);
  expect([standardised.method, standardised.scores['cross-validated R²']]).toEqual(['standardised-orthogonal', expect.closeTo(1, 6)]);
  const turned = await fitted(source('{ x |> linear(out: 3) }', 'loss mse(Part(d.x), d.y) method procrustes(scale: true)'), moved);
  expect(turned.scores['cross-validated R²']).toBeLessThan(0.99);
  const scaled = await fitted(source('{ x |> linear(out: 3) }', 'loss mse(Part(d.x), d.y) method procrustes(scale: true, standardise: true)'), moved);
  expect(scaled.method).toBe('scaled-standardised-orthogonal');
});

test('auto gives what it chose the spread of the target, and says so; ridge by its name is that of least squares', async () => {
  const noise = createRandom(8);
  const noisy = pairs((x) => [0, 1, 2].map((j) => x[0]! * (j - 1) + 0.6 * x[1]! + 3 * noise.normal()));
  const spreadOf = async (method: string): Promise<{ said: string | undefined; ratio: number }> => {
    const folder = createFolder({ 'package.json': '{ "name": "methods" }', 'a.mdl': source('{ x |> linear(out: 3) }', `loss mse(Part(d.x), d.y) method ${method}`), 'rows.jsonl': noisy.map((row) => `${JSON.stringify(row)}\n`).join('') });
    folders.push(folder);
    const { stdout } = await mdl(folder.path, ['fit', 'a.mdl']);
    const { tensors } = await fitted(source('{ x |> linear(out: 3) }', `loss mse(Part(d.x), d.y) method ${method}`), noisy);
    const answers = base.map((x) => [0, 1, 2].map((j) => x.reduce((sum, value, i) => sum + value * tensors['w']![3 * i + j]!, tensors['b']![j]!)));
    const size = (rows: readonly (readonly number[])[]): number => [0, 1, 2].reduce((sum, j) => sum + deviation(rows.map((row) => row[j]!)) ** 2, 0);
    return { said: /spread (\d\.\d+) times/.exec(stdout)?.[1], ratio: Math.sqrt(size(answers) / size(noisy.map(({ y }) => y!))) };
  };
  const [byAuto, byRidge] = [await spreadOf('auto'), await spreadOf('ridge')];
  expect(Number(byAuto.said)).toBeGreaterThan(1.1);
  // The rows that a fold leaves out reach a little less far than those that a map was fitted to.
  expect(Math.abs(byAuto.ratio - 1)).toBeLessThan(0.15);
  expect(byRidge.said).toBeUndefined();
  expect(byRidge.ratio).toBeLessThan(0.7);
});

test('match_moments and coral: what each column, and what their covariance had, is as in the target', async () => {
  const target = pairs((x) => [5 * x[0]! - 1, 0.5 * x[1]!, x[2]! + 7]);
  const matched = await fitted(source('{ x |> match_moments }', 'loss mse(Part(d.x), d.y) method match_moments'), target);
  near(matched.tensors['deviation'], [0, 1, 2].map((j) => deviation(column(j))));
  near(matched.tensors['target_mean'], [0, 1, 2].map((j) => mean(target.map(({ y }) => y![j]!))));
  // Shrinkage does not see a scale: the covariance becomes nine times what it was.
  const coral = await fitted(source('{ x |> affine(out: 3) }', 'loss mse(Part(d.x), d.y) method coral'), pairs((x) => x.map((v) => 3 * v + 1)));
  near(coral.tensors['w'], [3, 0, 0, 0, 3, 0, 0, 0, 3]);
  near(coral.tensors['b'], [1, 1, 1]);
  expect(coral.method).toBe('coral');
});

test('standardise and whitening look at the vectors alone, and are scored by rows left out', async () => {
  const rows = base.map((x) => ({ x }));
  const standard = await fitted(source('{ x |> scale_shift }', 'let e = Part(d.x) loss mse(e, e) method standardise'), rows);
  near(standard.tensors['scale'], [0, 1, 2].map((j) => 1 / deviation(column(j))));
  near(standard.tensors['shift'], [0, 1, 2].map((j) => -mean(column(j)) / deviation(column(j))));
  expect(standard.scores['nearness of held-out variances to 1']).toBeGreaterThan(0.5);
  const white = await fitted(source('{ x |> whitening(out: 3) }', 'let e = Part(d.x) loss mse(e, e) method whitening'), rows);
  const w = white.tensors['w']!;
  const mapped = base.map((x) => [0, 1, 2].map((j) => x.reduce((sum, v, i) => sum + (v - mean(column(i))) * w[3 * i + j]!, 0)));
  for (const [i, j] of [[0, 1], [0, 2], [1, 2]] as const) expect(Math.abs(mean(mapped.map((row) => row[i]! * row[j]!)))).toBeLessThan(0.1);
  for (const j of [0, 1, 2]) expect(Math.abs(mean(mapped.map((row) => row[j]! ** 2)) - 1)).toBeLessThan(0.3);
  // ZCA is the symmetric one of all whitenings.
  near([w[1]!, w[2]!, w[5]!], [w[3]!, w[6]!, w[7]!]);
});

test('relative: the anchors are rows of the data', async () => {
  const anchors = await fitted(source('{ x |> relative_representation(anchors: 4) }', 'let e = Part(d.x) loss mse(e, e) method relative', 'f32[batch, 4]'), base.map((x) => ({ x })));
  near(anchors.tensors['mean'], [0, 1, 2].map((j) => mean(column(j))));
  const points = anchors.tensors['points']!;
  for (const anchor of [0, 1, 2, 3]) expect(base.some((row) => row.every((v, j) => Math.fround(v) === points[3 * anchor + j]))).toBe(true);
});

test('temperature: the one that the labels were drawn with', async () => {
  const draw = createRandom(9);
  const rows = Array.from({ length: 1500 }, () => {
    const x = [4 * draw.normal(), 4 * draw.normal(), 4 * draw.normal()];
    const odds = x.map((v) => Math.exp(v / 2.5));
    let left = draw.uniform() * odds.reduce((a, b) => a + b, 0);
    return { x, label: odds.findIndex((one) => (left -= one) < 0) };
  });
  const body = (of: string): string => source(of, 'loss cross_entropy(Part(d.x), d.label) method temperature', 'f32[batch, 3] where range [0, 1]');
  const { tensors, scores } = await fitted(body('{ x |> calibrate }'), rows);
  // The curvature of the likelihood at 1,500 rows: a standard error of about 0.1.
  expect(Math.abs(1 / tensors['inverse_temperature']![0]! - 2.5)).toBeLessThan(0.4);
  expect(scores['cross-validated loss']).toBeLessThan(1);
  const inverse = await fitted(body('{\n  param warm: f32[]\n  softmax(x / warm)\n}'), rows);
  expect(inverse.tensors['warm']![0]! * tensors['inverse_temperature']![0]!).toBeCloseTo(1, 4);
});

test('what a method cannot fill is said', async () => {
  const rows = base.map((x) => ({ x }));
  await expect(fitted(source('{ x |> linear(out: 3) }', 'let e = Part(d.x) loss mse(e, e) method relative'), rows)).rejects.toThrow('its parameters are not those of anchors in 3 numbers');
  const both = rows.map(({ x }) => ({ x, y: x }));
  await expect(fitted(source('{ x |> linear(out: 3) }', 'let e = Part(d.x) let f = Part(d.y) loss mse(e, f) method ridge'), both)).rejects.toThrow('a loss of which both sides depend on `Part`');
});
