/** UMAP (McInnes et al. 2018) by umap-js, where somebody has installed it: it is no dependency of ours, and looked up when it is asked for. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Features } from '../../align/index.ts';
import { createRandom } from '../../data/random.ts';

type Points = number[][];

/** As much of umap-js 1 as is used. */
interface Umap {
  fit(rows: Points): Points;
  transform(rows: Points): Points;
}
type UmapModule = { readonly UMAP: new (options: { readonly nNeighbors: number; readonly random: () => number }) => Umap };

/** Places of rows that are fitted, and of others among them. */
export interface FittedUmap {
  readonly points: readonly (readonly [number, number])[];
  transform(rows: Features): readonly (readonly [number, number])[];
}
export type UmapOf = (rows: Features) => FittedUmap;

export const umapAbsent = 'There is no map by UMAP, for umap-js is not installed (npm install umap-js).';

/** From the project's folder, or from beside MDL; undefined where neither has it, or it is none that can be used. */
export async function findUmap(folders: readonly string[]): Promise<UmapOf | undefined> {
  for (const folder of folders) {
    try {
      const found = createRequire(folder).resolve('umap-js');
      const loaded = (await import(pathToFileURL(found).href)) as Partial<UmapModule> & { readonly default?: Partial<UmapModule> };
      const UMAP = loaded.UMAP ?? loaded.default?.UMAP;
      if (UMAP !== undefined) return (rows) => fitUmap(UMAP, rows);
    } catch {
      // Not there, or broken: the next folder.
    }
  }
  return undefined;
}

function fitUmap(UMAP: UmapModule['UMAP'], rows: Features): FittedUmap {
  const random = createRandom(0);
  const umap = new UMAP({ nNeighbors: Math.min(15, rows.rows - 1), random: () => random.uniform() });
  const points = umap.fit(listed(rows));
  return { points: points.map(pair), transform: (others) => umap.transform(listed(others)).map(pair) };
}

const pair = ([x = 0, y = 0]: number[]): readonly [number, number] => [x, y];
const listed = ({ rows, columns, data }: Features): Points => Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
