/** Bridges without a bias, `x w`: against numpy, by the standard forms about 0. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { memorySource } from '../data/memory-source.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

/** Neither side is centred, and the best maps about 0 are others than those about the means. */
const rows = Array.from({ length: 40 }, (_, i) => {
  const x = [Math.cos(i), Math.sin(2 * i), (i % 5) - 1];
  return { x, y: [x[1]! + 1, -x[0]! + 0.1 * Math.sin(i * i), 2 * x[2]!] };
});

async function fit(body: string, method: string, data: readonly object[] = rows): Promise<{ code: number; stdout: string; stderr: string; tensors: Record<string, number[]> }> {
  const text = `import { linear, project } from "std/nn"
import { houlsby, orthogonal } from "std/adapters"
adapter Part(x: f32[batch, 3]) -> f32[batch, 3] weights "./part.safetensors" = learned { ${body} }
fit Part { data d = "./rows.jsonl" loss mse(Part(d.x), d.y) method ${method} }
`;
  const folder = createFolder({ 'package.json': '{ "name": "no-bias" }', 'a.mdl': text, 'rows.jsonl': data.map((row) => `${JSON.stringify(row)}\n`).join('') });
  folders.push(folder);
  const answer = await mdl(folder.path, ['fit', 'a.mdl'], { columns: 400 });
  if (answer.code !== 0) return { ...answer, tensors: {} };
  const bytes = readFileSync(path.join(folder.path, 'part.safetensors'));
  const file = readSafetensors(memorySource(bytes));
  if (!file.ok) throw new Error(file.finding.message);
  const floats = (at: number, length: number): number[] => [...new Float32Array(Uint8Array.from(bytes.subarray(at, at + length)).buffer)];
  return { ...answer, tensors: Object.fromEntries(file.value.tensors.map(({ name, offset, length }) => [name, floats(offset, length)])) };
}

const near = (found: readonly number[] | undefined, wanted: readonly (readonly number[])[]): void => {
  expect(found).toHaveLength(wanted.flat().length);
  wanted.flat().forEach((value, i) => expect(found![i]).toBeCloseTo(value, 5));
};

// numpy, of the rows above in double precision: U, S, Vt = svd(X.T @ Y); R = U @ Vt; R * S.sum() / (X ** 2).sum(); solve(X.T @ X + 2 * eye(3), X.T @ Y)
const rotation = [[0.06337, -0.997704, -0.023912], [0.986762, 0.066223, -0.148036], [0.14928, -0.014215, 0.988693]];
const scaled = [[0.112586, -1.772576, -0.042484], [1.753137, 0.117655, -0.263009], [0.265218, -0.025255, 1.756567]];
const ridge = [[0.120948, -0.916079, -0.005098], [0.927291, 0.002239, 0.001792], [0.331896, -0.000833, 1.967055]];

test('procrustes writes the file of `orthogonal`: the rotation of Schönemann (1966), about 0', async () => {
  const { stdout, tensors } = await fit('orthogonal(x)', 'procrustes');
  expect(stdout).toContain('by orthogonal from 40 rows');
  near(tensors['orthogonal.w'], rotation);
  near((await fit('orthogonal(x)', 'procrustes(scale: true)')).tensors['orthogonal.w'], scaled);
});

test('ridge without a bias, and the same of a part with one where nothing is to be centred', async () => {
  near((await fit('x |> project(out: 3)', 'ridge(lambda: 2)')).tensors['project.w'], ridge);
  const { tensors } = await fit('x |> linear(out: 3)', 'ridge(lambda: 2, center: false)');
  near(tensors['linear.w'], ridge);
  expect(tensors['linear.b']).toEqual([0, 0, 0]);
});

test('auto compares what the part can be: any map, or a rotation', async () => {
  expect((await fit('x |> project(out: 3)', 'auto')).stdout).toMatch(/scaled-orthogonal[^]*ridge/);
  const { stdout, tensors } = await fit('orthogonal(x)', 'auto');
  expect(stdout).toContain('by scaled-orthogonal from 40 rows');
  near(tensors['orthogonal.w'], scaled);
});

test('what cannot be is refused with its reason', async () => {
  const says = async (body: string, method: string): Promise<string> => (await fit(body, method)).stderr;
  expect(await says('orthogonal(x)', 'ridge')).toContain('`Part` cannot be fitted in closed form: it is a rotation, and what this finds is none');
  expect(await says('x |> project(out: 3)', 'coral')).toContain('it has no bias, and `coral` moves what it maps');
  expect(await says('x |> houlsby(bottleneck: 2)', 'ridge')).toContain('Any other part is learned by gradient');
});

test('auto on too few rows says what its simplest bridge needs, and not what adam does', async () => {
  const { code, stderr } = await fit('x |> project(out: 3)', 'auto', rows.slice(0, 12));
  expect([code, stderr]).toEqual([1, expect.stringContaining('`auto` cannot be fitted from 12 rows: it needs 20, for the simplest of its bridges, `orthogonal`, or most directions of the rotation are left to chance.') as string]);
});
