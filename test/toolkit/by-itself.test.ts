/** What `auto` does where no closed form is: to the minimum where there is one, otherwise until nothing is gained; what ended before its time says so. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createRandom } from '../../src/data/random.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

const [width, labels] = [16, 3];
const logit = (row: readonly number[], w: readonly number[]): number => row.reduce((sum, value, i) => sum + value * w[i]!, 0);

/** Labels of rows, each by a logistic model of its own, so that the likelihood of what made them is known. */
function labelled(rows: number, fresh = 0) {
  const random = createRandom(722);
  const w = Array.from({ length: labels }, () => Array.from({ length: width }, () => 1.5 * random.normal()));
  const x = Array.from({ length: rows + fresh }, () => Array.from({ length: width }, () => random.normal()));
  const y = x.map((row) => w.map((one) => Number(random.uniform() < 1 / (1 + Math.exp(-logit(row, one))))));
  return { w, x, y };
}

const source = (body: string, loss: string, method: string, result: string): string => `import { linear, sigmoid } from "std/nn"
import { cosine_classifier } from "std/heads"

head Tell(x: f32[batch, 16]) -> ${result} weights "./tell.safetensors" = learned { ${body} }
fit Tell { data d = "./rows.jsonl" loss ${loss} method ${method} seed 1 }
`;
const tags = (method: string): string => source('x |> linear(out: 3) |> sigmoid', 'binary_cross_entropy(Tell(d.x), d.y)', method, 'f32[batch, 3] where range [0, 1]');
const kinds = (method: string): string => source('x |> cosine_classifier(classes: 3)', 'cross_entropy(Tell(d.x), d.kind)', method, 'f32[batch, 3] where range [0, 1], sum(-1) == 1');

function project(text: string, rows: readonly object[]): string {
  const made = createFolder({ 'package.json': '{ "name": "by-itself" }', 'a.mdl': text, 'rows.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join('') });
  folders.push(made);
  return made.path;
}


/** What a fit says, its record, and its weights by their names. */
async function fitted(folder: string) {
  const { code, stdout, stderr } = await mdl(folder, ['fit', 'a.mdl'], { columns: 600 });
  expect([code, stderr.includes('error[')]).toEqual([0, false]);
  const bytes = new Uint8Array(readFileSync(path.join(folder, 'tell.safetensors')));
  const file = readSafetensors({ uri: 'memory:///tell', size: bytes.length, read: (from, length) => bytes.subarray(from, from + length), close: () => {} });
  if (!file.ok) throw new Error(file.finding.message);
  const numbers = (name: string): Float32Array => {
    const { offset, length } = file.value.tensors.find((tensor) => tensor.name.endsWith(name))!;
    return new Float32Array(Uint8Array.from(bytes.subarray(offset, offset + length)).buffer);
  };
  return { stdout, stderr, record: JSON.parse(file.value.metadata['mdl.fit']!) as { readonly method: string; readonly settings: Readonly<Record<string, number>> }, numbers };
}

test('auto of independent labels behind a linear map comes to the minimum', async () => {
  const { w, ...all } = labelled(1500, 5000);
  const [x, y] = [all.x.slice(0, 1500), all.y.slice(0, 1500)];
  const { stdout, record, numbers } = await fitted(project(tags('auto'), x.map((row, i) => ({ x: row, y: y[i]! }))));
  expect(record.method).toBe('lbfgs');
  expect(record.settings['penalty']).toBeGreaterThan(0);
  expect(stdout).not.toContain('still fell');
  const [map, bias] = [numbers('linear.w'), numbers('linear.b')];
  // On other rows, the mean over rows and labels of log(1 + e^z) - y z.
  const others = all.x.slice(1500);
  const lossOf = (z: (row: readonly number[], label: number) => number): number =>
    others.reduce((sum, row, i) => sum + all.y[1500 + i]!.reduce((inner, is, label) => inner + Math.log1p(Math.exp(z(row, label))) - is * z(row, label), 0), 0) / (others.length * labels);
  const found = lossOf((row, label) => row.reduce((sum, value, i) => sum + value * map[i * labels + label]!, bias[label]!));
  const truth = lossOf((row, label) => logit(row, w[label]!));
  // The likeliest weights of 17 numbers a label are expected to lose 17 / (2 · 1,500) = .0057 to those that made the labels.
  expect(found - truth).toBeGreaterThan(0);
  expect(found - truth).toBeLessThan(2 * 0.0057);
}, 60_000);

test('auto of another part goes on while there is something to be gained', async () => {
  const random = createRandom(601);
  const rows = Array.from({ length: 400 }, () => {
    const x = Array.from({ length: width }, () => random.normal());
    const scores = x.slice(0, 3).map((value) => value + 0.6 * random.normal());
    return { x, kind: scores.indexOf(Math.max(...scores)) };
  });
  const { record, stdout } = await fitted(project(kinds('auto'), rows));
  expect(record.method).toBe('adam');
  // The 200 epochs of six steps each that it had before are not enough.
  expect(record.settings['epoch']).toBeGreaterThan(200);
  expect(stdout).not.toContain('still fell');
}, 60_000);

test('a fit that its epochs end says so, and with what it would learn on', async () => {
  const { x, y } = labelled(400);
  const short = await fitted(project(tags('adam(epochs: 4)'), x.map((row, i) => ({ x: row, y: y[i]! }))));
  expect(short.stdout).toContain('Its loss still fell when its 4 epochs were over: `epochs: 8`, or larger steps, `lr: 0.005`, learn on.');
  // Where nothing is gained any more, or a schedule has come down to nothing, there is nothing to say.
  for (const method of ['adam(lr: 0.05, epochs: 60, patience: 0)', 'adam(epochs: 4, schedule: "cosine")']) {
    const other = await fitted(project(tags(method), x.map((row, i) => ({ x: row, y: y[i]! }))));
    expect(other.stdout).not.toContain('still fell');
  }
}, 60_000);

test('what is no better than a constant as its epochs were too few is told that first', async () => {
  const { x, y } = labelled(200);
  const { stderr } = await fitted(project(tags('adam(lr: 0.0001, epochs: 2)'), x.map((row, i) => ({ x: row, y: y[i]! }))));
  expect(stderr).toMatch(/warning\[fit-no-better\][\s\S]* = Its loss still fell when its 2 epochs were over[\s\S]* = Either the rows are too few/);
}, 60_000);
