/** Random graphs: every tensor as inferred, at three sizes. `MDL_GRAPHS` and `MDL_SEED` say how many, from which seed; scripts/infer-random.mjs asks for thousands. */
import { describe, expect, test } from 'vitest';
import { operatorsWithRules } from '../../../src/ops/foreign/table.ts';
import { readBytes } from '../../onnx/models.ts';
import { seed } from '../../seed.ts';
import { compare, nothingCancels, nothingEmptyIsReduced, nothingPoolsNaN, windowsFit } from './observed.ts';
import { randomNumbers } from './random/drawing.ts';
import { draws } from './random/draws.ts';
import { feedsFor, observe, randomGraph, sizesFor } from './random/graphs.ts';

const graphs = Number(process.env['MDL_GRAPHS'] ?? 200);

describe('random graphs', () => {
  test(
    'have the shapes that are inferred',
    async () => {
      const counts = { graphs: 0, runs: 0, tensors: 0, exact: 0, numbers: 0, bounded: 0 };
      const accepted = new Map<string, number>();
      const wrong: string[] = [];
      for (let each = seed; each < seed + graphs; each++) {
        const graph = await randomGraph(each);
        counts.graphs++;
        for (const kind of graph.drawn) accepted.set(kind, (accepted.get(kind) ?? 0) + 1);
        const random = randomNumbers(each + 0x5eed);
        const model = readBytes(graph.bytes);
        for (let run = 0; run < 3; run++) {
          const feeds = feedsFor(graph.inputs, sizesFor(random), random);
          const observed = await observe(graph.bytes, feeds);
          // Not every graph runs at all sizes.
          if (observed === undefined) continue;
          const all = new Map([...Object.entries(feeds), ...observed]);
          if (!windowsFit(model, all) || !nothingEmptyIsReduced(model, all) || !nothingPoolsNaN(model, all) || !nothingCancels(model, all)) continue;
          const comparison = compare(model, feeds, observed);
          counts.runs++;
          counts.tensors += comparison.seen;
          counts.exact += comparison.exact;
          counts.numbers += comparison.numbers;
          counts.bounded += comparison.bounded;
          wrong.push(...comparison.wrong.map((text) => `seed ${each}: ${text}`));
        }
      }
      const never = Object.keys(draws).filter((kind) => !accepted.has(kind));
      console.log(`${counts.graphs} graphs from seed ${seed}, ${counts.runs} runs, ${counts.tensors} tensors (${counts.exact} wholly inferred, ${wrong.length} wrong)`);
      console.log(`bounds on both sides for ${counts.bounded} of ${counts.numbers} tensors of numbers`);
      console.log(`never accepted: ${never.join(', ') || 'none'}; without a draw: ${operatorsWithRules.filter((op) => !Object.hasOwn(draws, op)).join(', ')}`);
      expect(wrong.slice(0, 30)).toEqual([]);
      expect(counts.runs).toBeGreaterThan(0);
      expect(counts.exact / counts.tensors).toBeGreaterThan(0.8);
    },
    60 * 60 * 1000,
  );
});
