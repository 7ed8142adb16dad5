/** Of a loss with a factor and a penalty the sum is minimised: k loss + p/2 |W|² has its minimum where loss + p/(2k) |W|² has it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { jsonl, swapSource, world } from './made-world.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

/** The weights that a head of four classes gets by a loss and a method. */
async function learned(loss: string, method: string): Promise<readonly number[]> {
  const text = `${swapSource.slice(0, swapSource.indexOf('model Before'))}fit Tell { data d = "./heads.jsonl" loss ${loss} method ${method} }\n`;
  const made = createFolder({ 'package.json': '{ "name": "heads" }', 'a.mdl': text, 'heads.jsonl': jsonl(world(400, 1)) });
  folders.push(made);
  expect(await mdl(made.path, ['fit', 'a.mdl'])).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error[') as string });
  const bytes = new Uint8Array(readFileSync(path.join(made.path, 'tell.safetensors')));
  const file = readSafetensors({ uri: 'memory:///tell', size: bytes.length, read: (from, length) => bytes.subarray(from, from + length), close: () => {} });
  if (!file.ok) throw new Error(file.finding.message);
  const { offset, length } = file.value.tensors.find(({ dims }) => dims.length === 2)!;
  return [...new Float32Array(Uint8Array.from(bytes.subarray(offset, offset + length)).buffer)];
}

const farthest = (a: readonly number[], b: readonly number[]): number => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

test('the factor of a lone cross-entropy counts beside a penalty', async () => {
  const loss = 'cross_entropy(Tell(Old(d.z)), d.label)';
  const twice = await learned(`2 * ${loss}`, 'lbfgs(penalty: 0.2)');
  // The road of a single loss without a factor is another one: the same minimum, by Newton's method.
  const [half, same] = [await learned(loss, 'lbfgs(penalty: 0.1)'), await learned(loss, 'lbfgs(penalty: 0.2)')];
  expect(farthest(twice, half)).toBeLessThan(0.01 * Math.max(...half.map(Math.abs)));
  expect(farthest(twice, same)).toBeGreaterThan(0.05 * Math.max(...half.map(Math.abs)));
});
