/** Random graphs: every tensor as inferred, at three sizes. `MDL_GRAPHS` and `MDL_SEED` say how many, from which seed; scripts/infer-random.mjs asks for thousands. */
import { describe, expect, test } from 'vitest';
import { operatorsWithRules } from '../../../src/ops/foreign/table.ts';
import { seed } from '../../seed.ts';
import { randomNumbers } from './random/drawing.ts';
import { draws } from './random/draws.ts';
import { randomGraph } from './random/graphs.ts';
import { addRuns, comparedRuns, noRuns } from './random/runs.ts';

const graphs = Number(process.env['MDL_GRAPHS'] ?? 200);

describe('random graphs', () => {
  test(
    'have the shapes that are inferred',
    async () => {
      const found = noRuns();
      const accepted = new Map<string, number>();
      for (let each = seed; each < seed + graphs; each++) {
        const graph = await randomGraph(each);
        for (const kind of graph.drawn) accepted.set(kind, (accepted.get(kind) ?? 0) + 1);
        addRuns(found, await comparedRuns(graph, randomNumbers(each + 0x5eed)));
      }
      const never = Object.keys(draws).filter((kind) => !accepted.has(kind));
      console.log(`${graphs} graphs from seed ${seed}, ${found.runs} runs, ${found.tensors} tensors (${found.exact} wholly inferred, ${found.wrong.length} wrong)`);
      console.log(`bounds on both sides for ${found.bounded} of ${found.numbers} tensors of numbers`);
      console.log(`never accepted: ${never.join(', ') || 'none'}; without a draw: ${operatorsWithRules.filter((op) => !Object.hasOwn(draws, op)).join(', ')}`);
      expect(found.wrong.slice(0, 30)).toEqual([]);
      expect(found.runs).toBeGreaterThan(0);
      expect(found.exact / found.tensors).toBeGreaterThan(0.8);
    },
    60 * 60 * 1000,
  );
});
