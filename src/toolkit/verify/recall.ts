/** Retrieval over an index of old vectors with bridged queries, against an index made anew. */
import { bootstrap, oneOfEach, selectRows, type Estimate, type Features, type RowGroups } from '../../align/index.ts';
import type { Kernels } from '../../align/kernels/kernels.ts';
import { nearest } from '../../align/metrics/neighbours.ts';
import { unitRows } from '../../align/rows.ts';
import { createRandom, permutation } from '../../data/random.ts';

export interface RecallKept {
  readonly output: string;
  readonly k: number;
  /** How many were asked. */
  readonly queries: number;
  /** Candidates that a reranker would look at. */
  readonly depth: number;
  /** Of the k nearest by the new encoder on both sides: the share among the k nearest to the bridged query in the old index. */
  readonly direct: Estimate;
  /** The same, among the `depth` nearest. */
  readonly candidates: Estimate;
  /** What the old encoder finds of them in its own index: where the two encoders differ, no bridge finds more by itself. */
  readonly before: Estimate;
}

export interface IndexedVectors {
  /** The new encoder's, before the bridge. */
  readonly x: Features;
  readonly bridged: Features;
  readonly y: Features;
  /** Rows that belong together; undefined where each stands alone. */
  readonly together?: RowGroups | undefined;
}

const [k, depth] = [10, 100];
export const mostQueries = 1000;
/** Each bound at 95 %. */
const level = 0.9;

/**
 * The rows are queries and the index; no row is its own neighbour, nor is another of its group, of which one stands for all. The intervals
 * are by the bootstrap over queries.
 */
export async function recallKept(kernels: Kernels, output: string, vectors: IndexedVectors, seed = 0): Promise<RecallKept> {
  const { x, bridged, y } = oneEach(vectors, seed);
  const queries = permutation(x.rows, createRandom(seed)).subarray(0, mostQueries);
  const find = async (from: Features, among: Features, count: number): Promise<readonly (readonly number[])[]> => {
    // One more, for the row itself may stand among them.
    const size = Math.min(count + 1, among.rows);
    const { numbers } = await nearest(kernels, unitRows(selectRows(from, queries)), unitRows(among), { k: size });
    return Array.from(queries, (query, i) => [...numbers.subarray(i * size, (i + 1) * size)].filter((number) => number !== query).slice(0, count));
  };
  const anew = (await find(x, x, k)).map((numbers) => new Set(numbers));
  const share = async (from: Features, count: number): Promise<Estimate> => {
    const kept = (await find(from, y, count)).map((numbers, i) => numbers.filter((number) => anew[i]!.has(number)).length / anew[i]!.size);
    return bootstrap(kept.length, (rows) => rows.reduce((sum, row) => sum + kept[row]!, 0) / rows.length, { seed, resamples: 499, level });
  };
  return { output, k, queries: queries.length, depth, direct: await share(bridged, k), candidates: await share(bridged, depth), before: await share(y, k) };
}

function oneEach(vectors: IndexedVectors, seed: number): Pick<IndexedVectors, 'x' | 'bridged' | 'y'> {
  if (vectors.together === undefined) return vectors;
  const rows = oneOfEach(permutation(vectors.x.rows, createRandom(seed)), vectors.together);
  return { x: selectRows(vectors.x, rows), bridged: selectRows(vectors.bridged, rows), y: selectRows(vectors.y, rows) };
}
