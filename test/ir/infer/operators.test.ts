/**
 * Every operator of the tables of draws, at opsets one by one: a case of each runs on ONNX Runtime, and its tensors are as inferred.
 * `MDL_OPSETS` says which opsets; scripts/infer-operators.mjs asks for all of them, and writes docs/opsets.md.
 */
import { expect, test } from 'vitest';
import { seed } from '../../seed.ts';
import { randomNumbers } from './random/drawing.ts';
import { draws } from './random/draws.ts';
import { graphOfKind } from './random/graphs.ts';
import { comparedRuns } from './random/runs.ts';

const opsets = (process.env['MDL_OPSETS'] ?? '21').split(',').map(Number);
const kinds = Object.keys(draws);
const drawn = process.env['MDL_KINDS']?.split(';') ?? kinds;

test.for(opsets)('operators at opset %d have the shapes and values that are inferred', { timeout: 600_000 }, async (opset) => {
  if (process.env['MDL_KINDS'] === '?') {
    console.log(`kinds ${kinds.join(';')}`);
    return;
  }
  const wrong: string[] = [];
  const seen: Record<string, { runs: number; tensors: number; exact: number }> = {};
  for (const [i, kind] of drawn.entries()) {
    const graph = await graphOfKind(kind, opset, seed + 1000 * opset + i);
    if (graph === undefined) continue;
    const found = await comparedRuns(graph, randomNumbers(seed + i));
    seen[kind] = { runs: found.runs, tensors: found.tensors, exact: found.exact };
    wrong.push(...found.wrong.map((text) => `${kind} at opset ${opset}, ${text}`));
  }
  console.log(`operators ${JSON.stringify({ opset, seen })}`);
  expect(wrong.slice(0, 30)).toEqual([]);
  expect(Object.keys(seen).length).toBeGreaterThan(drawn.length / 2);
});
