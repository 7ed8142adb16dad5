/** Features on disk: each example's once, in bounded room. */
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openFeatureCache } from '../../src/toolkit/data/feature-cache.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-features-'));
  folders.push(folder);
  return folder;
}

const key = (n: number): Buffer => Buffer.alloc(32, n);
const vector = (n: number): Float32Array => Float32Array.of(n, n + 0.5, -n, 7);
const entry = (n: number) => [key(n), vector(n)] as const;
/** A header, then a digest, four numbers and a check for each. */
const bytesOf = (records: number): number => 8 + records * (32 + 16 + 8);
const sizeIn = (folder: string, name: string): number | undefined => statSync(path.join(folder, `${name}.features`), { throwIfNoEntry: false })?.size;

test('an example that is there, or comes twice, is written once', () => {
  const folder = newFolder();
  const first = openFeatureCache(folder, 'e');
  first.add([entry(1), entry(2), entry(1)]);
  first.add([entry(2), entry(3)]);
  first.close();
  expect(sizeIn(folder, 'e')).toBe(bytesOf(3));
  const again = openFeatureCache(folder, 'e');
  again.add([entry(3), entry(4)]);
  expect([...again.read([key(4), key(2)])]).toEqual([...vector(4), ...vector(2)]);
  again.close();
  expect(sizeIn(folder, 'e')).toBe(bytesOf(4));
});

test('room is made by the files that were not used for the longest time, also where only known files grow', () => {
  const folder = newFolder();
  const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);
  const most = bytesOf(100);
  const begun = openFeatureCache(folder, 'grows', most);
  begun.add([entry(1)]);
  begun.close();
  for (const [name, hours] of [['old', 3], ['older', 4], ['young', 1]] as const) {
    writeFileSync(path.join(folder, `${name}.features`), Buffer.alloc(bytesOf(40)));
    utimesSync(path.join(folder, `${name}.features`), hoursAgo(hours), hoursAgo(hours));
  }
  const grown = openFeatureCache(folder, 'grows', most);
  grown.add([entry(2)]);
  grown.close();
  expect(readdirSync(folder).sort()).toEqual(['grows.features', 'young.features']);
  expect(sizeIn(folder, 'grows')).toBe(bytesOf(2));
});

test('a file that is larger than all may be keeps the newer half of that', () => {
  const folder = newFolder();
  const large = openFeatureCache(folder, 'e');
  large.add(Array.from({ length: 30 }, (_, n) => entry(n)));
  large.close();
  const cut = openFeatureCache(folder, 'e', bytesOf(20));
  const known = Array.from({ length: 30 }, (_, n) => n).filter((n) => cut.has(key(n)));
  expect(known).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
  expect([...cut.read(known.map(key))]).toEqual(known.flatMap((n) => [...vector(n)]));
  cut.close();
  expect(readdirSync(folder)).toEqual(['e.features']);
});

test('an encoder whose features are kept does not run again beside a new one', async () => {
  const rows = Array.from({ length: 80 }, (_, i) => [Math.sin(i), Math.cos(3 * i), (i % 7) - 3]);
  const project = createFolder({
    'package.json': '{ "name": "fits" }',
    'a.jsonl': rows.map((x) => `${JSON.stringify({ x })}\n`).join(''),
    'a.mdl': `import { linear } from "std/nn"
part Shared(x: f32[batch, 3]) -> f32[batch, 3] { x * 3 }
part First(x: f32[batch, 3]) -> f32[batch, 3] { x * 2 }
part Second(x: f32[batch, 3]) -> f32[batch, 3] { x + 1 }
adapter One(x: f32[batch, 3]) -> f32[batch, 3] weights "./one.safetensors" = learned { x |> linear(out: 3) }
adapter Two(x: f32[batch, 3]) -> f32[batch, 3] weights "./two.safetensors" = learned { x |> linear(out: 3) }
fit One { data d = "./a.jsonl" loss mse(One(Shared(d.x)), First(d.x)) method ridge }
fit Two { data d = "./a.jsonl" loss mse(Two(Shared(d.x)), Second(d.x)) method ridge }
`,
  });
  folders.push(project.path);
  const features = path.join(project.path, 'cache', 'mdl-lang', 'features');
  const sizes = (): number[] => readdirSync(features).map((name) => statSync(path.join(features, name)).size);
  const once = 8 + rows.length * (32 + 4 * 3 + 8);
  for (const [fit, files] of [['One', 2], ['Two', 3]] as const) {
    const { code, stderr } = await mdl(project.path, ['fit', 'a.mdl', fit], { env: { XDG_CACHE_HOME: path.join(project.path, 'cache') } });
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(sizes()).toEqual(Array.from({ length: files }, () => once));
  }
});
