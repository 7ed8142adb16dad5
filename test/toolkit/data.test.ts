/** What `mdl fit` learns from: folders of pictures, and groups that must not be divided. */
import { afterEach, expect, test } from 'vitest';
import sharp from 'sharp';
import { createRandom } from '../../src/data/random.ts';
import type { ColumnTerm } from '../../src/check/tools/model.ts';
import { succeed } from '../../src/diagnostics/diagnostic.ts';
import type { ImageColumn } from '../../src/toolkit/data/image-folder.ts';
import { imageRows } from '../../src/toolkit/data/image-input.ts';
import { foldsOf } from '../../src/align/adapters/folds.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const place = { uri: 'memory:///a.mdl', span: { start: 0, end: 0 } };
const term: ColumnTerm = { kind: 'column', column: 'image', data: { name: 'd', uri: 'memory:///photos', location: place }, type: { kind: 'unknown' }, location: place };

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

const head = (input: string, prepare: string, more = ''): string => `import { linear, softmax } from "std/nn"
labels Light = ["bright", "dark"]
adapter Prepare(image: ${input}) -> f32[batch, 12] { ${prepare} }
head Lamp(x: f32[batch, 12]) -> f32[batch, Light] weights "./lamp.safetensors" = learned { x |> linear(out: Light) |> softmax }
fit Lamp {
  data d = "./photos"
  loss cross_entropy(Lamp(Prepare(d.image)), d.label)
}
${more}`;

/** 2 by 2 pixels of three colours, near white or near black; every pixel its own. */
async function photos(): Promise<Record<string, Uint8Array>> {
  const random = createRandom(3);
  const files: Record<string, Uint8Array> = {};
  for (const [label, base] of [['bright', 200], ['dark', 20]] as const)
    for (let i = 0; i < 8; i++) {
      const pixels = Uint8Array.from({ length: 12 }, () => base + random.integer(30));
      files[`photos/${label}/${i}.png`] = await sharp(pixels, { raw: { width: 2, height: 2, channels: 3 } }).png().toBuffer();
    }
  return files;
}

function project(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = createFolder({ 'package.json': '{ "name": "photos" }', ...files });
  folders.push(folder);
  return folder.path;
}

const flat = 'onnx.Cast(onnx.Flatten(image, axis: 1), to: f32)';

