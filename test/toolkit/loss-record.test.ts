/** What a weights file says of the loss that it was learned by. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { memorySource } from '../data/memory-source.ts';
import { jsonl, swapSource, world } from './made-world.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

async function lossOf(written: string): Promise<unknown> {
  const text = `${swapSource.slice(0, swapSource.indexOf('model Before'))}fit Tell { data d = "./heads.jsonl" loss ${written} method lbfgs(penalty: 0.1) }\n`;
  const made = createFolder({ 'package.json': '{ "name": "heads" }', 'a.mdl': text, 'heads.jsonl': jsonl(world(200, 1)) });
  folders.push(made);
  expect(await mdl(made.path, ['fit', 'a.mdl'])).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error[') as string });
  const file = readSafetensors(memorySource(new Uint8Array(readFileSync(path.join(made.path, 'tell.safetensors')))));
  if (!file.ok) throw new Error(file.finding.message);
  return (JSON.parse(file.value.metadata['mdl.fit']!) as { loss: unknown }).loss;
}

test('options that are chosen stand in the record, and those of the table do not', async () => {
  expect(await lossOf('cross_entropy(Tell(Old(d.z)), d.label)')).toEqual([{ name: 'cross_entropy', weight: 1 }]);
  expect(await lossOf('cross_entropy(Tell(Old(d.z)), d.label, class_weight: "none")')).toEqual([{ name: 'cross_entropy', weight: 1 }]);
  expect(await lossOf('cross_entropy(Tell(Old(d.z)), d.label, label_smoothing: 0.1)')).toEqual([{ name: 'cross_entropy', weight: 1, options: { label_smoothing: 0.1 } }]);
  expect(await lossOf('cross_entropy(Tell(Old(d.z)), d.label, class_weight: "balanced")')).toEqual([{ name: 'cross_entropy', weight: 1, options: { class_weight: 'balanced' } }]);
});
