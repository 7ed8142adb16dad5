/**
 * Random whole programs: what a build of them answers, against ONNX Runtime on each network's own file and an evaluator of
 * the test's own. `MDL_COMPOSITIONS` and `MDL_SEED` say how many, from which seed; scripts/compose-random.mjs asks for thousands.
 */
import { describe, expect, test } from 'vitest';
import { seed } from '../seed.ts';
import { newCounts } from './compose/compare.ts';
import { examine } from './compose/examine.ts';

const compositions = Number(process.env['MDL_COMPOSITIONS'] ?? 5);

describe('random compositions', () => {
  test(
    'answer as their parts do',
    async () => {
      const counts = newCounts();
      const wrong: string[] = [];
      for (let each = seed; each < seed + compositions; each++) {
        for (const text of await examine(each, counts)) {
          console.log(`wrong: seed ${each}: ${text.replaceAll('\n', ' ')}`);
          wrong.push(`seed ${each}: ${text}`);
        }
      }
      console.log(`${compositions} compositions from seed ${seed}: ${JSON.stringify(counts)}, ${wrong.length} wrong`);
      expect(wrong).toEqual([]);
      expect(counts.runs).toBeGreaterThan(0);
    },
    60 * 60 * 1000,
  );
});
