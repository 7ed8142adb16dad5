/**
 * Every operator of the tables of draws, at opsets one by one: a case of each runs on ONNX Runtime, and its tensors are as inferred.
 * `MDL_OPSETS` says which opsets; scripts/infer-operators.mjs asks for all of them, and writes docs/operators.md.
 */
import { expect, test } from 'vitest';
import { readBytes } from '../../onnx/models.ts';
import { seed } from '../../seed.ts';
import { compare, nothingCancels, nothingEmptyIsReduced, nothingPoolsNaN, windowsFit } from './observed.ts';
import { randomNumbers } from './random/drawing.ts';
import { draws } from './random/draws.ts';
import { feedsFor, graphOfKind, observe, sizesFor } from './random/graphs.ts';

const asked = process.env['MDL_OPSETS'];
const opsets = asked === undefined ? [7, 13, 21] : asked.split(',').map(Number);
/** All of them where a script asks; else every third, another one for each opset and each seed. */
const kinds = Object.keys(draws);
const kindsAt = (opset: number): readonly string[] => (process.env['MDL_KINDS'] !== undefined ? process.env['MDL_KINDS'].split(';') : asked === undefined ? kinds.filter((_, i) => (i + opset + seed) % 3 === 0) : kinds);

test.each(opsets)('operators at opset %d have the shapes and values that are inferred', async (opset) => {
  if (process.env['MDL_KINDS'] === '?') {
    console.log(`kinds ${kinds.join(';')}`);
    return;
  }
  const wrong: string[] = [];
  const seen: Record<string, { runs: number; tensors: number; exact: number }> = {};
  for (const [i, kind] of kindsAt(opset).entries()) {
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
  if (asked !== undefined) console.log(`operators ${JSON.stringify({ opset, seen })}`);
  expect(wrong.slice(0, 30)).toEqual([]);
  expect(Object.keys(seen).length).toBeGreaterThan(kindsAt(opset).length / 2);
}, 600_000);