test('a folder of pictures is a table: the pixels as the contract has them, and the folder of each as its class', async () => {
  const folder = project({ 'a.mdl': head('u8[N: batch, H: 2, W: 2, C: 3]', flat), ...(await photos()) });
  const { code, stdout, stderr } = await mdl(folder, ['fit', 'a.mdl', '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const [result] = (JSON.parse(stdout) as { results: { rows: number; scores: Record<string, number> }[] }).results;
  expect([result!.rows, result!.scores['cross-validated accuracy']]).toEqual([16, 1]);
});

test('channels stand where the labels of the axes say, and the colours as the attribute does', async () => {
  const rgb = Uint8Array.from([250, 100, 0, 251, 101, 1, 252, 102, 2, 253, 103, 3]);
  const bytes = await sharp(rgb, { raw: { width: 2, height: 2, channels: 3 } }).png().toBuffer();
  const column: ImageColumn = { kind: 'images', name: () => 'a.png', digest: () => succeed(''), bytes: () => succeed(new Uint8Array(bytes)) };
  const read = async (axes: string, color = 'rgb'): Promise<readonly number[]> => {
    const dims = [...axes].map((label) => ({ label, size: label === 'N' ? 'batch' : label === 'C' ? 3 : 2 }));
    const port = { name: 'image', tensor: { onnx: 'image', dtype: 'u8', dims, facts: [{ kind: 'attribute', id: 'photos#color', value: color, evidence: 'enforced' } as const] } };
    return [...(await imageRows(column, port, term, [0])).data];
  };
  expect(await read('NHWC')).toEqual([...rgb]);
  expect(await read('NCHW')).toEqual([250, 251, 252, 253, 100, 101, 102, 103, 0, 1, 2, 3]);
  expect(await read('NWHC')).toEqual([250, 100, 0, 252, 102, 2, 251, 101, 1, 253, 103, 3]);
  expect(await read('NHWC', 'bgr')).toEqual([0, 100, 250, 1, 101, 251, 2, 102, 252, 3, 103, 253]);
});

test('what is wrong with a picture is named: its size, its bytes, an input that takes none', async () => {
  const files = await photos();
  const answer = async (input: string, change: Record<string, Uint8Array> = {}, prepare = flat): Promise<string> => {
    const { code, stdout, stderr } = await mdl(project({ 'a.mdl': head(input, prepare), ...files, ...change }), ['fit', 'a.mdl']);
    expect(code).toBe(1);
    return stdout + stderr;
  };
  const large = await sharp({ create: { width: 4, height: 3, channels: 3, background: 'red' } }).jpeg().toBuffer();
  const image = 'u8[N: batch, H: 2, W: 2, C: 3]';
  expect(await answer(image, { 'photos/dark/3.jpg': large })).toContain('error[image-size]: `photos/dark/3.jpg` is 3 by 4, and `image` takes 2 by 2 by 3');
  expect(await answer(image, { 'photos/dark/3.png': Uint8Array.of(1, 2, 3) })).toContain('error[image-invalid]: The picture `photos/dark/3.png` cannot be decoded: ');
  expect(await answer('f32[batch, 12]', {}, 'image')).toContain('error[image-input]: `image` takes no picture: its elements are f32, and a file gives bytes');
  expect(await answer(image, { 'photos/loose.png': large })).toContain('`bright/0.png` lies in a folder that names its class, and `loose.png` in none');
});

test('folds keep units together, are even where they can be, and are too few for four units', () => {
  const units = Array.from({ length: 60 }, (_, i) => (i < 30 ? `u${i}` : `v${i % 6}`));
  const folds = foldsOf(units, 4)!;
  for (const unit of new Set(units)) expect(new Set(units.flatMap((one, i) => (one === unit ? [folds[i]!] : []))).size).toBe(1);
  expect(Array.from({ length: 5 }, (_, fold) => folds.filter((one) => one === fold).length)).toEqual([12, 12, 12, 12, 12]);
  expect(foldsOf(units, 4)).toEqual(folds);
  expect(foldsOf(['a', 'b', 'c', 'd', 'd'], 1)).toBeUndefined();
});

const bridge = `import { linear } from "std/nn"
adapter Back(x: f32[batch, 4]) -> f32[batch, 2] weights "./back.safetensors" = learned { x |> linear(out: 2) }
fit Back {
  data d = "./pairs.jsonl"
  loss mse(Back(d.x), d.y)
  method ridge
}
`;

test('a column of single numbers in the place of vectors is told of its first row, with how a vector is written', async () => {
  const numbers = Array.from({ length: 80 }, (_, i) => i / 7);
  const made = (file: string, text: string): Promise<{ stderr: string; code: number }> => mdl(project({ 'a.mdl': bridge.replace('pairs.jsonl', file), [file]: text }), ['fit', 'a.mdl'], { columns: 400 });
  const csv = await made('pairs.csv', `x,y\n${numbers.map((v) => `${v},"[1, ${v}]"\n`).join('')}`);
  const lines = await made('pairs.jsonl', numbers.map((v) => `{"x": ${v}, "y": [1, ${v}]}\n`).join(''));
  expect([csv.code, csv.stderr]).toEqual([1, expect.stringContaining('row 1 of `pairs.csv`, line 2: `x` has to be a list of 4 numbers, found 0\n') as string]);
  expect(csv.stderr.replace(/\n {4}/g, ' ')).toContain('A vector stands in one column: in a cell of CSV as `"[0.5, 1]"`');
  expect(lines.stderr).toContain('row 1 of `pairs.jsonl`, line 1: `x` has to be a list of 4 numbers, found 0\n');
  // The same columns, with lists in the cells.
  const random = createRandom(3);
  const vectors = numbers.map(() => Array.from({ length: 4 }, () => random.normal()));
  expect(await made('pairs.csv', `x,y\n${vectors.map((v) => `"[${v.join(', ')}]","[${v[0]}, ${v[1]}]"\n`).join('')}`)).toMatchObject({ code: 0 });
});

test('copies of an example do not let a map look better than it is; nor does what a group has in common', async () => {
  const random = createRandom(8);
  const normals = (count: number): number[] => Array.from({ length: count }, () => random.normal());
  // Nothing of x tells y: what is explained can only be remembered.
  const rows = Array.from({ length: 24 }, (_, person) => ({ group: `p${person}`, x: normals(4), y: normals(2) }));
  const text = (of: (row: (typeof rows)[number], copy: number) => object): string => Array.from({ length: 5 }, (_, copy) => rows.map((row) => `${JSON.stringify(of(row, copy))}\n`).join('')).join('');
  const scoreOf = async (pairs: string): Promise<number> => {
    const { stdout } = await mdl(project({ 'a.mdl': bridge, 'pairs.jsonl': pairs }), ['fit', 'a.mdl', '--json']);
    return (JSON.parse(stdout) as { results: { scores: Record<string, number> }[] }).results[0]!.scores['cross-validated R²']!;
  };
  const copies = await scoreOf(text(({ x, y }) => ({ x, y })));
  const near = ({ x, y }: { x: number[]; y: number[] }, copy: number) => ({ x: x.map((v) => v + copy * 1e-3), y });
  const grouped = await scoreOf(text(({ group, x, y }, copy) => ({ group, ...near({ x, y }, copy) })));
  const divided = await scoreOf(text(({ x, y }, copy) => near({ x, y }, copy)));
  expect(divided).toBeGreaterThan(0.1);
  expect(Math.max(copies, grouped)).toBeLessThan(0.05);
});
