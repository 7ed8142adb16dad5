/** UMAP (McInnes et al. 2018) by umap-js, where somebody has installed it: it is no dependency of ours, and looked up when it is asked for. */
import { createRequire } from 'node:module';
import type { Features } from '../../align/index.ts';
import { createRandom } from '../../data/random.ts';

type Points = number[][];

/** As much of umap-js 1 as is used. Its `transform` puts rows beside where equal rows of the fit lie: what is to be compared is fitted together. */
type UmapModule = { readonly UMAP: new (options: { readonly nNeighbors: number; readonly random: () => number }) => { fit(rows: Points): Points } };

/** Places of rows. */
export type UmapOf = (rows: Features) => readonly (readonly [number, number])[];

export const umapAbsent = 'There is no map by UMAP, for umap-js is not installed (npm install umap-js).';

/** Where it is looked up: from the source, and from beside MDL. */
const placesFor = (source: string): readonly string[] => [source, import.meta.url];

/** Whether there is one, which is not loaded; what is known without it is to be found out anew once there is. */
export const hasUmap = (source: string): boolean => placesFor(source).some((place) => attempt(() => createRequire(place).resolve('umap-js')) !== undefined);

/** From the source's folder, or from beside MDL; undefined where neither has it, or it is none that can be used. */
export function findUmap(source: string): UmapOf | undefined {
  for (const place of placesFor(source)) {
    const UMAP = attempt(() => (createRequire(place)('umap-js') as Partial<UmapModule>).UMAP);
    if (UMAP !== undefined) return (rows) => fitUmap(UMAP, rows);
  }
  return undefined;
}

/** Undefined where it is not there, or broken. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function fitUmap(UMAP: UmapModule['UMAP'], { rows, columns, data }: Features): readonly (readonly [number, number])[] {
  const random = createRandom(0);
  const umap = new UMAP({ nNeighbors: Math.min(15, rows - 1), random: () => random.uniform() });
  return umap.fit(Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)])).map(([x = 0, y = 0]) => [x, y] as const);
}
