/** `mdl fit` of what is to come near numbers: signs of one number, or where several point, say nothing of how far it is from them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createRandom } from '../../src/data/random.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

/** 200 rows of y = 100 a + 25 b + noise, of another column that says nothing, and, as second number, of y / 50. */
function folderOf(role: 'adapter' | 'head', width: 1 | 2): string {
  const random = createRandom(7);
  const rows = Array.from({ length: 200 }, () => {
    const [a, b, c] = [random.normal(), random.normal(), random.normal()];
    const y = 100 * a + 25 * b + random.normal();
    return { x: [a, b, c], y: width === 1 ? y : [y, y / 50 + 0.5 * c] };
  });
  const text = `import { linear } from "std/nn"\n${role} Price(x: f32[batch, 3]) -> f32[batch, ${width}] weights "./price.safetensors" = learned { x |> linear(out: ${width}) }
fit Price { data d = "./rows.jsonl" loss mse(Price(d.x), d.y) }\n`;
  const folder = createFolder({ 'package.json': '{ "name": "prices" }', 'a.mdl': text, 'rows.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join('') });
  folders.push(folder);
  return folder.path;
}

function weightsOf(folder: string): readonly number[] {
  const bytes = readFileSync(path.join(folder, 'price.safetensors'));
  const file = readSafetensors({ uri: 'memory:///price.safetensors', size: bytes.length, read: (from, length) => bytes.subarray(from, from + length), close: () => {} });
  if (!file.ok) throw new Error(file.finding.message);
  const { offset, length } = file.value.tensors.find(({ name }) => name === 'linear.w')!;
  return Array.from({ length: length / 4 }, (_, i) => bytes.readFloatLE(offset + 4 * i));
}

test.each(['adapter', 'head'] as const)('one number: the map that comes near, not the simplest of which the sign is right (%s)', async (role) => {
  const folder = folderOf(role, 1);
  const { code, stdout } = await mdl(folder, ['fit', 'a.mdl']);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/cross-validated R² 0\.999\d ± 0\.000\d\n/)]);
  const [a, b, c] = weightsOf(folder);
  // The noise of 1 leaves an error of 1 / √200 = 0.07 on each.
  expect(Math.abs(a! - 100)).toBeLessThan(0.4);
  expect(Math.abs(b! - 25)).toBeLessThan(0.4);
  expect(Math.abs(c!)).toBeLessThan(0.4);
});

test('several numbers: a head by what is explained, a bridge by where it points', async () => {
  expect((await mdl(folderOf('head', 2), ['fit', 'a.mdl'])).stdout).toContain('cross-validated R² 0.99');
  expect((await mdl(folderOf('adapter', 2), ['fit', 'a.mdl'])).stdout).toContain('cross-validated cosine ');
});
