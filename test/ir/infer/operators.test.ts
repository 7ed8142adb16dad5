/**
 * Every operator of the tables of draws, at opsets one by one: a case of each runs on ONNX Runtime, and its tensors are as inferred.
 * `MDL_OPSETS` says which opsets; scripts/infer-operators.mjs asks for all of them, and writes docs/opsets.md.
 */
import { expect, test } from 'vitest';
import { readBytes } from '../../onnx/models.ts';
import { seed } from '../../seed.ts';
import { compare, nothingCancels, nothingEmptyIsReduced, nothingPoolsNaN, windowsFit } from './observed.ts';
import { randomNumbers } from './random/drawing.ts';
import { draws } from './random/draws.ts';
import { feedsFor, graphOfKind, observe, sizesFor } from './random/graphs.ts';

const asked = process.env['MDL_OPSETS'];
const opsets = (asked ?? '21').split(',').map(Number);
const kinds = Object.keys(draws);
const drawn: readonly string[] = process.env['MDL_KINDS'] !== undefined ? process.env['MDL_KINDS'].split(';') : kinds;

test.for(opsets)('operators at opset %d have the shapes and values that are inferred', { timeout: 600_000 }, async (opset, context) => {
  if (asked === undefined) {
    console.log('skipped: a kernel of ONNX Runtime ends the process on some draws (MultiHeadAttention was one); node scripts/infer-operators.mjs runs them apart, and docs/opsets.md has the result');
    context.skip();
  }
  if (process.env['MDL_KINDS'] === '?') {
    console.log(`kinds ${kinds.join(';')}`);
    return;
  }
  const wrong: string[] = [];
  const seen: Record<string, { runs: number; tensors: number; exact: number }> = {};
  for (const [i, kind] of drawn.entries()) {
    const graph = await graphOfKind(kind, opset, seed + 1000 * opset + i);
    if (graph === undefined) continue;
    const counts = { runs: 0, tensors: 0, exact: 0 };
    seen[kind] = counts;
    const random = randomNumbers(seed + i);
    const model = readBytes(graph.bytes);
    for (let run = 0; run < 3; run++) {
      const feeds = feedsFor(graph.inputs, sizesFor(random), random);
      const observed = await observe(graph.bytes, feeds);
      if (observed === undefined) continue;
      const all = new Map([...Object.entries(feeds), ...observed]);
      if (!windowsFit(model, all) || !nothingEmptyIsReduced(model, all) || !nothingPoolsNaN(model, all) || !nothingCancels(model, all)) continue;
      const found = compare(model, feeds, observed);
      counts.runs++;
      counts.tensors += found.seen;
      counts.exact += found.exact;
      wrong.push(...found.wrong.map((text) => `${kind} at opset ${opset}, seed ${graph.seed}: ${text}`));
    }
  }
  console.log(`operators ${JSON.stringify({ opset, seen })}`);
  expect(wrong.slice(0, 30)).toEqual([]);
  expect(Object.keys(seen).length).toBeGreaterThan(drawn.length / 2);
});
