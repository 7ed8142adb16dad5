/** G1: do the two spaces have anything in common beyond chance? */
import { createRandom, permutation } from '../../data/random.ts';
import { centredGram, cka, testCka } from '../diagnostics/cka.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { selectRows, type Features } from '../matrix.ts';
import type { Interval } from '../statistics/interval.ts';
import { jackknife, leavingOut } from '../statistics/jackknife.ts';
import { oneOfEach, showCount, type RowGroups } from '../statistics/groups.ts';
import { wilson } from '../statistics/wilson.ts';
import { rowsForSignificance } from '../statistics/rows-to-decide.ts';
import { leastRows, significant, tooFew, type GateResult } from './gate.ts';

const gate = 'G1 alignment';
/** A Gram matrix has the square of it in elements. */
const mostRows = 1000;

export interface AlignmentOptions {
  readonly seed: number;
  /** Default 999. */
  readonly permutations?: number;
  /** Default 0.01. */
  readonly bar?: number;
  /** Rows that belong together, of which one each is looked at; undefined where each stands alone. */
  readonly groups?: RowGroups | undefined;
}

/** The greatest debiased CKA of the new encoder's layers with the old space; `layers` may be one, its output. */
export async function alignmentGate(
  kernels: Kernels,
  layers: readonly Features[],
  y: Features,
  { seed, permutations = 999, bar = 0.01, groups }: AlignmentOptions,
): Promise<GateResult> {
  const rows = oneOfEach(permutation(y.rows, createRandom(seed)), groups).subarray(0, mostRows);
  if (rows.length < leastRows) return tooFew(gate, rows.length, 'test', { groups });
  const test = await testCka(
    kernels,
    layers.map((layer) => selectRows(layer, rows)),
    selectRows(y, rows),
    { seed, permutations },
  );
  const { interval } = wilson(test.exceeded, permutations);
  const value = test.values[test.best]!;
  const between = Number.isNaN(value) ? {} : { interval: await intervalOf(kernels, selectRows(layers[test.best]!, rows), selectRows(y, rows), value) };
  const verdict = significant({ value: test.p, interval }, bar);
  return {
    gate,
    verdict,
    measures: [
      { name: 'CKA', value, ...between },
      { name: 'p', value: test.p, interval, bar: `<= ${bar}` },
    ],
    reason: Number.isNaN(value)
      ? `There is no CKA: the vectors of one of the two are the same for all ${rows.length} rows.`
      : `A CKA of ${value.toFixed(3)} or more comes by chance with p = ${test.p.toFixed(4)} (${permutations} permutations of ${groups === undefined ? `${rows.length} rows` : showCount(rows.length, groups)}).`,
    ...(verdict === 'INCONCLUSIVE' ? { open: [{ rows: rowsForSignificance(test.p, bar, rows.length), of: 'test' as const, leans: 'PASS' as const, most: mostRows }] } : {}),
  };
}

/** Each bound at 95 %, by leaving out a tenth of the rows at a time: repeated rows of a bootstrap would be their own neighbours. */
async function intervalOf(kernels: Kernels, x: Features, y: Features, value: number): Promise<Interval> {
  const without: number[] = [];
  for (const rows of leavingOut(x.rows, 10)) without.push(cka(await centredGram(kernels, selectRows(x, rows)), await centredGram(kernels, selectRows(y, rows))));
  return jackknife(value, without, 0.9).interval;
}
