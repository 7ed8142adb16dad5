/** Which layer of one encoder lies nearest to which of another. */
import { ckaMap, oneOfEach, selectRows, type RowGroups } from '../../align/index.ts';
import { createRandom, permutation } from '../../data/random.ts';
import type { NamedSpace } from './probed-vectors.ts';
import type { Workbench } from '../workbench.ts';

export interface LayerMap {
  /** The layers of each, its taps first and its result last. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Debiased CKA. */
  readonly cka: readonly (readonly number[])[];
  /** Of each against the greatest of the whole map when rows are permuted. */
  readonly p: readonly (readonly number[])[];
  /** Examples, one of each group, and permutations. */
  readonly examples: number;
  readonly permutations: number;
}

/** Every permutation goes through all pairs of layers. */
const mostRows = 500;
const permutations = 199;

/** Of every part that follows with the first, and of a single part with itself; none where there are no taps. */
export async function mapLayers(spaces: readonly NamedSpace[], { kernels, progress }: Workbench, seed: number, together?: RowGroups): Promise<readonly LayerMap[]> {
  if (spaces.every(({ tap }) => tap === undefined)) return [];
  const parts = [...new Set(spaces.map(({ part }) => part))];
  const layersOf = (part: string): readonly NamedSpace[] => spaces.filter((space) => space.part === part).toSorted((a, b) => Number(a.tap === undefined) - Number(b.tap === undefined));
  const [first = '', ...others] = parts;
  const maps: LayerMap[] = [];
  for (const other of parts.length === 1 ? [first] : others) {
    progress.update(`layers of ${other} and ${first}`, maps.length, parts.length);
    const sides = [layersOf(other), layersOf(first)] as const;
    const rows = oneOfEach(permutation(spaces[0]!.features.rows, createRandom(seed)), together).subarray(0, mostRows);
    const [x, y] = sides.map((layers) => layers.map(({ features }) => selectRows(features, rows)));
    const { values, ps } = await ckaMap(kernels, x!, y!, { seed, permutations });
    maps.push({ rows: sides[0].map(({ name }) => name), columns: sides[1].map(({ name }) => name), cka: values, p: ps, examples: rows.length, permutations });
  }
  progress.clear();
  return maps;
}
