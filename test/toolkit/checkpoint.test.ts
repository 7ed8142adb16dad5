/** Which run a checkpoint belongs to; and what becomes of what is kept where nothing can be. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { TrainingPlan, TrainingProblem, TrainingState } from '../../src/align/index.ts';
import type { Initializer } from '../../src/ir/program.ts';
import { emptySpan } from '../../src/text/source.ts';
import { openFeatureCache } from '../../src/toolkit/data/feature-cache.ts';
import { openCheckpoint, runKey } from '../../src/toolkit/fit/checkpoint.ts';

const location = { uri: 'memory:///a.mdl', span: emptySpan };
const plan: TrainingPlan = { optimiser: 'adam', rate: 1e-3, schedule: 'constant', warmup: 0, epochs: 5, batch: 4, patience: 0, momentum: 0, weightDecay: 0, seed: 7 };
const frozen = (bytes: Initializer['bytes']): Initializer => ({ name: 'head.w', dtype: 'f32', dims: [1], bytes });
const problemWith = (initializer: Initializer): TrainingProblem => ({
  program: { name: 'p', inputs: [], outputs: [], steps: [], initializers: [initializer], types: new Map(), opsets: new Map([['', 17]]) },
  rows: 2,
  columns: [{ value: 'x', dims: [1], data: Float32Array.of(1, 2) }],
  parameters: [{ value: 'w', dims: [1], data: Float32Array.of(0) }],
  losses: [{ name: 'mse', weight: 1, options: new Map(), operands: [], location }],
});
const keyOf = (initializer: Initializer, digest = 'aa'): string => runKey(problemWith(initializer), plan, [Uint32Array.of(0), Uint32Array.of(1)], '0.1.0', () => digest);

test('a frozen head of other weights is another run, whether they stand in the program or in a file', () => {
  const stored = frozen(Uint8Array.of(0, 0, 128, 63));
  expect(keyOf(stored)).toBe(keyOf(frozen(Uint8Array.of(0, 0, 128, 63))));
  expect(keyOf(stored)).not.toBe(keyOf(frozen(Uint8Array.of(0, 0, 0, 64))));
  const inFile = frozen({ uri: 'file:///head.safetensors', offset: 8, length: 4 });
  expect(keyOf(inFile)).toBe(keyOf(inFile));
  expect(keyOf(inFile)).not.toBe(keyOf(inFile, 'bb'));
});

const state: TrainingState = { epoch: 1, step: 2, tensors: [Float32Array.of(1, 2)], best: undefined, sum: 3, history: [] };

test('a state is kept, and found again until it is removed', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-checkpoint-'));
  const checkpoint = openCheckpoint(folder, 'key');
  expect(checkpoint.save(state)).toBe(true);
  expect(checkpoint.load()).toMatchObject({ epoch: 1, step: 2, sum: 3 });
  checkpoint.remove();
  expect(checkpoint.load()).toBeUndefined();
  rmSync(folder, { recursive: true });
});

test('a state that lacks one of its tensors, or is of numbers that are none, is as if it were not there', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-checkpoint-'));
  const checkpoint = openCheckpoint(folder, 'key');
  const file = path.join(folder, 'checkpoints', 'key.safetensors');
  for (const [from, to] of [['now.0', 'now.9'], ['\\"tensors\\":1', '\\"tensors\\":2'], ['\\"epoch\\":1', '\\"epoch\\":{']] as const) {
    checkpoint.save(state);
    const kept = readFileSync(file, 'latin1');
    expect(kept).toContain(from);
    writeFileSync(file, kept.replace(from, to), 'latin1');
    expect(checkpoint.load()).toBeUndefined();
  }
  rmSync(folder, { recursive: true });
});

/** A folder below a file, which nobody can make, root included; in /proc, where a recursive mkdir never ends. */
function impossibleFolders(): { readonly folders: readonly string[]; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-nowhere-'));
  writeFileSync(path.join(folder, 'file'), '');
  if (process.platform !== 'linux') console.log('not tried in /proc: there is none');
  return { folders: [path.join(folder, 'file', 'cache'), ...(process.platform === 'linux' ? ['/proc/none/mdl-lang'] : [])], remove: () => rmSync(folder, { recursive: true }) };
}

test('where no folder can be made features lie in memory, and a run is not kept; neither ends the work', () => {
  const { folders, remove } = impossibleFolders();
  for (const folder of folders) {
    const cache = openFeatureCache(folder, 'encoder');
    const key = Buffer.alloc(32, 7);
    cache.add([[key, Float32Array.of(1, 2)]]);
    expect([...cache.read([key])]).toEqual([1, 2]);
    const checkpoint = openCheckpoint(folder, 'key');
    expect([checkpoint.load(), checkpoint.save(state)]).toEqual([undefined, false]);
    checkpoint.remove();
  }
  remove();
});
