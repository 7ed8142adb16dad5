/** Which run a checkpoint belongs to. */
import { expect, test } from 'vitest';
import type { TrainingPlan, TrainingProblem } from '../../src/align/index.ts';
import type { Initializer } from '../../src/ir/program.ts';
import { emptySpan } from '../../src/text/source.ts';
import { runKey } from '../../src/toolkit/fit/checkpoint.ts';

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
